//! Grants as people see them, and their end.

use data::City;
use data::share::{Daily, Left, Terms, midnight};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::json;
use store::share::{GrantRow, ReadRow};

use super::{LentItem, Named, OperationView, ReportDue, ReportView, ServiceView, SubscriptionView, concerns, department, grant_object, invalid, resource, said};
use crate::authority::object;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// Days of use that are shown.
const USAGE_DAYS: i64 = 30;
const READS_SHOWN: u64 = 50;
/// Days before its end on which a grant is said to end soon.
const SOON: i64 = 30 * 86_400;

/// Whether a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    Active,
    /// It holds, for less than thirty days.
    Ending,
    Expired,
    Withdrawn,
}

/// A grant.
#[derive(Clone, Debug, Serialize)]
pub struct GrantView {
    pub id: String,
    pub request: String,
    pub resource: Named,
    pub provider: Named,
    /// The department that may read.
    pub department: Named,
    pub terms: Terms,
    pub since: Moment,
    pub until: Moment,
    pub state: GrantState,
    pub ended: Option<Moment>,
    pub ended_by: Option<String>,
    pub ended_why: Option<String>,
}

/// What a grant was used for on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub day: String,
    pub calls: u64,
    pub rows: u64,
}

/// A reading under a grant.
#[derive(Clone, Debug, Serialize)]
pub struct ReadView {
    /// Its place in the log.
    pub leaf: u64,
    pub channel: String,
    pub caller: Text,
    pub rows: u64,
    pub time: Moment,
    /// A service was asked and gave no answer.
    pub failed: bool,
}

/// One grant, with its use and what the reader may do.
#[derive(Clone, Debug)]
pub struct GrantDetail {
    pub grant: GrantView,
    pub items: Vec<LentItem>,
    /// The last thirty days, the oldest first, without gaps.
    pub usage: Vec<Usage>,
    pub calls: u64,
    pub rows: u64,
    /// The newest readings.
    pub reads: Vec<ReadView>,
    /// Rows that the copy holds which answers come from, and its batch; `None` while it is being made.
    pub copy: Option<(u64, i64)>,
    /// Where changes are posted to.
    pub subscription: Option<SubscriptionView>,
    /// What is left of today's quota, where there is one, and when the next day begins.
    pub left: Option<(Left, Moment)>,
    /// How the service does, and what it can be asked under this grant; `None` where rows are kept here.
    pub service: Option<(ServiceView, Vec<OperationView>)>,
    /// Reports of use, the newest first; and the next one, where the city asks for it.
    pub reports: Vec<ReportView>,
    pub report: Option<ReportDue>,
    pub may_end: bool,
    pub may_read: bool,
    pub may_renew: bool,
    pub may_report: bool,
}

impl Desk {
    /// Officers: grants to the own department and by it; stewards: all. Those that hold first. `page` is 1-based.
    pub async fn grants(&self, who: &Account, resource: Option<&str>, page: u64, size: u64, now: Moment) -> Answer<Page<GrantView>> {
        let object = who.all_of("see.grants", "grants");
        self.may(who, "see.grants", &object).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().grants(object.department.as_deref(), resource, now, page, size).await.map_err(internal)?;
        let city = self.city();
        let entries = rows.entries.into_iter().map(|row| self.view_grant(&city, row, now)).collect::<Answer<_>>()?;
        Ok(Page { entries, total: rows.total, page, size })
    }

