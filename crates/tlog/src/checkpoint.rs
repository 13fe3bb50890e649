//! Checkpoints: the size and root of a tree in a signed note (c2sp.org/tlog-checkpoint).

use kernel::Text;

use crate::error::NoteError;
use crate::hash::Hash;
use crate::key::Verifier;
use crate::note::{Note, Vouched};
use crate::signer::Signer;

/// Bytes of the longest origin that is read.
pub const ORIGIN_MOST: usize = 255;
/// Extension lines of a checkpoint that are read.
pub const EXTENSIONS_MOST: usize = 16;

/// A tree's head as a log signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: an address without its scheme, such as `city.example/log`.
    pub origin: String,
    /// Leaves of the tree.
    pub size: u64,
    pub root: Hash,
    /// Further lines, about which the standard says nothing. Ours has none.
    pub extensions: Vec<String>,
}

/// A whole number as the standards write it: decimal, without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    // Sizes stay below 2⁶³, so that no sum of two overflows.
    plain.then(|| text.parse().ok()).flatten().filter(|number| *number <= i64::MAX as u64)
}

impl Checkpoint {
    /// The note's text.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads a note's text. Fails with [`NoteError::Malformed`], or [`NoteError::TooLarge`] for origins over [`ORIGIN_MOST`]
    /// bytes and more than [`EXTENSIONS_MOST`] extension lines.
    pub fn parse(text: &str) -> Result<Checkpoint, NoteError> {
        let wrong = |zh: &str, en: &str| NoteError::malformed(format!("检查点{zh}"), format!("the checkpoint {en}"));
        let mut lines = text.strip_suffix('\n').ok_or_else(|| wrong("没有以换行结束", "does not end with a newline"))?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or_else(|| wrong("没有来源行", "has no origin"))?;
        let size = lines.next().and_then(decimal).ok_or_else(|| wrong("的大小不是十进制数", "has no decimal size"))?;
        let root = lines.next().and_then(Hash::parse).ok_or_else(|| wrong("没有树根哈希", "has no root hash"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(wrong("含有空的扩展行", "has an empty extension line"));
        }
        if origin.len() > ORIGIN_MOST || extensions.len() > EXTENSIONS_MOST {
            return Err(NoteError::TooLarge(Text::new("检查点过大", "the checkpoint is too large")));
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root, extensions })
    }

    /// Signs it with each of the keys. Fails as [`Signer::sign`] does.
    pub fn sign(&self, signers: &[Signer], now: u64) -> Result<Note, NoteError> {
        let text = self.to_text();
        let signatures = signers.iter().map(|signer| signer.sign(&text, now)).collect::<Result<_, _>>()?;
        Ok(Note { text, signatures })
    }

    /// Reads a signed checkpoint of the log `origin`, and who of the known keys has signed it.
    ///
    /// Fails as [`Note::parse`], [`Note::verify`] and [`Checkpoint::parse`] do, and with [`NoteError::Malformed`] when it is
    /// another log's.
    pub fn open(bytes: &[u8], origin: &str, keys: &[Verifier]) -> Result<(Checkpoint, Note, Vec<Vouched>), NoteError> {
        let note = Note::parse(bytes)?;
        let vouched = note.verify(keys)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        if checkpoint.origin != origin {
            let (zh, en) = (format!("检查点属于另一个日志：{}", checkpoint.origin), format!("this is the checkpoint of another log: {}", checkpoint.origin));
            return Err(NoteError::malformed(zh, en));
        }
        Ok((checkpoint, note, vouched))
    }
}
