//! The log of acts: what is done, by whom, to what, as leaves of a tamper-evident tree. An act whose effect lies in the control
//! store shares its transaction with its leaf. One whose effect lies elsewhere is told before it begins, and a reading before
//! its answer is given: evidence without an effect is possible after a crash, an effect without evidence is not.

use kernel::Moment;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{NewLeaf, Store};

use crate::account::hex;
use crate::view::Account;
use crate::{Answer, Desk, internal};

/// Form of what is hashed; a change of it is a new number.
const VERSION: u32 = 1;
/// Longest text of a detail, in characters; what follows is told by its hash.
const TEXT_MAX: usize = 4_000;

/// Who acts.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    Person(&'a Account),
    /// The program itself: `schedule`, `collection`.
    Program(&'a str),
}

impl<'a> From<&'a Account> for Actor<'a> {
    fn from(account: &'a Account) -> Actor<'a> {
        Actor::Person(account)
    }
}

impl<'a> From<&'a str> for Actor<'a> {
    fn from(word: &'a str) -> Actor<'a> {
        Actor::Program(word)
    }
}

impl Actor<'_> {
    /// What it is found by. Whoever works on the server itself has no account there.
    fn id(&self) -> String {
        match self {
            Actor::Person(account) if account.id.is_empty() => format!("command/{}", account.name),
            Actor::Person(account) => account.id.clone(),
            Actor::Program(word) => format!("program/{word}"),
        }
    }
}

/// What is hashed, as JSON with its names in this order.
#[derive(Serialize)]
struct Entry<'a> {
    version: u32,
    /// RFC 3339, in UTC.
    time: String,
    actor: EntryActor<'a>,
    act: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Value::is_null")]
    detail: Value,
}

#[derive(Serialize)]
struct EntryActor<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<&'a str>,
}

impl Desk {
    /// The store, whose next write is this act: it becomes durable with its leaf or not at all.
    pub(crate) fn logging<'a>(&self, who: impl Into<Actor<'a>>, act: &str, subject: &str, detail: Value) -> Store {
        self.store().logging(leaf(who.into(), act, subject, detail, self.now()))
    }

    /// Tells of an act whose effect lies elsewhere, before it begins; or of a reading, before its answer is given.
    pub(crate) async fn log<'a>(&self, who: impl Into<Actor<'a>>, act: &str, subject: &str, detail: Value) -> Answer<()> {
        self.store().log(leaf(who.into(), act, subject, detail, self.now())).await.map_err(internal)
    }
}

fn leaf(who: Actor<'_>, act: &str, subject: &str, detail: Value, time: Moment) -> NewLeaf {
    let (name, department) = match who {
        Actor::Person(account) => (Some(account.name.as_str()), account.department.as_deref()),
        Actor::Program(_) => (None, None),
    };
    let entry = Entry {
        version: VERSION,
        time: time.rfc3339(),
        actor: EntryActor { id: who.id(), name, department },
        act,
        subject,
        detail: shortened(detail),
    };
    // Texts and numbers only: this cannot fail.
    let bytes = serde_json::to_vec(&entry).unwrap_or_default();
    NewLeaf { time, actor: who.id(), act: act.to_owned(), subject: subject.to_owned(), entry: bytes }
}

/// The same with long texts cut, and told by their hash.
fn shortened(detail: Value) -> Value {
    match detail {
        Value::String(text) if text.chars().count() > TEXT_MAX => {
            let kept: String = text.chars().take(TEXT_MAX).collect();
            Value::String(format!("{kept}… (SHA-256 {})", hex(&Sha256::digest(text.as_bytes()))))
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, shortened(value))).collect(),
        other => other,
    }
}

/// How what is acted on is named: `resource/bus_stops`.
pub(crate) fn subject(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}
