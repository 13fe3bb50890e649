//! A witness: it remembers the last tree of each log that it knows, and cosigns only what goes on from there
//! (c2sp.org/tlog-witness). What it has cosigned is on disk before anybody is told.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use kernel::Text;
use sha2::{Digest, Sha256};

use crate::checkpoint::{Checkpoint, decimal};
use crate::error::{LogError, NoteError};
use crate::folder::{self, Unflushed};
use crate::hash::{EMPTY_ROOT, Hash};
use crate::key::{Algorithm, Verifier};
use crate::note::{NOTE_MOST, Note};
use crate::path::verify_consistency;
use crate::signer::Signer;

/// Why a witness does not cosign.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request is not in its form, or its old size is above the checkpoint's.
    #[error("{}", .0.en)]
    BadRequest(Text),
    /// No known key of the log has signed the checkpoint, or a signature does not hold.
    #[error("{}", .0.en)]
    Forbidden(Text),
    /// The log is not known here.
    #[error("{}", .0.en)]
    NotFound(Text),
    /// The old size is not that of the last tree cosigned, or the roots of trees of the same size differ.
    #[error("the last tree cosigned has size {size}")]
    Conflict { size: u64 },
    /// The consistency proof does not hold.
    #[error("{}", .0.en)]
    Unprocessable(Text),
    /// The witness cannot keep what it would cosign.
    #[error(transparent)]
    Failed(LogError),
}

impl Refusal {
    /// The HTTP status that the standard gives to it.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::BadRequest(_) => 400,
            Refusal::Forbidden(_) => 403,
            Refusal::NotFound(_) => 404,
            Refusal::Conflict { .. } => 409,
            Refusal::Unprocessable(_) => 422,
            Refusal::Failed(_) => 500,
        }
    }

    /// What type the body has.
    pub fn content_type(&self) -> &'static str {
        if matches!(self, Refusal::Conflict { .. }) { "text/x.tlog.size" } else { "text/plain; charset=utf-8" }
    }

    /// The body of the answer: at a conflict the size last cosigned and a newline, else a text for people.
    pub fn body(&self) -> String {
        match self {
            Refusal::Conflict { size } => format!("{size}\n"),
            other => format!("{}\n", other.text().en),
        }
    }

    /// What to tell the reader.
    pub fn text(&self) -> Text {
        match self {
            Refusal::BadRequest(text) | Refusal::Forbidden(text) | Refusal::NotFound(text) | Refusal::Unprocessable(text) => text.clone(),
            Refusal::Conflict { size } => Text::new(format!("最近一次共签的树大小为 {size}，或同样大小的树根不同"), format!("the last tree cosigned has size {size}, or another root at that size")),
            Refusal::Failed(error) => error.text(),
        }
    }
}

struct Known {
    keys: Vec<Verifier>,
    size: u64,
    root: Hash,
}

/// A witness over a folder of states: for each log the checkpoint last cosigned, verbatim, so that a changed state does not
/// pass for one. A witness whose folder is lost must not go on under the same key.
pub struct Witness {
    folder: PathBuf,
    cosigner: Signer,
    logs: BTreeMap<String, Known>,
    _lock: File,
}