    /// Officers and stewards: one grant.
    pub async fn grant(&self, who: &Account, id: &str, now: Moment) -> Answer<GrantDetail> {
        let row = self.grant_for(who, id).await?;
        let city = self.city();
        let today = self.day(now);
        let first = today.checked_sub(jiff::Span::new().days(USAGE_DAYS - 1)).unwrap_or(today);
        let used = self.store().usage(id, &first.to_string()).await.map_err(internal)?;
        let day = |day: jiff::civil::Date| {
            let word = day.to_string();
            let of = used.iter().filter(|one| one.day == word);
            let (calls, rows) = of.fold((0, 0), |(calls, rows), one| (calls + one.calls, rows + one.rows));
            Usage { day: word, calls, rows }
        };
        let usage: Vec<Usage> = first.series(jiff::Span::new().days(1)).take_while(|one| *one <= today).map(day).collect();
        let reads = self.store().newest_reads(id, READS_SHOWN).await.map_err(internal)?;
        let names = self.names().await?;
        let read = |row: ReadRow| ReadView { leaf: row.leaf, channel: row.channel, caller: names.actor(&row.caller), rows: row.rows, time: row.time, failed: row.failed };
        let may = |act: &str, department: &str| who.may_for(act, Some(department));
        let copy = self.copy_of(&row.resource).and_then(|copy| Some((copy.held().ok()?, copy.mark().ok()?.batch)));
        let holds = row.ended.is_none() && row.until >= now;
        let (may_end, may_read, may_renew) =
            (holds && may("grant.end", &row.provider), holds && may("read.grant", &row.department), may("request.ask", &row.department));
        let department_of_use = row.department.clone();
        let may_report = may("grant.report", &row.department);
        let own = who.kept_to("see.grants").is_none_or(|own| own == row.provider);
        let left = self.left_of(&city, &row, now).await?;
        let report = self.report_due(&city, &row, now).await?;
        let reports = self.use_reports(who, id).await?;
        let grant = self.view_grant(&city, row, now)?;
        let service = city.resources.get(&grant.resource.id).and_then(|found| {
            Some((self.service_view(&city, &found.system, own, now)?, super::service::operations(&city, found, Some(&grant.terms))))
        });
        Ok(GrantDetail {
            left,
            service,
            reports,
            report,
            may_report,
            items: city.resources.get(&grant.resource.id).map(|found| self.lent_items(&city, found, &grant.terms, false)).unwrap_or_default(),
            calls: usage.iter().map(|one| one.calls).sum(),
            rows: usage.iter().map(|one| one.rows).sum(),
            usage,
            reads: reads.into_iter().map(read).collect(),
            copy,
            subscription: self.subscription_of(id).await?.map(|subscription| subscription.shown_to(who, &department_of_use)),
            may_end,
            may_read,
            may_renew,
            grant,
        })
    }

    async fn left_of(&self, city: &City, row: &GrantRow, now: Moment) -> Answer<Option<(Left, Moment)>> {
        let daily = super::terms(&row.terms)?.daily.least(Daily::of_city(&city.info.share));
        if !daily.is_bounded() {
            return Ok(None);
        }
        let (calls, rows) = self.store().used_on(&row.id, &self.day(now).to_string()).await.map_err(internal)?;
        Ok(Some((daily.left(calls, rows), midnight(city, now))))
    }

    /// The provider's officer: takes a grant back, with a reason. From now on it opens nothing.
    pub async fn end_grant(&self, who: &Account, id: &str, why: &str, now: Moment) -> Answer<()> {
        let row = self.grant_for(who, id).await?;
        let object = grant_object(id, &row.provider);
        self.may(who, "grant.end", &object).await?;
        let why = said(why)?;
        let detail = json!({ "resource": row.resource, "department": row.department, "why": why });
        let done = self.logging(who, "grant.end", &object, detail).await?.end_grant(id, &who.display, why, now).await.map_err(internal)?;
        self.0.doors.forget();
        if done { Ok(()) } else { Err(invalid("这份授权已经收回。", "The grant was withdrawn already.")) }
    }

    /// A grant that concerns somebody: other departments' are not there.
    pub(super) async fn grant_for(&self, who: &Account, id: &str) -> Answer<GrantRow> {
        let object = crate::authority::Object { department: who.department.clone(), ..object("grant", id) };
        self.may(who, "see.grants", &object).await?;
        let row = self.store().grant(id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        concerns(who, "see.grants", &row.department, &row.provider).map(|()| row)
    }

    pub(super) fn view_grant(&self, city: &City, row: GrantRow, now: Moment) -> Answer<GrantView> {
        let state = match row.ended {
            Some(_) => GrantState::Withdrawn,
            None if row.until < now => GrantState::Expired,
            None if row.until.seconds_since(now) < SOON => GrantState::Ending,
            None => GrantState::Active,
        };
        Ok(GrantView {
            resource: resource(city, &row.resource),
            provider: department(city, &row.provider),
            department: department(city, &row.department),
            terms: super::terms(&row.terms)?,
            state,
            id: row.id,
            request: row.request,
            since: row.since,
            until: row.until,
            ended: row.ended,
            ended_by: row.ended_by,
            ended_why: row.ended_why,
        })
    }
}
