//! Envelopes on their way out: each neighbour's in the order of what happened, the first one again and again until it is taken.

use std::time::{Duration, Instant};

use data::City;
use data::declare::Neighbour;
use futures::future::join_all;
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::node::OutboxRow;

use super::envelope::{AskBody, Envelope, Outcome, Reply, RequestWord, VERSION};
use super::line::{Request, Response, problem};
use super::INBOX;
use crate::authority::object;
use crate::posting::{self, later};
use crate::{Answer, Desk, DeskError, internal};

/// Envelopes that go to one neighbour in one round, and how long a round begins further ones.
const ROUND: u64 = 100;
const ROUND_TIME: Duration = Duration::from_secs(60);
/// An envelope that is being sent is nobody else's for so long, in seconds.
const TAKEN: i64 = 30;
/// The first pause after a failure, in seconds; each further one of the same envelope is twice as long.
const PAUSE: i64 = 2;
const PAUSE_MAX: i64 = 600;

/// An envelope, signed and ready to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub node: String,
    pub request: Request,
    envelope: OutboxRow,
}

/// What came of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sendings {
    pub taken: u64,
    pub failed: u64,
}

impl Desk {
    /// Sends what is due to all neighbours, side by side: one that is away keeps no other waiting.
    pub async fn send_envelopes(&self, now: Moment) -> Answer<Sendings> {
        let city = self.city();
        let each = join_all(city.nodes.values().filter(|node| self.holds(node, now)).map(|node| self.send_to(node, now))).await;
        each.into_iter().try_fold(Sendings::default(), |sum, one| {
            let one = one?;
            Ok(Sendings { taken: sum.taken + one.taken, failed: sum.failed + one.failed })
        })
    }

    async fn send_to(&self, node: &Neighbour, now: Moment) -> Answer<Sendings> {
        let (began, mut sent) = (Instant::now(), Sendings::default());
        let due = self.store().due_envelopes(&node.id, now, ROUND).await.map_err(internal)?;
        if due.is_empty() {
            return Ok(sent);
        }
        let line = self.line()?;
        for row in due {
            if began.elapsed() > ROUND_TIME {
                break;
            }
            let Some(outgoing) = self.seal(row, self.now()).await? else { continue };
            let request = &outgoing.request;
            let asked = ::collect::connect::Asked { method: request.method, url: request.url.clone(), headers: request.headers.clone(), body: request.body.clone() };
            let heard = match line.ask(&asked).await {
                Ok(heard) => {
                    let asks = posting::asked(heard.pause, PAUSE_MAX);
                    self.heard(&outgoing, Response::from(heard), now).await?.map_err(|why| (why, asks))
                }
                Err(unheard) => Err((unheard.error.message, posting::asked(unheard.pause, PAUSE_MAX))),
            };
            if let Err((why, asks)) = heard {
                self.unsent(&outgoing, &why, asks, now).await?;
                sent.failed += 1;
                break;
            }
            sent.taken += 1;
        }
        Ok(sent)
    }

    /// The envelopes that are due, signed anew, for whoever carries them; a try is counted for each.
    pub async fn outgoing(&self, now: Moment) -> Answer<Vec<Outgoing>> {
        let mut all = Vec::new();
        for node in self.city().nodes.values() {
            for row in self.store().due_envelopes(&node.id, now, ROUND).await.map_err(internal)? {
                all.extend(self.seal(row, now).await?);
            }
        }
        Ok(all)
    }

    /// The same envelope signed anew, for another try by whoever carries it; `None` where its node is no longer declared.
    pub fn sealed_again(&self, outgoing: &Outgoing, now: Moment) -> Answer<Option<Outgoing>> {
        let city = self.city();
        let Some(node) = city.nodes.get(&outgoing.node) else { return Ok(None) };
        let request = self.request_to(node, "POST", INBOX, outgoing.request.body.clone(), now)?;
        Ok(Some(Outgoing { request, ..outgoing.clone() }))
    }

