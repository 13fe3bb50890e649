//! `/resource/{id}.json|csv|geojson`: open data for clients that speak SODA, Socrata's API.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::DeskError;
use desk::open::{Kind, SodaColumn, SodaError, SodaQuery, SodaRefusal, SodaRows, Value};
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::frame::Visit;

const FIELDS: HeaderName = HeaderName::from_static("x-soda2-fields");
const TYPES: HeaderName = HeaderName::from_static("x-soda2-types");

pub(crate) fn router() -> Router<App> {
    Router::new().route("/resource/{name}", get(resource)).layer(axum::middleware::map_response(crate::ogc::open_to_all))
}

/// How rows are written.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Csv,
    Geojson,
}

async fn resource(State(_): State<App>, visit: Visit, Path(name): Path<String>) -> Response {
    match rows(&visit, &name).await {
        Ok((form, rows)) => told(form, &rows),
        Err(SodaRefusal::Soda(error)) => refused(&visit, StatusCode::BAD_REQUEST, &error),
        Err(SodaRefusal::Desk(error)) => refused_by_desk(&visit, error),
    }
}

async fn rows(visit: &Visit, name: &str) -> Result<(Form, SodaRows), SodaRefusal> {
    let (id, form) = match name.rsplit_once('.') {
        Some((id, "json")) => (id, Form::Json),
        Some((id, "csv")) => (id, Form::Csv),
        Some((id, "geojson")) => (id, Form::Geojson),
        Some(_) => return Err(SodaRefusal::Desk(DeskError::NotFound)),
        None => (name, Form::Json),
    };
    let own = visit.query.iter().filter(|(name, _)| name != "lang" && name != "mode");
    let query = SodaQuery::read(own.map(|(name, value)| (name.as_str(), value.as_str())))?;
    Ok((form, visit.app.desk.open_soda(id, &query, visit.now).await?))
}

/// Errors in the shape that clients of SODA know.
fn refused(visit: &Visit, status: StatusCode, error: &SodaError) -> Response {
    let query: Map<String, Json> = visit.query.iter().take(20).map(|(name, value)| (name.clone(), json!(value))).collect();
    let message = error.message.get(visit.lang);
    let body = json!({ "code": error.code, "error": true, "message": message, "data": { "query": query } });
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

fn refused_by_desk(visit: &Visit, error: DeskError) -> Response {
    let (status, code, message) = match error {
        DeskError::NotFound => (StatusCode::NOT_FOUND, "dataset.missing", kernel::Text::new("没有这个数据集。", "Not found: there is no such dataset.")),
        DeskError::Forbidden(text) => (StatusCode::FORBIDDEN, "permission_denied", text),
        DeskError::Invalid(text) => (StatusCode::BAD_REQUEST, "query.execution.failed", text),
        DeskError::Busy(text) => (StatusCode::SERVICE_UNAVAILABLE, "service.unavailable", text),
        other => {
            let incident = visit.app.incident(visit.now);
            tracing::error!(%incident, address = %visit.address, cause = %other, "request failed");
            let text = kernel::Text::new(format!("服务器出错，编号 {incident}。"), format!("The server failed; tell us {incident}."));
            (StatusCode::INTERNAL_SERVER_ERROR, "internal-error", text)
        }
    };
    refused(visit, status, &SodaError { code, message })
}

fn told(form: Form, rows: &SodaRows) -> Response {
    let (media, body) = match form {
        Form::Json => ("application/json; charset=utf-8", Json::from_iter(rows.rows.iter().map(|row| object(&rows.columns, row))).to_string()),
        Form::Geojson => ("application/vnd.geo+json; charset=utf-8", geojson(rows)),
        Form::Csv => ("text/csv; charset=utf-8", csv(rows)),
    };
    let mut headers = HeaderMap::new();
    let names: Vec<&str> = rows.columns.iter().map(|column| column.name.as_str()).collect();
    let types: Vec<&str> = rows.columns.iter().map(|column| word(column.kind)).collect();
    let told = [
        (header::CONTENT_TYPE, media.to_owned()),
        (FIELDS, ascii(&json!(names).to_string())),
        (TYPES, json!(types).to_string()),
        (header::ETAG, format!("\"{}\"", rows.version)),
    ];
    for (name, value) in told {
        headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
    }
    (headers, body).into_response()
}

/// JSON whose letters a header can have.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            ' '..='~' => out.push(letter),
            other => other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}

/// What Socrata calls a column's values.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Hash => "text",
        Kind::Integer | Kind::Number | Kind::Decimal { .. } => "number",
        Kind::Boolean => "checkbox",
        Kind::Date | Kind::Moment { zoned: false } => "floating_timestamp",
        Kind::Moment { zoned: true } => "fixed_timestamp",
    }
}

/// A row in which what is nothing is left out; numbers are texts, as clients of SODA 2.1 are used to.
fn object(columns: &[SodaColumn], row: &[Value]) -> Json {
    let there = columns.iter().zip(row).filter(|(_, value)| !value.is_null());
    Json::Object(there.map(|(column, value)| (column.name.clone(), one(column.kind, value))).collect())
}

fn one(kind: Kind, value: &Value) -> Json {
    match (kind, value) {
        (_, Value::Boolean(yes)) => json!(yes),
        (Kind::Date, value) => json!(format!("{}T00:00:00.000", value.text())),
        (_, value) => json!(value.text()),
    }
}

fn geojson(rows: &SodaRows) -> String {
    let feature = |row: &Vec<Value>| {
        let number = |place: usize| row.get(place).and_then(|value| value.text().parse::<f64>().ok());
        let at = rows.position.and_then(|[longitude, latitude]| Some([number(longitude)?, number(latitude)?]));
        json!({ "type": "Feature", "geometry": at.map(|at| json!({ "type": "Point", "coordinates": at })), "properties": object(&rows.columns, row) })
    };
    let features: Vec<Json> = rows.rows.iter().map(feature).collect();
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

/// RFC 4180; cells that a spreadsheet would run begin with an apostrophe.
fn csv(rows: &SodaRows) -> String {
    let mut out = crate::csv::line(rows.columns.iter().map(|column| column.name.as_str()));
    for row in &rows.rows {
        let cells: Vec<String> = row.iter().map(Value::text).collect();
        out.push_str(&crate::csv::line(cells.iter().map(String::as_str)));
    }
    out
}
