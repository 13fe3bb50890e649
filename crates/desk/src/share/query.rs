//! 查询: rows under a grant. The answer is made, told in the log with its hash, and only then given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use data::declare::Kind;
use data::grade::InfoType;
use data::share::Channel;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use serving::{Copy, Question, ServingError, Value};
use sha2::{Digest, Sha256};
use store::share::NewRead;

use super::door::{Call, Pass};
use super::{Caller, question};
use crate::account::hex;
use crate::log::Actor;
use crate::{Answer, Desk, DeskError, internal};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// A query that takes longer asks for what no index answers.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// An answer under a grant, told in the log.
#[derive(Clone, Debug)]
pub struct Lending {
    /// JSON.
    pub body: Vec<u8>,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// The place of its leaf in the log.
    pub leaf: u64,
}

/// What an answer is made under, as it says itself.
#[derive(Serialize)]
pub(super) struct Heading<'a> {
    grant: &'a str,
    resource: &'a str,
    /// Random: with it the hashes in the log tell nothing to who does not have the answer.
    nonce: String,
    /// The newest batch of the table that is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<i64>,
    /// What the service was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'a str>,
}

/// What is told of an answer, besides who reads under which grant.
pub(super) struct Told<'a> {
    pub channel: Channel,
    pub call: &'a Call,
    pub heading: &'a Heading<'a>,
    /// What was asked, as one text.
    pub canonical: &'a str,
    pub rows: u64,
    /// Whom it is about.
    pub subjects: Subjects,
    /// Of a file of all rows: its number under the grant, by which whom it is about was noted.
    pub file: Option<u64>,
    /// How long a service took, in milliseconds.
    pub millis: Option<u64>,
}

/// Keyed hashes of ids, with how many rows are about each; 0 where one was asked for in vain.
pub(super) type Subjects = BTreeMap<[u8; 16], u64>;

#[derive(Serialize)]
struct Answered<'a> {
    #[serde(flatten)]
    heading: &'a Heading<'a>,
    /// Of all rows that the query finds, where it asks so.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// The offset of the next page, where there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
    rows: Vec<Map<String, Json>>,
}

impl Desk {
    /// An application or an officer: rows under a grant, by the keys and filters of `parameters`.
    pub async fn lent_rows(&self, caller: &Caller, grant: &str, call: &Call, parameters: &[(String, String)], now: Moment) -> Answer<Lending> {
        let pass = self.pass(caller, grant, Channel::Query, call, now).await?;
        if pass.city.is_service(&pass.resource) {
            return Err(super::invalid("这是实时服务：请用 call/操作 调用。", "This is a service asked in real time: use call/OPERATION."));
        }
        let asked = question::read(&pass, parameters)?;
        let copy = self.copy_for_answer(&pass.resource.id)?;
        let (limit, offset) = (asked.question.limit.unwrap_or(u64::MAX), asked.question.offset);
        let (batch, page) = ask(copy, asked.question).await?;
        let heading = self.heading(&pass, Some(batch));
        let shown = pass.terms.items.len();
        let mut subjects = self.subjects_of_keys(&pass, &asked.keys);
        for row in &page.rows {
            note_row(&self.0.secret, &pass, row.get(shown..).unwrap_or_default(), |digest| *subjects.entry(digest).or_default() += 1);
        }
        let rows: Vec<Map<String, Json>> = page.rows.into_iter().map(|row| shown_row(&pass, row)).collect();
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let answered = Answered { heading: &heading, total: page.total, next: (count == limit && limit > 0).then(|| offset.saturating_add(count)), rows };
        let body = serde_json::to_vec(&answered).map_err(internal)?;
        let told = Told { channel: Channel::Query, call, heading: &heading, canonical: &asked.canonical, rows: count, subjects, file: None, millis: None };
        self.tell_read(caller, &pass, told, body).await
    }

