//! Drift: how a delivery differs from what is declared and from the delivery before, told before anything of it lands.
//!
//! What can be seen at the opening is judged there: columns, forms of values and codes from the first records, the
//! size from what the source says of itself. Removals are judged when the whole delivery has been read.

mod compare;
mod shape;
mod values;

use data::declare::{Contract, OnDrift};
use kernel::Text;
use serde::{Deserialize, Serialize};

pub use compare::{columns, removal, volume};
pub use shape::{Column, Form, Shape};
pub use values::values;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Added,
    Gone,
    Renamed,
    Retyped,
    Codes,
    Duplicates,
    Form,
    Volume,
    /// More rows would be removed than the contract allows.
    Removed,
}

/// One difference, with both sides of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub kind: Kind,
    /// The item or column it is about; empty for the delivery as a whole.
    pub about: String,
    /// The column before and now, as the source names it; empty where there is none.
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    /// What was declared or came before, with examples.
    pub before: Vec<String>,
    /// What comes now, with examples.
    pub now: Vec<String>,
    /// How much of it there is: rows, or 0 where that means nothing.
    pub count: u64,
    /// How far it goes: the share of rows, or the factor by which the size differs. Grows with the difference.
    pub extent: f64,
    pub message: Text,
    /// Whether it holds the delivery.
    pub holds: bool,
}

impl Difference {
    /// Whether an officer who accepted `other` has accepted this one too: the same thing, and no more of it than a tenth.
    pub fn is_covered_by(&self, other: &Difference) -> bool {
        let same = self.kind == other.kind && self.about == other.about;
        let shown = match self.kind {
            Kind::Added | Kind::Gone | Kind::Renamed | Kind::Form => self.now.first() == other.now.first(),
            Kind::Codes => self.now.iter().all(|value| other.now.iter().any(|known| code(known) == code(value))),
            Kind::Retyped | Kind::Duplicates | Kind::Volume | Kind::Removed => true,
        };
        same && shown && self.extent <= other.extent * 1.1
    }
}

/// The code of a line such as `7 × 120`.
fn code(line: &str) -> &str {
    line.rsplit_once(" × ").map_or(line, |(code, _)| code)
}

/// What the contract says about a kind of difference.
fn action(contract: &Contract, kind: Kind) -> OnDrift {
    match kind {
        Kind::Added => contract.added,
        Kind::Gone => contract.gone,
        Kind::Renamed => contract.renamed,
        Kind::Retyped => contract.retyped,
        Kind::Codes => contract.codes,
        Kind::Duplicates => contract.duplicates,
        Kind::Form => contract.form,
        Kind::Volume => contract.volume,
        Kind::Removed => OnDrift::Hold,
    }
}

fn holds(contract: &Contract, kind: Kind) -> bool {
    action(contract, kind) == OnDrift::Hold
}
