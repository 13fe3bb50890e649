//! Mending refused rows, for staff: one, one value for all of a cause, a file that goes out and comes back; and taking it back.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{Path, Request};
use axum::response::Response;
use desk::correct::{Corrected, Mended, Repair, Replacement, RowPlace, StillWrong};
use desk::corrections::{CorrectedView, CorrectionDetail, CorrectionView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::body::Body;
use super::problem::{ForReader, Problem};
use super::quarantine::Fault;
use super::read;
use super::shape::{Time, Whole, Words};
use crate::frame::Visit;
use crate::quarantine::file::download;

fn place_of(text: &str) -> Result<RowPlace, Problem> {
    text.parse().map_err(|()| Problem::not_found())
}

/// A refused row, field by field.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusedRow {
    resource: String,
    place: String,
    file: String,
    line: u64,
    time: Time,
    /// The original record, decoded for reading.
    text: String,
    fields: Vec<RefusedField>,
    /// What is wrong with the row as a whole.
    faults: Vec<Fault>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RefusedField {
    name: String,
    title: Words,
    value: Option<String>,
    required: bool,
    key: bool,
    faults: Vec<Fault>,
}

impl From<Repair> for RefusedRow {
    fn from(view: Repair) -> RefusedRow {
        let field = |field: desk::correct::RepairField| RefusedField {
            name: field.name,
            title: field.title.into(),
            value: field.value,
            required: field.required,
            key: field.key,
            faults: field.faults.into_iter().map(Fault::from).collect(),
        };
        RefusedRow {
            resource: view.resource.id,
            place: view.place.to_string(),
            file: view.file,
            line: view.line,
            time: view.time.into(),
            text: view.text,
            fields: view.fields.into_iter().map(field).collect(),
            faults: view.faults.into_iter().map(Fault::from).collect(),
        }
    }
}

/// 一行问题数据 / One refused row
///
/// 逐个字段的原值和问题。已不在问题数据中的行答 404。 Each field as found and what is wrong; 404 for a row that is not open any more.
#[utoipa::path(get, path = "/api/v1/quarantine/{resource}/{place}", operation_id = "refused_row", tag = "collection", security(("session" = [])),
    params(("resource" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("place" = String, Path, description = "问题编号，如 17-204 / number of the row, e.g. 17-204", max_length = 50)),
    responses((status = 200, body = RefusedRow), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn row(Path((resource, place)): Path<(String, String)>, visit: Visit) -> Answered<RefusedRow> {
    let who = visit.staff().told(&visit)?;
    let place = place_of(&place).told(&visit)?;
    Ok(Json(visit.app.desk.repair(who, &resource, place).await.told(&visit)?.into()))
}

/// Rows with their right values.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Mending {
    /// On what ground; kept with the correction.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    #[schema(max_items = 10000)]
    rows: Vec<MendedRow>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct MendedRow {
    /// Number of the row, e.g. `17-204`.
    place: String,
    /// New values by field; `null` makes a field empty. Fields that are not named stay as they are.
    values: BTreeMap<String, Option<String>>,
}

/// What became of rows that were mended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Correction {
    /// Its id, if anything was right.
    correction: Option<String>,
    landed: u64,
    /// Right, but here already.
    unchanged: u64,
    wrong: Vec<WrongRow>,
    /// Not open any more.
    gone: Vec<String>,
}

/// A row that is still refused.
#[derive(Debug, Serialize, ToSchema)]
struct WrongRow {
    place: String,
    /// Of the file that came back.
    line: Option<u64>,
    faults: Vec<Fault>,
}

impl Correction {
    fn new(done: Corrected, lines: &HashMap<RowPlace, u64>) -> Correction {
        let wrong = |wrong: StillWrong| WrongRow {
            place: wrong.place.to_string(),
            line: lines.get(&wrong.place).copied(),
            faults: wrong.faults.into_iter().map(Fault::from).collect(),
        };
        Correction {
            correction: done.correction,
            landed: done.landed,
            unchanged: done.unchanged,
            wrong: done.wrong.into_iter().map(wrong).collect(),
            gone: done.gone.iter().map(RowPlace::to_string).collect(),
        }
    }
}

/// 更正 / Correct rows
///
/// 按同样的规则核验，通过的立即入库，仍有错的留在问题数据并说明原因；应答时数据已落盘。
/// Checked by the same rules: what passes lands at once and is durable when the answer comes, what is still wrong stays and is told.
#[utoipa::path(post, path = "/api/v1/quarantine/{resource}/corrections", operation_id = "correct", tag = "collection", security(("session" = [])), request_body = Mending,
    params(("resource" = String, Path, description = "资源编号 / id of the resource", max_length = 200)),
    responses((status = 200, body = Correction),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn correct(Path(resource): Path<String>, visit: Visit, body: Result<Body<Mending>, Problem>) -> Answered<Correction> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(sent) = body.told(&visit)?;
    let mended = |row: MendedRow| {
        let place = row.place.parse().map_err(|()| bad_place(&row.place))?;
        Ok(Mended { place, values: row.values.into_iter().collect() })
    };
    let rows = sent.rows.into_iter().map(mended).collect::<Result<Vec<_>, Problem>>().told(&visit)?;
    let done = visit.app.desk.correct(who, &resource, rows, &sent.reason, "api").await.told(&visit)?;
    Ok(Json(Correction::new(done, &HashMap::new())))
}

fn bad_place(text: &str) -> Problem {
    Problem::invalid(format!("问题编号应为“批次-行”，如 17-204，收到的是“{text}”。"), format!("A row is named by batch and row, e.g. 17-204; \"{text}\" is not."))
}

/// One value for all rows of a cause.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ValueForAll {
    code: String,
    item: String,
    /// Only rows in which this was found.
    #[serde(default)]
    found: Option<String>,
    /// `null` makes the field empty.
    value: Option<String>,
    /// On what ground. Without one it is a trial that lands nothing.
    #[serde(default)]
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// 统一更正 / One value for all rows of a cause
///
/// 不写 reason 是试算，什么也不入库。 Without a reason it is a trial: nothing lands.
#[utoipa::path(post, path = "/api/v1/quarantine/{resource}/replacements", operation_id = "replace", tag = "collection", security(("session" = [])), request_body = ValueForAll,
    params(("resource" = String, Path, description = "资源编号 / id of the resource", max_length = 200)),
    responses((status = 200, body = Correction),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn replace(Path(resource): Path<String>, visit: Visit, body: Result<Body<ValueForAll>, Problem>) -> Answered<Correction> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(sent) = body.told(&visit)?;
    let change = Replacement { resource, code: sent.code, item: sent.item, found: sent.found, value: sent.value };
    let done = visit.app.desk.replace_value(who, &change, sent.reason.as_deref()).await.told(&visit)?;
    Ok(Json(Correction::new(done, &HashMap::new())))
}

/// 下载问题数据 / Refused rows as a file
///
/// 部门原来文件的样子（编码、分隔符或工作表），多两列：问题原因、问题编号。
/// A file like the department's own (encoding, delimiter or sheet) with two more columns: the reasons and the number of each row.
#[utoipa::path(get, path = "/api/v1/quarantine/{resource}/file", operation_id = "export", tag = "collection", security(("session" = [])),
    params(
        ("resource" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("code" = Option<String>, Query, description = "只看此原因 / with this cause", max_length = 200),
        ("item" = Option<String>, Query, description = "只看此信息项 / of this item", max_length = 200),
        ("run" = Option<String>, Query, description = "只看此任务 / of this run", max_length = 200),
    ),
    responses((status = 200, body = Vec<u8>, content_type = "text/csv"), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn export(Path(resource): Path<String>, visit: Visit) -> Result<Response, Problem> {
    let who = visit.staff().told(&visit)?;
    let (filter, _) = super::quarantine::filter(&visit).told(&visit)?;
    let filter = desk::view::QuarantineFilter { resource: Some(resource), ..filter };
    Ok(download(visit.app.desk.export_quarantine(who, &filter, visit.lang).await.told(&visit)?))
}

/// What became of a file that came back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Upload {
    rows: u64,
    /// Lines without a readable number: nothing was done with them.
    unknown: Vec<u64>,
    corrected: Correction,
}

/// 上传改好的文件 / Bring the mended file back
///
/// 内容就是文件本身，至多 32 MiB。行按「问题编号」一列辨认。 The body is the file itself, 32 MiB at most; rows are known by the column 问题编号.
#[utoipa::path(post, path = "/api/v1/quarantine/{resource}/file", operation_id = "upload", tag = "collection", security(("session" = [])),
    params(
        ("resource" = String, Path, description = "资源编号 / id of the resource", max_length = 200),
        ("reason" = String, Query, description = "更正依据 / on what ground", max_length = 200),
        ("name" = Option<String>, Query, description = "文件名 / name of the file", max_length = 200),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Upload),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn upload(Path(resource): Path<String>, visit: Visit, request: Request) -> Answered<Upload> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let reason = read::text(&visit, "reason").told(&visit)?.unwrap_or_default();
    let name = read::text(&visit, "name").told(&visit)?.unwrap_or_else(|| "-".to_owned());
    visit.app.desk.may_mend(who, &resource).await.told(&visit)?;
    let kept = visit.app.desk.keep_upload(request.into_body().into_data_stream()).await.told(&visit)?;
    let done = visit.app.desk.upload_corrections(who, &resource, kept.path(), &name, &reason, "api").await.told(&visit)?;
    Ok(Json(Upload { rows: done.rows, unknown: done.unknown, corrected: Correction::new(done.corrected, &done.lines) }))
}

/// A correction that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CorrectionEntry {
    id: String,
    resource: String,
    resource_title: Words,
    who: String,
    reason: String,
    /// `page`, `bulk`, `upload`, `command`, `api`.
    origin: String,
    /// Whether its rows had landed before; else they had been refused.
    edits: bool,
    time: Time,
    rows: u64,
    /// Of them, taken back.
    undone: u64,
}

impl From<CorrectionView> for CorrectionEntry {
    fn from(view: CorrectionView) -> CorrectionEntry {
        CorrectionEntry {
            id: view.id,
            resource: view.resource,
            resource_title: view.resource_title.into(),
            who: view.who,
            reason: view.reason,
            origin: view.origin,
            edits: view.edits,
            time: view.time.into(),
            rows: view.rows,
            undone: view.undone,
        }
    }
}

/// A correction with its rows (500 at most).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CorrectionWhole {
    correction: CorrectionEntry,
    rows: Vec<CorrectedRow>,
    undone: Vec<Undoing>,
}

