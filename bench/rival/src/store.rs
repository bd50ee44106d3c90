//! The store of the chat: people, their conversations of two and the messages
//! of these. A message is stored once for (conversation, sender, client id),
//! and numbers within a conversation have no holes.
use rusqlite::{params, Connection, OptionalExtension, Result, TransactionBehavior};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS user (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS conversation (
    id INTEGER PRIMARY KEY,
    first INTEGER NOT NULL REFERENCES user,
    second INTEGER NOT NULL REFERENCES user,
    last_seq INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (first, second)
);
CREATE TABLE IF NOT EXISTS member (
    user INTEGER NOT NULL REFERENCES user,
    conversation INTEGER NOT NULL REFERENCES conversation,
    received_seq INTEGER NOT NULL DEFAULT 0,
    read_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, conversation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation,
    seq INTEGER NOT NULL,
    sender INTEGER NOT NULL REFERENCES user,
    client_id TEXT NOT NULL,
    request INTEGER NOT NULL,
    content TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (conversation, seq),
    UNIQUE (conversation, sender, client_id)
);
";

pub struct Request {
    pub sender: i64,
    pub recipient: i64,
    pub content: String,
    pub client_id: String,
}

pub struct Row {
    pub id: String,
    pub conversation: String,
    pub seq: i64,
    pub created: String,
}

pub enum Outcome {
    Stored(Row),
    Duplicate(Row),
    /// The client id is that of another message.
    Reused,
    NoSuchUser,
}

pub struct Store {
    connection: Connection,
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

/// ISO 8601 in UTC; days to a date as in the Gregorian calendar's 400 years.
fn iso(ms: i64) -> String {
    let (day, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let z = day + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    format!(
        "{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}.{:03}Z",
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1000 % 60,
        rest % 1000
    )
}

fn row(id: i64, conversation: i64, seq: i64, created: i64) -> Row {
    Row {
        id: format!("{id:024x}"),
        conversation: format!("{conversation:024x}"),
        seq,
        created: iso(created),
    }
}

/// What tells a repeated request from another with the same client id.
fn request_hash(request: &Request) -> i64 {
    let mut hasher = DefaultHasher::new();
    request.content.hash(&mut hasher);
    hasher.finish() as i64
}

/// The conversation of the two, made when they meet; None: there is no such
/// recipient.
fn conversation(connection: &Connection, request: &Request) -> Result<Option<i64>> {
    let first = request.sender.min(request.recipient);
    let second = request.sender.max(request.recipient);
    let found = connection
        .prepare_cached("SELECT id FROM conversation WHERE first = ? AND second = ?")?
        .query_row(params![first, second], |row| row.get(0))
        .optional()?;
    if found.is_some() {
        return Ok(found);
    }
    let exists = connection
        .prepare_cached("SELECT 1 FROM user WHERE id = ?")?
        .exists(params![request.recipient])?;
    if !exists || first == second {
        return Ok(None);
    }
    connection
        .prepare_cached("INSERT INTO conversation (first, second) VALUES (?, ?)")?
        .execute(params![first, second])?;
    let id = connection.last_insert_rowid();
    for user in [first, second] {
        connection
            .prepare_cached("INSERT INTO member (user, conversation) VALUES (?, ?)")?
            .execute(params![user, id])?;
    }
    Ok(Some(id))
}

/// What is there already under its client id.
fn duplicate(
    connection: &Connection,
    conversation: i64,
    request: &Request,
) -> Result<Option<Outcome>> {
    connection
        .prepare_cached(
            "SELECT id, seq, created, request FROM message
             WHERE conversation = ? AND sender = ? AND client_id = ?",
        )?
        .query_row(
            params![conversation, request.sender, request.client_id],
            |found| {
                if found.get::<_, i64>(3)? != request_hash(request) {
                    return Ok(Outcome::Reused);
                }
                let (id, seq, created) = (found.get(0)?, found.get(1)?, found.get(2)?);
                Ok(Outcome::Duplicate(row(id, conversation, seq, created)))
            },
        )
        .optional()
}

fn append_one(connection: &Connection, request: &Request) -> Result<Outcome> {
    let Some(conversation) = conversation(connection, request)? else {
        return Ok(Outcome::NoSuchUser);
    };
    if let Some(outcome) = duplicate(connection, conversation, request)? {
        return Ok(outcome);
    }
    let created = now_ms();
    let seq: i64 = connection
        .prepare_cached(
            "UPDATE conversation SET last_seq = last_seq + 1, updated = ?
             WHERE id = ? RETURNING last_seq",
        )?
        .query_row(params![created, conversation], |row| row.get(0))?;
    connection
        .prepare_cached(
            "INSERT INTO message
             (conversation, seq, sender, client_id, request, content, created)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            conversation,
            seq,
            request.sender,
            request.client_id,
            request_hash(request),
            request.content,
            created
        ])?;
    let id = connection.last_insert_rowid();
    connection
        .prepare_cached("UPDATE member SET read_seq = ? WHERE user = ? AND conversation = ?")?
        .execute(params![seq, request.sender, conversation])?;
    Ok(Outcome::Stored(row(id, conversation, seq, created)))
}

impl Store {
    pub fn open(file: &str, sync: &str) -> Result<Store> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", sync)?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.execute_batch(SCHEMA)?;
        Ok(Store { connection })
    }

    /// Makes the user, unless they are there.
    pub fn user(&self, name: &str) -> Result<i64> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO user (name) VALUES (?)")?
            .execute(params![name])?;
        self.connection
            .prepare_cached("SELECT id FROM user WHERE name = ?")?
            .query_row(params![name], |row| row.get(0))
    }

    /// All of them in one transaction, durable once it returns (with
    /// synchronous = full).
    pub fn append(&mut self, requests: &[Request]) -> Result<Vec<Outcome>> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcomes = requests
            .iter()
            .map(|request| append_one(&transaction, request))
            .collect::<Result<Vec<Outcome>>>()?;
        transaction.commit()?;
        Ok(outcomes)
    }
}
