//! Quarantine, for staff: rows refused, with reasons.

use axum::Json;
use desk::view::{Cause, QuarantineFilter, QuarantineRow as Row, QuarantineView};
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::read;
use super::shape::{Page, Time, Words};
use crate::frame::Visit;

/// Refused rows that share a reason.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuarantineCause {
    resource: String,
    resource_title: Words,
    /// Stable word, e.g. `citizen_id.check_digit`.
    code: String,
    /// Empty when the row as a whole is at fault.
    item: String,
    item_title: Words,
    message: Words,
    rows: u64,
    /// One value as found.
    example: String,
}

impl From<Cause> for QuarantineCause {
    fn from(view: Cause) -> QuarantineCause {
        QuarantineCause {
            resource: view.resource,
            resource_title: view.resource_title.into(),
            code: view.code,
            item: view.item,
            item_title: view.item_title.into(),
            message: view.message.into(),
            rows: view.rows,
            example: view.example,
        }
    }
}

/// One refused row.
#[derive(Debug, Serialize, ToSchema)]
struct QuarantineRow {
    resource: String,
    resource_title: Words,
    /// Number of the row in the quarantine of its resource.
    place: String,
    run: String,
    file: String,
    line: u64,
    faults: Vec<Fault>,
    /// The original record, decoded for reading.
    text: String,
    /// The original record, byte for byte.
    bytes_hex: String,
    time: Time,
}

/// Why a value or a row was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RowFault)]
pub(super) struct Fault {
    code: String,
    item: String,
    /// As found, shortened to 200 characters.
    found: String,
    message: Words,
}

impl From<data::standard::Fault> for Fault {
    fn from(fault: data::standard::Fault) -> Fault {
        Fault { code: fault.code, item: fault.item, found: fault.found, message: fault.message.into() }
    }
}

impl From<Row> for QuarantineRow {
    fn from(view: Row) -> QuarantineRow {
        QuarantineRow {
            resource: view.resource,
            resource_title: view.resource_title.into(),
            place: format!("{}-{}", view.batch, view.row),
            run: view.run,
            file: view.file,
            line: view.line,
            faults: view.faults.into_iter().map(Fault::from).collect(),
            text: view.text,
            bytes_hex: view.bytes_hex,
            time: view.time.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Quarantine {
    causes: Vec<QuarantineCause>,
    rows: Page<QuarantineRow>,
}

impl From<QuarantineView> for Quarantine {
    fn from(view: QuarantineView) -> Quarantine {
        Quarantine { causes: view.causes.into_iter().map(QuarantineCause::from).collect(), rows: Page::of(view.rows) }
    }
}

/// 问题数据 / Quarantine
///
/// 未通过校验的行，按原因汇总，最新的在前。 Rows refused, by cause, newest first.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "collection", security(("session" = [])),
    params(
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("system" = Option<String>, Query, description = "只看此系统 / of this system", max_length = 200),
        ("code" = Option<String>, Query, description = "只看此原因 / with this cause", max_length = 200),
        ("item" = Option<String>, Query, description = "只看此信息项 / of this item", max_length = 200),
        ("run" = Option<String>, Query, description = "只看此任务 / of this run", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Quarantine), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn quarantine(visit: Visit) -> Answered<Quarantine> {
    let who = visit.staff().told(&visit)?;
    let (filter, (page, size)) = filter(&visit).told(&visit)?;
    let view = visit.app.desk.quarantine(who, &filter, page, size).await.told(&visit)?;
    Ok(Json(view.into()))
}

pub(super) fn filter(visit: &Visit) -> Result<(QuarantineFilter, (u64, u64)), Problem> {
    let filter = QuarantineFilter {
        resource: read::text(visit, "resource")?,
        system: read::text(visit, "system")?,
        code: read::text(visit, "code")?,
        item: read::text(visit, "item")?,
        run: read::text(visit, "run")?,
    };
    Ok((filter, read::paging(visit)?))
}