    pub(super) fn heading<'p>(&self, pass: &'p Pass, batch: Option<i64>) -> Heading<'p> {
        let mut nonce = [0; 16];
        self.fill(&mut nonce);
        Heading { grant: &pass.grant.id, resource: &pass.resource.id, nonce: hex(&nonce), batch, operation: None }
    }

    /// Tells the log of an answer, and gives it.
    pub(super) async fn tell_read(&self, caller: &Caller, pass: &Pass, told: Told<'_>, body: Vec<u8>) -> Answer<Lending> {
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let leaf = self.tell_answer(caller, pass, told, &digest).await?;
        Ok(Lending { body, digest, leaf })
    }

    /// Tells the log of an answer with this SHA-256; its leaf's place there. Refused where the day has no room for it.
    pub(super) async fn tell_answer(&self, caller: &Caller, pass: &Pass, told: Told<'_>, digest: &[u8; 32]) -> Answer<u64> {
        let channel = told.channel;
        let mut detail = answered(pass, channel, told.heading.batch, told.rows, digest);
        asked(&mut detail, &told);
        let daily = pass.daily;
        let read = NewRead {
            case: told.call.case.clone(),
            file: told.file,
            calls_most: daily.calls,
            rows_most: daily.rows,
            millis: told.millis,
            ..self.new_read(pass, channel, caller.actor(), told.rows, told.subjects)
        };
        let leaf = self.leaf(caller.actor(), "read.grant", &crate::log::subject("grant", &pass.grant.id), Json::Object(detail));
        match self.store().add_read(leaf, read).await.map_err(internal)? {
            Some(leaf) => Ok(leaf),
            None => Err(self.beyond_quota(caller, pass, channel, self.now()).await?),
        }
    }

    /// Tells the log that a service was asked and gave no answer, and whom it was asked about.
    pub(super) async fn tell_failed(&self, caller: &Caller, pass: &Pass, told: Told<'_>, why: &str) -> Answer<()> {
        let mut detail = answered(pass, told.channel, None, 0, &[0; 32]);
        // There was no answer to hash.
        detail.remove("answer");
        detail.insert("failed".to_owned(), Json::from(why));
        asked(&mut detail, &told);
        let read = NewRead { case: told.call.case.clone(), failed: true, millis: told.millis, ..self.new_read(pass, told.channel, caller.actor(), 0, told.subjects) };
        let leaf = self.leaf(caller.actor(), "read.grant", &crate::log::subject("grant", &pass.grant.id), Json::Object(detail));
        self.store().add_read(leaf, read).await.map(drop).map_err(internal)
    }

    /// A reading as it is kept beside its leaf.
    pub(super) fn new_read(&self, pass: &Pass, channel: Channel, actor: Actor<'_>, rows: u64, subjects: Subjects) -> NewRead {
        let (now, days) = (self.now(), i64::from(pass.terms.told_after));
        NewRead {
            lent: pass.grant.id.clone(),
            channel: channel.word(),
            caller: actor.id(),
            rows,
            day: self.day(now).to_string(),
            case: None,
            told: (days > 0).then(|| Moment(now.0 + days * DAY)),
            file: None,
            subjects: subjects.into_iter().collect(),
            calls_most: None,
            rows_most: None,
            failed: false,
            millis: None,
        }
    }

    /// Whom the keys of a question name.
    pub(super) fn subjects_of_keys(&self, pass: &Pass, keys: &[(String, String)]) -> Subjects {
        let names = |(item, id): &(String, String)| {
            let (_, info) = pass.about.iter().find(|(name, _)| name == item)?;
            Some((self.subject_digest(*info, id)?, 0))
        };
        keys.iter().filter_map(names).collect()
    }

    /// Whom an id names, as a keyed hash.
    pub(crate) fn subject_digest(&self, info: InfoType, id: &str) -> Option<[u8; 16]> {
        digest_of(&self.0.secret, info, id)
    }
}

/// Tells each whom a row is about, once: `ids` are the values of the grant's [`Pass::about`], in their order.
pub(super) fn note_row(secret: &[u8], pass: &Pass, ids: &[Value], note: impl FnMut([u8; 16])) {
    let there = pass.about.iter().zip(ids).filter(|(_, id)| !id.is_null());
    let named: BTreeSet<[u8; 16]> = there.filter_map(|((_, info), id)| digest_of(secret, *info, &id.text())).collect();
    named.into_iter().for_each(note);
}