/// Who took rows back, and when.
#[derive(Debug, Serialize, ToSchema)]
struct Undoing {
    who: String,
    time: Time,
}

#[derive(Debug, Serialize, ToSchema)]
struct CorrectedRow {
    place: String,
    key: Vec<String>,
    changes: Vec<FieldChange>,
    /// When the source was seen to deliver the row as corrected.
    confirmed: Option<Time>,
    /// When another row took its place, of an edit.
    gave_way: Option<Time>,
    undone: Option<Time>,
}

#[derive(Debug, Serialize, ToSchema)]
struct FieldChange {
    name: String,
    before: Option<String>,
    after: Option<String>,
}

impl From<CorrectedView> for CorrectedRow {
    fn from(view: CorrectedView) -> CorrectedRow {
        CorrectedRow {
            place: view.place.to_string(),
            key: view.key,
            changes: view.changes.into_iter().map(|c| FieldChange { name: c.name, before: c.before, after: c.after }).collect(),
            confirmed: view.confirmed.map(Time::from),
            gave_way: view.gave_way.map(Time::from),
            undone: view.undone.map(Time::from),
        }
    }
}

impl From<CorrectionDetail> for CorrectionWhole {
    fn from(view: CorrectionDetail) -> CorrectionWhole {
        CorrectionWhole {
            correction: view.correction.into(),
            rows: view.rows.into_iter().map(CorrectedRow::from).collect(),
            undone: view.undoings.into_iter().map(|(who, time)| Undoing { who, time: time.into() }).collect(),
        }
    }
}

