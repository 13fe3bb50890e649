//! Envelopes that come in: signed by a neighbour (the door has seen to that), meant for us, and applied once. What is refused for
//! good is answered, and answered the same again; what cannot be applied yet is not taken, and will come again.

use data::City;
use data::declare::{Neighbour, Resource};
use data::share::{RequestState, Terms};
use kernel::{Moment, Text};
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::node::{Effect, InboxRow, Taken};
use store::share::{RequestActRow, RequestRow, Settled};

use super::envelope::{ActBody, AskBody, ENVELOPE_MAX, Envelope, Outcome, Reply, RequestWord, VERSION, is_id};
use crate::account::hex;
use crate::authority::object;
use crate::share::{Caller, due, invalid, of_terms, said, state};
use crate::{Answer, Desk, DeskError, internal};

/// How often an envelope is tried whose request changes at the same moment.
const TRIES: u32 = 5;

/// What an envelope brings about, and what is answered.
type Brought = (Effect, Reply);

impl Desk {
    /// Takes the envelope of a neighbour and answers it, as JSON. However often it comes, it is applied once and answered the same.
    pub async fn receive_envelope(&self, caller: &Caller, bytes: &[u8], now: Moment) -> Answer<String> {
        let Caller::Node { id, .. } = caller else {
            return Err(DeskError::Forbidden(Text::new("只有协议节点可以投递信封。", "Only nodes of an agreement post envelopes.")));
        };
        let city = self.city();
        let node = city.nodes.get(id).ok_or(DeskError::NotFound)?;
        let digest = hex(&Sha256::digest(bytes));
        let envelope = match self.addressed(&city, node, bytes, now) {
            Ok(envelope) => envelope,
            Err((word, text)) => return Err(self.refuse_envelope(caller, node, word, &digest, text, now).await),
        };
        for _ in 0..TRIES {
            if let Some(before) = self.store().taken_envelope(&node.id, &envelope.id).await.map_err(internal)? {
                return self.again(caller, node, before, &digest, now).await;
            }
            let (effect, reply) = self.brought(&city, node, &envelope, now).await?;
            let answer = serde_json::to_string(&reply).map_err(internal)?;
            let detail = json!({ "kind": envelope.kind, "request": envelope.subject, "envelope": envelope.id, "sha256": digest,
                "outcome": reply.outcome, "why": reply.why, "state": reply.word.as_ref().map(|word| &word.state), "number": number(&effect) });
            let row = InboxRow {
                node: node.id.clone(),
                id: envelope.id.clone(),
                kind: envelope.kind.clone(),
                subject: envelope.subject.clone(),
                digest: digest.clone(),
                time: now,
                answer: answer.clone(),
            };
            let lent = match &effect {
                Effect::Ask(request, _, Some(_)) => Some(request.resource.clone()),
                _ => None,
            };
            let store = self.logging_as(caller.actor(), "node.receive", &object(crate::log::NODE, &node.id), detail);
            match store.receive_envelope(row, effect).await.map_err(internal)? {
                Taken::Done => {
                    if let Some(resource) = lent {
                        self.prepare_copy(&resource);
                    }
                    return Ok(answer);
                }
                Taken::Again(before) => return self.again(caller, node, before, &digest, now).await,
                Taken::Missed => {}
            }
        }
        Err(DeskError::Busy(Text::new("这份申请正在变化，请稍后再投。", "The request is changing; post it again later.")))
    }

    /// The envelope, if it is one, from who has signed it, to us, under an agreement that holds.
    fn addressed(&self, city: &City, node: &Neighbour, bytes: &[u8], now: Moment) -> Result<Envelope, (&'static str, Text)> {
        let form = || ("form", Text::new("信封的格式不对。", "This is no envelope."));
        let envelope: Envelope = Some(bytes).filter(|bytes| bytes.len() <= ENVELOPE_MAX).and_then(|bytes| serde_json::from_slice(bytes).ok()).ok_or_else(form)?;
        if envelope.version != VERSION || !is_id(&envelope.id) || !is_id(&envelope.subject) {
            return Err(form());
        }
        if envelope.from != node.division || envelope.to != city.info.division {
            return Err(("misdirected", Text::new("信封不是由签名者发给本节点的。", "The envelope is not from who signed it to this node.")));
        }
        if !self.holds(node, now) {
            return Err(("agreement", Text::new("两市的协议现在无效。", "The agreement between the cities does not hold now.")));
        }
        Ok(envelope)
    }