/// However a number is written, it names the same.
fn digest_of(secret: &[u8], info: InfoType, id: &str) -> Option<[u8; 16]> {
    let kind = if info == InfoType::CompanyId { Kind::Uscc } else { Kind::CitizenId };
    let id = data::standard::canonical(kind, id).unwrap_or_else(|_| id.trim().to_ascii_uppercase());
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).ok()?;
    mac.update(b"sanjiang subject 1\n");
    mac.update(info.name().as_bytes());
    mac.update(b"\n");
    mac.update(id.as_bytes());
    mac.finalize().into_bytes().first_chunk().copied()
}

/// What the log tells of an answer, whichever way it was given.
pub(super) fn answered(pass: &Pass, channel: Channel, batch: Option<i64>, rows: u64, digest: &[u8; 32]) -> Map<String, Json> {
    let mut told = Map::new();
    let items: Vec<&str> = pass.terms.items.iter().map(|item| item.name.as_str()).collect();
    let fields = [
        ("resource", json!(pass.resource.id)),
        ("channel", json!(channel)),
        ("purpose", json!(pass.terms.purpose)),
        ("items", json!(items)),
        ("rows", json!(rows)),
        ("answer", json!(hex(digest))),
    ];
    told.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    told.extend(batch.map(|batch| ("batch".to_owned(), json!(batch))));
    told
}

/// The question, hashed behind the answer's nonce, so that who reads the log cannot try ids.
fn asked(detail: &mut Map<String, Json>, told: &Told<'_>) {
    let query = Sha256::digest([told.heading.nonce.as_bytes(), b"\n", told.canonical.as_bytes()].concat());
    detail.insert("case".to_owned(), json!(told.call.case));
    detail.insert("query".to_owned(), Json::from(hex(&query)));
    detail.extend(told.heading.operation.map(|operation| ("operation".to_owned(), json!(operation))));
}

/// Asks a copy where blocking is allowed, within the deadline.
pub(super) async fn ask(copy: Arc<Copy>, question: Question) -> Answer<(i64, serving::Page)> {
    let asked = move || {
        let copy = copy.within(DEADLINE);
        // Rows that come between the two are newer than is said, never older.
        Ok((copy.mark()?.batch, copy.rows(&question)?))
    };
    tokio::task::spawn_blocking(asked).await.map_err(internal)?.map_err(refusal)
}

/// What a copy cannot answer, as the caller is told.
pub(super) fn refusal(error: ServingError) -> DeskError {
    match error {
        ServingError::TooLong => DeskError::Invalid(Text::new(
            "查询超时：请按必填查询项或主键缩小范围。",
            "The query took too long: ask by keys, or for less.",
        )),
        other => crate::asked::refusal(other),
    }
}

/// A row as it is lent: values in their kinds, masked ones as texts.
fn shown_row(pass: &Pass, row: Vec<Value>) -> Map<String, Json> {
    pass.terms.items.iter().map(|item| item.name.clone()).zip(lent_values(pass, &row)).collect()
}

/// The values of the items in their order, as they are lent.
pub(super) fn lent_values<'r>(pass: &'r Pass, row: &'r [Value]) -> impl Iterator<Item = Json> + 'r {
    pass.terms.items.iter().zip(row).map(|(item, value)| match (item.whole, value.is_null()) {
        (_, true) => Json::Null,
        (true, _) => serde_json::to_value(value).unwrap_or_default(),
        (false, _) => pass.veil.cell(&item.name, Some(value.text())).map_or(Json::Null, Json::String),
    })
}

/// By what a row is known under a grant: a keyed hash of its key. A row that the grant's condition leaves out may be told as
/// removed, and this tells nothing of it.
pub(super) fn row_key(secret: &[u8], pass: &Pass, key: &[Value]) -> Json {
    let texts: Vec<String> = key.iter().map(Value::text).collect();
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else { return Json::Null };
    mac.update(b"sanjiang row 1\n");
    mac.update(pass.grant.id.as_bytes());
    mac.update(&serde_json::to_vec(&texts).unwrap_or_default());
    Json::String(hex(mac.finalize().into_bytes().get(..16).unwrap_or_default()))
}
