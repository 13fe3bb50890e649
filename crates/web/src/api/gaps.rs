//! 有目录无数据: what is catalogued without data, or without fresh data.

use axum::Json;
use desk::gaps::{self, GapFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Time, UpdatePeriod, Whole, Words, mirror};
use crate::frame::Visit;

mirror!(
    /// What is lacking. `failing`: collection fails; `never`: never collected; `empty`: not a single row; `stale`: overdue.
    Lack of gaps::Lack { Failing, Never, Empty, Stale } as "snake_case"
);

/// One resource without data, or without fresh data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Gap {
    resource: String,
    resource_title: Words,
    code: String,
    department: String,
    department_title: Words,
    system: String,
    lack: Lack,
    /// The first failure of the series, or when the promise was broken.
    since: Option<Time>,
    last_collected: Option<Time>,
    period: UpdatePeriod,
    /// Why the last collection failed.
    error: Option<Words>,
}

impl From<gaps::Gap> for Gap {
    fn from(gap: gaps::Gap) -> Gap {
        Gap {
            resource: gap.resource.id,
            resource_title: gap.resource.title.into(),
            code: gap.resource.code,
            department: gap.resource.department,
            department_title: gap.resource.department_title.into(),
            system: gap.resource.system,
            lack: gap.lack.into(),
            since: gap.since.map(Time::from),
            last_collected: gap.resource.last_collected.map(Time::from),
            period: gap.resource.period.into(),
            error: gap.error.map(Words::from),
        }
    }
}

/// 有目录无数据 / Catalogued without data
///
/// 按部门列出从未归集、没有一行、超期未更新、归集失败的资源。 By department: never collected, empty, overdue, failing.
#[utoipa::path(get, path = "/api/v1/gaps", tag = "catalog",
    params(
        ("department" = Option<String>, Query, description = "只看此部门 / of this department", max_length = 200),
        ("lack" = Option<Lack>, Query, description = "只看此类 / of this kind"),
    ),
    responses((status = 200, body = Whole<Gap>), (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn gaps(visit: Visit) -> Answered<Whole<Gap>> {
    let lack: Option<Lack> = visit.chosen("lack").map(|word| read::word("lack", &word)).transpose().told(&visit)?;
    let lack = lack.and_then(|lack| gaps::Lack::ALL.into_iter().find(|one| Lack::from(*one) == lack));
    let filter = GapFilter { department: read::text(&visit, "department").told(&visit)?, lack };
    let view = visit.app.desk.gaps(&filter, visit.now).await.told(&visit)?;
    Ok(Json(Whole { entries: view.gaps.into_iter().map(Gap::from).collect() }))
}