    async fn refuse_envelope(&self, caller: &Caller, node: &Neighbour, word: &str, digest: &str, text: Text, now: Moment) -> DeskError {
        let refused = DeskError::Forbidden(text);
        let subject = crate::log::subject(crate::log::NODE, &node.id);
        if !self.tells_refusal(&subject, now) {
            return refused;
        }
        let leaf = self.leaf(caller.actor(), "node.refuse", &subject, json!({ "act": "envelope", "why": word, "sha256": digest }));
        self.store().log(leaf).await.map_or_else(internal, |()| refused)
    }

    /// It has come before: the same answer again; other bytes under its id are not it.
    async fn again(&self, caller: &Caller, node: &Neighbour, before: InboxRow, digest: &str, now: Moment) -> Answer<String> {
        if before.digest == digest {
            return Ok(before.answer);
        }
        let text = Text::new("同一编号的信封已经收到过，内容不同。", "Another envelope of this id has come before.");
        Err(self.refuse_envelope(caller, node, "altered", digest, text, now).await)
    }

    async fn brought(&self, city: &City, node: &Neighbour, envelope: &Envelope, now: Moment) -> Answer<Brought> {
        match envelope.kind.as_str() {
            "request.ask" => self.asked_by(city, node, envelope, now).await,
            "request.withdraw" | "request.dispute" => self.acted_by(city, node, envelope, now).await,
            "request.state" => self.decided_by(node, envelope).await,
            _ => Ok(refused(envelope, Text::new("本节点不认识这种信封。", "This node does not know envelopes of this kind."))),
        }
    }

    /// A neighbour asks for a resource of ours.
    async fn asked_by(&self, city: &City, node: &Neighbour, envelope: &Envelope, now: Moment) -> Answer<Brought> {
        let Some(body) = body::<AskBody>(envelope) else { return Ok(refused(envelope, unreadable())) };
        let offered = city.resources.get(&body.resource).filter(|one| node.offers(city, one));
        let Some((wanted, provider)) = offered.and_then(|one| Some((one, city.provider(one)?))) else {
            return Ok(refused(envelope, Text::new("协议不包括这个资源。", "The agreement does not include this resource.")));
        };
        if self.store().request(&envelope.subject).await.map_err(internal)?.is_some() {
            return Ok(refused(envelope, Text::new("这个编号已有申请。", "There is a request of this id already.")));
        }
        let today = self.day(now);
        let settled = agreed(city, node, wanted, &body, today).and_then(|terms| of_terms(city, wanted, &terms).map(|_| terms));
        let terms = match (settled, said(&body.reason)) {
            (Ok(terms), Ok(_)) => terms,
            (Err(DeskError::Invalid(why)), _) | (_, Err(DeskError::Invalid(why))) => return Ok(refused(envelope, why)),
            (Err(other), _) | (_, Err(other)) => return Err(other),
        };
        let kept = serde_json::to_string(&terms).map_err(internal)?;
        let request = RequestRow {
            id: envelope.subject.clone(),
            resource: body.resource.clone(),
            provider: provider.id.clone(),
            department: node.department(),
            account: node.department(),
            terms: kept.clone(),
            reason: body.reason.trim().to_owned(),
            state: RequestState::Asked.word().to_owned(),
            due: due(city, today, city.info.share.decide_days),
            asked: now,
            renews: None,
            lent: None,
        };
        let told = |act: &str, who: String, words: &str| RequestActRow { act: act.to_owned(), who, words: words.to_owned(), time: now };
        let asked = told("asked", who(&body), body.reason.trim());
        let (mut acts, mut state) = (vec![asked.clone()], RequestState::Asked);
        let at_once = terms.at_once(wanted).then(|| Settled {
            request: request.id.clone(),
            from: RequestState::Asked.word(),
            to: RequestState::Granted.word(),
            due: String::new(),
            told: told("granted", String::new(), ""),
            grant: Some(self.new_grant(city, &request, kept, &terms, now)),
        });
        if let Some(settled) = &at_once {
            acts.push(settled.told.clone());
            state = RequestState::Granted;
        }
        let due = if at_once.is_some() { "" } else { request.due.as_str() };
        let word = RequestWord::of(state.word(), due, &acts, at_once.as_ref().and_then(|settled| settled.grant.as_ref()))?;
        let reply = Reply { id: envelope.id.clone(), outcome: Outcome::Done, why: None, word: Some(word) };
        Ok((Effect::Ask(request, asked, at_once), reply))
    }

