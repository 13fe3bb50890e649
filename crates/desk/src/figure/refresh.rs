//! Working figures out: whatever counts a table that changed, and whatever was declared anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data::City;
use data::declare::Figure;
use serde_json::Value;
use store::figure::FigureRow;

use super::series::rounded;
use super::cut_name;
use crate::port::TableName;
use crate::{Answer, Desk, internal};

/// Values of one cut that are kept, the newest periods first.
const ROWS_MAX: u64 = 4_000;
const DEADLINE: Duration = Duration::from_secs(120);

impl Desk {
    /// Works out again each figure that counts one of the changed tables, and those never worked out as declared now.
    pub(crate) async fn refresh_figures(&self, changed: &BTreeSet<TableName>) -> Answer<()> {
        let (city, compiled) = (self.city(), self.compiled());
        let kept = self.store().figures_known().await.map_err(internal)?;
        let mut known: BTreeMap<(String, String), String> = kept.into_iter().map(|(figure, cut, sql)| ((figure, cut), sql)).collect();
        for (id, planned) in &compiled.figures {
            let Some(figure) = city.figures.get(id) else { continue };
            let asked = cuts(&city, figure).into_iter().map(|by| (planned.select(figure, &by), by));
            let mut stale: Vec<(String, Vec<String>)> = asked.collect();
            stale.retain(|(sql, by)| {
                let as_kept = known.remove(&(id.clone(), cut_name(by))).is_some_and(|kept| kept == *sql);
                !as_kept || changed.contains(&planned.table)
            });
            if stale.is_empty() || self.0.ports.lake.size(&planned.table).await.map_err(internal)?.rows == 0 {
                continue;
            }
            for (sql, by) in stale {
                self.refresh_figure(figure, &by, sql).await?;
            }
        }
        // What is left is of no figure that is declared.
        for (figure, cut) in known.into_keys() {
            self.store().forget_figure(figure, cut).await.map_err(internal)?;
        }
        Ok(())
    }

    /// Works out what was declared since; nothing where all is as declared.
    pub async fn figures_due(&self) -> Answer<()> {
        self.refresh_figures(&BTreeSet::new()).await
    }

    async fn refresh_figure(&self, figure: &Figure, by: &[String], sql: String) -> Answer<()> {
        let answer = self.0.ports.sql.run(&sql, ROWS_MAX, DEADLINE, None).await;
        let (mut rows, truncated, error) = match answer {
            Ok(answer) => (answer.rows, answer.truncated, None),
            Err(error) => (Vec::new(), false, Some(error.message)),
        };
        let decimals = figure.decimals;
        for value in rows.iter_mut().filter_map(|row| row.last_mut()) {
            *value = rounded(std::mem::take(value), decimals);
        }
        if truncated && figure.period.is_some() {
            whole_periods(&mut rows);
        }
        let now = self.now();
        let cut = cut_name(by);
        let mut row = FigureRow { figure: figure.id.clone(), cut, sql, rows: serde_json::to_string(&rows).map_err(internal)?, as_of: now, error };
        let mut day = None;
        if row.error.is_some() {
            // The last values that there were stay, with their time and what went wrong since.
            let kept = self.store().figure(&figure.id).await.map_err(internal)?;
            let last = kept.into_iter().find(|kept| kept.cut == row.cut && kept.sql == row.sql);
            if let Some(last) = last {
                (row.rows, row.as_of) = (last.rows, last.as_of);
            }
        } else if by.is_empty() && figure.period.is_none() {
            let value = rows.first().and_then(|row| row.last()).filter(|value| !value.is_null());
            let today = self.day(now);
            day = value.map(|value| (today.to_string(), value.to_string()));
        }
        self.store().put_figure(row, day).await.map_err(internal)
    }
}

/// The ways in which a figure is kept: as a whole, by each of its columns, and as boards ask for it.
pub(super) fn cuts(city: &City, figure: &Figure) -> BTreeSet<Vec<String>> {
    let asked = city.boards.values().flat_map(|board| {
        let panels = board.panels.iter().filter(|panel| panel.figure.as_deref() == Some(figure.id.as_str()));
        panels.map(|panel| panel.cut(board, figure))
    });
    let own = figure.by.iter().map(|name| vec![name.clone()]);
    std::iter::once(Vec::new()).chain(own).chain(asked).collect()
}

/// The oldest period that was reached may lack some of its rows, so it goes.
fn whole_periods(rows: &mut Vec<Vec<Value>>) {
    let oldest = rows.last().and_then(|row| row.first()).cloned();
    rows.retain(|row| row.first() != oldest.as_ref());
}
