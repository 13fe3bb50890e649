//! A receipt: what was hashed and the proof that it stands in the log, in one file that is verified offline.

use std::fmt;

use kernel::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tlog::{ReceiptProof, Verifier};

use crate::account::hex;
use crate::{Answer, DeskError};

/// Longest file that is read, in bytes.
const FILE_MAX: usize = 1 << 20;

/// The file, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The bytes of the leaf, which are a JSON text themselves: it is the text that was hashed.
    pub entry: String,
    /// c2sp.org/tlog-proof: where it stands, its way to the root, the signed checkpoint.
    pub proof: String,
}

/// A receipt that holds.
#[derive(Clone, Debug)]
pub struct Checked {
    pub origin: String,
    /// The leaf's place in the log.
    pub number: u64,
    /// Leaves of the tree that the checkpoint signs.
    pub size: u64,
    /// Names of the keys that vouch for it.
    pub signed: Vec<String>,
    pub entry: Value,
}

impl Checked {
    /// Whether this answer, and no other, was given under it: its hash stands in the entry.
    pub fn is_of(&self, mut answer: impl std::io::Read) -> Answer<()> {
        let (mut hash, mut bytes) = (Sha256::new(), [0; 1 << 14]);
        loop {
            let unread = |error| DeskError::Invalid(Text::new(format!("应答读不出来：{error}"), format!("the answer cannot be read: {error}")));
            match answer.read(&mut bytes).map_err(unread)? {
                0 => break,
                read => hash.update(bytes.get(..read).unwrap_or_default()),
            }
        }
        let told = self.entry.pointer("/detail/answer").and_then(Value::as_str);
        match told {
            Some(told) if told == hex(&hash.finalize()) => Ok(()),
            Some(_) => Err(DeskError::Invalid(Text::new("这不是回执所记的应答：摘要不符。", "This is not the answer that the receipt is of: its hash is another."))),
            None => Err(DeskError::Invalid(Text::new("这不是按授权使用数据的回执。", "This is no receipt of an answer under a grant."))),
        }
    }
}

impl Receipt {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Answer<Receipt> {
        let wrong = || DeskError::Invalid(Text::new("这不是回执文件：应为含 entry 与 proof 的 JSON。", "This is no receipt: it is JSON with `entry` and `proof`."));
        if text.len() > FILE_MAX {
            return Err(wrong());
        }
        serde_json::from_str(text).map_err(|_| wrong())
    }

    /// Whether the log that the keys are of holds the entry, and so many witnesses have cosigned.
    pub fn verify(&self, keys: &[Verifier], witnesses: &[Verifier], quorum: usize) -> Answer<Checked> {
        let said = |error: tlog::NoteError| DeskError::Invalid(error.text().clone());
        let origin = keys.first().map_or("", Verifier::name);
        let proof = ReceiptProof::parse(self.proof.as_bytes()).map_err(said)?;
        let (checkpoint, vouched) = proof.verify(self.entry.as_bytes(), origin, keys, witnesses, quorum).map_err(said)?;
        Ok(Checked {
            origin: checkpoint.origin,
            number: proof.index,
            size: checkpoint.size,
            signed: vouched.into_iter().map(|one| one.name).collect(),
            entry: serde_json::from_str(&self.entry).unwrap_or_else(|_| Value::String(self.entry.clone())),
        })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}
