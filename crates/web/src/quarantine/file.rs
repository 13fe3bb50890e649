//! `/quarantine/export`: refused rows in the form of the department's own file; `/quarantine/upload`: that file coming back.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use desk::DeskError;
use desk::quarantine_file::{Exported, UPLOAD_MAX, Uploaded};
use kernel::Text;

use crate::app::App;
use crate::error::ErrorPage;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::link;

/// Rows that are still wrong, told one by one.
const TOLD: usize = 100;

pub(super) fn router() -> Router<App> {
    // A little more than the file itself, for the other fields of the form.
    let limit = DefaultBodyLimit::max(UPLOAD_MAX as usize + 64 * 1024);
    Router::new().route("/quarantine/export", get(export)).route("/quarantine/upload", post(upload).layer(limit))
}

async fn export(State(_): State<App>, visit: Visit) -> Response {
    match exported(&visit).await {
        Ok(file) => file,
        Err(refusal) => visit.answer::<ErrorPage>(Err(refusal)),
    }
}

async fn exported(visit: &Visit) -> Answered<Response> {
    let who = visit.staff()?;
    Ok(download(visit.app.desk.export_quarantine(who, &super::filter(visit), visit.lang).await?))
}

/// A finished file, to be kept by the reader.
pub(crate) fn download(file: Exported) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", link::encode(&file.name));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.media)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, file.bytes).into_response()
}

async fn upload(State(app): State<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(visit) = Visit::from_request_parts(&mut parts, &app).await;
    let page = uploaded(&visit, Request::from_parts(parts, body), &app).await;
    visit.answer(page)
}

async fn uploaded(visit: &Visit, request: Request, app: &App) -> Answered<UploadedPage> {
    // Whoever is not logged in need not send it all first.
    visit.staff()?;
    let mut form = Multipart::from_request(request, app).await.map_err(|_| not_whole())?;
    let mut texts: HashMap<String, String> = HashMap::new();
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(|_| not_whole())? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(shown) => file = Some((shown, visit.app.desk.keep_upload(field).await?)),
            None => drop(texts.insert(name, field.text().await.map_err(|_| not_whole())?)),
        }
    }
    let text = |name: &str| texts.get(name).map(String::as_str).unwrap_or_default();
    let who = visit.staff_form(text("csrf"))?;
    let Some((shown, kept)) = file else { return Err(not_whole()) };
    let uploaded = visit.app.desk.upload_corrections(who, text("resource"), kept.path(), &shown, text("reason"), "upload").await?;
    let f = visit.frame(Place::Quarantine, |say| say.t("upload-title"));
    Ok(UploadedPage::new(f, text("resource").to_owned(), uploaded))
}

fn not_whole() -> Refusal {
    Refusal::Desk(DeskError::Invalid(Text::new(
        "文件没有完整送达，或超过 32 MiB。请重新选择文件后再传。",
        "The file did not arrive whole, or is over 32 MiB. Choose it again.",
    )))
}

#[derive(Template)]
#[template(path = "quarantine/uploaded.html")]
pub(crate) struct UploadedPage {
    f: Frame,
    resource: String,
    u: Uploaded,
    /// (line of the file, what is still wrong).
    wrong: Vec<(u64, String)>,
}

impl UploadedPage {
    pub(crate) fn new(f: Frame, resource: String, u: Uploaded) -> UploadedPage {
        let line = |wrong: &desk::correct::StillWrong| {
            let said: Vec<&str> = wrong.faults.iter().map(|fault| f.text(&fault.message)).collect();
            (u.lines.get(&wrong.place).copied().unwrap_or_default(), said.join(" "))
        };
        let mut wrong: Vec<(u64, String)> = u.corrected.wrong.iter().map(line).collect();
        wrong.sort();
        wrong.truncate(TOLD);
        UploadedPage { f, resource, wrong, u }
    }
}
