//! The rows that fail a rule, all of them, a page at a time in the order of their hashes.

use std::time::Duration;

use data::rule::measure;
use kernel::Text;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Subject, row_hash};
use super::measure::rows_of;
use crate::port::Layer;
use crate::runs::PAGE_MAX;
use crate::view::Account;
use crate::{Answer, Desk, DeskError};

const DEADLINE: Duration = Duration::from_secs(120);
/// Rows of one step of a file.
const STEP: u64 = 5_000;
/// Where a row came from, shown behind its items.
const PLACE: [&str; 3] = ["_file", "_line", "_batch"];

/// One row that fails.
#[derive(Clone, Debug, Serialize)]
pub struct FailingRow {
    /// Names the row: its `_hash` in hexadecimal.
    pub hash: String,
    pub cells: Vec<Option<String>>,
}

/// Some rows that fail a rule.
#[derive(Clone, Debug, Serialize)]
pub struct FailingRows {
    /// Names of the items, then where the row came from.
    pub columns: Vec<String>,
    pub rows: Vec<FailingRow>,
    /// The hash after which the rest begins; `None` at the end.
    pub next: Option<String>,
}

impl Desk {
    /// Staff: rows that fail a rule now, after one of them.
    pub async fn failing_rows(&self, who: &Account, resource: &str, name: &str, after: Option<&str>, size: u64) -> Answer<FailingRows> {
        self.logged_rows(who, resource, name, after, size.clamp(1, PAGE_MAX)).await
    }

    /// Staff: the same for a file, in larger steps.
    pub async fn failing_rows_step(&self, who: &Account, resource: &str, name: &str, after: Option<&str>) -> Answer<FailingRows> {
        self.logged_rows(who, resource, name, after, STEP).await
    }

    async fn logged_rows(&self, who: &Account, id: &str, name: &str, after: Option<&str>, size: u64) -> Answer<FailingRows> {
        self.may(who, "read.failing", &self.resource_object(id)).await?;
        let found = self.some_rows(who, id, name, after, size).await?;
        let detail = json!({ "rule": name, "after": after, "rows": found.rows.len() });
        self.log(who, "read.failing", &self.resource_object(id), detail).await?;
        Ok(found)
    }

    async fn some_rows(&self, who: &Account, id: &str, name: &str, after: Option<&str>, size: u64) -> Answer<FailingRows> {
        let (city, models) = (self.city(), self.compiled());
        let subject = Subject::find(&city, &models, id).filter(|subject| subject.named_rows).ok_or(DeskError::NotFound)?;
        let after = after.map(|text| row_hash(text).ok_or(DeskError::NotFound)).transpose()?;
        // Rows of models come from no file.
        let place = if subject.table.layer == Layer::Standard { PLACE.as_slice() } else { &[] };
        let columns: Vec<String> = subject.columns.iter().cloned().chain(place.iter().map(|name| (*name).to_owned())).collect();
        let same = |one: &measure::Measure| subject.rules.get(one.rule).is_some_and(|found| found.name == name);
        let ready = subject.measures().into_iter().find(same).ok_or(DeskError::NotFound)?;
        let scene = self.scene(&city, self.now());
        let states = self.states().await?;
        let own = self.rows_of_subject(&subject, &states).await?;
        let rows = |other: &str| if other == id { own } else { rows_of(&states, other) };
        let statements = measure::rows(id, &ready, &columns, after, &scene, &rows);
        if statements.is_empty() {
            return Err(DeskError::Invalid(Text::new(
                "及时性规则看的是整张表，没有逐行的结果。",
                "A rule on freshness looks at the table as a whole; it has no rows.",
            )));
        }
        let (found, more) = self.first_of(&statements, size).await?;
        // The rule was asked of the values themselves; only what is shown of them is masked.
        let veil = match city.resources.get(id) {
            Some(resource) => self.veil(Some(who), resource),
            None => self.table_veil(Some(who), &subject.table),
        };
        let seen = |mut row: FailingRow| {
            row.cells = row.cells.into_iter().zip(&columns).map(|(cell, column)| veil.cell(column, cell)).collect();
            row
        };
        let rows: Vec<FailingRow> = found.into_iter().map(seen).collect();
        let next = rows.last().filter(|_| more).map(|row| row.hash.clone());
        Ok(FailingRows { columns, rows, next })
    }

    /// The first rows, in the order of their hashes, of several statements in that order; and whether there are more.
    async fn first_of(&self, statements: &[String], size: u64) -> Answer<(Vec<FailingRow>, bool)> {
        let (mut found, mut more) = (Vec::new(), false);
        for sql in statements {
            let answer = self.0.ports.sql.run(sql, size, DEADLINE, None).await.map_err(DeskError::Sql)?;
            more |= answer.truncated;
            found.extend(answer.rows.iter().filter_map(|row| row.split_first()).map(|(hash, cells)| read(hash, cells)));
            found.sort_by(|a: &FailingRow, b| a.hash.cmp(&b.hash));
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            more |= found.len() > size;
            found.truncate(size);
        }
        Ok((found, more))
    }
}

fn read(hash: &Value, cells: &[Value]) -> FailingRow {
    let text = |cell: &Value| match cell {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    FailingRow {
        hash: text(hash).unwrap_or_default(),
        cells: cells.iter().map(text).collect(),
    }
}