impl Witness {
    /// Opens the folder, or makes it. `logs` are the origins that are cosigned, each with the keys that may sign for it.
    ///
    /// Fails with [`LogError::Locked`] while another has it, with [`LogError::Note`] when the key is not one that cosigns, or a
    /// state is not a checkpoint that one of the log's keys has signed: then nothing is cosigned until somebody has looked.
    pub fn open(folder: impl Into<PathBuf>, cosigner: Signer, logs: impl IntoIterator<Item = (String, Vec<Verifier>)>) -> Result<Witness, LogError> {
        if cosigner.verifier().algorithm() != Algorithm::Cosignature {
            return Err(NoteError::malformed("见证方的密钥必须是共签类型（0x04）", "a witness's key is of the type that cosigns (0x04)").into());
        }
        let folder = folder.into();
        let mut made = Unflushed::default();
        made.make_folder(&folder)?;
        made.flush()?;
        let lock = folder::lock(&folder)?;
        let mut known = BTreeMap::new();
        for (origin, keys) in logs {
            let state = folder::read(&folder.join(state_name(&origin)), NOTE_MOST as u64)?;
            let (size, root) = match state {
                Some(bytes) => Checkpoint::open(&bytes, &origin, &keys).map(|(checkpoint, ..)| (checkpoint.size, checkpoint.root))?,
                None => (0, EMPTY_ROOT),
            };
            known.insert(origin, Known { keys, size, root });
        }
        Ok(Witness { folder, cosigner, logs: known, _lock: lock })
    }

    /// The key that its cosignatures hold under.
    pub fn verifier(&self) -> &Verifier {
        self.cosigner.verifier()
    }

    /// The size and root last cosigned of a log; `None` for logs that are not known.
    pub fn state(&self, origin: &str) -> Option<(u64, Hash)> {
        self.logs.get(origin).map(|known| (known.size, known.root))
    }

    /// The folder of states.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Answers the body of `add-checkpoint`: a cosignature line, or why there is none. `now` is in seconds since 1970.
    pub fn add_checkpoint(&mut self, body: &[u8], now: u64) -> Result<String, Refusal> {
        let (old, proof, note) = request(body)?;
        let origin = note.text.split('\n').next().unwrap_or_default().to_owned();
        let Some(known) = self.logs.get_mut(&origin) else {
            return Err(Refusal::NotFound(Text::new(format!("未知的日志：{origin}"), format!("this log is not known here: {origin}"))));
        };
        note.verify(&known.keys).map_err(|error| Refusal::Forbidden(error.text().clone()))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(bad)?;
        if old > checkpoint.size {
            return Err(Refusal::BadRequest(Text::new("旧大小大于检查点的大小", "the old size is above the checkpoint's")));
        }
        if old != known.size {
            return Err(Refusal::Conflict { size: known.size });
        }
        if old == checkpoint.size && old > 0 && checkpoint.root != known.root {
            return Err(Refusal::Conflict { size: known.size });
        }
        verify_consistency(old, &known.root, checkpoint.size, &checkpoint.root, &proof).map_err(|error| Refusal::Unprocessable(error.text()))?;
        let cosignature = self.cosigner.sign(&note.text, now).map_err(|error| Refusal::Failed(error.into()))?;
        let name = state_name(&origin);
        folder::replace(&self.folder, &format!(".{name}.next"), &name, note.to_string().as_bytes()).map_err(Refusal::Failed)?;
        (known.size, known.root) = (checkpoint.size, checkpoint.root);
        Ok(cosignature.to_string())
    }
}

fn bad(error: NoteError) -> Refusal {
    Refusal::BadRequest(error.text().clone())
}

/// The old size, the proof and the checkpoint of a request.
fn request(body: &[u8]) -> Result<(u64, Vec<Hash>, Note), Refusal> {
    let wrong = || Refusal::BadRequest(Text::new("请求的格式不对", "the request is not in its form"));
    if body.len() > NOTE_MOST + 8_192 {
        return Err(wrong());
    }
    let (head, note) = str::from_utf8(body).ok().and_then(|body| body.split_once("\n\n")).ok_or_else(wrong)?;
    let mut lines = head.split('\n');
    let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal).ok_or_else(wrong)?;
    let proof: Option<Vec<Hash>> = lines.map(Hash::parse).collect();
    let proof = proof.filter(|proof| proof.len() <= 63).ok_or_else(wrong)?;
    Ok((old, proof, Note::parse(note.as_bytes()).map_err(bad)?))
}

/// Origins hold slashes and anything else, so a file is named by the hash of its log's.
fn state_name(origin: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(origin.as_bytes()).into();
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + ".state"
}
