//! What to do to a table so that it may be opened: a step for each column, and the classes of rows to leave out.

use std::borrow::Cow;
use std::collections::HashSet;

use kernel::Text;
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use crate::ladder::Ladder;
use crate::lattice::{Aim, Groups, look};
use crate::role::{Part, Role};
use crate::step::{Ready, Step};
use crate::table::Table;

/// What is done to one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub column: usize,
    pub name: String,
    pub step: Step,
    /// What it does, in words.
    pub title: Text,
    /// As a declaration would spell it.
    pub spelled: String,
    /// The share of what the column told that is lost, 0 to 1.
    pub loss: f64,
}

/// The cheapest way found.
#[derive(Clone, Debug, Serialize)]
pub struct Proposal {
    /// Columns that change, direct identifiers among them.
    pub changes: Vec<Change>,
    /// Normalised certainty penalty: the share of a column's other values that what is told leaves possible, averaged over
    /// rows and quasi-identifiers; a row left out counts 1.
    pub loss: f64,
    pub rows: u64,
    pub left_out: u64,
    /// Whether no cheaper way exists on the ladders of these columns.
    pub optimal: bool,
    /// Combinations that were measured.
    pub looked: u64,
    /// The columns by which rows are told apart.
    #[serde(skip)]
    quasi: Vec<usize>,
    /// Classes of rows that are left out, by a hash of what is told of them.
    #[serde(skip)]
    dropped: HashSet<u64>,
}

impl Proposal {
    /// The cheapest way to the aim; `None` when there is none.
    pub fn find(table: &Table, parts: &[Part], ladders: &[Ladder], aim: &Aim) -> Option<Proposal> {
        let sensitive: Vec<usize> = parts.iter().filter(|part| part.role == Role::Sensitive).map(|part| part.column).collect();
        let groups = Groups::of(table, ladders, &sensitive, aim);
        let found = look(&groups, ladders, aim)?;
        let change = |column: usize, step: Step, loss: f64| {
            let name = table.columns.get(column).map(|column| column.name.clone()).unwrap_or_default();
            Change { column, name, step, title: step.title(), spelled: step.spelled(), loss }
        };
        let direct = parts.iter().filter(|part| part.role == Role::Direct).map(|part| change(part.column, Step::Hide, 1.0));
        let coarser = ladders.iter().zip(&found.levels).filter_map(|(ladder, level)| ladder.rungs.get(*level).map(|rung| (ladder.column, rung)));
        let coarser = coarser.filter(|(_, rung)| rung.step != Step::Whole).map(|(column, rung)| change(column, rung.step, rung.loss));
        let mut changes: Vec<Change> = direct.chain(coarser).collect();
        changes.sort_by_key(|change| change.column);
        let quasi = ladders.iter().map(|ladder| ladder.column).collect();
        let (loss, left_out) = (found.loss, found.left_out);
        let rows = table.rows() as u64;
        let mut proposal = Proposal { changes, loss, rows, left_out, optimal: found.optimal, looked: found.looked, quasi, dropped: HashSet::new() };
        if left_out > 0 {
            proposal.dropped = proposal.classes_left_out(table, &sensitive, aim);
        }
        Some(proposal)
    }

    /// What applies it to rows, one after the other.
    pub fn applier(&self) -> Applier<'_> {
        let steps = self.changes.iter().map(|change| (change.column, change.step.ready())).collect();
        Applier { proposal: self, steps }
    }

    /// What is told of a row, in the order of its columns; `None`: it is left out.
    pub fn apply<'r>(&self, row: &[Option<&'r str>]) -> Option<Vec<Option<Cow<'r, str>>>> {
        self.applier().apply(row)
    }

    /// The hashes of classes that stay too small or too much alike.
    fn classes_left_out(&self, table: &Table, sensitive: &[usize], aim: &Aim) -> HashSet<u64> {
        let applier = self.applier();
        let rungs: Vec<(usize, Vec<u64>)> = self
            .quasi
            .iter()
            .filter_map(|at| table.columns.get(*at).map(|column| (*at, column)))
            .map(|(at, column)| (at, (0..column.count).map(|code| hash(applier.tell(at, column.text(code)).as_deref())).collect()))
            .collect();
        let key = |row: usize| {
            let codes = rungs.iter().map(|(at, hashes)| hashes[table.columns[*at].codes[row] as usize]);
            codes.fold(0u64, joined)
        };
        let mut keys: Vec<(u64, u32)> = (0..table.rows()).map(|row| (key(row), row as u32)).collect();
        keys.sort_unstable();
        let enough = |class: &[(u64, u32)]| {
            class.len() >= aim.k as usize
                && sensitive.iter().all(|at| {
                    let mut values: Vec<u32> = class.iter().map(|(_, row)| table.columns[*at].codes[*row as usize]).collect();
                    values.sort_unstable();
                    values.dedup();
                    values.len() >= aim.l as usize
                })
        };
        keys.chunk_by(|a, b| a.0 == b.0).filter(|class| !enough(class)).filter_map(|class| class.first().map(|(key, _)| *key)).collect()
    }
}

/// A proposal with its steps ready for many rows.
pub struct Applier<'p> {
    proposal: &'p Proposal,
    steps: Vec<(usize, Ready)>,
}

impl Applier<'_> {
    /// What is told of a row, in the order of its columns; `None`: it is left out.
    pub fn apply<'r>(&self, row: &[Option<&'r str>]) -> Option<Vec<Option<Cow<'r, str>>>> {
        let told: Vec<Option<Cow<'r, str>>> = row.iter().enumerate().map(|(at, value)| self.tell(at, *value)).collect();
        if self.proposal.dropped.is_empty() {
            return Some(told);
        }
        let value = |at: &usize| hash(told.get(*at).and_then(|value| value.as_deref()));
        let key = self.proposal.quasi.iter().map(value).fold(0, joined);
        (!self.proposal.dropped.contains(&key)).then_some(told)
    }

    fn tell<'v>(&self, column: usize, value: Option<&'v str>) -> Option<Cow<'v, str>> {
        match self.steps.iter().find(|(at, _)| *at == column) {
            Some((_, ready)) => ready.apply(value),
            None => value.filter(|value| !value.is_empty()).map(Cow::Borrowed),
        }
    }
}

fn joined(key: u64, hash: u64) -> u64 {
    crate::class::scatter(key.rotate_left(17) ^ hash)
}

/// A missing value is another thing than any text.
fn hash(value: Option<&str>) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(value.unwrap_or_default().as_bytes());
    hasher.digest() ^ u64::from(value.is_some())
}
