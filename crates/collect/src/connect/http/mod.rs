//! HTTP: an API that answers in JSON or CSV, page by page.

mod address;
mod join;
mod paging;
mod pointer;
mod request;

use std::io::Write;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use data::declare::{Connector, Format, HttpAuth, Mode, Resource, System};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tempfile::NamedTempFile;
use url::Url;

use self::join::Pages;
use self::paging::Walk;
use self::request::{Caller, Page};
use super::{Context, wait};
use crate::names::field_of;
use crate::position::FileMark;
use crate::read::{self, Fingerprint, ReadOptions};
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// The client for [`Context`]: it follows no redirect by itself, as only the connector knows which are allowed, and
/// takes no proxy from the environment, as the systems are in the city's own network.
pub fn client() -> Result<reqwest::Client, CollectError> {
    let client = reqwest::Client::builder()
        .user_agent(concat!("sanjiang/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .no_proxy()
        .build();
    client.map_err(|error| {
        CollectError::new(
            "http.client",
            "http",
            format!("无法准备网络连接：{error}"),
            format!("The network client cannot be made: {error}"),
        )
    })
}

/// Opens the API path that a resource names.
pub fn open(
    ctx: &Context,
    system: &System,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    let (caller, mut url) = prepare(ctx, system, resource)?;
    let incremental = resource.collect.mode == Mode::Incremental;
    let parameter = resource.collect.cursor_parameter.as_deref().filter(|_| incremental);
    if let (Some(parameter), Some(last)) = (parameter, &position.cursor) {
        address::set(&mut url, parameter, last);
    }
    Ok(Box::new(HttpSource {
        runtime: ctx.runtime.clone(),
        path: resource.collect.from.clone(),
        options: ReadOptions::from_collection(&resource.collect),
        file: caller.shown(&url).into(),
        numbered: 0,
        pending: None,
        failure: None,
        walk: Walk::new(resource.collect.paging.clone(), url),
        cursor: Cursor { resource: incremental.then(|| resource.clone()), greatest: position.cursor.clone() },
        position: Position { files: Default::default(), cursor: position.cursor.clone() },
        caller,
        current: None,
        decisions: Vec::new(),
        progress: Progress::default(),
    }))
}

/// Fills in variables, and notes their values as secrets.
fn prepare(ctx: &Context, system: &System, resource: &Resource) -> Result<(Caller, Url), CollectError> {
    let Connector::Http { url, headers, auth, retries, timeout_seconds } = &system.connector else {
        return Err(CollectError::new(
            "connect.kind",
            &system.id,
            "这个系统不是 HTTP 接口。",
            "This system is not an HTTP API.",
        ));
    };
    let mut secrets = Vec::new();
    let mut fill = |text: &str| ctx.filled_noting(&system.id, text, &mut secrets);
    let url = address::first(system, &fill(url)?, &fill(&resource.collect.from)?)?;
    let mut filled = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_str(name).map_err(|_| bad_header(system, name))?;
        let mut value = HeaderValue::from_str(&fill(value)?).map_err(|_| bad_header(system, name.as_str()))?;
        value.set_sensitive(true);
        filled.insert(name, value);
    }
    let auth = match auth {
        None => None,
        Some(HttpAuth::Bearer { token }) => Some(HttpAuth::Bearer { token: fill(token)? }),
        Some(HttpAuth::Basic { user, password }) => {
            Some(HttpAuth::Basic { user: fill(user)?, password: fill(password)? })
        }
    };
    let caller = Caller {
        client: ctx.http.clone(),
        headers: filled,
        auth,
        attempts: (*retries).clamp(1, 10),
        timeout: Duration::from_secs(u64::from((*timeout_seconds).clamp(1, 600))),
        secrets,
    };
    Ok((caller, url))
}

struct HttpSource {
    runtime: tokio::runtime::Handle,
    /// The resource's path, under which the position is kept.
    path: String,
    options: ReadOptions,
    caller: Caller,
    walk: Walk,
    /// The address without paging, for people: with the number of a record it says where that came from.
    file: Arc<str>,
    current: Option<Reading>,
    /// Records numbered so far, over all pages.
    numbered: u64,
    /// Records whose fields differ from those before them: they begin the next batch.
    pending: Option<RawBatch>,
    /// What ended the walk, told after the records before it.
    failure: Option<CollectError>,
    cursor: Cursor,
    position: Position,
    decisions: Vec<Decision>,
    progress: Progress,
}

/// A page being read. It lies in a file, so that the readers of files serve for it.
struct Reading {
    url: Url,
    body: Vec<u8>,
    source: read::FileSource,
    rows: u64,
    _spool: NamedTempFile,
}

impl HttpSource {
    /// Fetches and opens the next page; `false` when the walk is over.
    fn turn(&mut self) -> Result<bool, CollectError> {
        let Some(url) = self.walk.next.take() else { return Ok(false) };
        let Some(page) = wait(&self.runtime, self.caller.fetch(&url))? else {
            self.walk.missing(&self.caller, &url)?;
            return Ok(true);
        };
        self.progress.bytes += page.body.len() as u64;
        if page.body.trim_ascii().is_empty() {
            return Ok(true);
        }
        if self.walk.arrived(&self.caller, &url, &page.body)? {
            self.current = Some(self.read(url, page)?);
        }
        Ok(true)
    }

    fn read(&mut self, url: Url, page: Page) -> Result<Reading, CollectError> {
        let shown = self.caller.shown(&url);
        let spool = spooled(&page.body).map_err(|error| {
            CollectError::new(
                "http.spool",
                &shown,
                format!("无法写入临时文件：{error}"),
                format!("The temporary file cannot be written: {error}"),
            )
            .transient()
        })?;
        let mut options = self.options.clone();
        told_by_header(&mut options, &page.content_type);
        let print = Fingerprint { hash: String::new(), length: page.body.len() as u64 };
        let source = read::open_file(spool.path(), &shown, &options, print)?;
        if self.walk.pages() == 1 {
            self.decisions = source.decisions();
            // What was told from the first page holds for all of them.
            self.options = source.chosen();
        }
        Ok(Reading { url, body: page.body, source, rows: 0, _spool: spool })
    }

    /// The next records of the page being read, or of the next one; `None` when the walk is over.
    fn next_of_page(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        loop {
            let Some(page) = &mut self.current else {
                if self.turn()? {
                    continue;
                }
                return Ok(None);
            };
            if let Some(mut batch) = page.source.next(max_rows)? {
                let rows = batch.rows() as u64;
                batch.file = self.file.clone();
                batch.lines = (self.numbered + 1..).take(batch.rows()).collect();
                page.rows += rows;
                self.numbered += rows;
                self.cursor.note(&batch);
                return Ok(Some(batch));
            }
            if let Some(page) = self.current.take() {
                self.walk.advance(&self.caller, &page.url, &page.body, page.rows)?;
            }
        }
    }
}

impl Source for HttpSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let mut pages = Pages::new();
        self.pending.take().into_iter().for_each(|batch| pages.push(batch));
        while !pages.is_full(max_rows.max(1)) {
            match self.next_of_page(max_rows.max(1) - pages.rows()) {
                Ok(None) => break,
                Ok(Some(batch)) if pages.fits(&batch) => pages.push(batch),
                Ok(Some(batch)) => {
                    self.pending = Some(batch);
                    break;
                }
                // What came before the failure is worth landing.
                Err(error) if pages.rows() > 0 => {
                    self.failure = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let batch = pages.join().map_err(|error| {
            CollectError::new(
                "http.join",
                &*self.file,
                format!("各页无法合并：{error}"),
                format!("The pages cannot be joined: {error}"),
            )
        })?;
        self.progress.rows += batch.as_ref().map_or(0, |batch| batch.rows() as u64);
        let ended =
            self.walk.next.is_none() && self.current.is_none() && self.pending.is_none() && self.failure.is_none();
        if ended {
            // Pages come in no order that is known, so the cursor moves only when all were seen.
            self.position.cursor.clone_from(&self.cursor.greatest);
        }
        let mark = FileMark { hash: String::new(), length: 0, rows: self.progress.rows, complete: ended };
        self.position.files.insert(self.path.clone(), mark);
        Ok(batch)
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    fn decisions(&self) -> Vec<Decision> {
        self.decisions.clone()
    }

    fn progress(&self) -> Progress {
        self.progress
    }
}

/// The greatest value of the cursor item so far; numbers compare as numbers, all else as text.
struct Cursor {
    /// In mode `incremental` only.
    resource: Option<Resource>,
    greatest: Option<String>,
}

impl Cursor {
    fn note(&mut self, batch: &RawBatch) {
        let Some(resource) = &self.resource else { return };
        let field = resource.collect.cursor.as_deref().and_then(|cursor| field_of(resource, cursor, &batch.fields));
        let index = field.and_then(|field| batch.fields.iter().position(|name| name == field));
        let Some(column) = index.and_then(|index| batch.columns.get(index)) else { return };
        for value in column.iter().flatten().filter(|value| !value.is_empty()) {
            if self.greatest.as_deref().is_none_or(|greatest| is_less(greatest, value)) {
                self.greatest = Some(value.to_owned());
            }
        }
    }
}

fn is_less(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        // Numbers too long for a float are told apart by their texts.
        (Ok(x), Ok(y)) if x == y => (a.len(), a) < (b.len(), b),
        (Ok(x), Ok(y)) => x < y,
        _ => a < b,
    }
}

/// What the answer's header says of its form, where nothing was declared.
fn told_by_header(options: &mut ReadOptions, content_type: &str) {
    let lower = content_type.to_ascii_lowercase();
    let mut parts = lower.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let told = match kind {
        "text/csv" | "application/csv" | "text/tab-separated-values" => Some(Format::Delimited),
        "application/geo+json" => Some(Format::Geojson),
        "application/x-ndjson" | "application/jsonl" | "application/ndjson" => Some(Format::Ndjson),
        "application/json" | "text/json" => Some(Format::Json),
        kind if kind.ends_with("+json") => Some(Format::Json),
        _ => None,
    };
    options.format = options.format.or(told);
    let charset =
        parts.find_map(|part| part.strip_prefix("charset=")).map(|charset| charset.trim_matches('"').to_owned());
    if options.format == Some(Format::Delimited) && options.encoding.is_none() {
        options.encoding = charset;
    }
}

fn spooled(body: &[u8]) -> std::io::Result<NamedTempFile> {
    let mut spool = NamedTempFile::new()?;
    spool.write_all(body)?;
    spool.flush()?;
    Ok(spool)
}

fn bad_header(system: &System, name: &str) -> CollectError {
    CollectError::new(
        "http.header",
        &system.id,
        format!("请求头「{name}」的名称或内容无效。"),
        format!("The name or value of the header “{name}” is not valid."),
    )
}
