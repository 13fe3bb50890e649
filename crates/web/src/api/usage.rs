//! What grants were used for, and reports of what came of it.

use axum::Json;
use axum::extract::Path;
use desk::share::{Concern, Counts, GrantUsage, ReportView, UsageFilter, UsageView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Time, mirror};
use super::share::{Channel, Purpose, Titled};
use crate::frame::Visit;

mirror!(
    /// `given`: by the own department to others; `taken`: to the own department; `both`.
    Side of Concern { Both, Given, Taken } as "snake_case"
);

/// Counts of calls.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UseCounts {
    /// Calls that were answered.
    calls: u64,
    rows: u64,
    /// Calls that were refused and told in the log.
    refused: u64,
    /// Calls of a service that gave no answer.
    errors: u64,
}

impl From<Counts> for UseCounts {
    fn from(counts: Counts) -> UseCounts {
        UseCounts { calls: counts.calls, rows: counts.rows, refused: counts.refused, errors: counts.errors }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct UseOfDay {
    day: String,
    #[serde(flatten)]
    counts: UseCounts,
}

#[derive(Debug, Serialize, ToSchema)]
struct UseOfChannel {
    channel: Channel,
    #[serde(flatten)]
    counts: UseCounts,
}

#[derive(Debug, Serialize, ToSchema)]
struct UseOfPurpose {
    purpose: Purpose,
    #[serde(flatten)]
    counts: UseCounts,
}

#[derive(Debug, Serialize, ToSchema)]
struct UseOfGrant {
    grant: String,
    resource: Titled,
    provider: Titled,
    department: Titled,
    purpose: Purpose,
    #[serde(flatten)]
    counts: UseCounts,
}

impl From<GrantUsage> for UseOfGrant {
    fn from(one: GrantUsage) -> UseOfGrant {
        UseOfGrant {
            grant: one.grant,
            resource: one.resource.into(),
            provider: one.provider.into(),
            department: one.department.into(),
            purpose: one.purpose.into(),
            counts: one.counts.into(),
        }
    }
}

/// Use of grants in a period.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Usage {
    /// First and last day.
    from: String,
    to: String,
    total: UseCounts,
    days: Vec<UseOfDay>,
    channels: Vec<UseOfChannel>,
    purposes: Vec<UseOfPurpose>,
    /// The most used first, a thousand at most.
    grants: Vec<UseOfGrant>,
    /// How long services took at most for half of the calls, in milliseconds.
    p50: Option<u64>,
    /// And for 95 of 100.
    p95: Option<u64>,
}

impl From<UsageView> for Usage {
    fn from(view: UsageView) -> Usage {
        Usage {
            from: view.from,
            to: view.to,
            total: view.total.into(),
            days: view.days.into_iter().map(|(day, counts)| UseOfDay { day, counts: counts.into() }).collect(),
            channels: view.channels.into_iter().map(|(channel, counts)| UseOfChannel { channel: channel.into(), counts: counts.into() }).collect(),
            purposes: view.purposes.into_iter().map(|(purpose, counts)| UseOfPurpose { purpose: purpose.into(), counts: counts.into() }).collect(),
            grants: view.grants.into_iter().map(UseOfGrant::from).collect(),
            p50: view.p50,
            p95: view.p95,
        }
    }
}

/// 使用情况 / What grants were used for
///
/// 按日、方式、用途和授权统计。 By day, channel, purpose and grant.
#[utoipa::path(get, path = "/api/v1/usage", operation_id = "usage", tag = "share", security(("session" = [])),
    params(
        ("concern" = Option<Side>, Query, description = "提供的、使用的，或两者 / given, taken, or both"),
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("grant" = Option<String>, Query, description = "只看此授权 / of this grant", max_length = 200),
        ("days" = Option<u64>, Query, description = "最近多少天，默认 30 / the last so many days, 30 by default", minimum = 1, maximum = 366),
    ),
    responses((status = 200, body = Usage), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn usage(visit: Visit) -> Answered<Usage> {
    let who = visit.staff().told(&visit)?;
    let side: Option<Side> = visit.chosen("concern").map(|word| read::word("concern", &word)).transpose().told(&visit)?;
    let days = read::number(&visit, "days", 30, 1..=366).told(&visit)?;
    let filter = UsageFilter {
        concern: side.map(Concern::from).unwrap_or_default(),
        resource: read::text(&visit, "resource").told(&visit)?,
        grant: read::text(&visit, "grant").told(&visit)?,
        days: i64::try_from(days).ok(),
    };
    Ok(Json(visit.app.desk.usage(who, &filter, visit.now).await.told(&visit)?.into()))
}

/// A report of use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UseReport {
    id: String,
    /// First and last day that it is about.
    since: String,
    until: String,
    /// What was used in that time.
    calls: u64,
    rows: u64,
    /// What it was used for, and what came of it.
    words: String,
    who: String,
    time: Time,
}

impl From<ReportView> for UseReport {
    fn from(view: ReportView) -> UseReport {
        UseReport { id: view.id, since: view.since, until: view.until, calls: view.calls, rows: view.rows, words: view.words, who: view.who, time: view.time.into() }
    }
}

/// 使用情况报告 / Reports of use
#[utoipa::path(get, path = "/api/v1/grants/{id}/reports", operation_id = "use_reports", tag = "share", security(("session" = [])),
    params(("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200)),
    responses((status = 200, body = Vec<UseReport>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn use_reports(Path(id): Path<String>, visit: Visit) -> Answered<Vec<UseReport>> {
    let who = visit.staff().told(&visit)?;
    let found = visit.app.desk.use_reports(who, &id).await.told(&visit)?;
    Ok(Json(found.into_iter().map(UseReport::from).collect()))
}

/// What is reported.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Reporting {
    /// What it was used for, and what came of it.
    #[schema(max_length = 1000)]
    words: String,
}

/// 报告使用情况 / Report use
///
/// 由使用部门提交，涵盖上次报告以来的使用。 By the department that uses the grant, about the time since the last report.
#[utoipa::path(post, path = "/api/v1/grants/{id}/reports", operation_id = "report_use", tag = "share", security(("session" = [])), request_body = Reporting,
    params(("id" = String, Path, description = "授权编号 / id of the grant", max_length = 200)),
    responses((status = 200, body = Vec<UseReport>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn report_use(Path(id): Path<String>, visit: Visit, body: Result<Body<Reporting>, Problem>) -> Answered<Vec<UseReport>> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(reporting) = body.told(&visit)?;
    visit.app.desk.report_use(who, &id, &reporting.words, visit.now).await.told(&visit)?;
    let found = visit.app.desk.use_reports(who, &id).await.told(&visit)?;
    Ok(Json(found.into_iter().map(UseReport::from).collect()))
}
