//! What a SELECT is made of, told from the plan that we run, before anything is optimised away: for each output column
//! the source columns its value is computed from, and those that decide which rows there are. Nobody writes lineage
//! down, so nobody can write it down wrongly.
//!
//! The law it keeps, and is tested by: change one cell of a source column. A column of the answer may only change if
//! its lineage names that column; all columns that do not name it stay, row by row, as they were.

mod compile;
mod declassify;
mod expression;
mod relation;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use arrow_schema::SchemaRef;
use data::mask::{Declassified, Declassifier};

use crate::TableName;

pub(crate) use compile::landed;
pub use compile::{Compiled, Tables, compile, reads};

/// A column of a table of the lake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    pub table: TableName,
    pub column: String,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// How a value comes from a source; the greatest of several ways counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// As it stands, or cast.
    Copied,
    /// Through an expression over its own row.
    Computed,
    /// Summed up with those of other rows.
    Folded,
}

/// The lineage of one output column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnLineage {
    pub name: String,
    /// What the value is computed from.
    pub value: BTreeMap<Source, How>,
    /// What decides which rows there are, or which rows went into the value: filters, join and group keys, the order
    /// before a limit, partitions. Holds [`Lineage::rows`] too.
    pub rows: BTreeSet<Source>,
    /// Sources of the value that come through declassifiers, whichever way they come.
    pub lowered: BTreeMap<Source, Declassified>,
}

/// The lineage of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    pub columns: Vec<ColumnLineage>,
    /// What decides over all columns alike, because it decides which rows there are.
    pub rows: BTreeSet<Source>,
}

impl Lineage {
    /// A line for each column, for golden files and the eye: `name = values | rows`.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for column in &self.columns {
            let mark = |how: &How| match how {
                How::Copied => "",
                How::Computed => "~",
                How::Folded => "Σ",
            };
            let through = |source: &Source| column.lowered.get(source).map_or_else(String::new, |by| format!(" [{}]", by.text()));
            let value = |(source, how): (&Source, &How)| format!("{}{source}{}", mark(how), through(source));
            let values: Vec<String> = column.value.iter().map(value).collect();
            let own: Vec<String> = column.rows.difference(&self.rows).map(Source::to_string).collect();
            out.push_str(&format!("{} = {}", column.name, values.join(", ")));
            if !own.is_empty() {
                out.push_str(&format!(" | {}", own.join(", ")));
            }
            out.push('\n');
        }
        let rows: Vec<String> = self.rows.iter().map(Source::to_string).collect();
        out.push_str(&format!("rows: {}\n", rows.join(", ")));
        out
    }
}

type Set = BTreeSet<Source>;

/// What is known of one column of a relation.
#[derive(Clone, Default)]
struct Trace {
    value: BTreeMap<Source, How>,
    /// Beyond what decides over the whole relation.
    rows: Set,
    /// Sources of the value that come through declassifiers only.
    lowered: BTreeMap<Source, Declassified>,
    /// The aggregate that it is, over values as they stand.
    figure: Option<String>,
}

impl Trace {
    fn add(&mut self, mut other: Trace) {
        // A source is lowered only if it is on each way that it takes.
        let plain = |trace: &Trace, source: &Source| trace.value.contains_key(source) && !trace.lowered.contains_key(source);
        self.lowered.retain(|source, _| !plain(&other, source));
        let held: Vec<Source> = other.lowered.keys().filter(|source| !plain(self, source)).cloned().collect();
        for source in held {
            let Some(theirs) = other.lowered.remove(&source) else { continue };
            let both = match self.lowered.remove(&source) {
                Some(mine) => mine.or(theirs),
                None => Some(theirs),
            };
            self.lowered.extend(both.map(|both| (source, both)));
        }
        for (source, how) in other.value {
            let held = self.value.entry(source).or_insert(how);
            *held = how.max(*held);
        }
        self.rows.extend(other.rows);
    }

    /// All of it, as something that decides.
    fn decides(self) -> impl Iterator<Item = Source> {
        self.value.into_keys().chain(self.rows)
    }

    /// Through a declassifier, all of its value.
    fn through(mut self, declassifier: &Declassifier) -> Trace {
        for source in self.value.keys() {
            let held = self.lowered.remove(source);
            let ways = held.map_or_else(|| Declassified::by(declassifier.clone()), |held| held.then(declassifier));
            self.lowered.insert(source.clone(), ways);
        }
        self
    }

    fn at_least(mut self, least: How) -> Trace {
        self.value.values_mut().for_each(|how| *how = least.max(*how));
        self
    }
}

/// What is known of a relation: its columns in order, what decides over its rows, and what they are sorted by.
#[derive(Clone, Default)]
struct Flow {
    columns: Vec<Trace>,
    rows: Set,
    order: Set,
}

impl Flow {
    fn finish(self, schema: &SchemaRef) -> Lineage {
        let rows = self.rows;
        let column = |(trace, field): (Trace, &std::sync::Arc<arrow_schema::Field>)| ColumnLineage {
            name: field.name().clone(),
            value: trace.value,
            rows: trace.rows.into_iter().chain(rows.iter().cloned()).collect(),
            lowered: trace.lowered,
        };
        let columns = self.columns.into_iter().zip(schema.fields()).map(column).collect();
        Lineage { columns, rows }
    }
}
