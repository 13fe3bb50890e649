//! From the control store into the log's files: what became durable there is hashed, signed and kept here.

use std::path::PathBuf;

use kernel::{Moment, Text};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::LeafRow;
use tlog::{LogError, Reader, Writer};

use super::key;
use crate::account::hex;
use crate::authority::Object;
use crate::{Answer, Desk, DeskError, internal};

/// Leaves that become part of the tree at once.
const BATCH: u32 = 4_096;
/// A log that could not be written for so long is told by holding what it would have to tell.
const PATIENCE_SECONDS: i64 = 60;

/// The declarations that the log was last told of.
const CONFIGURED: &str = "logged_city";

/// The right to write the log, once this process has it.
#[derive(Default)]
pub(crate) struct Publisher {
    writer: Option<Writer>,
    failing_since: Option<Moment>,
    /// The declarations that were told of, by their fingerprint.
    configured: Option<(usize, u64, u128)>,
}

/// How far the log's files are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Leaves that this call put there.
    pub added: u64,
    /// Leaves of the tree.
    pub size: u64,
}

impl Desk {
    /// Where the log's files lie.
    pub fn log_dir(&self) -> PathBuf {
        self.0.data_dir.join("log")
    }

    /// Waits for an act of this process.
    pub async fn act_logged(&self) {
        self.store().leaf_added().await;
    }

    /// Puts all leaves that wait into the log's files. Busy while another process does. When that fails for a minute, acts are
    /// refused until it works again.
    pub async fn publish_log(&self) -> Answer<Published> {
        let mut publisher = self.0.publisher.lock().await;
        self.store().keep_reserve();
        let done = self.publish(&mut publisher).await;
        let now = self.now();
        match &done {
            Ok(_) | Err(DeskError::Busy(_)) => {
                publisher.failing_since = None;
                self.store().hold_logged(false);
            }
            Err(_) => {
                let since = *publisher.failing_since.get_or_insert(now);
                self.store().hold_logged(now.seconds_since(since) >= PATIENCE_SECONDS);
            }
        }
        done
    }

    async fn publish(&self, publisher: &mut Publisher) -> Answer<Published> {
        if publisher.writer.is_none() {
            publisher.writer = Some(self.open_log().await?);
        }
        let mut added = 0;
        loop {
            let size = publisher.writer.as_ref().map_or(0, Writer::size);
            let entries = self.store().unpublished_entries(size, BATCH).await.map_err(internal)?;
            if entries.is_empty() {
                return Ok(Published { added, size });
            }
            // What goes wrong midway is put right by the writer's next call.
            let Some(appended) = publisher.write(move |writer| writer.append(&entries)).await? else { return Ok(Published { added, size }) };
            added += appended.size - size;
            self.store().leaves_published(appended.size).await.map_err(internal)?;
        }
    }

    async fn open_log(&self) -> Answer<Writer> {
        let city = self.city();
        let signers = key::open(&self.0.data_dir, &city.info.log, &city.info.division, &self.0.ports.chance).map_err(internal)?;
        let origin = signers.first().map(|signer| signer.verifier().name().to_owned()).unwrap_or_default();
        let (dir, clock) = (self.log_dir(), self.0.ports.clock);
        let seconds = Box::new(move || u64::try_from(clock().0 / 1_000_000).unwrap_or(0));
        let open = move || Writer::open(dir, &origin, signers, seconds);
        let writer = tokio::task::spawn_blocking(open).await.map_err(internal)?.map_err(refusal)?;
        self.agrees(writer.size()).await?;
        Ok(writer)
    }

    /// A control store that knows less than the log was put back from an older copy: its next leaf would take a number that is given.
    async fn agrees(&self, size: u64) -> Answer<()> {
        let count = self.store().leaf_count().await.map_err(internal)?;
        let last = match size.checked_sub(1).filter(|_| count >= size) {
            None if size == 0 => return Ok(()),
            None => None,
            Some(last) => self.store().leaf(last).await.map_err(internal)?,
        };
        let dir = self.log_dir();
        let entry = move || Reader::open(dir).and_then(|reader| reader.entry(size - 1));
        let entry = tokio::task::spawn_blocking(entry).await.map_err(internal)?.map_err(refusal)?;
        match last.is_some_and(|leaf| tells(&entry, &leaf)) {
            true => Ok(()),
            false => Err(DeskError::Invalid(Text::new(
                format!("操作日志已有 {size} 条，控制库里却没有与之相符的记录：控制库可能是从较旧的备份恢复的。请恢复与日志一致的备份。"),
                format!("The log has {size} leaves, to which the control store does not agree: it may have been restored from an older backup. Restore one that fits the log."),
            ))),
        }
    }

