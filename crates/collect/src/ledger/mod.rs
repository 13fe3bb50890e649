//! The ledger decides for each row what is new: it lands, replaces an older one, is unchanged, or is refused.
//!
//! A delivery is one file, one snapshot of a table, or one walk through an API; it always begins at its start,
//! so that the ledger sees all of it. Giving a delivery again changes nothing: its rows are known by their hashes.

mod copies;
mod keys;
mod store;

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use data::declare::{OnDuplicate, Resource};
use data::standard::Fault;
use kernel::Text;

use crate::RawBatch;
use crate::check::{Checked, Hash, Version};
use copies::Copies;
use keys::{Keys, Move};

/// What becomes of one row. Counted as landed: `Land`, `Replace`, `Superseded`; as quarantined: `Refused`,
/// `RefusedAgain`, `Refuse`; as unchanged: `Unchanged`. So rows = landed + quarantined + unchanged, always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New: into the raw and the standard table.
    Land,
    /// Newer: into both tables, in place of the standard row with this hash.
    Replace { old_hash: Hash },
    /// A later row of the same batch took its place: into the raw table only.
    Superseded,
    /// Known already, or older than what is known.
    Unchanged,
    /// Refused by the check, for the reasons in [`Checked::refused`]: into the raw table and the quarantine.
    Refused,
    /// As before, and in the quarantine already: it is not stored twice.
    RefusedAgain,
    /// Refused here, for this reason: into the raw table and the quarantine (see [`Checked::refuse`]).
    Refuse(Box<Fault>),
}

impl Verdict {
    /// Whether the row is stored in the raw table.
    pub fn is_stored(&self) -> bool {
        !matches!(self, Verdict::Unchanged | Verdict::RefusedAgain)
    }

    /// Whether the row goes into the standard table.
    pub fn is_current(&self) -> bool {
        matches!(self, Verdict::Land | Verdict::Replace { .. })
    }

    /// Whether the row counts as quarantined.
    pub fn is_refused(&self) -> bool {
        matches!(self, Verdict::Refused | Verdict::RefusedAgain | Verdict::Refuse(_))
    }
}

/// What is known of the rows of one resource. At most 64 bytes a row.
pub struct Ledger {
    rows: Rows,
    refused: HashSet<Hash, BuildHasherDefault<Ready>>,
}

enum Rows {
    Keyed(Keys),
    /// Without a key, equal rows are counted: as many copies are kept as one delivery holds.
    Unkeyed(Copies),
}

impl Ledger {
    /// An empty ledger for a resource as declared.
    pub fn new(resource: &Resource) -> Ledger {
        let keyed = resource.items.iter().any(|item| item.key);
        Ledger::with(keyed, resource.collect.on_duplicate)
    }

    /// An empty ledger for keyed or unkeyed rows.
    pub fn with(keyed: bool, on_duplicate: OnDuplicate) -> Ledger {
        let rows = match keyed {
            true => Rows::Keyed(Keys::new(on_duplicate == OnDuplicate::Latest)),
            false => Rows::Unkeyed(Copies::new()),
        };
        Ledger { rows, refused: HashSet::default() }
    }

    /// Enters a row of the standard table.
    pub fn add_current(&mut self, key: Option<Hash>, hash: Hash, version: Option<Version>) {
        match (&mut self.rows, key) {
            (Rows::Keyed(keys), Some(key)) => keys.add(key, hash, version),
            (Rows::Keyed(_), None) => {}
            (Rows::Unkeyed(copies), _) => copies.add(hash),
        }
    }

    /// Enters a row of the quarantine.
    pub fn add_refused(&mut self, hash: Hash) {
        self.refused.insert(hash);
    }

    /// Forgets the rows and keeps what was refused: what comes now are events, to which earlier rows say nothing.
    pub fn forget_rows(&mut self) {
        match &mut self.rows {
            Rows::Keyed(keys) => *keys = keys.emptied(),
            Rows::Unkeyed(copies) => *copies = Copies::new(),
        }
    }

