//! palabre-rival: what Palabre is measured beside, made of other people's
//! parts: socketioxide for the sockets and SQLite, by rusqlite, for the store.
//!
//!     palabre-rival chat FILE full|normal PEOPLE    messages between two, stored
//!     palabre-rival fanout                          one room that everyone is in
//!
//! It listens on a free port of 127.0.0.1 and prints "listening PORT". The end
//! of standard input ends it. See bench/README.md.
mod chat;
mod fanout;
mod store;

use axum::serve::ListenerExt;
use socketioxide::SocketIo;
use std::process::exit;
use tokio::io::{stdin, AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;

/// Packets that may wait for one socket: more than any bench lets wait.
const WAITING: usize = 65_536;

fn usage() -> ! {
    eprintln!("usage: palabre-rival chat FILE full|normal PEOPLE\n       palabre-rival fanout");
    exit(1);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (layer, io) = SocketIo::builder().max_buffer_size(WAITING).build_layer();

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", listener.local_addr()?.port());

    let command: Box<dyn Fn(&str)> = match words[..] {
        ["chat", file, sync @ ("full" | "normal"), people] => {
            chat::serve(&io, store::Store::open(file, sync)?, people.parse()?)?;
            Box::new(|_| {})
        }
        ["fanout"] => {
            fanout::serve(&io);
            let io = io.clone();
            Box::new(move |line| fanout::command(&io, line))
        }
        _ => usage(),
    };
    let listener = listener.tap_io(|socket| {
        let _ = socket.set_nodelay(true);
    });
    let app = axum::Router::new().layer(layer);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        command(&line);
    }
    exit(0);
}
