//! Editing rows that have landed, for staff: one as it is, and new values that lie over what the source delivers.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Path;
use desk::edit::{Edited, Edits, EditForm, row_name, row_named};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::quarantine::Fault;
use super::shape::Words;
use crate::frame::Visit;

/// A current row, field by field.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LandedRow {
    resource: String,
    /// Its `hash`.
    row: String,
    /// Where it came from.
    file: String,
    line: u64,
    batch: i64,
    fields: Vec<LandedField>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LandedField {
    name: String,
    title: Words,
    value: Option<String>,
    required: bool,
    key: bool,
    /// It cannot be edited: by it the source's row is known.
    fixed: bool,
}

impl From<EditForm> for LandedRow {
    fn from(form: EditForm) -> LandedRow {
        let fixed = form.fixed;
        let field = |field: desk::correct::RepairField| LandedField {
            fixed: fixed.contains(&field.name),
            name: field.name,
            title: field.title.into(),
            value: field.value,
            required: field.required,
            key: field.key,
        };
        LandedRow {
            resource: form.resource.id,
            row: form.row,
            file: form.file,
            line: form.line,
            batch: form.batch,
            fields: form.fields.into_iter().map(field).collect(),
        }
    }
}

/// 一行现行数据 / One current row
///
/// 按行的标识（`hash`）逐个字段给出原值；已不是现行的行答 404。 Each field by the row's `hash`; 404 for a row that is not current any more.
#[utoipa::path(get, path = "/api/v1/resources/{id}/rows/{row}", operation_id = "landed_row", tag = "quality", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200),
        ("row" = String, Path, description = "行的标识 / the row's hash", max_length = 32)),
    responses((status = 200, body = LandedRow), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn row(Path((id, row)): Path<(String, String)>, visit: Visit) -> Answered<LandedRow> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.edit_form(who, &id, &row).await.told(&visit)?.into()))
}

/// Rows with their right values.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Editing {
    /// On what ground; kept with the correction.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    #[schema(max_items = 10000)]
    rows: Vec<EditedRow>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct EditedRow {
    /// Its `hash`, as failing rows tell it.
    #[schema(min_length = 32, max_length = 32)]
    row: String,
    /// New values by field; `null` makes a field empty. Fields that are not named stay as they are.
    values: BTreeMap<String, Option<String>>,
}

/// What became of edited rows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Edition {
    /// Its id, if anything landed; undone like any correction.
    correction: Option<String>,
    landed: u64,
    wrong: Vec<WrongEdit>,
    /// Not current any more.
    gone: Vec<String>,
}

/// A row that stays as it is.
#[derive(Debug, Serialize, ToSchema)]
struct WrongEdit {
    row: String,
    faults: Vec<Fault>,
}

impl From<Edits> for Edition {
    fn from(done: Edits) -> Edition {
        let wrong = |(row, faults): ([u8; 16], Vec<data::standard::Fault>)| WrongEdit { row: row_name(row), faults: faults.into_iter().map(Fault::from).collect() };
        Edition {
            correction: done.correction,
            landed: done.landed,
            wrong: done.wrong.into_iter().map(wrong).collect(),
            gone: done.gone.into_iter().map(row_name).collect(),
        }
    }
}

/// 更正入库的行 / Edit current rows
///
/// 按同样的规则核验，通过的立即替换现行的行；来源再送来原样的行仍以更正为准，送来别的内容则以来源为准。没有主键的资源不能更正。
/// Checked by the same rules: what passes takes the place of the current row at once and lies over the source's until the source
/// delivers another one of that key. A resource without a key cannot be edited.
#[utoipa::path(post, path = "/api/v1/resources/{id}/edits", operation_id = "edit", tag = "quality", security(("session" = [])), request_body = Editing,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = Edition),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn edit(Path(id): Path<String>, visit: Visit, body: Result<Body<Editing>, Problem>) -> Answered<Edition> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(sent) = body.told(&visit)?;
    let edited = |one: EditedRow| {
        let row = row_named(&one.row).map_err(|_| bad_row(&one.row))?;
        Ok(Edited { row, values: one.values.into_iter().collect() })
    };
    let rows = sent.rows.into_iter().map(edited).collect::<Result<Vec<_>, Problem>>().told(&visit)?;
    Ok(Json(visit.app.desk.edit(who, &id, rows, &sent.reason, "api").await.told(&visit)?.into()))
}

fn bad_row(text: &str) -> Problem {
    Problem::invalid(format!("行的标识应为 32 位十六进制，收到的是“{text}”。"), format!("A row is named by 32 hexadecimal digits; \"{text}\" is not."))
}
