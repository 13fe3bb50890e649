//! What has changed in a dataset, version by version from nothing to the newest, in pages: who follows has the newest rows.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use kernel::{Moment, Text};
use serving::{Delta, Op};

use super::live::{OpenColumn, Use};
use crate::{Answer, Desk, DeskError, asked, internal};

/// The longest that a page may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// How far somebody has come: all of a version, and within the step to the next so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// 0 is nothing at all.
    pub version: u64,
    /// Whether removals are over, and the number of the last row that was told.
    within: Option<(bool, u64)>,
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.within {
            None => write!(f, "{}", self.version),
            Some((come, row)) => write!(f, "{}.{}.{row}", self.version, if come { "come" } else { "gone" }),
        }
    }
}

impl FromStr for Since {
    type Err = DeskError;

    fn from_str(text: &str) -> Result<Since, DeskError> {
        let wrong = || DeskError::Invalid(Text::new("since 应为 0、版本号，或上一页给出的 next", "since is 0, the number of a version, or the next of the page before"));
        let mut parts = text.split('.');
        let version = parts.next().and_then(|part| part.parse().ok()).ok_or_else(wrong)?;
        let side = match parts.next() {
            None => None,
            Some("gone") => Some(false),
            Some("come") => Some(true),
            Some(_) => return Err(wrong()),
        };
        let within = match side {
            None => None,
            Some(side) => Some((side, parts.next().and_then(|part| part.parse().ok()).ok_or_else(wrong)?)),
        };
        if parts.next().is_some() { Err(wrong()) } else { Ok(Since { version, within }) }
    }
}

/// A page of changes, all of one step from a version to the next.
#[derive(Clone, Debug)]
pub struct Changes {
    pub from: u64,
    pub to: u64,
    /// The columns are others than before, or there was nothing before: what is at hand is to be dropped first.
    pub reset: bool,
    /// Those of `to`.
    pub columns: Vec<OpenColumn>,
    /// Removals first, then what was added or has changed.
    pub changes: Vec<Delta>,
    pub next: Since,
    /// Whether there is more already.
    pub more: bool,
}

impl Desk {
    /// Everybody: the changes after `since`, at most `limit`.
    pub async fn open_changes(&self, dataset: &str, since: Since, limit: usize, now: Moment) -> Answer<Changes> {
        let live = self.for_everybody(dataset, now).await?;
        let newest = live.version.number;
        self.0.open.count(dataset, Use::Call);
        if since.version >= newest {
            if since.version > newest {
                return Err(DeskError::Invalid(Text::new(format!("没有版本 {}，最新为 {newest}", since.version), format!("there is no version {}; the newest is {newest}", since.version))));
            }
            let next = Since { version: newest, within: None };
            return Ok(Changes { from: newest, to: newest, reset: false, columns: live.columns, changes: Vec::new(), next, more: false });
        }
        let to = self.earlier(dataset, live.clone(), since.version + 1).await?;
        let before = match since.version {
            0 => None,
            number => Some(self.earlier(dataset, live, number).await?),
        };
        // Where the columns changed, rows cannot be compared: they are all told anew.
        let before = before.filter(|before| before.version.series == to.version.series);
        let file = self.versions_file(dataset, to.version.series)?.within(DEADLINE);
        let (from_place, to_place) = (before.as_ref().map_or(0, |before| before.version.place), to.version.place);
        let read = move || file.delta_page(from_place, to_place, since.within, limit);
        let changes = tokio::task::spawn_blocking(read).await.map_err(internal)?.map_err(asked::refusal)?;
        let next = match changes.last().filter(|_| changes.len() >= limit) {
            Some(last) => Since { version: since.version, within: Some((last.op != Op::Removed, last.number)) },
            None => Since { version: since.version + 1, within: None },
        };
        let (from, to_number) = (since.version, since.version + 1);
        Ok(Changes { from, to: to_number, reset: before.is_none() && since.within.is_none(), columns: to.columns, changes, more: next.version < newest, next })
    }
}
