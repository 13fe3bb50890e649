//! `/open/statistics`: open data in numbers; `/open/guide`: for whoever comes for the first time.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::open::{DatasetFilter, OpenGroup, OpenStatistics, VoiceTotal};

use crate::app::App;
use crate::chart::{self, Bar};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;

pub(super) fn router() -> Router<App> {
    Router::new().route("/open/statistics", get(statistics)).route("/open/guide", get(guide))
}

/// Datasets that belong together, as bars and a table.
pub(crate) struct Grouped {
    /// Unique on the page.
    pub id: &'static str,
    pub title: String,
    pub head: String,
    pub bars: Html,
    pub groups: Vec<(String, OpenGroup)>,
}

#[derive(Template)]
#[template(path = "open/statistics.html")]
pub(crate) struct StatisticsPage {
    pub f: Frame,
    pub s: OpenStatistics,
    pub grouped: Vec<Grouped>,
}

impl StatisticsPage {
    pub(crate) fn new(f: Frame, s: OpenStatistics) -> StatisticsPage {
        let group = |id: &'static str, title: String, head: String, groups: &[OpenGroup]| {
            let bar = |one: &OpenGroup| {
                let href = Some(link::with("/open", &[(id, &one.id)]));
                Bar { label: f.text(&one.title).to_owned(), href, value: one.datasets as f64, shown: f.int(one.datasets), ..Bar::default() }
            };
            let bars: Vec<Bar> = groups.iter().map(bar).collect();
            let groups = groups.iter().map(|one| (link::with("/open", &[(id, &one.id)]), one.clone())).collect();
            Grouped { id, bars: chart::bars(&title, [&head, &f.t("open-datasets")], &bars), title, head, groups }
        };
        let grouped = vec![
            group("department", f.t("statistics-departments"), f.t("department"), &s.departments),
            group("theme", f.t("statistics-themes"), f.t("open-theme"), &s.themes),
        ];
        StatisticsPage { grouped, s, f }
    }

    fn kind(&self, voice: &VoiceTotal) -> String {
        self.f.text(&voice.kind.title()).to_owned()
    }

    /// Nobody is owed an answer to a review.
    fn owed(&self, voice: &VoiceTotal) -> bool {
        voice.kind.days().is_some()
    }
}

async fn statistics(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(numbers(&visit).await)
}

async fn numbers(visit: &Visit) -> Answered<StatisticsPage> {
    let told = visit.app.desk.open_statistics(visit.now).await?;
    Ok(StatisticsPage::new(visit.frame(Place::Open, |say| say.t("statistics-title")), told))
}

#[derive(Template)]
#[template(path = "open/guide.html")]
pub(crate) struct GuidePage {
    pub f: Frame,
    /// Where the site is reached.
    pub origin: String,
    /// A dataset for the examples: its id, what it is called, whether it has places. `None` while nothing is open.
    pub example: Option<(String, String, bool)>,
}

impl GuidePage {
    fn rows(&self, id: &str) -> String {
        format!("{}/api/v1/open/datasets/{}/rows?limit=10", self.origin, link::encode(id))
    }

    fn csv(&self, id: &str) -> String {
        format!("{}{}", self.origin, link::open_file(id, "csv"))
    }

    fn soda(&self, id: &str) -> String {
        format!("{}/resource/{}.json?$limit=10", self.origin, link::encode(id))
    }

    fn features(&self, id: &str) -> String {
        format!("{}{}?limit=10", self.origin, link::features(id))
    }
}

async fn guide(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(lead(&visit).await)
}

async fn lead(visit: &Visit) -> Answered<GuidePage> {
    let filter = DatasetFilter { to: vec!["everybody".to_owned()], ..DatasetFilter::default() };
    let found = visit.app.desk.open_datasets(&filter, 1, 50, visit.now).await?.datasets.entries;
    let f = visit.frame(Place::Open, |say| say.t("guide-title"));
    // One with a map shows more.
    let one = found.iter().find(|one| one.position.is_some()).or_else(|| found.first());
    let example = one.map(|one| (one.id.clone(), f.text(&one.title).to_owned(), one.position.is_some()));
    Ok(GuidePage { f, origin: visit.origin(), example })
}
