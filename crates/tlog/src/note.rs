//! Signed notes: a text, an empty line, and lines of signatures (c2sp.org/signed-note).

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::Text;

use crate::error::NoteError;
use crate::key::Verifier;

/// Bytes of the longest note that is read. Sixteen signatures that withstand quantum computers fit in.
pub const NOTE_MOST: usize = 1 << 18;
/// Signature lines of a note that are read.
pub const SIGNATURES_MOST: usize = 64;

/// One signature line: `— name base64(key id || signature)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The first four bytes of the key's hash, big-endian.
    pub id: u32,
    /// What follows them, as the key's algorithm defines it.
    pub bytes: Vec<u8>,
}

/// A text and who has signed it. Nothing in the text is to be believed before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text with its last newline.
    pub text: String,
    pub signatures: Vec<Signature>,
}

/// A signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    pub name: String,
    pub id: u32,
    /// When a cosignature says it was given, in seconds since 1970.
    pub time: Option<u64>,
}

/// Whether a key may be named so: not empty, without spaces, plus signs and control characters.
pub(crate) fn fit_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

impl Signature {
    /// Reads one line without its newline. Fails with [`NoteError::Malformed`].
    pub fn parse(line: &str) -> Result<Signature, NoteError> {
        let wrong = || NoteError::malformed("签名行的格式不对", "a signature line is not in its form");
        let (name, signature) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or_else(wrong)?;
        let bytes = BASE64_STANDARD.decode(signature).map_err(|_| wrong())?;
        let (id, bytes) = bytes.split_first_chunk::<4>().ok_or_else(wrong)?;
        if !fit_name(name) || bytes.is_empty() {
            return Err(wrong());
        }
        Ok(Signature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.to_be_bytes().as_slice(), self.bytes.as_slice()].concat();
        writeln!(f, "— {} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

impl Note {
    /// Reads a note. What it gives back is written again byte for byte as it was read.
    ///
    /// Fails with [`NoteError::TooLarge`] above [`NOTE_MOST`] bytes or [`SIGNATURES_MOST`] signatures, else with
    /// [`NoteError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        let large = || NoteError::TooLarge(Text::new("签名文本过大", "the note is too large"));
        if bytes.len() > NOTE_MOST {
            return Err(large());
        }
        let all = str::from_utf8(bytes).map_err(|_| NoteError::malformed("签名文本不是 UTF-8", "the note is not UTF-8"))?;
        if all.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::malformed("签名文本含有控制字符", "the note contains control characters"));
        }
        let (text, lines) = all.rfind("\n\n").map(|at| (&all[..=at], &all[at + 2..])).unwrap_or((all, ""));
        let Some(lines) = lines.strip_suffix('\n') else {
            return Err(NoteError::malformed("签名文本没有签名行", "the note has no signature lines"));
        };
        if lines.split('\n').count() > SIGNATURES_MOST {
            return Err(large());
        }
        let signatures = lines.split('\n').map(Signature::parse).collect::<Result<_, _>>()?;
        Ok(Note { text: text.to_owned(), signatures })
    }

    /// Who has signed, of the keys that are known. Signatures of others are passed over, as the standard demands.
    ///
    /// Fails with [`NoteError::Forged`] when a known key's signature does not hold, with [`NoteError::Unsigned`] when no known
    /// key has signed.
    pub fn verify(&self, keys: &[Verifier]) -> Result<Vec<Vouched>, NoteError> {
        let mut vouched = Vec::new();
        for signature in &self.signatures {
            for key in keys.iter().filter(|key| key.name() == signature.name && key.id() == signature.id) {
                let time = key.verify(&self.text, &signature.bytes)?;
                vouched.push(Vouched { name: signature.name.clone(), id: signature.id, time });
            }
        }
        if vouched.is_empty() {
            return Err(NoteError::Unsigned(Text::new("没有任何已知密钥的签名", "no known key has signed this")));
        }
        Ok(vouched)
    }

    /// Adds a signature, in place of an earlier one of the same key.
    pub fn add(&mut self, signature: Signature) {
        match self.signatures.iter_mut().find(|known| known.name == signature.name && known.id == signature.id) {
            Some(known) => *known = signature,
            None => self.signatures.push(signature),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write!(f, "{signature}"))
    }
}
