//! `/open/datasets/{id}/files/{name}`: a version of a dataset as a file, with its length, by parts where somebody asks so.

use std::io::SeekFrom;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::DeskError;
use desk::open::{OpenFile, OpenForm};
use kernel::Text;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::app::App;
use crate::frame::{Answered, Refusal, Visit};

pub(super) fn router() -> Router<App> {
    Router::new().route("/open/datasets/{id}/files/{name}", get(file))
}

async fn file(State(_): State<App>, visit: Visit, Path((id, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match found(&visit, &id, &name, &headers).await {
        Ok(response) => response,
        Err(refusal) => visit.answer::<crate::open::DatasetPage>(Err(refusal)),
    }
}

async fn found(visit: &Visit, id: &str, name: &str, headers: &HeaderMap) -> Answered<Response> {
    let form = name.split_once('.').filter(|(of, _)| *of == id).and_then(|(_, ending)| OpenForm::of(ending));
    let form = form.ok_or(Refusal::Desk(DeskError::NotFound))?;
    let version = visit.chosen("version").map(|text| text.parse::<u64>()).transpose();
    let version = version.map_err(|_| DeskError::Invalid(Text::new("version 应为版本号", "version is the number of a version")))?;
    let file = visit.app.desk.open_file(id, version, form, visit.now).await?;
    Ok(send(&file, headers).await.map_err(|error| DeskError::Internal(error.to_string()))?)
}

/// The file, or the part of it that is asked for (RFC 9110, 14.2).
async fn send(file: &OpenFile, headers: &HeaderMap) -> std::io::Result<Response> {
    let tag = format!("\"{}\"", file.name);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, value(&tag))]).into_response());
    }
    let same = headers.get(header::IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| same).and_then(|range| range.to_str().ok()).and_then(|range| part(range, file.bytes));
    let mut open = tokio::fs::File::open(&file.path).await?;
    let (status, from, length) = match range {
        None => (StatusCode::OK, 0, file.bytes),
        Some(Ok((from, length))) => (StatusCode::PARTIAL_CONTENT, from, length),
        Some(Err(())) => {
            let all = value(&format!("bytes */{}", file.bytes));
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response());
        }
    };
    open.seek(SeekFrom::Start(from)).await?;
    let mut response = Response::new(Body::from_stream(ReaderStream::with_capacity(open.take(length), 1 << 16)));
    *response.status_mut() = status;
    let told = [
        (header::CONTENT_TYPE, file.media.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
    ];
    for (name, text) in told {
        response.headers_mut().insert(name, value(&text));
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let last = from + length.saturating_sub(1);
        response.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes {from}-{last}/{}", file.bytes)));
    }
    Ok(response)
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// One range of bytes as (first, length). `None`: not one range, so that the whole file is given; an error: outside the file.
fn part(range: &str, bytes: u64) -> Option<Result<(u64, u64), ()>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if last.contains(',') {
        return None;
    }
    let (first, last) = match (first.is_empty(), last.is_empty()) {
        (true, true) => return None,
        (true, false) => (bytes.saturating_sub(last.parse().ok()?), bytes.saturating_sub(1)),
        (false, true) => (first.parse().ok()?, bytes.saturating_sub(1)),
        (false, false) => (first.parse().ok()?, last.parse::<u64>().ok()?.min(bytes.saturating_sub(1))),
    };
    Some(if first < bytes && first <= last { Ok((first, last - first + 1)) } else { Err(()) })
}
