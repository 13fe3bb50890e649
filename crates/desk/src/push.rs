//! Push: a system sends its rows itself. Who may, with which key, and what it is answered.

use std::path::{Path, PathBuf};

use data::declare::{Connector, Format, Resource};
use futures::{Stream, StreamExt};
use kernel::{Moment, RunId, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use serde_json::json;
use store::push::PushKey;
use tokio::io::AsyncWriteExt;

use crate::account::digest;
use crate::authority::object;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Bytes of one push at most.
pub const BODY_MAX: u64 = 32 * 1024 * 1024;
/// Rows of one push at most; it lands whole or not at all.
pub const ROWS_MAX: usize = 100_000;
/// Refused rows told in the answer; all of them stand in the quarantine.
pub(crate) const REFUSED_TOLD: usize = 100;
/// Idempotency keys are remembered for so long after their rows were durable.
pub const REMEMBERED_DAYS: i64 = 30;

const NAME_MAX: usize = 255;
const NOTE_MAX: usize = 200;
/// So that a key is known as one where it turns up.
const KEY_PREFIX: &str = "sjpush_";

/// A file of the inbox, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Kept(PathBuf);

impl Kept {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What cannot be removed now goes when the next process begins.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Something received and kept in a file until it has landed or was refused.
#[derive(Debug)]
pub struct Received {
    kept: Kept,
    /// SHA-256 of the bytes, in hex.
    pub(crate) digest: String,
    pub(crate) bytes: u64,
    /// Of a push; an uploaded file is told from its content.
    pub(crate) format: Format,
}

impl Received {
    pub fn path(&self) -> &Path {
        self.kept.path()
    }
}

/// Why a body was not received.
#[derive(Debug)]
pub enum ReceiveError {
    /// Over [`BODY_MAX`].
    TooLarge,
    /// The sender broke off.
    Cut,
    Desk(DeskError),
}

/// What became of a push. Every row is counted once: rows = landed + quarantined + unchanged + removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    pub resource: String,
    pub rows: u64,
    pub landed: u64,
    /// Rows taken away, as records with `_change` = `delete` asked.
    #[serde(default)]
    pub removed: u64,
    /// Of the landed rows, how many replaced an older row of the same key.
    pub corrected: u64,
    pub quarantined: u64,
    pub unchanged: u64,
    /// The run under which it is counted.
    pub run: String,
    /// The first hundred refused rows.
    pub refused: Vec<RefusedRow>,
    /// The same was sent before under this idempotency key; nothing was done again.
    #[serde(skip)]
    pub replayed: bool,
}

/// A row that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// 1-based line of the body, or record of the Arrow stream.
    pub line: u64,
    pub reasons: Vec<Text>,
}

/// Who sends: the living key, and the resource it may send to.
#[derive(Clone, Debug)]
pub struct Sender {
    pub key: String,
    pub resource: Resource,
}

impl Desk {
    /// The sender of a secret, if it may push to the resource. Errors: login required for an unknown or revoked key,
    /// not found for a resource that is not there, refused for one of another system or that is not pushed.
    pub async fn sender(&self, secret: &str, resource: &str, now: Moment) -> Answer<Sender> {
        if !secret.starts_with(KEY_PREFIX) || secret.len() > NAME_MAX {
            return Err(DeskError::LoginRequired);
        }
        let key = self.store().use_push_key(&digest(secret), now).await.map_err(internal)?.ok_or(DeskError::LoginRequired)?;
        let city = self.city();
        let resource = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        if resource.system != key.system || !city.is_pushed(resource) {
            return Err(DeskError::Forbidden(Text::new(
                format!("这把密钥只能向系统「{}」的资源推送，且系统须声明为 push。", key.system),
                format!("This key may push to the resources of the system “{}” alone, and the system must be declared as push.", key.system),
            )));
        }
        Ok(Sender { key: key.id, resource: resource.clone() })
    }