    /// What the neighbour answered. `Err` with the reason where the envelope has to be sent again.
    pub async fn heard(&self, outgoing: &Outgoing, response: Response, now: Moment) -> Answer<Result<(), Text>> {
        let city = self.city();
        let Some(node) = city.nodes.get(&outgoing.node) else { return Ok(Err(gone())) };
        if response.status != 200 {
            return Ok(Err(told(problem(&response))));
        }
        let digest = Sha256::digest(&response.body).into();
        if let Err(flaw) = self.believed(node, &outgoing.request, &response, digest) {
            return Ok(Err(self.disbelieve(node, INBOX, flaw, now).await?));
        }
        let row = &outgoing.envelope;
        let reply: Option<Reply> = serde_json::from_slice(&response.body).ok().filter(|reply: &Reply| reply.id == row.id);
        let Some(reply) = reply else { return Ok(Err(unknown_answer())) };
        let rejected = (row.kind == "request.ask" && reply.outcome == Outcome::Refused).then(|| RequestWord::rejected(&reply.why.clone().unwrap_or_default(), now));
        // Only who asked hears the other side's word on it; on what was asked here the word is ours.
        let ours = row.kind != "request.state";
        let word = rejected.or(reply.word.clone().filter(|_| ours)).map(|word| word.kept()).transpose()?;
        let answer = String::from_utf8_lossy(&response.body).into_owned();
        let detail = json!({ "kind": row.kind, "request": row.subject, "envelope": row.id, "outcome": reply.outcome, "why": reply.why,
            "tries": row.tries, "answer": crate::account::hex(&digest) });
        let store = self.logging_as("neighbour", "node.send", &object(crate::log::NODE, &row.node), detail);
        store.envelope_taken(row, &answer, word, now).await.map_err(internal)?;
        Ok(Ok(()))
    }

    async fn unsent(&self, outgoing: &Outgoing, why: &Text, asks: i64, now: Moment) -> Answer<()> {
        let row = &outgoing.envelope;
        tracing::warn!(node = row.node, envelope = row.id, tries = row.tries, error = why.en, "an envelope was not taken");
        let seconds = posting::pause(row.tries.saturating_sub(1), PAUSE, PAUSE_MAX).max(asks);
        self.store().envelope_failed(row, why, later(self.now().max(now), seconds)).await.map_err(internal)?;
        self.store().link_failed(&row.node, why, now).await.map_err(internal)
    }

    /// Signs an envelope. Its bytes are made for the first try, and the same from then on.
    async fn seal(&self, row: OutboxRow, now: Moment) -> Answer<Option<Outgoing>> {
        let city = self.city();
        let Some(node) = city.nodes.get(&row.node) else { return Ok(None) };
        let Some(envelope) = self.written(&city, node, &row).await? else { return Ok(None) };
        let bytes = serde_json::to_string(&envelope).map_err(internal)?;
        let Some(row) = self.store().take_envelope(&row.id, &bytes, later(now, TAKEN)).await.map_err(internal)? else { return Ok(None) };
        let Some(body) = row.body.clone() else { return Ok(None) };
        let request = self.request_to(node, "POST", INBOX, Some(body.into_bytes()), now)?;
        Ok(Some(Outgoing { node: row.node.clone(), request, envelope: row }))
    }

    /// What the envelope of a row says; `None` where what it is about is gone.
    async fn written(&self, city: &City, node: &Neighbour, row: &OutboxRow) -> Answer<Option<Envelope>> {
        let body = match row.kind.as_str() {
            "request.state" => self.word_on(&row.subject).await?.map(serde_json::to_value),
            "request.ask" => match self.store().node_request(&row.subject).await.map_err(internal)? {
                Some(asked) => Some(serde_json::to_value(AskBody {
                    terms: crate::share::terms(&asked.terms)?,
                    department: crate::message::department_title(city, &asked.department),
                    resource: asked.resource,
                    reason: asked.reason,
                    who: asked.who,
                })),
                None => None,
            },
            // Written with the act itself.
            _ => return Ok(row.body.as_deref().map(serde_json::from_str).transpose().map_err(internal)?),
        };
        let Some(body) = body.transpose().map_err(internal)? else { return Ok(None) };
        Ok(Some(self.envelope(city, node, &row.id, &row.kind, &row.subject, row.time, body)))
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn envelope(&self, city: &City, node: &Neighbour, id: &str, kind: &str, subject: &str, time: Moment, body: Value) -> Envelope {
        Envelope {
            version: VERSION,
            id: id.to_owned(),
            kind: kind.to_owned(),
            from: city.info.division.clone(),
            to: node.division.clone(),
            time: time.rfc3339(),
            subject: subject.to_owned(),
            body,
        }
    }
}

/// What is wrong, as the queue tells it.
fn told(error: DeskError) -> Text {
    match error {
        DeskError::Invalid(text) | DeskError::Forbidden(text) | DeskError::Conflict(text) | DeskError::Busy(text) | DeskError::TooMany { text, .. } => text,
        _ => unknown_answer(),
    }
}

fn unknown_answer() -> Text {
    Text::new("对方的答复无法识别。", "The other node's answer is not known here.")
}

fn gone() -> Text {
    Text::new("该节点已不再声明。", "The node is no longer declared.")
}
