//! `/catalog/{id}`: one resource. What it is, what its columns are and hold, how fresh it is, where it comes from.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use data::declare::{Item, Kind, ShareType, Standard};
use desk::view::{ColumnProfile, Profile, ResourceDetail};

use crate::app::App;
use crate::chart::{self, Bar};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::quality::Section;
use crate::run::RunRow;
use crate::say::decimal;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/catalog/{id}", get(show))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id).await)
}

async fn page(visit: &Visit, id: &str) -> Answered<ResourcePage> {
    let resource = visit.app.desk.resource(visit.account.as_ref(), id, visit.now).await?;
    let f = visit.frame(Place::Catalog, |say| say.text(&resource.summary.title).to_owned());
    let city = visit.app.desk.city();
    let standard = |id: &str| city.standards.get(id).cloned();
    let quality = visit.app.desk.resource_quality(id, visit.now).await?;
    let suggestions = match &visit.account {
        Some(account) if account.may_for("see.suggestions", Some(&resource.department.id)) => visit.app.desk.suggested_rules(account, id).await?,
        _ => Vec::new(),
    };
    let quality = Section::new(&f, quality, suggestions);
    let started = visit.parameter("started").parse().ok();
    Ok(ResourcePage::new(f, resource, quality, &standard, started))
}

/// A column as the page lists it.
pub(crate) struct ItemRow {
    pub item: Item,
    pub title: String,
    pub summary: String,
    /// What its values follow, and the norm behind it.
    pub standard: String,
    pub norm: String,
    pub unit: String,
    pub grade: data::declare::Grade,
    /// Whether its values are numbers, which stand right.
    pub numeric: bool,
}

/// What the values of a column look like.
pub(crate) struct Shape {
    pub title: String,
    pub name: String,
    pub nulls: Html,
    pub nulls_percent: String,
    pub distinct: u64,
    pub minimum: String,
    pub maximum: String,
    pub mean: String,
    pub drawing: Html,
}

#[derive(Template)]
#[template(path = "resource/resource.html")]
pub(crate) struct ResourcePage {
    f: Frame,
    d: ResourceDetail,
    items: Vec<ItemRow>,
    shapes: Vec<Shape>,
    q: Section,
    runs: Vec<RunRow>,
    sql: (String, String),
    api: String,
    started: Option<u64>,
}

impl ResourcePage {
    pub(crate) fn new(f: Frame, d: ResourceDetail, q: Section, standard: &dyn Fn(&str) -> Option<Standard>, started: Option<u64>) -> ResourcePage {
        let select = format!("SELECT * FROM {} LIMIT 100", d.resource.id);
        let items = d.resource.items.iter().map(|item| item_row(&f, &d, item, standard(&item.standard))).collect();
        let shapes = d.profile.as_ref().map(|profile| profile.columns.iter().enumerate().map(|(i, c)| shape(&f, &d, profile, c, i)).collect());
        ResourcePage {
            items,
            shapes: shapes.unwrap_or_default(),
            q,
            runs: d.runs.iter().map(|run| RunRow::new(&f, run)).collect(),
            sql: (link::sql(&select), select),
            api: format!("/api/v1/resources/{}", link::encode(&d.resource.id)),
            f,
            d,
            started,
        }
    }

    /// The columns of the preview: title with unit, and whether numbers stand in it.
    fn heads(&self, columns: &[String]) -> Vec<(String, bool)> {
        let head = |name: &String| match self.items.iter().find(|row| row.item.name == *name) {
            Some(row) if row.unit.is_empty() => (row.title.clone(), row.numeric),
            Some(row) => (format!("{} ({})", row.title, row.unit), row.numeric),
            None => (name.clone(), false),
        };
        columns.iter().map(head).collect()
    }

    /// Where the lineage of an item is shown.
    fn lineage(&self, item: &str) -> String {
        link::lineage(&format!("standard.{}", self.d.resource.id), item)
    }

    fn numeric(&self, columns: &[String], order: &usize) -> bool {
        let name = columns.get(*order);
        name.is_some_and(|name| self.items.iter().any(|row| row.item.name == *name && row.numeric))
    }

    fn shared(&self) -> bool {
        self.d.resource.share != ShareType::None
    }

    /// Whether the reader may ask for it in the name of the own department.
    fn askable(&self) -> bool {
        let own = self.f.account.as_ref().and_then(|account| account.department.as_deref());
        self.shared() && own.is_some_and(|own| own != self.d.department.id && self.f.may_for("request.ask", own))
    }

    fn keywords(&self) -> Vec<(String, &str)> {
        self.d.resource.keywords.iter().map(|word| (link::with("/catalog", &[("q", word)]), word.as_str())).collect()
    }
}

fn item_row(f: &Frame, d: &ResourceDetail, item: &Item, standard: Option<Standard>) -> ItemRow {
    let declared = standard.as_ref();
    let kind = declared.map(|s| s.kind).or_else(|| Kind::named(&item.standard));
    ItemRow {
        title: f.pair(&item.title, &item.title_en).to_owned(),
        summary: f.pair(&item.summary, &item.summary_en).to_owned(),
        standard: declared.map(|s| f.pair(&s.title, &s.title_en).to_owned()).unwrap_or_else(|| f.kind(&item.standard)),
        norm: declared.map(|s| s.norm.clone()).or_else(|| Some(kind?.norm().to_owned())).unwrap_or_default(),
        unit: if item.unit.is_empty() { declared.map(|s| s.unit.clone()).unwrap_or_default() } else { item.unit.clone() },
        grade: item.grade.unwrap_or(d.resource.grade),
        numeric: kind.is_some_and(Kind::is_number),
        item: item.clone(),
    }
}

fn shape(f: &Frame, d: &ResourceDetail, profile: &Profile, column: &ColumnProfile, order: usize) -> Shape {
    let item = d.resource.items.iter().find(|item| item.name == column.name);
    let title = item.map(|i| f.pair(&i.title, &i.title_en).to_owned()).unwrap_or_else(|| column.name.clone());
    Shape {
        drawing: drawing(f, column, &title, order),
        title,
        name: column.name.clone(),
        nulls: chart::fill(if column.nulls * 2 > profile.rows { "late" } else { "" }, column.nulls, profile.rows),
        nulls_percent: f.percent(column.nulls, profile.rows),
        distinct: column.distinct,
        minimum: column.minimum.as_deref().map(|text| f.cell(text)).unwrap_or_default(),
        maximum: column.maximum.as_deref().map(|text| f.cell(text)).unwrap_or_default(),
        mean: column.mean.map(decimal).unwrap_or_default(),
    }
}

/// Bins as a histogram, frequent values as bars.
fn drawing(f: &Frame, column: &ColumnProfile, title: &str, order: usize) -> Html {
    if column.histogram.is_empty() {
        return Html::default();
    }
    let caption = f.t1("profile-drawing", &("item", title));
    let histogram: Vec<(String, u64)> = column.histogram.iter().map(|(label, rows)| (f.cell(label), *rows)).collect();
    if column.binned {
        return chart::histogram(f, &format!("shape-{order}"), &caption, &histogram);
    }
    let bar = |(label, rows): &(String, u64)| Bar { label: label.clone(), value: *rows as f64, shown: f.int(rows), ..Bar::default() };
    let rows: Vec<Bar> = histogram.iter().take(6).map(bar).collect();
    chart::bars(&caption, [&f.t("profile-frequent"), &f.t("unit-rows-head")], &rows)
}
