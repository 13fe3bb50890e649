//! 使用情况报告: whoever uses a grant tells whoever lends what came of it, again and again as the city asks (`report_days`).

use data::City;
use jiff::civil::Date;
use kernel::{Moment, uuid_v7};
use serde::Serialize;
use serde_json::json;
use store::share::{GrantRow, ReportRow};

use super::{GrantView, grant_object, invalid, said};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// Grants of one department that are looked at for reports that are due.
const GRANTS_MAX: u64 = 1_000;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportView {
    pub id: String,
    /// First and last day that it is about.
    pub since: String,
    pub until: String,
    /// What was used in that time.
    pub calls: u64,
    pub rows: u64,
    /// What it was used for, and what came of it.
    pub words: String,
    pub who: String,
    pub time: Moment,
}

/// The next report of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportDue {
    /// The first day that it is about.
    pub since: String,
    /// The day on which it is to be there.
    pub due: String,
    pub late: bool,
}

impl Desk {
    /// An officer of the department that uses a grant: tells what came of it since the last report. Answers the report's id.
    pub async fn report_use(&self, who: &Account, grant: &str, words: &str, now: Moment) -> Answer<String> {
        let row = self.grant_for(who, grant).await?;
        let object = grant_object(grant, &row.department);
        self.may(who, "grant.report", &object).await?;
        let words = said(words)?;
        let today = self.day(now);
        let last = self.store().reports(grant).await.map_err(internal)?;
        let since = self.first_day(&row, last.first().map(|report| report.until.as_str()));
        if since > today {
            return Err(DeskError::Conflict(kernel::Text::new("今天已经报告过。", "It was reported today already.")));
        }
        let (since, until) = (since.to_string(), today.to_string());
        let (calls, rows) = self.store().used_between(grant, &since, &until).await.map_err(internal)?;
        let id = uuid_v7(now, self.chance());
        let detail = json!({ "resource": row.resource, "provider": row.provider, "since": since, "until": until, "calls": calls, "rows": rows, "words": words });
        let report = ReportRow { id: id.clone(), lent: grant.to_owned(), since, until, calls, rows, words: words.to_owned(), account: who.id.clone(), who: who.display.clone(), time: now };
        match self.logging(who, "grant.report", &object, detail).await?.add_report(report).await.map_err(internal)? {
            true => Ok(id),
            false => Err(invalid("这一天已经报告过。", "That day was reported already.")),
        }
    }

    /// The reports of a grant, for whom it concerns, the newest first.
    pub async fn use_reports(&self, who: &Account, grant: &str) -> Answer<Vec<ReportView>> {
        self.grant_for(who, grant).await?;
        let rows = self.store().reports(grant).await.map_err(internal)?;
        Ok(rows.into_iter().map(|row| ReportView { id: row.id, since: row.since, until: row.until, calls: row.calls, rows: row.rows, words: row.words, who: row.who, time: row.time }).collect())
    }

    /// The next report of a grant that holds; `None` where the city asks for none.
    pub(super) async fn report_due(&self, city: &City, row: &GrantRow, now: Moment) -> Answer<Option<ReportDue>> {
        let last = self.store().reports(&row.id).await.map_err(internal)?;
        Ok(self.due_after(city, row, last.first().map(|report| report.until.as_str()), now))
    }

    /// Grants to the own department of which a report is due, each with its day; of all departments for stewards.
    pub async fn reports_due(&self, who: &Account, now: Moment) -> Answer<Vec<(GrantView, ReportDue)>> {
        let object = who.all_of("see.grants", "grants");
        self.may(who, "see.grants", &object).await?;
        let (city, own) = (self.city(), object.department.as_deref());
        let last = self.store().last_reports(own).await.map_err(internal)?;
        let grants = self.store().grants(own, None, now, 1, GRANTS_MAX).await.map_err(internal)?.entries;
        let mut due = Vec::new();
        for row in grants.into_iter().filter(|row| own.is_none_or(|own| own == row.department)) {
            let until = last.iter().find(|(lent, _)| *lent == row.id).map(|(_, until)| until.as_str());
            if let Some(next) = self.due_after(&city, &row, until, now).filter(|next| next.late) {
                due.push((self.view_grant(&city, row, now)?, next));
            }
        }
        due.sort_by(|(_, one), (_, two)| one.due.cmp(&two.due));
        Ok(due)
    }

    fn due_after(&self, city: &City, row: &GrantRow, last: Option<&str>, now: Moment) -> Option<ReportDue> {
        let days = city.info.share.report_days;
        if days == 0 || row.ended.is_some() || row.until < now {
            return None;
        }
        let since = self.first_day(row, last);
        let due = since.checked_add(jiff::Span::new().days(i64::from(days.min(3_660)))).ok()?;
        Some(ReportDue { late: due <= self.day(now), since: since.to_string(), due: due.to_string() })
    }

    /// The day behind the last report, else the grant's first.
    fn first_day(&self, row: &GrantRow, last: Option<&str>) -> Date {
        let behind = last.and_then(|day| day.parse::<Date>().ok()).and_then(|day| day.tomorrow().ok());
        behind.unwrap_or_else(|| self.day(row.since))
    }
}
