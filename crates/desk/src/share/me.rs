//! 谁看过我: every reading about whom an account stands for, but for those that are still kept back for an investigation: of these
//! not even the number is told.

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::Moment;
use serde::Serialize;
use serde_json::json;
use store::share::{AboutFilter, AboutRow};

use super::about::Reader;
use super::{AboutView, Named, department, end_of_day};
use crate::account::Person;
use crate::authority::{Object, object};
use crate::log::Receipt;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Readings of one list that is taken away, the newest.
const LIST_MAX: u64 = 20_000;
/// Of them read at once.
const SOME: u64 = 1_000;

/// Whom an account stands for.
#[derive(Clone, Debug, Serialize)]
pub struct Me {
    pub name: String,
    pub display: String,
    pub person: Person,
}

/// Which readings somebody wants to see.
#[derive(Clone, Debug, Default)]
pub struct MyFilter {
    /// The department that read.
    pub department: Option<String>,
    /// The first and the last day.
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// Readings about the reader.
#[derive(Clone, Debug)]
pub struct MyReads {
    pub page: Page<AboutView>,
    /// The departments that any were by, whatever is filtered.
    pub departments: Vec<Named>,
}

impl Desk {
    /// A citizen or a company: whom the own account stands for, confirmed or not.
    pub async fn me(&self, who: &Account) -> Answer<Me> {
        match &who.person {
            Some(person) => Ok(Me { name: who.name.clone(), display: who.display.clone(), person: person.clone() }),
            None => Err(self.may(who, "see.me", &me(who)).await.err().unwrap_or(DeskError::NotFound)),
        }
    }

    /// A citizen or a company: who read about them, the newest first. `page` is 1-based.
    pub async fn my_reads(&self, who: &Account, filter: &MyFilter, page: u64, size: u64, now: Moment) -> Answer<MyReads> {
        let all = self.my_look(who, now).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().reads_about(&self.narrowed(&all, filter), page, size).await.map_err(internal)?;
        let city = self.city();
        let departments = self.store().readers_about(&all).await.map_err(internal)?;
        Ok(MyReads {
            page: Page { entries: self.view_reads(rows.entries, &Reader::Person(who), now).await?, total: rows.total, page, size },
            departments: departments.iter().map(|id| department(&city, id)).collect(),
        })
    }

    /// A citizen or a company: the same as one list to be taken away.
    pub async fn my_list(&self, who: &Account, filter: &MyFilter, now: Moment) -> Answer<Vec<AboutView>> {
        let narrowed = self.narrowed(&self.my_look(who, now).await?, filter);
        let mut all: Vec<AboutRow> = Vec::new();
        for page in 1..=LIST_MAX / SOME {
            // What is read meanwhile pushes the others down a page: nothing stands there twice.
            let rows = self.store().reads_about(&narrowed, page, SOME).await.map_err(internal)?;
            let (last, full) = (all.last().map_or(u64::MAX, |row| row.read.leaf), rows.entries.len() as u64 == SOME);
            all.extend(rows.entries.into_iter().filter(|row| row.read.leaf < last));
            if !full {
                break;
            }
        }
        self.view_reads(all, &Reader::Person(who), now).await
    }

    /// A citizen or a company: the receipt of a reading about them. Busy until its leaf stands in the log's files.
    pub async fn my_receipt(&self, who: &Account, leaf: u64, now: Moment) -> Answer<Receipt> {
        self.my_read(who, "see.me", leaf, now).await?;
        self.receipt(leaf).await
    }

    /// A reading about somebody that they may be told of; whatever else is not there.
    pub(super) async fn my_read(&self, who: &Account, act: &str, leaf: u64, now: Moment) -> Answer<AboutRow> {
        self.may(who, act, &me(who)).await?;
        let filter = AboutFilter { leaf: Some(leaf), ..mine(who, now)? };
        let found = self.store().reads_about(&filter, 1, 1).await.map_err(internal)?;
        found.entries.into_iter().next().ok_or(DeskError::NotFound)
    }

    /// Whatever somebody may be told of. That they looked is told in the log, once a day.
    async fn my_look(&self, who: &Account, now: Moment) -> Answer<AboutFilter> {
        let store = self.logging(who, "see.me", &me(who), json!(null)).await?;
        let mine = mine(who, now)?;
        store.note_look(&who.id, &self.day(now).to_string()).await.map_err(internal)?;
        Ok(mine)
    }

    fn narrowed(&self, all: &AboutFilter, filter: &MyFilter) -> AboutFilter {
        let city = self.city();
        // A day begins where the one before it ends.
        let begins = |day: Date| day.checked_sub(1.day()).map_or(Moment(0), |before| Moment(end_of_day(&city, &before.to_string()).0 + 1));
        let ends = |day: Date| Moment(end_of_day(&city, &day.to_string()).0 + 1);
        AboutFilter { department: filter.department.clone(), from: filter.from.map(begins), to: filter.to.map(ends), ..all.clone() }
    }
}

fn me(who: &Account) -> Object {
    object("account", &who.id)
}

fn mine(who: &Account, now: Moment) -> Answer<AboutFilter> {
    let person = who.person.as_ref().ok_or(DeskError::NotFound)?;
    Ok(AboutFilter { digests: vec![person.digest], told_by: Some(now), ..AboutFilter::default() })
}
