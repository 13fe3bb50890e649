//! The log's side of a tlog-witness: the body of a request, and what an answer comes to (c2sp.org/tlog-witness).

use std::fmt::Write;

use crate::checkpoint::decimal;
use crate::error::{LogError, NoteError};
use crate::key::{Algorithm, Verifier};
use crate::note::{Note, Signature};
use crate::reader::Reader;

/// What a witness has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has cosigned: lines that hold under its keys.
    Cosigned(Vec<Signature>),
    /// It has last cosigned a tree of that size: ask again with a proof from there.
    Behind { size: u64 },
    /// It refuses, for the reason that the status stands for: 400, 403, 404, 422 as the standard says, 409 also where the
    /// roots of trees of the same size differ; or something else is wrong with it.
    Refused { status: u16 },
}

/// The body of `POST <prefix>/add-checkpoint` for the reader's checkpoint, for a witness that has last cosigned size `old`
/// (0 if it never has; its answer then tells).
///
/// Fails as [`Reader::consistency_proof`] does.
pub fn request_body(reader: &Reader, old: u64) -> Result<String, LogError> {
    let mut body = format!("old {old}\n");
    for hash in reader.consistency_proof(old, reader.size())? {
        let _ = writeln!(body, "{hash}");
    }
    let _ = write!(body, "\n{}", reader.note());
    Ok(body)
}

/// Understands a witness's answer to a request with that checkpoint.
///
/// Fails with [`NoteError::Forged`] when a signature does not hold that is said to be a known witness's, with
/// [`NoteError::Unsigned`] when no known witness has signed, with [`NoteError::Malformed`] when nothing can be made of it.
pub fn answered(checkpoint: &Note, status: u16, body: &[u8], witnesses: &[Verifier]) -> Result<Answer, NoteError> {
    match status {
        200 => {
            let found = cosignatures(&checkpoint.text, body, witnesses)?;
            match found.is_empty() {
                true => Err(NoteError::Unsigned(kernel::Text::new("没有已知见证方的签名", "no known witness has signed"))),
                false => Ok(Answer::Cosigned(found)),
            }
        }
        409 => {
            let size = str::from_utf8(body).ok().and_then(|body| body.strip_suffix('\n')).and_then(decimal);
            Ok(size.map_or(Answer::Refused { status }, |size| Answer::Behind { size }))
        }
        _ => Ok(Answer::Refused { status }),
    }
}

/// The cosignatures among signature lines that hold for the text under the witnesses' keys.
pub(crate) fn cosignatures(text: &str, lines: &[u8], witnesses: &[Verifier]) -> Result<Vec<Signature>, NoteError> {
    // Put behind the text, they are a note like any other.
    let note = Note::parse(&[text.as_bytes(), b"\n", lines].concat())?;
    let mut found = Vec::new();
    for signature in note.signatures {
        let known = |key: &&Verifier| key.algorithm() == Algorithm::Cosignature && key.name() == signature.name && key.id() == signature.id;
        if let Some(key) = witnesses.iter().find(known) {
            key.verify(&note.text, &signature.bytes)?;
            found.push(signature);
        }
    }
    Ok(found)
}
