//! The messages that a slot keeps, taken out of a binary COPY. Taking them does not make the server forget them.

use futures::StreamExt;
use futures::stream::BoxStream;
use sqlx::PgConnection;

use super::super::failed;
use super::decode::{Lsn, Message, decode};
use crate::CollectError;
use crate::connect::database::Target;

/// How binary COPY begins.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Longest message, in bytes.
const MESSAGE_LIMIT: usize = 64 << 20;

/// The messages of whole transactions, in the order of their commits.
pub struct Messages<'c> {
    bytes: BoxStream<'c, sqlx::Result<bytes::Bytes>>,
    target: Target,
    buffer: Vec<u8>,
    start: usize,
    begun: bool,
    /// How many there were so far.
    pub count: u64,
}

/// What the buffer held.
enum Step {
    Message(Message),
    More,
    End,
    Broken,
}

impl<'c> Messages<'c> {
    /// Those of transactions that end until `end`; of more than about `limit` messages only the first transactions.
    pub async fn read(
        connection: &'c mut PgConnection,
        target: &Target,
        slot: &str,
        end: Lsn,
        limit: u64,
    ) -> Result<Messages<'c>, CollectError> {
        let copy = format!(
            "COPY (SELECT data FROM pg_logical_slot_peek_binary_changes('{slot}', '{end}', {limit},
             'proto_version', '1', 'publication_names', '{slot}')) TO STDOUT (FORMAT binary)"
        );
        let bytes = connection.copy_out_raw(&copy).await.map_err(|error| failed(target, &error))?;
        Ok(Messages { bytes, target: target.clone(), buffer: Vec::new(), start: 0, begun: false, count: 0 })
    }

    /// The next message, or `None` behind the last.
    pub async fn next(&mut self) -> Result<Option<Message>, CollectError> {
        loop {
            match self.step() {
                Step::Message(message) => {
                    self.count += 1;
                    return Ok(Some(message));
                }
                Step::End => return Ok(None),
                Step::Broken => return Err(self.broken()),
                Step::More => self.receive().await?,
            }
        }
    }

    async fn receive(&mut self) -> Result<(), CollectError> {
        let bytes = self.bytes.next().await.ok_or_else(|| self.broken())?;
        let bytes = bytes.map_err(|error| failed(&self.target, &error))?;
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(&bytes);
        if self.buffer.len() > MESSAGE_LIMIT {
            return Err(self.target.error(
                "postgres.record_too_large",
                "变更流中有一条变更超过 64 MiB。",
                "A change in the stream is larger than 64 MiB.",
            ));
        }
        Ok(())
    }

    fn step(&mut self) -> Step {
        if !self.begun {
            return self.begin();
        }
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let Some((fields, rest)) = rest.split_first_chunk::<2>() else { return Step::More };
        match i16::from_be_bytes(*fields) {
            -1 => return Step::End,
            1 => {}
            _ => return Step::Broken,
        }
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return Step::More };
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { return Step::Broken };
        let Some(message) = rest.get(..length) else { return Step::More };
        let step = decode(message).map_or(Step::Broken, Step::Message);
        self.start += 6 + length;
        step
    }

    /// The head: signature, flags, and an extension that may be skipped.
    fn begin(&mut self) -> Step {
        let Some(head) = self.buffer.get(..SIGNATURE.len() + 8) else { return Step::More };
        let Some(length) = head.last_chunk::<4>().filter(|_| head.starts_with(SIGNATURE)) else { return Step::Broken };
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { return Step::Broken };
        if self.buffer.len() < SIGNATURE.len() + 8 + length {
            return Step::More;
        }
        self.start = SIGNATURE.len() + 8 + length;
        self.begun = true;
        self.step()
    }

    fn broken(&self) -> CollectError {
        self.target
            .error("postgres.stream", "变更流不是约定的格式或意外中断。", "The stream of changes is not in the form agreed, or broke off.")
            .transient()
    }
}
