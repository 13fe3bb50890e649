//! Quality: scores of departments and resources, what each rule found, and, for staff, the rows that fail.

use axum::Json;
use axum::extract::Path;
use data::declare;
use desk::quality;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Time, Words, mirror};
use crate::frame::Visit;

mirror!(
    /// Sides of quality: 完整性、有效性、唯一性、一致性、及时性、关联性。
    Dimension of declare::Dimension { Completeness, Validity, Uniqueness, Consistency, Timeliness, Referential } as "snake_case"
);
mirror!(
    /// How grave a failure is. `info` opens no defect.
    RuleSeverity of declare::RuleSeverity { Info, Warning, Error } as "snake_case"
);
mirror!(
    /// `unmeasured`: not yet, or changed since, or a table it needs is not there.
    RuleState of quality::RuleState { Passed, Failed, Unmeasured } as "snake_case"
);

/// A resource or a department with its score, 0 to 100.
#[derive(Debug, Serialize, ToSchema)]
struct QualityScore {
    id: String,
    title: Words,
    department: String,
    score: f64,
    rows: u64,
    rules: u64,
    /// Rules that more rows fail than may.
    failing: u64,
    measured: Option<Time>,
}

/// The score of a day.
#[derive(Debug, Serialize, ToSchema)]
struct ScoreDay {
    #[schema(example = "2026-11-24")]
    day: String,
    score: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CityQuality {
    /// Null before anything was measured.
    score: Option<f64>,
    /// The worst first.
    departments: Vec<QualityScore>,
    /// The worst first.
    resources: Vec<QualityScore>,
    trend: Vec<ScoreDay>,
    /// Resources that declare no rule.
    without: u64,
}

impl From<quality::Score> for QualityScore {
    fn from(one: quality::Score) -> QualityScore {
        QualityScore {
            id: one.id,
            title: one.title.into(),
            department: one.department,
            score: one.score,
            rows: one.rows,
            rules: one.rules,
            failing: one.failing,
            measured: one.measured.map(Time::from),
        }
    }
}

fn days(trend: Vec<(String, f64)>) -> Vec<ScoreDay> {
    trend.into_iter().map(|(day, score)| ScoreDay { day, score }).collect()
}

/// 数据质量 / Quality
///
/// 各部门与各信息资源的得分，最低的在前。 Scores of departments and resources, the worst first.
#[utoipa::path(get, path = "/api/v1/quality", tag = "quality",
    params(("department" = Option<String>, Query, description = "只看此部门 / of this department", max_length = 200)),
    responses((status = 200, body = CityQuality), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn city_quality(visit: Visit) -> Answered<CityQuality> {
    let department = read::text(&visit, "department").told(&visit)?;
    let found = visit.app.desk.city_quality(department.as_deref(), visit.now).await.told(&visit)?;
    Ok(Json(CityQuality {
        score: found.score,
        departments: found.departments.into_iter().map(QualityScore::from).collect(),
        resources: found.resources.into_iter().map(QualityScore::from).collect(),
        trend: days(found.trend),
        without: found.without,
    }))
}

/// One rule with what it found when it was last measured.
#[derive(Debug, Serialize, ToSchema)]
struct QualityRule {
    name: String,
    title: Words,
    dimension: Dimension,
    severity: RuleSeverity,
    /// Share of the rows (0 to 1) that may fail.
    allowed: f64,
    /// What it asks, as SQL or in the signs of its short form.
    asks: String,
    state: RuleState,
    checked: u64,
    failed: u64,
    /// The largest date found, of a rule on freshness.
    newest: Option<Time>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResourceQuality {
    resource: String,
    title: Words,
    department: String,
    measured: Option<Time>,
    rows: u64,
    /// 0 to 100; null before the first measurement.
    score: Option<f64>,
    /// Why the last measurement failed.
    error: Option<Words>,
    rules: Vec<QualityRule>,
    trend: Vec<ScoreDay>,
}

impl From<quality::RuleView> for QualityRule {
    fn from(rule: quality::RuleView) -> QualityRule {
        QualityRule {
            name: rule.name,
            title: rule.title.into(),
            dimension: rule.dimension.into(),
            severity: rule.severity.into(),
            allowed: rule.allowed,
            asks: rule.asks,
            state: rule.state.into(),
            checked: rule.checked,
            failed: rule.failed,
            newest: rule.newest.map(Time::from),
        }
    }
}

/// 一项资源的质量 / Quality of a resource
///
/// 每条规则的结果与得分变化。 What each rule found, and the score over time.
#[utoipa::path(get, path = "/api/v1/resources/{id}/quality", tag = "quality",
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = ResourceQuality), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resource_quality(Path(id): Path<String>, visit: Visit) -> Answered<ResourceQuality> {
    let found = visit.app.desk.resource_quality(&id, visit.now).await.told(&visit)?;
    Ok(Json(ResourceQuality {
        resource: found.resource,
        title: found.title.into(),
        department: found.department,
        measured: found.measured.map(Time::from),
        rows: found.rows,
        score: found.score,
        error: found.error.map(Words::from),
        rules: found.rules.into_iter().map(QualityRule::from).collect(),
        trend: days(found.trend),
    }))
}

/// One row that fails.
#[derive(Debug, Serialize, ToSchema)]
struct FailingRow {
    /// Names the row, 32 hexadecimal digits.
    hash: String,
    /// In the order of `columns`.
    cells: Vec<Option<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailingRows {
    columns: Vec<String>,
    rows: Vec<FailingRow>,
    /// `after` of the next page; null at the end.
    next: Option<String>,
}

/// 不合格的行 / Failing rows
///
/// 现在不满足一条规则的行，按 `hash` 排列，逐页给出全部。 Every row that fails a rule now, by `hash`, page after page.
#[utoipa::path(get, path = "/api/v1/resources/{id}/quality/{rule}", tag = "quality", security(("session" = [])),
    params(
        ("id" = String, Path, description = "编号 / id", max_length = 200),
        ("rule" = String, Path, description = "规则名 / the rule's name", max_length = 200),
        ("after" = Option<String>, Query, description = "从此 hash 之后 / after this hash", max_length = 32),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = FailingRows), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn failing_rows(Path((id, rule)): Path<(String, String)>, visit: Visit) -> Answered<FailingRows> {
    let who = visit.staff().told(&visit)?;
    let after = read::text(&visit, "after").told(&visit)?;
    let size = read::number(&visit, "size", 50, 1..=read::SIZE_MAX).told(&visit)?;
    let found = visit
        .app
        .desk
        .failing_rows(who, &id, &rule, after.as_deref(), size)
        .await
        .told(&visit)?;
    let rows = found
        .rows
        .into_iter()
        .map(|row| FailingRow {
            hash: row.hash,
            cells: row.cells,
        })
        .collect();
    Ok(Json(FailingRows {
        columns: found.columns,
        rows,
        next: found.next,
    }))
}
