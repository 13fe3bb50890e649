//! `/open/datasets/{id}`: one open dataset: what it is, a look at its rows, files, how programs ask for it, its versions.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use data::open::AccessState;
use desk::DeskError;
use desk::open::{AccessTerms, AccessView, AppView, DatasetDetail, OpenCaller, OpenForm, OpenMap, OpenRows, VoiceFilter, VoiceView};
use desk::open::Value;
use kernel::Lang;
use opendata::dcat::{self, Form};

use super::drawing::{Drawing, Sources, charts};
use super::{kind, machine, map, other};
use crate::app::App;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;
use crate::link;

/// Applications that the page names.
const APPS: u64 = 12;
/// Newest words of the public that the page shows.
const VOICES: u64 = 5;
/// Rows that the page shows.
const PREVIEW: &str = "20";

pub(super) fn router() -> Router<App> {
    Router::new().route("/open/datasets/{id}", get(show))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    if let Some((id, form)) = id.rsplit_once('.').and_then(|(id, ending)| Some((id, Form::of(ending)?))) {
        return machine::described(&visit, id, form).await;
    }
    if let Some(form) = machine::form(&visit) {
        return machine::described(&visit, &id, form).await;
    }
    match page(&visit, &id).await {
        // Not ours; perhaps another portal's.
        Err(Refusal::Desk(DeskError::NotFound)) => visit.answer(other::page(&visit, &id).await),
        ours => visit.answer(ours),
    }
}

async fn page(visit: &Visit, id: &str) -> Answered<DatasetPage> {
    let desk = &visit.app.desk;
    let d = desk.open_dataset(id, visit.now).await?;
    let parameters = [("limit".to_owned(), PREVIEW.to_owned())];
    // Restricted data shows what it is, not its rows.
    let rows = desk.open_rows(&OpenCaller::Anybody, id, &parameters, visit.now).await.ok();
    let bounds = OpenMap::read(visit.parameter("bbox"))?;
    if bounds.is_none() {
        desk.open_viewed(id);
    }
    let districts = visit.app.districts();
    let (drawn, placed) = match rows {
        Some(_) => (desk.open_drawn(id, visit.now).await?, desk.open_map(id, bounds, districts.bounds(), visit.now).await?),
        None => (None, None),
    };
    let f = visit.frame(Place::Open, |say| say.text(&d.view.title).to_owned());
    let (site, record) = desk.open_record(id, &visit.origin(), visit.now).await?;
    let ld = Html(dcat::script(&dcat::schema_dataset(&site, &record, f.lang)));
    let from = Sources { drawn, placed, districts };
    let make = || Drawing {
        charts: from.drawn.as_ref().map(|drawn| charts(&f, &drawn.charts, &d.columns, &from.districts)).unwrap_or_default(),
        map: from.placed.as_ref().map(|map| map::draw(&f, id, f.text(&d.view.title), map, &from.districts)),
    };
    let drawing = match bounds {
        None => visit.app.drawings().kept(id, f.lang == Lang::Zh, &from, make),
        Some(_) => Arc::new(make()),
    };
    let filter = VoiceFilter { dataset: Some(id.to_owned()), wishes: Some(false) };
    let voices = desk.open_voices(visit.account.as_ref(), &filter, 1, VOICES, visit.now).await?;
    let stars = desk.open_stars(id).await?;
    let apps = desk.open_apps(visit.account.as_ref(), Some(id), 1, APPS).await?.entries;
    let terms = desk.access_terms(id, visit.now).await?;
    let access = match &visit.account {
        Some(who) if terms.is_some() => desk.access_to(who, id, visit.now).await?,
        _ => None,
    };
    Ok(DatasetPage {
        apps, terms, access, f, d, rows, drawing, origin: visit.origin(), ld, voices_total: voices.total, voices: voices.entries, stars })
}