    /// Tells of the declarations, where they are not those that were told of last. Their files are only read when they changed.
    pub async fn log_configuration(&self) -> Answer<()> {
        let print = self.declared().fingerprint;
        let mut publisher = self.0.publisher.lock().await;
        if publisher.configured == Some(print) {
            return Ok(());
        }
        self.log_declarations().await?;
        publisher.configured = Some(print);
        Ok(())
    }

    async fn log_declarations(&self) -> Answer<()> {
        let dir = self.0.city_dir.clone();
        let files = tokio::task::spawn_blocking(move || crate::folder::read(&dir)).await.map_err(internal)?.map_err(internal)?;
        let mut hash = Sha256::new();
        for file in &files {
            for part in [file.path.as_bytes(), file.text.as_bytes()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        let hash = hex(&hash.finalize());
        if self.store().setting(CONFIGURED).await.map_err(internal)?.as_ref() == Some(&hash) {
            return Ok(());
        }
        let detail = serde_json::json!({ "files": files.len(), "sha256": hash });
        self.logging_as("city", "city.configure", &Object::of("city"), detail).put_setting(CONFIGURED, &hash).await.map_err(internal)
    }

    /// Has the newest checkpoint cosigned by those who have not done it yet; answers how many have now.
    pub async fn cosign_log(&self) -> Answer<u64> {
        let mut done = 0;
        for witness in self.city().info.log.witness.clone() {
            match super::witness::ask(self, &witness).await {
                Ok(cosigned) => done += u64::from(cosigned),
                Err(error) => tracing::warn!(witness = witness.url, %error, "a witness did not cosign the log"),
            }
        }
        Ok(done)
    }

    /// Adds cosignatures to the published checkpoint, if it is this process that writes the log.
    pub(super) async fn add_cosignatures(&self, lines: Vec<u8>, key: tlog::Verifier) -> Answer<bool> {
        let mut publisher = self.0.publisher.lock().await;
        let added = publisher.write(move |writer| writer.add_cosignatures(&lines, &[key])).await?;
        Ok(added.is_some_and(|added| added > 0))
    }
}

impl Publisher {
    /// Leaves of the tree; `None` where this process does not write the log.
    pub(super) fn size(&self) -> Option<u64> {
        self.writer.as_ref().map(Writer::size)
    }

    /// Has the writer do something that waits for the disk; `None` where this process does not write the log.
    pub(super) async fn write<T: Send + 'static>(&mut self, act: impl FnOnce(&mut Writer) -> Result<T, LogError> + Send + 'static) -> Answer<Option<T>> {
        let Some(mut writer) = self.writer.take() else { return Ok(None) };
        let done = tokio::task::spawn_blocking(move || {
            let done = act(&mut writer);
            (writer, done)
        });
        let (writer, done) = done.await.map_err(internal)?;
        self.writer = Some(writer);
        done.map(Some).map_err(refusal)
    }
}

/// Whether what was hashed tells the same as the row that it is found by.
pub(super) fn tells(entry: &[u8], leaf: &LeafRow) -> bool {
    let Ok(told) = serde_json::from_slice::<Value>(entry) else { return false };
    let word = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    let actor = told.get("actor").and_then(|actor| actor.get("id")).and_then(Value::as_str).unwrap_or_default();
    word("act") == leaf.act && word("subject") == leaf.subject && word("time") == leaf.time.rfc3339() && actor == leaf.actor
}

pub(super) fn refusal(error: LogError) -> DeskError {
    match error {
        LogError::Locked(text) => DeskError::Busy(text),
        other => DeskError::Invalid(other.text()),
    }
}
