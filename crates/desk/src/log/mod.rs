//! The log of acts: what is done, by whom, to what, as leaves of a tamper-evident tree. An act shares the transaction with its
//! leaf that makes it one: rows that land are told of when the control store learns that they have, which recovery after a crash
//! makes sure of. Only what leaves no mark there (a decision in a register's file, a declaration, a start in the background) is
//! told before it begins, and a reading before its answer is given.

pub mod key;
mod program;
mod publish;
mod receipt;
mod retain;
mod verify;
mod view;
mod witness;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{NewLeaf, Store};

pub use publish::Published;
pub(crate) use publish::Publisher;
pub use receipt::{Checked, Receipt};
pub use store::LeafFilter as LogFilter;
pub use verify::{LogFault, LogReport, LogVerification, verify};
pub use view::{LeafDetail, LeafView, LogPage, LogState};

use crate::account::hex;
use crate::authority::Object;
use crate::view::Account;
use crate::{Answer, Desk, internal};

/// Form of what is hashed; a change of it is a new number.
const VERSION: u32 = 1;
/// Longest text of a detail, in characters; what follows is told by its hash.
const TEXT_MAX: usize = 4_000;
/// Most entries of a list in a detail.
const LIST_MAX: usize = 200;
/// Longest entry, in bytes; a log of tiles has room for 65,535.
const ENTRY_MAX: usize = 60_000;

/// The act of letting entries go.
const RETAIN: &str = "log.forget";

/// Who tells of what a dead process had done.
pub(crate) const RECOVERY: &str = "recovery";

/// What applications are found by.
const APPLICATION: &str = "application";
/// And those of the public.
const APP: &str = "app";
/// And nodes of other cities.
pub(crate) const NODE: &str = "node";

/// Who acts.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    Person(&'a Account),
    /// A program of a department, known by its key.
    Application { id: &'a str, name: &'a str, department: &'a str },
    /// A registered application of open data, known by its key.
    App { id: &'a str, name: &'a str },
    /// The node of another city, known by its signature.
    Node { id: &'a str, department: &'a str },
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
    pub(crate) fn id(&self) -> String {
        match self {
            Actor::Application { id, .. } => format!("{APPLICATION}/{id}"),
            Actor::App { id, .. } => subject(APP, id),
            Actor::Node { id, .. } => subject(NODE, id),
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
    /// Random, so that nobody finds out by trying what a hash stands for.
    salt: String,
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
    /// Whether it acted with the rights of an emergency.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    emergency: bool,
}

impl Desk {
    /// The store, whose next write is this act: it becomes durable with its leaf or not at all. Refused to who may not do it.
    pub(crate) async fn logging(&self, who: &Account, act: &str, object: &Object, detail: Value) -> Answer<Store> {
        self.may(who, act, object).await?;
        Ok(self.store().logging(self.leaf(who.into(), act, &object.subject, detail)))
    }

    /// The same for what the program does by itself, and at the end of what was allowed at its beginning.
    pub(crate) fn logging_as<'a>(&self, who: impl Into<Actor<'a>>, act: &str, object: &Object, detail: Value) -> Store {
        self.store().logging(self.leaf(who.into(), act, &object.subject, detail))
    }

    /// Tells of an act whose effect lies elsewhere, before it begins; or of a reading, before its answer is given. Refused to
    /// who may not do it.
    pub(crate) async fn log(&self, who: &Account, act: &str, object: &Object, detail: Value) -> Answer<()> {
        self.may(who, act, object).await?;
        self.store().log(self.leaf(who.into(), act, &object.subject, detail)).await.map_err(internal)
    }

    /// Refuses what could not be told: for acts that are told of at their end, when they can no longer be refused.
    pub(crate) fn can_log(&self) -> Answer<()> {
        self.store().can_log().map_err(internal)
    }

    pub(crate) fn leaf(&self, who: Actor<'_>, act: &str, subject: &str, detail: Value) -> NewLeaf {
        debug_assert!(crate::act::find(act).is_some(), "{act} is no act");
        let time = self.now();
        let mut salt = [0; 16];
        self.fill(&mut salt);
        let (name, department, emergency) = match who {
            // The log names no citizen: the account's id is enough.
            Actor::Person(account) => (account.person.is_none().then_some(account.name.as_str()), account.department.as_deref(), account.emergency.is_some()),
            Actor::Application { name, department, .. } => (Some(name), Some(department), false),
            Actor::App { name, .. } => (Some(name), None, false),
            Actor::Node { department, .. } => (None, Some(department), false),
            Actor::Program(_) => (None, None, false),
        };
        let entry = Entry {
            version: VERSION,
            salt: hex(&salt),
            time: time.rfc3339(),
            actor: EntryActor { id: who.id(), name, department, emergency },
            act,
            subject,
            detail: shortened(detail),
        };
        let bytes = bytes_of(entry);
        NewLeaf { time, actor: who.id(), act: act.to_owned(), subject: subject.to_owned(), entry: bytes }
    }
}

/// The bytes that are hashed, which fit whatever the detail is. Texts and numbers only: writing them cannot fail.
fn bytes_of(mut entry: Entry<'_>) -> Vec<u8> {
    let bytes = serde_json::to_vec(&entry).unwrap_or_default();
    if bytes.len() <= ENTRY_MAX {
        return bytes;
    }
    let detail = entry.detail.to_string();
    entry.detail = serde_json::json!({ "bytes": detail.len(), "sha256": hex(&Sha256::digest(detail.as_bytes())) });
    serde_json::to_vec(&entry).unwrap_or_default()
}

/// The same with long texts and lists cut; what was cut off is told by the hash of the whole.
fn shortened(detail: Value) -> Value {
    let hash = |whole: &[u8]| hex(&Sha256::digest(whole));
    match detail {
        Value::String(text) if text.chars().count() > TEXT_MAX => {
            let kept: String = text.chars().take(TEXT_MAX).collect();
            Value::String(format!("{kept}… (SHA-256 {})", hash(text.as_bytes())))
        }
        Value::Array(entries) if entries.len() > LIST_MAX => {
            let whole = hash(&serde_json::to_vec(&entries).unwrap_or_default());
            let (count, kept): (usize, Vec<Value>) = (entries.len(), entries.into_iter().take(LIST_MAX).collect());
            serde_json::json!({ "first": kept, "count": count, "sha256": whole })
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, shortened(value))).collect(),
        other => other,
    }
}

/// How what is acted on is named: `resource/bus_stops`.
pub(crate) fn subject(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}
