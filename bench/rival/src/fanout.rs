//! One room that everyone is in, as in bench/sio-bench-server.c: the same
//! events and the same lines on standard input.
use serde::Serialize;
use serde_json::Value;
use socketioxide::extract::{Data, SocketRef};
use socketioxide::SocketIo;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::{interval, timeout};

const EVENT_SIZE: usize = 148;
const BATCH: u64 = 64;
const UNDER_WAY: usize = 4;
const TICK: Duration = Duration::from_millis(10);
const ROOM: &str = "all";

static SENT: AtomicU64 = AtomicU64::new(0);
/// Batches that may go.
static BATCHES: Semaphore = Semaphore::const_new(0);

#[derive(Serialize)]
struct Event<'a> {
    _id: &'a str,
    text: &'a str,
}

/// The frame is `["message:new",{"_id":"...","text":"..."}]`.
async fn send_event(io: &SocketIo, name: &str) {
    let id = format!("{:024x}", SENT.fetch_add(1, Relaxed));
    let frame = name.len() + id.len() + r#"["",{"_id":"","text":""}]"#.len();
    let text = "x".repeat(EVENT_SIZE - frame);
    let _ = io
        .to(ROOM)
        .emit(
            name,
            &Event {
                _id: &id,
                text: &text,
            },
        )
        .await;
}

async fn batch(io: &SocketIo) {
    for _ in 1..BATCH {
        send_event(io, "message:new").await;
    }
    send_event(io, "message:end").await;
}

async fn pace(io: &SocketIo, rate: f64, seconds: f64) {
    let began = Instant::now();
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let passed = began.elapsed().as_secs_f64().min(seconds);
        while (SENT.load(Relaxed) as f64) < rate * passed {
            send_event(io, "message:new").await;
        }
        if passed >= seconds {
            return;
        }
    }
}

/// A batch for each "next" of connection 0, and a few to begin with.
async fn flood(io: &SocketIo, seconds: f64) {
    let ends = Instant::now() + Duration::from_secs_f64(seconds);
    BATCHES.forget_permits(Semaphore::MAX_PERMITS);
    BATCHES.add_permits(UNDER_WAY);
    loop {
        let left = ends.saturating_duration_since(Instant::now());
        match timeout(left, BATCHES.acquire()).await {
            Ok(Ok(permit)) if !left.is_zero() => permit.forget(),
            _ => return,
        }
        batch(io).await;
    }
}

pub fn command(io: &SocketIo, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |i: usize| words.get(i).and_then(|word| word.parse::<f64>().ok());
    let (rate, seconds) = match (words[0], number(1), number(2)) {
        ("rate", Some(rate), Some(seconds)) => (rate, seconds),
        ("flood", Some(seconds), None) => (0.0, seconds),
        _ => return eprintln!("palabre-rival: \"{line}\"?"),
    };
    let io = io.clone();
    tokio::spawn(async move {
        SENT.store(0, Relaxed);
        if rate > 0.0 {
            pace(&io, rate, seconds).await;
        } else {
            flood(&io, seconds).await;
        }
        println!("sent {}", SENT.load(Relaxed));
    });
}

pub fn serve(io: &SocketIo) {
    io.ns("/", async |socket: SocketRef| {
        socket.join(ROOM);
        socket.on("next", async || {
            BATCHES.add_permits(1);
        });
        socket.on("say", async |io: SocketIo, Data(what): Data<Value>| {
            let _ = io.to(ROOM).emit("message:new", &what).await;
        });
    });
}
