//! What may go wrong, each with a text for people in both languages.

use std::io;
use std::path::{Path, PathBuf};

use kernel::Text;

use crate::hash::Hash;
use crate::tile::Tile;

/// Why a note, a key, a checkpoint or a proof's text is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not in the form that the standard asks for.
    #[error("{}", .0.en)]
    Malformed(Text),
    /// It is larger than anybody needs.
    #[error("{}", .0.en)]
    TooLarge(Text),
    /// No known key has signed it.
    #[error("{}", .0.en)]
    Unsigned(Text),
    /// A known key is said to have signed it, and has not.
    #[error("{}", .0.en)]
    Forged(Text),
}

impl NoteError {
    /// What to tell the reader.
    pub fn text(&self) -> &Text {
        match self {
            NoteError::Malformed(text) | NoteError::TooLarge(text) | NoteError::Unsigned(text) | NoteError::Forged(text) => text,
        }
    }

    pub(crate) fn malformed(zh: impl Into<String>, en: impl Into<String>) -> NoteError {
        NoteError::Malformed(Text::new(zh, en))
    }
}

/// Why a proof cannot be made or does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree is not that large.
    #[error("{asked} lies outside a tree of size {size}")]
    OutOfRange { asked: u64, size: u64 },
    /// The proof has too few or too many hashes.
    #[error("the proof has not as many hashes as it takes")]
    Length,
    /// It leads to another root.
    #[error("the proof leads to the root {found}, not to {expected}")]
    Root { expected: Hash, found: Hash },
}

impl ProofError {
    /// What to tell the reader.
    pub fn text(&self) -> Text {
        let zh = match self {
            ProofError::OutOfRange { asked, size } => format!("{asked} 超出了树的大小 {size}"),
            ProofError::Length => "证明中的哈希数量不对".to_owned(),
            ProofError::Root { expected, found } => format!("证明得出的树根是 {found}，而不是 {expected}"),
        };
        Text::new(zh, self.to_string())
    }
}

/// Why the log in a folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The disk or the system refused.
    #[error("{path}: {source}", path = .path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Another writer has the log.
    #[error("{}", .0.en)]
    Locked(Text),
    /// What is on disk is not what was written; `verify` tells more.
    #[error("{}", .0.en)]
    Damaged(Text),
    /// An entry is no longer kept; its hash is.
    #[error("entry {asked} is no longer kept; the first that is has the number {first}")]
    Forgotten { asked: u64, first: u64 },
    /// An entry is too long, or the log would be.
    #[error("{}", .0.en)]
    TooLong(Text),
    /// There is no such entry, or the tree is not that large.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The checkpoint or a key is not accepted.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl LogError {
    /// What to tell the reader.
    pub fn text(&self) -> Text {
        match self {
            LogError::Io { path, source } => {
                let (path, full) = (path.display(), source.kind() == io::ErrorKind::StorageFull);
                let zh = if full { format!("磁盘已满，无法写入 {path}") } else { format!("无法读写 {path}：{source}") };
                Text::new(zh, if full { format!("the disk is full: {path}") } else { self.to_string() })
            }
            LogError::Locked(text) | LogError::Damaged(text) | LogError::TooLong(text) => text.clone(),
            LogError::Forgotten { asked, first } => Text::new(format!("第 {asked} 条已过保存期，内容不再保存；现存最早的是第 {first} 条"), self.to_string()),
            LogError::Proof(proof) => proof.text(),
            LogError::Note(note) => note.text().clone(),
        }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> LogError {
        LogError::Io { path: path.to_owned(), source }
    }

    /// A file that is not as it was written, or not there.
    pub(crate) fn damaged_tile(tile: &Tile) -> LogError {
        LogError::damaged(format!("文件缺失或已损坏：{}", tile.path()), format!("this file is missing or damaged: {}", tile.path()))
    }

    pub(crate) fn damaged(zh: impl Into<String>, en: impl Into<String>) -> LogError {
        LogError::Damaged(Text::new(zh, en))
    }
}