    /// Keeps a body in a file while it comes in, and hashes it. `format`: `Ndjson` or `Arrow`.
    pub async fn receive<B, E, S>(&self, mut body: S, format: Format) -> Result<Received, ReceiveError>
    where
        B: AsRef<[u8]>,
        S: Stream<Item = Result<B, E>> + Unpin,
    {
        let failed = |error: std::io::Error| ReceiveError::Desk(io_failure(&error));
        let kept = self.keep_file();
        let mut file = tokio::fs::File::create(kept.path()).await.map_err(failed)?;
        let mut received = Received { kept, digest: String::new(), bytes: 0, format };
        let mut hash = Sha256::new();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| ReceiveError::Cut)?;
            received.bytes += piece.as_ref().len() as u64;
            if received.bytes > BODY_MAX {
                return Err(ReceiveError::TooLarge);
            }
            hash.update(piece.as_ref());
            file.write_all(piece.as_ref()).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        received.digest = crate::account::hex(&hash.finalize());
        Ok(received)
    }

    /// Keeps a file that somebody uploads until it was read.
    pub async fn keep_upload<B, E, S>(&self, body: S) -> Answer<Received>
    where
        B: AsRef<[u8]>,
        S: Stream<Item = Result<B, E>> + Unpin,
    {
        self.receive(body, Format::Delimited).await.map_err(|error| match error {
            ReceiveError::TooLarge => DeskError::Invalid(Text::new("文件超过 32 MiB，请分成几个。", "The file is over 32 MiB; send it in parts.")),
            ReceiveError::Cut => DeskError::Invalid(Text::new("文件没有完整送达，请重传。", "The file did not arrive whole; send it again.")),
            ReceiveError::Desk(error) => error,
        })
    }

    /// A name in the inbox for a file that goes when nobody needs it any more.
    pub(crate) fn keep_file(&self) -> Kept {
        Kept(self.0.data_dir.join("inbox").join(format!("push-{}", RunId::new(self.now(), self.chance()).0)))
    }

    /// Makes the inbox, and removes what a dead process left in it.
    pub(crate) fn sweep_inbox(data_dir: &Path) -> std::io::Result<()> {
        const OLD: std::time::Duration = std::time::Duration::from_secs(3600);
        let inbox = data_dir.join("inbox");
        std::fs::create_dir_all(&inbox)?;
        for entry in std::fs::read_dir(&inbox)?.filter_map(Result::ok) {
            let old = entry.metadata().and_then(|found| found.modified()).is_ok_and(|time| time.elapsed().is_ok_and(|age| age > OLD));
            if old && entry.file_name().to_string_lossy().starts_with("push-") {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    /// Lands what was received, whole, and answers once it is durable. `name` is the sender's idempotency key: the same
    /// name and bytes again get the same answer and change nothing; other bytes under a known name are a conflict.
    pub async fn push(&self, sender: &Sender, name: &str, received: Received) -> Answer<Pushed> {
        check_name(name)?;
        self.can_log()?;
        self.send_to_intake(sender, name, received).await
    }

    /// A new key for a system, shown once: only its digest is kept.
    pub async fn add_push_key(&self, who: &Account, system: &str, note: &str, now: Moment) -> Answer<String> {
        self.may(who, "key.issue", &self.system_object(system)).await?;
        let city = self.city();
        let declared = city.systems.get(system).ok_or(DeskError::NotFound)?;
        if !matches!(declared.connector, Connector::Push {}) {
            return Err(DeskError::Invalid(Text::new(
                format!("系统「{system}」没有声明为推送：请先把它的 connector 写成 {{ kind = \"push\" }}。"),
                format!("The system “{system}” is not declared as pushing: write its connector as {{ kind = \"push\" }} first."),
            )));
        }
        let note: String = note.trim().chars().take(NOTE_MAX).collect();
        let secret = format!("{KEY_PREFIX}{}", self.token());
        let id = RunId::new(now, self.chance()).0;
        let key = PushKey { id, system: system.to_owned(), digest: digest(&secret), note, created: now, used: None, revoked: None };
        let detail = json!({ "key": key.id, "note": key.note });
        self.logging(who, "key.issue", &self.system_object(system), detail).await?.add_push_key(key).await.map_err(internal)?;
        Ok(secret)
    }

    /// Every key, without its secret, which nobody has but its holder.
    pub async fn push_keys(&self) -> Answer<Vec<PushKey>> {
        self.store().push_keys().await.map_err(internal)
    }

    /// From now on the key opens nothing.
    pub async fn revoke_push_key(&self, who: &Account, id: &str, now: Moment) -> Answer<()> {
        match self.logging(who, "key.revoke", &object("key", id), json!(null)).await?.revoke_push_key(id, now).await.map_err(internal)? {
            true => Ok(()),
            false => Err(DeskError::NotFound),
        }
    }
}

fn io_failure(error: &std::io::Error) -> DeskError {
    let full = || Text::new("磁盘已满，这批数据没有入库；腾出空间后原样重发即可。", "The disk is full and nothing of this has landed; send it again once there is room.");
    crate::io_failure(error, full)
}

fn check_name(name: &str) -> Answer<()> {
    let fits = !name.is_empty() && name.len() <= NAME_MAX && name.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    Err(DeskError::Invalid(Text::new(
        "请求头 Idempotency-Key 应为 1 到 255 个可见的 ASCII 字符（如 UUID），每批数据一个，重发时不变。",
        "The header Idempotency-Key takes 1 to 255 visible ASCII characters (a UUID, for instance): one for each batch, the same when it is sent again.",
    )))
}
