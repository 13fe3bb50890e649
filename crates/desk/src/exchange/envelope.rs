//! What stands in envelopes and in the answers to them. The form is a contract with other versions: fields are only added.

use data::share::Terms;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::node::Word;
use store::share::{GrantRow, RequestActRow};

use crate::{Answer, internal};

/// Form of envelopes.
pub(super) const VERSION: u32 = 1;
/// Longest envelope, in bytes.
pub(super) const ENVELOPE_MAX: usize = 64 << 10;
/// Acts of a request that are told.
const ACTS_MAX: usize = 100;

/// One message between two nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    pub version: u32,
    /// The same however often it is sent; applied once.
    pub id: String,
    /// `request.ask`, `request.withdraw`, `request.dispute`, `request.state`.
    pub kind: String,
    /// Division codes of the two cities.
    pub from: String,
    pub to: String,
    /// When it happened, RFC 3339.
    pub time: String,
    /// The request that it is about: its id is the same on both sides.
    pub subject: String,
    pub body: Value,
}

/// Body of `request.ask`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AskBody {
    pub resource: String,
    pub terms: Terms,
    pub reason: String,
    /// The department that asks, and who asks in its name.
    pub department: Text,
    pub who: String,
}

/// Body of `request.withdraw` and `request.dispute`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ActBody {
    pub who: String,
    #[serde(default)]
    pub words: String,
}

/// The provider's word on a request: all of it, so that an older one may be lost or come late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestWord {
    pub state: String,
    /// Later words have greater numbers.
    pub number: u64,
    pub due: String,
    pub acts: Vec<WordAct>,
    pub grant: Option<GrantWord>,
}

/// One thing done about a request there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordAct {
    pub act: String,
    pub who: String,
    pub words: String,
    pub time: String,
}

/// The grant that a request led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantWord {
    pub id: String,
    pub terms: Terms,
    pub since: String,
    /// The last moment at which it holds.
    pub until: String,
    pub ended: Option<String>,
    pub ended_why: Option<String>,
}

/// What became of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// Understood, and refused for good; `why` says why.
    Refused,
}

/// The answer to an envelope; the same each time it comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub id: String,
    pub outcome: Outcome,
    pub why: Option<Text>,
    /// Of a request that is known there.
    pub word: Option<RequestWord>,
}

impl RequestWord {
    /// From what stands here.
    pub(super) fn of(state: &str, due: &str, acts: &[RequestActRow], grant: Option<&GrantRow>) -> Answer<RequestWord> {
        let act = |row: &RequestActRow| WordAct { act: row.act.clone(), who: row.who.clone(), words: row.words.clone(), time: row.time.rfc3339() };
        let ended = grant.is_some_and(|grant| grant.ended.is_some());
        Ok(RequestWord {
            state: state.to_owned(),
            number: acts.len() as u64 * 2 + u64::from(ended),
            due: due.to_owned(),
            acts: acts.iter().take(ACTS_MAX).map(act).collect(),
            grant: grant.map(GrantWord::of).transpose()?,
        })
    }

    /// As the store keeps it.
    pub(super) fn kept(&self) -> Answer<Word> {
        Ok(Word { state: self.state.clone(), number: self.number, word: serde_json::to_string(self).map_err(internal)? })
    }

    /// A refusal of the envelope itself: nobody there has the request.
    pub(super) fn rejected(why: &Text, time: Moment) -> RequestWord {
        let act = WordAct { act: "rejected".to_owned(), who: String::new(), words: format!("{} / {}", why.zh, why.en), time: time.rfc3339() };
        RequestWord { state: "rejected".to_owned(), number: 1, due: String::new(), acts: vec![act], grant: None }
    }
}

impl GrantWord {
    fn of(row: &GrantRow) -> Answer<GrantWord> {
        Ok(GrantWord {
            id: row.id.clone(),
            terms: crate::share::terms(&row.terms)?,
            since: row.since.rfc3339(),
            until: row.until.rfc3339(),
            ended: row.ended.map(|ended| ended.rfc3339()),
            ended_why: row.ended_why.clone(),
        })
    }
}

/// A moment as it was told; what is none is long ago.
pub(super) fn moment(text: &str) -> Moment {
    text.parse().map_or(Moment(0), Moment::from_jiff)
}

/// Whether a word may be an id: what ids are made of, and no longer.
pub(super) fn is_id(word: &str) -> bool {
    (1..=100).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