/// 更正记录 / Corrections
///
/// 最新的在前。 Newest first.
#[utoipa::path(get, path = "/api/v1/corrections", tag = "collection", security(("session" = [])),
    params(
        ("resource" = Option<String>, Query, description = "只看此资源 / of this resource", max_length = 200),
        ("code" = Option<String>, Query, description = "只看此原因 / of rows with this cause", max_length = 200),
        ("item" = Option<String>, Query, description = "只看此信息项 / of this item", max_length = 200),
        ("page" = Option<u64>, Query, description = "第几页，从 1 起 / page, from 1", minimum = 1, maximum = 1000000),
        ("size" = Option<u64>, Query, description = "每页条数，默认 50 / entries a page, 50 by default", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = Whole<CorrectionEntry>), (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn corrections(visit: Visit) -> Answered<Whole<CorrectionEntry>> {
    let who = visit.staff().told(&visit)?;
    let (filter, (page, size)) = super::quarantine::filter(&visit).told(&visit)?;
    let found = visit.app.desk.corrections(who, &filter, page, size).await.told(&visit)?;
    Ok(Json(Whole { entries: found.into_iter().map(CorrectionEntry::from).collect() }))
}

/// 一次更正 / One correction
///
/// 逐行：改了什么，是否有效。 Row by row: what was changed, and whether it stands.
#[utoipa::path(get, path = "/api/v1/corrections/{id}", tag = "collection", security(("session" = [])),
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = CorrectionWhole), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn correction(Path(id): Path<String>, visit: Visit) -> Answered<CorrectionWhole> {
    let who = visit.staff().told(&visit)?;
    Ok(Json(visit.app.desk.correction(who, &id).await.told(&visit)?.into()))
}

/// Which rows of a correction.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TakeBack {
    /// Numbers of the rows, e.g. `17-204`; left out: all of them.
    #[serde(default)]
    places: Option<Vec<String>>,
}