#[derive(Template)]
#[template(path = "open/dataset.html")]
pub(crate) struct DatasetPage {
    pub f: Frame,
    pub d: DatasetDetail,
    pub rows: Option<OpenRows>,
    pub drawing: Arc<Drawing>,
    /// Where the site is reached: `https://data.example.gov.cn`.
    pub origin: String,
    /// For search engines.
    pub ld: Html,
    /// The newest of what was said of it, and how much there is in all.
    pub voices: Vec<VoiceView>,
    pub voices_total: u64,
    /// How many gave it stars, and how many they gave together.
    pub stars: (u64, u64),
    /// Applications in the showcase that use it.
    pub apps: Vec<AppView>,
    /// What holds for it where it is restricted.
    pub terms: Option<AccessTerms>,
    /// What became of the reader's application for it.
    pub access: Option<AccessView>,
}

impl DatasetPage {
    fn to(&self) -> String {
        super::to(&self.f, self.d.view.to)
    }

    /// Whether there is nothing under way for this reader.
    fn may_apply(&self) -> bool {
        self.access.as_ref().is_none_or(|one| !one.holds && one.state != AccessState::Waiting)
    }

    fn theme(&self) -> String {
        self.f.text(&self.d.view.theme.title()).to_owned()
    }

    fn licence(&self) -> String {
        format!("{} ({})", self.f.text(&self.d.view.licence.title()), self.d.view.licence.id)
    }

    fn kind(&self, column: &desk::open::OpenColumn) -> String {
        kind(&self.f, column.kind)
    }

    /// Files of the newest version: what the form is called, and where it is.
    fn files(&self) -> Vec<(&'static str, String)> {
        let of = |form: OpenForm| (form.title(), link::open_file(&self.d.view.id, form.word()));
        OpenForm::for_dataset(self.d.view.position.is_some()).map(of).collect()
    }

    /// The CSV file of an earlier version.
    fn file_of(&self, number: &u64) -> String {
        link::with(&link::open_file(&self.d.view.id, OpenForm::Csv.word()), &[("version", &number.to_string())])
    }

    /// What changed with a version; the first one came after nothing.
    fn delta(&self, number: &u64) -> String {
        let before = number.saturating_sub(1).to_string();
        link::with(&format!("/api/v1/open/datasets/{}/delta", link::encode(&self.d.view.id)), &[("from", &before), ("to", &number.to_string())])
    }

    /// Where the newest version's changes begin for who has nothing.
    fn feed(&self) -> String {
        format!("/api/v1/open/datasets/{}/changes?since=0", link::encode(&self.d.view.id))
    }

    fn soda(&self) -> String {
        format!("/resource/{}.json?$limit=10", link::encode(&self.d.view.id))
    }

    fn features(&self) -> String {
        format!("{}?limit=10", link::features(&self.d.view.id))
    }

    fn api(&self) -> String {
        format!("{}/api/v1/open/datasets/{}/rows", self.origin, link::encode(&self.d.view.id))
    }

    /// A column that an example asks by.
    fn example(&self) -> Option<(&str, String)> {
        let rows = self.rows.as_ref()?;
        let first = rows.rows.first()?;
        let mut cells = rows.columns.iter().zip(first).filter(|(_, value)| !value.is_null());
        cells.next().map(|(column, value)| (column.name.as_str(), value.text()))
    }

    fn example_query(&self) -> String {
        let (name, value) = self.example().unwrap_or(("limit", "10".to_owned()));
        format!("{}={}&limit=10", link::encode(name), link::encode(&value))
    }

    fn cell(&self, value: &Value) -> String {
        self.f.cell(&value.text())
    }

    /// Its stars on average, to one place.
    fn rating(&self) -> Option<String> {
        let (votes, total) = self.stars;
        (votes > 0).then(|| format!("{:.1}", total as f64 / votes as f64))
    }

    fn description(&self, ending: &str) -> String {
        format!("{}.{ending}", link::dataset(&self.d.view.id))
    }

    fn keywords(&self) -> String {
        let words: Vec<&str> = self.d.view.keywords.iter().map(|word| self.f.text(word)).collect();
        words.join(&self.f.t("comma"))
    }

    /// How it is cited.
    fn citation(&self) -> String {
        let view = &self.d.view;
        format!("{}. {}. v{}. {}{}", self.f.text(&view.department.title), self.f.text(&view.title), view.version, self.origin, link::dataset(&view.id))
    }
}
