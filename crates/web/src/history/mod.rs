//! The history of a resource, for staff: what changed between two deliveries, one row through time, the table as it was.

mod files;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use desk::DeskError;
use desk::history::{Batch, Change, Changes, Point, RowVersion};
use desk::view::Form;
use futures::StreamExt;
use kernel::Moment;

use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::say::Say;

/// Rows on one page.
const SIZE: usize = 50;
/// Runs to choose from.
const RUNS: usize = 100;

pub(crate) use files::{as_of_lines, change_lines};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/catalog/{id}/changes", get(changes))
        .route("/catalog/{id}/row", get(row))
        .route("/catalog/{id}/as-of", get(as_of))
}

async fn changes(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    if let Some(form) = Form::of(visit.parameter("format")) {
        return match change_lines(&visit, &id, form).await {
            Ok(file) => file,
            Err(error) => visit.answer::<ChangesPage>(Err(error.into())),
        };
    }
    visit.answer(changes_page(&visit, &id).await)
}

/// The two ends that the address names: from the start of the last run to its end, when it names none.
pub(crate) async fn ends(visit: &Visit, id: &str) -> Result<(Vec<Batch>, Point, Point), DeskError> {
    let desk = &visit.app.desk;
    let batches = desk.batches(id).await?;
    let last = batches.last();
    let to = match visit.chosen("to") {
        Some(text) => desk.point(&text)?,
        None => Point::Batch(last.map_or(0, |batch| batch.seq)),
    };
    let from = match visit.chosen("from") {
        Some(text) => desk.point(&text)?,
        None => {
            let run = last.map(|batch| batch.run.as_str()).unwrap_or_default();
            Point::Batch(batches.iter().filter(|batch| batch.run != run).map(|batch| batch.seq).max().unwrap_or(0))
        }
    };
    Ok((batches, from, to))
}

async fn changes_page(visit: &Visit, id: &str) -> Answered<ChangesPage> {
    let account = visit.staff()?;
    let (batches, from, to) = ends(visit, id).await?;
    let after = visit.chosen("after");
    let found = visit.app.desk.changes(account, id, &from, &to, after.as_deref(), SIZE).await?;
    let f = visit.frame(Place::Catalog, |say| say.t("changes-title"));
    Ok(ChangesPage::new(f, Subject::of(visit, id)?, &batches, found))
}

async fn row(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(row_page(&visit, &id).await)
}

async fn row_page(visit: &Visit, id: &str) -> Answered<RowPage> {
    let account = visit.staff()?;
    let key: Vec<String> = visit.all("key").into_iter().map(str::to_owned).collect();
    let versions = visit.app.desk.row_history(account, id, &key).await?;
    let f = visit.frame(Place::Catalog, |say| say.t("row-title"));
    Ok(RowPage { subject: Subject::of(visit, id)?, key, versions, f })
}

async fn as_of(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    if let Some(form) = Form::of(visit.parameter("format")) {
        return match as_of_lines(&visit, &id, form).await {
            Ok(file) => file,
            Err(error) => visit.answer::<AsOfPage>(Err(error.into())),
        };
    }
    visit.answer(as_of_page(&visit, &id).await)
}

async fn as_of_page(visit: &Visit, id: &str) -> Answered<AsOfPage> {
    let account = visit.staff()?;
    let at = visit.chosen("at").unwrap_or_else(|| visit.say().today());
    let mut table = visit.app.desk.as_of(account, id, &visit.app.desk.point(&at)?).await?;
    let columns: Vec<String> = table.schema.fields().iter().map(|field| field.name().clone()).filter(|name| !name.starts_with('_')).collect();
    let mut rows = Vec::new();
    while rows.len() < SIZE
        && let Some(batch) = table.rows.next().await
    {
        let texts = desk::history::texts(&batch?, &columns)?;
        let room = SIZE - rows.len();
        rows.extend(texts.into_iter().take(room));
    }
    let f = visit.frame(Place::Catalog, |say| say.t("asof-title"));
    let subject = Subject::of(visit, id)?;
    let number = |name: &String| table.schema.field_with_name(name).is_ok_and(|field| field.data_type().is_numeric());
    let heads = columns.iter().map(|name| (subject.title(name), number(name))).collect();
    Ok(AsOfPage { csv: link::with(&link::as_of(id, &at), &[("format", "csv")]), heads, rows, seq: table.seq, time: table.time, at, subject, f })
}