/// What became of rows that were to be taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenBack {
    /// In quarantine again; of an edit, as the source delivers them again.
    reopened: u64,
    /// Left as they are: the source has delivered them since, or newer rows have their places.
    superseded: Vec<String>,
    /// Taken back before.
    already: Vec<String>,
}

/// 撤销更正 / Undo a correction
///
/// 更正的行退出标准层，问题行重新打开，入库行恢复为来源的内容；来源此后已送来的行保持不动。
/// The corrected rows leave the standard layer, and the refused ones are open again or the source's rows back; what the source has delivered since stays.
#[utoipa::path(post, path = "/api/v1/corrections/{id}/undo", operation_id = "undo", tag = "collection", security(("session" = [])), request_body = TakeBack,
    params(("id" = String, Path, description = "编号 / id", max_length = 200)),
    responses((status = 200, body = TakenBack),
        (status = 400, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"), (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 507, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn undo(Path(id): Path<String>, visit: Visit, body: Result<Body<TakeBack>, Problem>) -> Answered<TakenBack> {
    let who = visit.staff().told(&visit)?;
    visit.from_our_page().told(&visit)?;
    let Body(sent) = body.told(&visit)?;
    let places = |texts: Vec<String>| texts.iter().map(|text| text.parse().map_err(|()| bad_place(text))).collect::<Result<Vec<RowPlace>, _>>();
    let places = sent.places.map(places).transpose().told(&visit)?;
    let done = visit.app.desk.undo(who, &id, places.as_deref()).await.told(&visit)?;
    let texts = |places: &[RowPlace]| places.iter().map(RowPlace::to_string).collect();
    Ok(Json(TakenBack { reopened: done.reopened, superseded: texts(&done.superseded), already: texts(&done.already) }))
}