    /// A neighbour takes its request back, or does not accept a refusal.
    async fn acted_by(&self, city: &City, node: &Neighbour, envelope: &Envelope, now: Moment) -> Answer<Brought> {
        let Some(body) = body::<ActBody>(envelope) else { return Ok(refused(envelope, unreadable())) };
        let request = self.store().request(&envelope.subject).await.map_err(internal)?.filter(|row| row.department == node.department());
        let Some(request) = request else {
            if self.store().taken_envelope(&node.id, &envelope.subject).await.map_err(internal)?.is_some() {
                return Ok(refused(envelope, Text::new("这份申请没有被受理。", "The request itself was not taken.")));
            }
            // What it is about may be on its way still, however envelopes overtake each other.
            return Err(DeskError::Busy(Text::new("还没有收到这份申请，请稍后再投。", "The request itself has not come yet; post this again later.")));
        };
        let from = state(&request.state);
        let withdraws = envelope.kind == "request.withdraw";
        let fits = if withdraws { from.waits() } else { from == RequestState::Refused && said(&body.words).is_ok() };
        if !fits {
            let why = Text::new("申请已处于其他状态。", "The request stands elsewhere by now.");
            let word = self.word_on(&request.id).await?;
            return Ok((Effect::Nothing, Reply { id: envelope.id.clone(), outcome: Outcome::Refused, why: Some(why), word }));
        }
        let (to, days) = if withdraws { (RequestState::Withdrawn, None) } else { (RequestState::Disputed, Some(city.info.share.objection_days)) };
        let due = days.map_or_else(String::new, |days| due(city, self.day(now), days));
        let who = format!("{} · {}", node.title, short(&body.who));
        let told = RequestActRow { act: to.word().to_owned(), who, words: body.words.trim().to_owned(), time: now };
        let mut acts = self.store().request_acts(&request.id).await.map_err(internal)?;
        acts.push(told.clone());
        let word = RequestWord::of(to.word(), &due, &acts, None)?;
        let settled = Settled { request: request.id.clone(), from: from.word(), to: to.word(), due, told, grant: None };
        Ok((Effect::Settle(settled), Reply { id: envelope.id.clone(), outcome: Outcome::Done, why: None, word: Some(word) }))
    }

    /// A neighbour tells what became of our request.
    async fn decided_by(&self, node: &Neighbour, envelope: &Envelope) -> Answer<Brought> {
        let Some(word) = body::<RequestWord>(envelope).filter(|word| RequestState::of(&word.state).is_some()) else { return Ok(refused(envelope, unreadable())) };
        let ours = self.store().node_request(&envelope.subject).await.map_err(internal)?.is_some_and(|request| request.node == node.id);
        if !ours {
            return Ok(refused(envelope, Text::new("本节点没有这份申请。", "This node has no such request.")));
        }
        Ok((Effect::Word(word.kept()?), Reply { id: envelope.id.clone(), outcome: Outcome::Done, why: None, word: None }))
    }
}

/// The terms in order, if the agreement has room for them.
fn agreed(city: &City, node: &Neighbour, wanted: &Resource, body: &AskBody, today: jiff::civil::Date) -> Answer<Terms> {
    let terms = body.terms.clone().settled(city, wanted, today).map_err(DeskError::Invalid)?;
    if let Some(channel) = terms.channels.iter().find(|channel| !node.channels.contains(channel)) {
        let title = channel.title();
        return Err(invalid(format!("协议不含“{}”方式。", title.zh), format!("The agreement does not include the channel “{}”.", title.en)));
    }
    if !node.purposes.contains(&terms.purpose) {
        let title = terms.purpose.title();
        return Err(invalid(format!("协议不含“{}”用途。", title.zh), format!("The agreement does not include the purpose “{}”.", title.en)));
    }
    match terms.until > node.until {
        true => Err(invalid(format!("期限不能晚于协议的最后一天 {}。", node.until), format!("The period ends on the agreement's last day, {}, at the latest.", node.until))),
        false => Ok(terms),
    }
}

fn who(body: &AskBody) -> String {
    format!("{} · {}", short(&body.department.zh), short(&body.who))
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

fn body<T: DeserializeOwned>(envelope: &Envelope) -> Option<T> {
    serde_json::from_value(envelope.body.clone()).ok()
}

fn refused(envelope: &Envelope, why: Text) -> Brought {
    (Effect::Nothing, Reply { id: envelope.id.clone(), outcome: Outcome::Refused, why: Some(why), word: None })
}

fn unreadable() -> Text {
    Text::new("信封的内容无法识别。", "What the envelope says is not known here.")
}

/// Of a word on a request of ours, its number.
fn number(effect: &Effect) -> Option<u64> {
    if let Effect::Word(word) = effect { Some(word.number) } else { None }
}
