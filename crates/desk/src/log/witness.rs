//! The node's side of witnesses: each is sent the newest checkpoint with a proof that it extends the last it saw.

use std::collections::BTreeMap;

use data::declare::LogWitness;
use kernel::Text;
use tlog::{Reader, Verifier};

use super::publish::refusal;
use crate::{Answer, Desk, DeskError, internal};

const KIND: &str = "text/plain; charset=utf-8";

/// Asks a witness; whether it has cosigned now. It is asked twice where it last saw another size than we thought.
pub(super) async fn ask(desk: &Desk, witness: &LogWitness) -> Answer<bool> {
    let key = Verifier::parse(&witness.key).map_err(|error| DeskError::Invalid(error.text().clone()))?;
    let context = desk.0.sources.within(&desk.city().info).map_err(|error| DeskError::Invalid(error.message))?;
    let url = format!("{}/add-checkpoint", witness.url.trim_end_matches('/'));
    let poster = collect::connect::Poster::new(&context, "log", &url, &BTreeMap::new()).map_err(|error| DeskError::Invalid(error.message))?;
    let mut old = 0;
    for _ in 0..2 {
        let dir = desk.log_dir();
        let asked = move || {
            let reader = Reader::open(dir)?;
            let body = if old > reader.size() { None } else { Some(tlog::request_body(&reader, old)?) };
            Ok((reader.note().clone(), body))
        };
        let (note, body) = tokio::task::spawn_blocking(asked).await.map_err(internal)?.map_err(refusal)?;
        let Some(body) = body else { return Err(rewritten(old)) };
        if note.signatures.iter().any(|signature| signature.name == key.name() && signature.id == key.id()) {
            return Ok(false);
        }
        let (status, answer) = poster.ask(KIND, body).await.map_err(|unposted| DeskError::Invalid(unposted.error.message))?;
        match tlog::answered(&note, status, &answer, std::slice::from_ref(&key)).map_err(|error| DeskError::Invalid(error.text().clone()))? {
            tlog::Answer::Cosigned(_) => return desk.add_cosignatures(answer, key).await,
            tlog::Answer::Behind { size } if size != old => old = size,
            tlog::Answer::Behind { .. } | tlog::Answer::Refused { status: 409 } => return Err(rewritten(old)),
            tlog::Answer::Refused { status } => {
                return Err(DeskError::Invalid(Text::new(format!("见证方拒绝共签（HTTP {status}）"), format!("the witness refuses to cosign (HTTP {status})"))));
            }
        }
    }
    Err(DeskError::Busy(Text::new("见证方正在为另一个检查点共签", "the witness is cosigning another checkpoint")))
}

/// The worst that a witness can tell.
fn rewritten(size: u64) -> DeskError {
    DeskError::Conflict(Text::new(
        format!("见证方见过大小为 {size} 的日志，与这里的对不上：日志可能被改写或被旧备份替换"),
        format!("the witness has seen a log of size {size} that this one does not extend: it may have been rewritten or replaced by an older copy"),
    ))
}
