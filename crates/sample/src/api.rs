//! The HTTP side of the sample city: what the departments' own servers answer, each in its manner,
//! over the files that the generator wrote to `api/`. Every fortieth request is turned away with 503.

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;

use crate::spec::{Answer, Delivery, Table};

/// Most rows in one answer, whatever is asked for.
const LARGEST_PAGE: usize = 5_000;
/// One request in so many is turned away.
const BUSY_EVERY: u64 = 40;

/// A table as served: its file, and where each record ends.
struct Stock {
    text: String,
    ends: Vec<usize>,
    answer: Answer,
    /// Source name of the cursor item.
    cursor: Option<&'static str>,
    /// Source names, for the header of a CSV answer.
    sources: Vec<&'static str>,
}

/// A table's place in the shop: empty until first asked for.
type Shelf = Arc<Mutex<Option<Arc<Stock>>>>;

struct Shop {
    folder: PathBuf,
    tables: Vec<Table>,
    shelves: HashMap<&'static str, Shelf>,
    requests: AtomicU64,
}

/// Serves the HTTP systems from `dir` (the generator's `out`) until the listener fails.
pub fn serve(listener: tokio::net::TcpListener, dir: PathBuf) -> Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>> {
    Box::pin(async move { axum::serve(listener, router(dir)).await })
}

/// The routes alone, for tests: `/<system>/<resource>` and `/<system>/<resource>/export.csv`.
pub fn router(dir: PathBuf) -> Router {
    let tables: Vec<Table> = crate::tables::all().into_iter().filter(|table| matches!(table.delivery, Delivery::Api(_))).collect();
    let shelves = tables.iter().map(|table| (table.id, Shelf::default())).collect();
    let shop = Arc::new(Shop { folder: dir.join("api"), tables, shelves, requests: AtomicU64::new(0) });
    Router::new().route("/{system}/{resource}", get(answer)).route("/{system}/{resource}/export.csv", get(answer)).with_state(shop)
}

type Asked = HashMap<String, String>;

async fn answer(State(shop): State<Arc<Shop>>, Path((system, resource)): Path<(String, String)>, Query(asked): Query<Asked>) -> Response {
    let number = shop.requests.fetch_add(1, Ordering::Relaxed) + 1;
    if number.is_multiple_of(BUSY_EVERY) {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], "系统繁忙，请稍后再试").into_response();
    }
    match tokio::task::spawn_blocking(move || shop.answer(&system, &resource, &asked)).await {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Shop {
    fn answer(&self, system: &str, resource: &str, asked: &Asked) -> Response {
        let Some(table) = self.tables.iter().find(|table| table.id == resource && table.system == system) else {
            return (StatusCode::NOT_FOUND, "{\"code\":404,\"msg\":\"接口不存在\"}").into_response();
        };
        match self.stock(table) {
            Ok(stock) => stock.answer(&format!("/{system}/{resource}"), asked),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{{\"code\":500,\"msg\":\"{}\"}}", error.kind())).into_response(),
        }
    }

    /// The table's records, read when first asked for.
    fn stock(&self, table: &Table) -> std::io::Result<Arc<Stock>> {
        let shelf = self.shelves.get(table.id).cloned().unwrap_or_default();
        let mut shelf = shelf.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(stock) = shelf.as_ref() {
            return Ok(stock.clone());
        }
        let [file, _] = table.files();
        let stock = Arc::new(Stock::read(table, &self.folder.join(table.system).join(file))?);
        *shelf = Some(stock.clone());
        Ok(stock)
    }
}

impl Stock {
    fn read(table: &Table, path: &FilePath) -> std::io::Result<Stock> {
        let text = std::fs::read_to_string(path)?;
        let ends = text.match_indices('\n').map(|(end, _)| end).collect();
        let Delivery::Api(answer) = table.delivery else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        let source = |name: &str| table.columns.iter().find(|column| column.name == name).map(|column| column.source);
        let sources = table.columns.iter().map(|column| column.source).collect();
        Ok(Stock { text, ends, answer, cursor: table.cursor.and_then(source), sources })
    }

    fn record(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends.get(number - 1).map_or(0, |end| end + 1) };
        self.ends.get(number).and_then(|end| self.text.get(start..*end)).unwrap_or("")
    }

    /// First record whose cursor is beyond `after`; records lie in the order of the cursor.
    fn first_after(&self, after: &str) -> usize {
        let Some(cursor) = self.cursor else { return 0 };
        let mark = format!("\"{cursor}\":\"");
        let beyond = |number: usize| {
            let record = self.record(number);
            let value = record.find(&mark).and_then(|at| record.get(at + mark.len()..)).and_then(|rest| rest.split('"').next());
            value.is_some_and(|value| value > after)
        };
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = (low + high) / 2;
            if beyond(middle) { high = middle } else { low = middle + 1 }
        }
        low
    }

    fn answer(&self, path: &str, asked: &Asked) -> Response {
        let number = |name: &str, usual: usize| asked.get(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(usual);
        // A time may arrive as `2026-11-01T08:00:00` or with a blank between; the records have the blank.
        let first = asked.get("after").map_or(0, |after| self.first_after(&after.replacen('T', " ", 1)));
        let total = self.ends.len() - first;
        let size = |name: &str| number(name, 500).clamp(1, LARGEST_PAGE);
        let rows = |offset: usize, count: usize| -> String {
            let from = first.saturating_add(offset).min(self.ends.len());
            let records: Vec<&str> = (from..from.saturating_add(count).min(self.ends.len())).map(|number| self.record(number)).collect();
            records.join(",")
        };
        let body = match self.answer {
            Answer::Page => {
                let size = size("size");
                let offset = number("page", 1).saturating_sub(1).saturating_mul(size);
                format!("{{\"code\":0,\"msg\":\"ok\",\"data\":{{\"rows\":[{}],\"total\":{total}}}}}", rows(offset, size))
            }
            Answer::PageNum => {
                let size = size("pageSize");
                let offset = number("pageNum", 1).saturating_sub(1).saturating_mul(size);
                format!("{{\"success\":true,\"result\":{{\"count\":{total},\"records\":[{}]}}}}", rows(offset, size))
            }
            Answer::Offset => format!("{{\"status\":\"ok\",\"count\":{total},\"list\":[{}]}}", rows(number("offset", 0), size("limit"))),
            Answer::Cursor => {
                let offset = number("cursor", 0);
                let next = offset.saturating_add(500);
                let next = if next < total { format!("\"{next}\"") } else { "null".to_owned() };
                format!("{{\"items\":[{}],\"next\":{next}}}", rows(offset, 500))
            }
            Answer::Link => {
                let offset = number("skip", 0);
                let next = offset.saturating_add(1_000);
                let next = if next < total { format!("\"{path}?skip={next}\"") } else { "null".to_owned() };
                format!("{{\"value\":[{}],\"links\":{{\"next\":{next}}}}}", rows(offset, 1_000))
            }
            Answer::Csv => return ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], self.csv()).into_response(),
        };
        ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
    }

    fn csv(&self) -> String {
        let mut text = self.sources.join(",");
        text.push('\n');
        for number in 0..self.ends.len() {
            let record: serde_json::Value = serde_json::from_str(self.record(number)).unwrap_or_default();
            let cells: Vec<String> = self
                .sources
                .iter()
                .map(|source| match record.get(source) {
                    Some(serde_json::Value::String(text)) => text.clone(),
                    Some(serde_json::Value::Null) | None => String::new(),
                    Some(other) => other.to_string(),
                })
                .collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }
}
