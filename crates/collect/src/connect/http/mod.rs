//! HTTP: an API that answers in any form that files have, at once or page by page.

pub(super) mod address;
pub(super) mod ask;
pub(super) mod header;
mod join;
mod once;
pub(super) mod login;
pub(super) mod page;
mod paging;
mod pointer;
pub(super) mod request;

pub use once::{Failed, Service, Unanswered};

use std::sync::Arc;
use std::time::Duration;

use data::declare::{Connector, Format, Mode, Resource, System};
use data::network::AllowList;

use self::ask::Ask;
use self::join::Pages;
use self::login::Login;
use self::page::{Page, Version};
use self::paging::Walk;
use self::request::{Answer, Caller};
use super::{Context, wait};
use crate::names::field_of;
use crate::position::FileMark;
use crate::read::{self, Fingerprint, ReadOptions};
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// Opens the API path that a resource names.
pub fn open(
    ctx: &Context,
    system: &System,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    let (caller, mut ask) = prepare(ctx, system, resource)?;
    let incremental = resource.collect.mode == Mode::Incremental;
    let parameter = resource.collect.cursor_parameter.as_deref().filter(|_| incremental);
    if let (Some(parameter), Some(last)) = (parameter, &position.cursor) {
        ask.set(parameter, last);
    }
    let place = place(&caller, &ask);
    let known = position.files.get(&place).filter(|mark| mark.complete && !mark.hash.is_empty()).cloned();
    Ok(Box::new(HttpSource {
        runtime: ctx.runtime.clone(),
        options: ReadOptions::from_collection(&resource.collect),
        file: caller.shown(&ask.url).into(),
        place,
        numbered: 0,
        pending: None,
        failure: None,
        walk: Walk::new(resource.collect.paging.clone(), ask),
        cursor: Cursor { resource: incremental.then(|| resource.clone()), greatest: position.cursor.clone() },
        position: Position { files: Default::default(), cursor: position.cursor.clone() },
        caller,
        known,
        whole: None,
        skipped: 0,
        current: None,
        decisions: Vec::new(),
        progress: Progress::default(),
    }))
}

/// Under what the position is kept: another address or body is another delivery.
fn place(caller: &Caller, ask: &Ask) -> String {
    let shown = caller.shown(&ask.url);
    match &ask.body {
        None => shown,
        Some(body) => format!("{shown}#{:032x}", xxhash_rust::xxh3::xxh3_128(body.to_string().as_bytes())),
    }
}

/// Fills in variables, and notes their values as secrets.
fn prepare(ctx: &Context, system: &System, resource: &Resource) -> Result<(Caller, Ask), CollectError> {
    let Connector::Http {
        url,
        headers,
        auth,
        retries,
        timeout_seconds,
        deadline_minutes,
        requests_per_second,
        largest_mib,
        redirect_hosts,
    } = &system.connector
    else {
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
    let body = resource.collect.post.as_ref().map(|post| body(system, &fill(&post.body)?)).transpose()?;
    let headers = header::filled(&system.id, headers, &mut fill)?;
    let login = Login::prepare(system, auth.as_ref(), &mut fill)?;
    let redirects = AllowList::read(redirect_hosts)
        .map_err(|text| CollectError::new("http.redirect", &system.id, text.zh, text.en))?;
    let caller = Caller {
        client: ctx.network.client()?,
        network: ctx.network.clone(),
        headers,
        login,
        attempts: (*retries).clamp(1, 10),
        timeout: Duration::from_secs(u64::from((*timeout_seconds).clamp(1, 600))),
        deadline: deadline(*deadline_minutes),
        minutes: *deadline_minutes,
        per_second: *requests_per_second,
        largest: u64::from((*largest_mib).clamp(1, 65536)) << 20,
        redirects,
        contact: ctx.contacts.of(&system.id),
        secrets,
    };
    Ok((caller, Ask { url, body }))
}

/// So many minutes from now.
pub(super) fn deadline(minutes: u32) -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_secs(60 * u64::from(minutes.clamp(1, 10080)))
}