    /// A file or snapshot begins, at its start.
    pub fn begin_delivery(&mut self) {
        match &mut self.rows {
            Rows::Keyed(keys) => keys.begin_delivery(),
            Rows::Unkeyed(copies) => copies.begin_delivery(),
        }
    }

    /// One verdict for each row, in order; the ledger then knows these rows.
    pub fn decide(&mut self, batch: &RawBatch, checked: &Checked) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(checked.hash.len());
        let mut refused = checked.refused.iter().map(|(row, _)| *row).peekable();
        if let Rows::Keyed(keys) = &mut self.rows {
            keys.begin_batch();
        }
        for (row, hash) in checked.hash.iter().enumerate() {
            if refused.next_if_eq(&row).is_some() {
                verdicts.push(self.refused(*hash, None));
                continue;
            }
            let verdict = match (&mut self.rows, checked.key.get(row).copied().flatten()) {
                (Rows::Unkeyed(copies), _) => match copies.lands(*hash) {
                    true => Verdict::Land,
                    false => Verdict::Unchanged,
                },
                (Rows::Keyed(_), None) => self.refused(*hash, Some(keyless())),
                (Rows::Keyed(keys), Some(key)) => {
                    let version = checked.version.get(row).and_then(Option::as_ref);
                    let line = batch.lines.get(row).copied().unwrap_or(0);
                    match keys.decide(row, line, key, *hash, version) {
                        Move::Land => Verdict::Land,
                        Move::Unchanged => Verdict::Unchanged,
                        Move::Replace(old_hash) => Verdict::Replace { old_hash },
                        Move::Displace { row, hash: old } => displace(&mut verdicts, row, old, *hash),
                        Move::Conflict(first) => self.refused(*hash, Some(duplicate(first))),
                    }
                }
            };
            verdicts.push(verdict);
        }
        verdicts
    }

    fn refused(&mut self, hash: Hash, fault: Option<Fault>) -> Verdict {
        match (self.refused.insert(hash), fault) {
            (false, _) => Verdict::RefusedAgain,
            (true, None) => Verdict::Refused,
            (true, Some(fault)) => Verdict::Refuse(Box::new(fault)),
        }
    }
}

/// A row takes the place of an earlier one of its batch (with the hash `old`), which never reaches the standard table.
fn displace(verdicts: &mut [Verdict], earlier: usize, old: Hash, hash: Hash) -> Verdict {
    let Some(earlier) = verdicts.get_mut(earlier) else {
        return Verdict::Replace { old_hash: old };
    };
    match earlier {
        // The earlier row had brought back what the table holds; that is what is replaced now.
        Verdict::Unchanged => Verdict::Replace { old_hash: old },
        // Back to what the table holds: nothing has happened.
        Verdict::Replace { old_hash } if *old_hash == hash => {
            *earlier = Verdict::Unchanged;
            Verdict::Unchanged
        }
        _ => std::mem::replace(earlier, Verdict::Superseded),
    }
}

fn duplicate(first: u64) -> Fault {
    Fault {
        code: "key.duplicate".to_owned(),
        item: String::new(),
        found: String::new(),
        message: Text::new(
            format!("主键与本次交付第 {first} 行相同，内容却不同：请在来源核实，只保留正确的一行。"),
            format!(
                "The key is that of line {first} of this delivery, but the row differs: keep only the right one at the source."
            ),
        ),
    }
}

fn keyless() -> Fault {
    Fault {
        code: "key.missing".to_owned(),
        item: String::new(),
        found: String::new(),
        message: Text::new("主键不完整，无法识别这一行。", "The key is incomplete, so the row cannot be identified."),
    }
}

/// The refused rows are found by hashes already; their first eight bytes serve.
#[derive(Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // The length prefix of an array comes through `write_usize`, its sixteen bytes here.
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}
