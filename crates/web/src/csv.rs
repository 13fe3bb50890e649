//! CSV as spreadsheets read it: RFC 4180 with a byte order mark, and no cell that they would run.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use desk::view::Form;
use futures::{Stream, StreamExt};

/// By which spreadsheets recognise UTF-8.
pub(crate) const MARK: &str = "\u{feff}";

/// The media type of a file of rows.
pub(crate) fn media(form: Form) -> &'static str {
    match form {
        Form::Csv => "text/csv; charset=utf-8",
        Form::Ndjson => "application/x-ndjson",
    }
}

/// One line.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(text).collect();
    cells.join(",") + "\r\n"
}

/// A cell of text. What a spreadsheet would run as a formula is made plain by an apostrophe (ASVS 5.0, 1.2.10).
pub(crate) fn text(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']);
    quoted(if risky && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() })
}

/// A cell as it is, in quotation marks where it needs them.
pub(crate) fn quoted(text: String) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Lines as a file to be kept, sent as they come. A failure on the way cuts the connection, so that nobody takes
/// the part for the whole.
pub(crate) fn file<E>(kind: &'static str, name: &str, lines: impl Stream<Item = Result<String, E>> + Send + 'static) -> Response
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    // What packs it asks once more after the end, which few streams bear.
    (headers, Body::from_stream(lines.fuse())).into_response()
}