fn body(system: &System, text: &str) -> Result<serde_json::Value, CollectError> {
    serde_json::from_str(text).map_err(|error| {
        CollectError::new(
            "http.body",
            &system.id,
            format!("请求体（post.body）不是有效的 JSON：{error}。"),
            format!("The request's body (post.body) is not valid JSON: {error}."),
        )
    })
}

struct HttpSource {
    runtime: tokio::runtime::Handle,
    /// Under what the position is kept.
    place: String,
    /// What one answer held when it was last read to its end.
    known: Option<FileMark>,
    /// The mark of the one answer that holds all, as far as it has come.
    whole: Option<FileMark>,
    skipped: u64,
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
    ask: Ask,
    page: Page,
    source: read::FileSource,
    rows: u64,
}

impl HttpSource {
    /// Fetches and opens the next page; `false` when the walk is over.
    fn turn(&mut self) -> Result<bool, CollectError> {
        let Some(ask) = self.walk.next.take() else { return Ok(false) };
        let known = self.known.as_ref().filter(|_| self.walk.is_single());
        let version = known.map(|mark| Version { etag: mark.etag.clone(), modified: mark.modified.clone() });
        let page = match wait(&self.runtime, self.caller.fetch(&ask, version.as_ref()))? {
            Answer::Page(page) => page,
            Answer::Missing => {
                self.walk.missing(&self.caller, &ask.url)?;
                return Ok(true);
            }
            Answer::Unchanged => {
                self.unchanged(version.unwrap_or_default());
                return Ok(true);
            }
        };
        self.progress.bytes += page.length;
        if self.walk.is_single()
            && self.known.as_ref().is_some_and(|mark| mark.hash == page.hash && mark.length == page.length)
        {
            self.unchanged(page.version());
            return Ok(true);
        }
        if page.blank {
            return Ok(true);
        }
        if self.walk.arrived(&self.caller, &ask.url, &page)? {
            self.current = Some(self.read(ask, page)?);
        }
        Ok(true)
    }

    /// The content is the one that was read before: its rows count as unchanged.
    fn unchanged(&mut self, version: Version) {
        let Some(mark) = self.known.take() else { return };
        self.skipped = mark.rows;
        self.whole = Some(FileMark { etag: version.etag, modified: version.modified, ..mark });
    }

    fn read(&mut self, ask: Ask, page: Page) -> Result<Reading, CollectError> {
        let shown = self.caller.shown(&ask.url);
        let mut options = self.options.clone();
        told_by_header(&mut options, page.content_type());
        let print = Fingerprint { hash: page.hash.clone(), length: page.length };
        let source = read::open_file(page.spool.path(), &shown, &options, print)?;
        if self.walk.pages() == 1 {
            self.decisions = source.decisions();
            // What was told from the first page holds for all of them.
            self.options = source.chosen();
        }
        if self.walk.is_single() {
            let Version { etag, modified } = page.version();
            self.whole =
                Some(FileMark { hash: page.hash.clone(), length: page.length, etag, modified, ..FileMark::default() });
        }
        Ok(Reading { ask, page, source, rows: 0 })
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
                if let Some(field) = self.walk.keyset_field() {
                    let value = last_value(&batch, field);
                    self.walk.note_last(value.as_deref());
                }
                return Ok(Some(batch));
            }
            if let Some(page) = self.current.take() {
                self.walk.advance(&self.caller, &page.ask, &page.page, page.rows)?;
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
        let whole = self.whole.clone().unwrap_or_default();
        let mark = FileMark { rows: self.skipped + self.progress.rows, complete: ended, ..whole };
        self.position.files.insert(self.place.clone(), mark);
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

    fn skipped(&self) -> u64 {
        self.skipped
    }
}

/// A field's value in the last row.
fn last_value(batch: &RawBatch, field: &str) -> Option<String> {
    let index = batch.fields.iter().position(|name| name == field)?;
    let column = batch.columns.get(index)?;
    column.iter().last().flatten().filter(|value| !value.is_empty()).map(str::to_owned)
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
