//! Messages between two people over sockets: stored, then acknowledged to the
//! sender and delivered to every socket of both.
//!
//! One thread writes. While it commits, messages queue, and the next commit
//! takes them all, 64 at most: the same promises for fewer syncs. It hands
//! each batch on to one task that tells the sockets, so that two messages of
//! a conversation stay in order.
use crate::store::{Outcome, Request, Store};
use serde::{Deserialize, Serialize};
use socketioxide::extract::{AckSender, Data, SocketRef};
use socketioxide::SocketIo;
use std::sync::mpsc::{channel, Receiver, Sender};
use tokio::sync::mpsc::{unbounded_channel, UnboundedSender};

const BATCH: usize = 64;
const CONTENT_MAX: usize = 5000;
const CLIENT_ID_MAX: usize = 64;

/// Who one is. Everybody is believed: signing in is not what is measured.
#[derive(Deserialize)]
struct Auth {
    token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    to: String,
    client_id: String,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    _id: &'a str,
    conversation_id: &'a str,
    seq: i64,
    kind: &'static str,
    sender: &'a str,
    sender_name: &'a str,
    recipient: &'a str,
    content: &'a str,
    created_at: &'a str,
    status: &'static str,
    edited: bool,
    deleted: bool,
    change: i64,
    client_id: &'a str,
    reply_to: Option<&'a str>,
    attachment: Option<&'a str>,
}

#[derive(Serialize)]
struct Accepted<'a> {
    ok: bool,
    id: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
    message: &'a View<'a>,
}

#[derive(Serialize)]
struct Refused {
    ok: bool,
    error: Code,
}

#[derive(Serialize)]
struct Code {
    code: &'static str,
}

type Done = Vec<(Request, AckSender, Outcome)>;

/// The id of a user as it is written.
fn user_name(id: i64) -> String {
    format!("{id:024x}")
}

fn refuse(ack: AckSender, code: &'static str) {
    let error = Code { code };
    let _ = ack.send(&Refused { ok: false, error });
}

fn read(sender: i64, message: Message) -> Option<Request> {
    let content = message.content.trim_end();
    let id = &message.client_id;
    if content.is_empty() || content.chars().count() > CONTENT_MAX {
        return None;
    }
    if id.is_empty() || id.len() > CLIENT_ID_MAX {
        return None;
    }
    Some(Request {
        sender,
        recipient: i64::from_str_radix(&message.to, 16).ok()?,
        content: content.to_owned(),
        client_id: message.client_id,
    })
}

/// What waits already, 64 at most; it waits for the first of them.
fn collect(jobs: &Receiver<(Request, AckSender)>) -> Option<(Vec<Request>, Vec<AckSender>)> {
    let mut batch = vec![jobs.recv().ok()?];
    batch.extend(jobs.try_iter().take(BATCH - 1));
    Some(batch.into_iter().unzip())
}

fn write(mut store: Store, jobs: Receiver<(Request, AckSender)>, done: UnboundedSender<Done>) {
    while let Some((requests, acks)) = collect(&jobs) {
        match store.append(&requests) {
            Ok(outcomes) => {
                let told = requests.into_iter().zip(acks).zip(outcomes);
                let _ = done.send(told.map(|((r, a), o)| (r, a, o)).collect());
            }
            Err(error) => {
                eprintln!("palabre-rival: {error}");
                for ack in acks {
                    refuse(ack, "store_unavailable");
                }
            }
        }
    }
}

async fn tell(io: &SocketIo, request: Request, ack: AckSender, outcome: Outcome) {
    let (row, duplicate) = match outcome {
        Outcome::Stored(row) => (row, false),
        Outcome::Duplicate(row) => (row, true),
        Outcome::Reused => return refuse(ack, "client_id_reused"),
        Outcome::NoSuchUser => return refuse(ack, "not_found"),
    };
    let sender = user_name(request.sender);
    let recipient = user_name(request.recipient);
    let view = View {
        _id: &row.id,
        conversation_id: &row.conversation,
        seq: row.seq,
        kind: "text",
        sender: &sender,
        sender_name: &sender,
        recipient: &recipient,
        content: &request.content,
        created_at: &row.created,
        status: "sent",
        edited: false,
        deleted: false,
        change: 0,
        client_id: &request.client_id,
        reply_to: None,
        attachment: None,
    };
    let accepted = Accepted {
        ok: true,
        id: &row.id,
        duplicate,
        message: &view,
    };
    let _ = ack.send(&accepted);
    if !duplicate {
        let rooms = [sender.clone(), recipient.clone()];
        let _ = io.to(rooms).emit("message:new", &view).await;
    }
}

fn connected(socket: SocketRef, id: i64, jobs: Sender<(Request, AckSender)>) {
    socket.join(user_name(id));
    socket.on(
        "send-message",
        move |Data(message): Data<Message>, ack: AckSender| {
            match read(id, message) {
                Some(request) => drop(jobs.send((request, ack))),
                None => refuse(ack, "invalid"),
            }
            std::future::ready(())
        },
    );
}

/// People are 1 to so many; a person's token is their id.
pub fn serve(io: &SocketIo, store: Store, people: usize) -> rusqlite::Result<()> {
    let (jobs, waiting) = channel();
    let (done, mut stored) = unbounded_channel::<Done>();

    for id in 1..=people {
        store.user(&format!("person{id}"))?;
    }
    std::thread::spawn(move || write(store, waiting, done));
    let teller = io.clone();
    tokio::spawn(async move {
        while let Some(batch) = stored.recv().await {
            for (request, ack, outcome) in batch {
                tell(&teller, request, ack, outcome).await;
            }
        }
    });
    io.ns("/", move |socket: SocketRef, Data(auth): Data<Auth>| {
        match i64::from_str_radix(&auth.token, 16) {
            Ok(id) => connected(socket, id, jobs.clone()),
            Err(_) => drop(socket.disconnect()),
        }
        std::future::ready(())
    });
    Ok(())
}
