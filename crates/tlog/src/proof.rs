//! A proof to hand out with a receipt: an entry's index, its way to the root, and the signed checkpoint, in one text that is
//! verified offline (c2sp.org/tlog-proof).

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::Text;

use crate::checkpoint::{Checkpoint, decimal};
use crate::error::{NoteError, ProofError};
use crate::hash::{Hash, leaf_hash};
use crate::key::Verifier;
use crate::note::{NOTE_MOST, Note, Vouched};
use crate::path::verify_inclusion;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Bytes of further data that are read.
const EXTRA_MOST: usize = 1 << 16;

/// What is handed out. Files of it end in `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptProof {
    /// Further data, which nothing here vouches for.
    pub extra: Option<Vec<u8>>,
    /// Where the entry is in the log, from 0.
    pub index: u64,
    /// The inclusion proof, the leaf's sibling first.
    pub path: Vec<Hash>,
    /// The signed checkpoint of the tree that it leads to.
    pub checkpoint: Note,
}

impl ReceiptProof {
    /// Reads a proof's text. Fails with [`NoteError::Malformed`] or [`NoteError::TooLarge`].
    pub fn parse(bytes: &[u8]) -> Result<ReceiptProof, NoteError> {
        let wrong = |zh: &str, en: &str| NoteError::malformed(format!("存证证明{zh}"), format!("the proof {en}"));
        if bytes.len() > NOTE_MOST + 2 * EXTRA_MOST {
            return Err(NoteError::TooLarge(Text::new("存证证明过大", "the proof is too large")));
        }
        let text = str::from_utf8(bytes).map_err(|_| wrong("不是 UTF-8", "is not UTF-8"))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| wrong("没有检查点", "has no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(wrong("没有正确的首行", "does not begin as one does"));
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(extra) => {
                lines.next();
                Some(BASE64_STANDARD.decode(extra).map_err(|_| wrong("的附加数据不是 Base 64", "has further data that are not in Base 64"))?)
            }
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal).ok_or_else(|| wrong("没有序号", "has no index"))?;
        let path: Option<Vec<Hash>> = lines.map(Hash::parse).collect();
        let path = path.filter(|path| path.len() <= 63).ok_or_else(|| wrong("的哈希行不对", "has wrong lines of hashes"))?;
        Ok(ReceiptProof { extra, index, path, checkpoint: Note::parse(checkpoint.as_bytes())? })
    }

    /// Whether the entry is in the log `origin`: one of the log's keys has signed the checkpoint, at least `quorum` of the
    /// witnesses have cosigned it, and the entry leads to its root. Gives back the checkpoint and who vouches for it.
    ///
    /// Fails with [`NoteError::Unsigned`] when too few have signed, with [`NoteError::Forged`] when a signature does not hold,
    /// with [`NoteError::Malformed`] when the checkpoint is another log's or the entry is not in it.
    pub fn verify(&self, entry: &[u8], origin: &str, log: &[Verifier], witnesses: &[Verifier], quorum: usize) -> Result<(Checkpoint, Vec<Vouched>), NoteError> {
        let (checkpoint, _, mut vouched) = Checkpoint::open(self.checkpoint.to_string().as_bytes(), origin, log)?;
        let mut cosigned = if witnesses.is_empty() { Vec::new() } else { self.checkpoint.verify(witnesses).or_else(none_known)? };
        // One witness that signs twice is one witness.
        cosigned.sort_by(|left, right| (&left.name, left.id).cmp(&(&right.name, right.id)));
        cosigned.dedup_by(|left, right| left.name == right.name);
        if cosigned.len() < quorum {
            let (zh, en) = (format!("需要 {quorum} 个见证方共签，只有 {} 个", cosigned.len()), format!("{quorum} witnesses are asked for; {} have cosigned", cosigned.len()));
            return Err(NoteError::Unsigned(Text::new(zh, en)));
        }
        verify_inclusion(&leaf_hash(entry), self.index, checkpoint.size, &self.path, &checkpoint.root).map_err(|error: ProofError| NoteError::Malformed(error.text()))?;
        vouched.append(&mut cosigned);
        Ok((checkpoint, vouched))
    }
}

fn none_known(error: NoteError) -> Result<Vec<Vouched>, NoteError> {
    if matches!(error, NoteError::Unsigned(_)) { Ok(Vec::new()) } else { Err(error) }
}

impl fmt::Display for ReceiptProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
