//! What a delivery looks like: its columns, the forms of their values, and the form of the file.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::StringArray;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::RawBatch;
use crate::source::Decision;

/// Records looked at.
const ROWS: usize = 50_000;
/// Different values kept as examples, and how long each may be.
const EXAMPLES: usize = 5;
const EXAMPLE_LONGEST: usize = 60;
/// Smallest hashes of the values of a column, by which two columns are known to hold the same.
const SKETCH: usize = 64;
/// Columns described; a source of more is judged by these.
const COLUMNS: usize = 1_000;
/// Decisions that belong to the form of a file.
const FORM: [&str; 3] = ["encoding", "delimiter", "header"];

/// What the first records of a delivery look like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub columns: Vec<Column>,
    /// Encoding, delimiter, header line, as far as they were told.
    pub form: BTreeMap<String, String>,
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// Values that are there.
    pub filled: u64,
    /// How many of them have each form.
    pub forms: BTreeMap<Form, u64>,
    pub examples: Vec<String>,
    sketch: BTreeSet<u64>,
}

/// The form of a value as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Integer,
    Number,
    /// Digits after a leading zero: a number would lose it.
    Digits,
    Date,
    Datetime,
    Text,
}

impl Shape {
    /// The shape that a batch of records shows.
    pub fn of(batch: &RawBatch, decisions: &[Decision]) -> Shape {
        let named = batch.fields.iter().zip(&batch.columns).take(COLUMNS);
        Shape {
            columns: named.map(|(name, values)| Column::of(name, values)).collect(),
            form: decisions
                .iter()
                .filter(|decision| FORM.contains(&decision.what.as_str()))
                .map(|decision| (decision.what.clone(), decision.chosen.clone()))
                .collect(),
        }
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    fn of(name: &str, values: &StringArray) -> Column {
        let mut column = Column { name: name.to_owned(), ..Column::default() };
        for text in values.iter().take(ROWS).flatten().map(str::trim).filter(|text| !text.is_empty()) {
            column.filled += 1;
            *column.forms.entry(form(text)).or_default() += 1;
            column.note(text);
        }
        column
    }

    fn note(&mut self, text: &str) {
        let hash = xxh3_64(text.as_bytes());
        let new = self.sketch.len() < SKETCH || self.sketch.last().is_some_and(|last| hash < *last);
        if new && self.sketch.insert(hash) && self.sketch.len() > SKETCH {
            self.sketch.pop_last();
        }
        if self.examples.len() < EXAMPLES {
            let shown: String = text.chars().take(EXAMPLE_LONGEST).collect();
            if !self.examples.contains(&shown) {
                self.examples.push(shown);
            }
        }
    }

    /// The narrowest form that all values have.
    pub fn whole(&self) -> Form {
        let all = |forms: &[Form]| forms.iter().filter_map(|form| self.forms.get(form)).sum::<u64>() == self.filled;
        let narrow = [
            (Form::Integer, &[Form::Integer][..]),
            (Form::Number, &[Form::Integer, Form::Number]),
            (Form::Digits, &[Form::Integer, Form::Digits]),
            (Form::Date, &[Form::Date]),
            (Form::Datetime, &[Form::Date, Form::Datetime]),
        ];
        let found = narrow.into_iter().find(|(_, forms)| self.filled > 0 && all(forms));
        found.map_or(Form::Text, |(form, _)| form)
    }

    /// The share of values that a column whose values all had this form could not hold.
    pub fn share_outside(&self, form: Form) -> f64 {
        let inside: &[Form] = match form {
            Form::Integer => &[Form::Integer],
            Form::Number => &[Form::Integer, Form::Number],
            Form::Digits => &[Form::Integer, Form::Digits],
            Form::Date => &[Form::Date],
            Form::Datetime => &[Form::Date, Form::Datetime],
            Form::Text => return 0.0,
        };
        let fit: u64 = inside.iter().filter_map(|form| self.forms.get(form)).sum();
        (self.filled.saturating_sub(fit)) as f64 / self.filled.max(1) as f64
    }

    /// Share of one form.
    pub fn share_of(&self, form: Form) -> f64 {
        self.forms.get(&form).copied().unwrap_or(0) as f64 / self.filled.max(1) as f64
    }

    /// How alike the contents are, from 0 to 1: the share of common values among the smallest hashes of both.
    pub fn likeness(&self, other: &Column) -> f64 {
        let union: BTreeSet<&u64> = self.sketch.union(&other.sketch).take(SKETCH).collect();
        let common = union.iter().filter(|hash| self.sketch.contains(**hash) && other.sketch.contains(**hash)).count();
        common as f64 / union.len().max(1) as f64
    }
}

/// The form of one value that is not empty.
fn form(text: &str) -> Form {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(bare) {
        return if bare.len() > 1 && bare.starts_with('0') { Form::Digits } else { Form::Integer };
    }
    if bare.split_once('.').is_some_and(|(whole, fraction)| digits(whole) && digits(fraction)) {
        return Form::Number;
    }
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    match (is_day(day), clock.trim()) {
        (true, "") => Form::Date,
        (true, clock) if clock.starts_with(|c: char| c.is_ascii_digit()) && clock.contains(':') => Form::Datetime,
        _ => Form::Text,
    }
}

/// `2026-11-24`, `2026/1/6`, `2026.01.06`, `2026年1月6日`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    number(year, 4..=4) && number(month, 1..=2) && number(day, 1..=2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[&str]) -> Column {
        Column::of("x", &StringArray::from(values.to_vec()))
    }

    #[test]
    fn forms_are_told_as_they_are_written() {
        let forms = [
            ("1", Form::Integer), ("-20", Form::Integer), ("1.50", Form::Number), ("0574", Form::Digits), ("0", Form::Integer),
            ("2026-11-24", Form::Date), ("2026年1月6日", Form::Date), ("2026/1/6 8:05", Form::Datetime), ("2026-11-24T08:00:00Z", Form::Datetime),
            ("1e5", Form::Text), ("甲", Form::Text), ("1.2.3", Form::Text), ("-", Form::Text),
        ];
        for (text, wanted) in forms {
            assert_eq!(form(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_column_has_the_narrowest_form_that_holds_all() {
        assert_eq!(column(&["1", "2.5"]).whole(), Form::Number);
        assert_eq!(column(&["0574", "10"]).whole(), Form::Digits);
        assert_eq!(column(&["1", "x"]).whole(), Form::Text);
        assert_eq!(column(&[""]).whole(), Form::Text);
        assert!((column(&["1", "2", "x", "y"]).share_outside(Form::Integer) - 0.5).abs() < 1e-9);
        let (a, b) = (column(&["甲", "乙", "丙"]), column(&["甲", "乙", "丁"]));
        assert!((a.likeness(&b) - 0.5).abs() < 1e-9);
    }
}