/// The resource that a page is about.
pub(crate) struct Subject {
    pub id: String,
    pub name: String,
    /// (item, what it is called).
    pub items: Vec<(String, String)>,
}

impl Subject {
    fn of(visit: &Visit, id: &str) -> Result<Subject, DeskError> {
        let city = visit.app.desk.city();
        let resource = city.resources.get(id).ok_or(DeskError::NotFound)?;
        let say = visit.say();
        Ok(Subject {
            id: id.to_owned(),
            name: say.pair(&resource.title, &resource.title_en).to_owned(),
            items: resource.items.iter().map(|item| (item.name.clone(), say.pair(&item.title, &item.title_en).to_owned())).collect(),
        })
    }

    fn title(&self, name: &str) -> String {
        self.items.iter().find(|(item, _)| item == name).map(|(_, title)| title.clone()).unwrap_or_else(|| name.to_owned())
    }
}

impl Say {
    pub(crate) fn change_word(&self, change: &Change) -> String {
        match change {
            Change::Added => self.t("change-added"),
            Change::Removed => self.t("change-removed"),
            Change::Corrected => self.t("change-corrected"),
        }
    }

    /// A batch by its number.
    fn batch(&self, seq: &i64) -> String {
        self.t1("batch-n", &("n", (*seq).max(0) as u64))
    }

    fn change_badge(&self, change: &Change) -> Html {
        let class = match change {
            Change::Added => "good",
            Change::Removed => "wrong",
            Change::Corrected => "late",
        };
        self.badge(class, &self.change_word(change))
    }

    /// Today in the city, `2026-11-24`.
    pub(crate) fn today(&self) -> String {
        self.now.to_jiff().to_zoned(self.zone.clone()).date().to_string()
    }
}

/// A run to choose as an end: (address value, label, chosen).
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "history/changes.html")]
pub(crate) struct ChangesPage {
    f: Frame,
    subject: Subject,
    found: Changes,
    from: Vec<Choice>,
    to: Vec<Choice>,
    next: Option<String>,
    files: Vec<(&'static str, String)>,
}

impl ChangesPage {
    pub(crate) fn new(f: Frame, subject: Subject, batches: &[Batch], found: Changes) -> ChangesPage {
        let (from, to) = (found.from.to_string(), found.to.to_string());
        let here = link::changes(&subject.id, &from, &to);
        let ends = choices(&f, batches);
        let chosen = |seq: i64| ends.iter().map(|(value, label)| (value.to_string(), label.clone(), *value == seq)).collect::<Vec<_>>();
        let start = (0.to_string(), f.t("changes-start"), found.from == 0);
        ChangesPage {
            from: std::iter::once(start).chain(chosen(found.from)).collect(),
            to: chosen(found.to),
            next: found.next.as_ref().map(|next| link::with(&here, &[("after", next)])),
            files: vec![("CSV", link::with(&here, &[("format", "csv")])), ("NDJSON", link::with(&here, &[("format", "ndjson")]))],
            subject,
            found,
            f,
        }
    }
}

/// The last batch of each run, newest first.
fn choices(f: &Frame, batches: &[Batch]) -> Vec<(i64, String)> {
    let mut ends: Vec<(i64, String)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for batch in batches.iter().rev().filter(|batch| seen.insert(batch.run.as_str())).take(RUNS) {
        ends.push((batch.seq, f.moment(batch.time)));
    }
    ends
}

#[derive(Template)]
#[template(path = "history/row.html")]
pub(crate) struct RowPage {
    pub(crate) f: Frame,
    pub(crate) subject: Subject,
    pub(crate) key: Vec<String>,
    pub(crate) versions: Vec<RowVersion>,
}

#[derive(Template)]
#[template(path = "history/as_of.html")]
pub(crate) struct AsOfPage {
    pub(crate) f: Frame,
    pub(crate) subject: Subject,
    pub(crate) at: String,
    pub(crate) seq: i64,
    pub(crate) time: Option<Moment>,
    /// (title, whether its values are numbers).
    pub(crate) heads: Vec<(String, bool)>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    pub(crate) csv: String,
}

impl AsOfPage {
    fn is_number(&self, column: &usize) -> bool {
        self.heads.get(*column).is_some_and(|head| head.1)
    }
}
