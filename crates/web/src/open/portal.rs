//! `/open`: what is open, found by words and narrowed by facets; without a question, where one begins.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use data::declare::Theme;
use data::open::licence;
use desk::open::{DatasetFilter, DatasetView, Portal};
use desk::view::FacetValue;
use opendata::dcat::{data_catalog, script};

use crate::app::App;
use crate::catalog::{Facet, FacetLink, facet_links};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::{Html, marked};
use crate::link;
use crate::paging::Paging;

/// Datasets on one page.
const SIZE: u64 = 20;

pub(super) fn router() -> Router<App> {
    Router::new().route("/open", get(show))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    match super::machine::form(&visit) {
        Some(form) => super::machine::whole(visit, form).await,
        // A search for nothing is a wish to see all.
        None if visit.address == "/open" && !visit.query.iter().any(|(name, _)| name == "q") => visit.answer(super::front::front(&visit).await),
        None => visit.answer(page(&visit).await),
    }
}

async fn page(visit: &Visit) -> Answered<PortalPage> {
    let words = |name: &str| visit.all(name).into_iter().map(str::to_owned).collect();
    let filter = DatasetFilter {
        query: visit.parameter("q").chars().take(200).collect(),
        theme: words("theme"),
        department: words("department"),
        to: words("to"),
        licence: words("licence"),
    };
    let desk = &visit.app.desk;
    let found = desk.open_datasets(&filter, visit.page(), SIZE, visit.now).await?;
    let f = visit.frame(Place::Open, |say| say.t("open-list"));
    let city = desk.city();
    let department = |id: &str| city.departments.get(id).map_or_else(|| id.to_owned(), |one| f.pair(&one.title, &one.title_en).to_owned());
    let ld = data_catalog(&desk.open_site(&visit.origin(), visit.now).await?, f.lang);
    let others = desk.other_portals().await?.iter().map(|(.., live)| live).sum();
    let page = PortalPage::new(f.clone(), &filter, found, &department);
    Ok(PortalPage { ld: Html(script(&ld)), others, ..page })
}

pub(crate) struct Hit {
    pub view: DatasetView,
    pub title: Html,
    pub summary: Html,
}

#[derive(Template)]
#[template(path = "open/portal.html")]
pub(crate) struct PortalPage {
    f: Frame,
    query: String,
    hits: Vec<Hit>,
    total: u64,
    facets: Vec<Facet>,
    chosen: Vec<FacetLink>,
    suggestion: Option<(String, String)>,
    paging: Paging,
    /// For search engines.
    ld: Html,
    /// Datasets of other portals.
    others: u64,
}

impl PortalPage {
    pub(crate) fn new(f: Frame, filter: &DatasetFilter, found: Portal, department: &dyn Fn(&str) -> String) -> PortalPage {
        let theme = |word: &str| Theme::parse(word).map_or_else(|| word.to_owned(), |theme| f.text(&theme.title()).to_owned());
        let licence = |id: &str| licence(id).map_or_else(|| id.to_owned(), |one| one.id.to_owned());
        let to = |word: &str| match word {
            "applicants" => f.t("open-to-applicants"),
            _ => f.t("open-to-everybody"),
        };
        let links = |name: &str, values: &[FacetValue], said: &dyn Fn(&str) -> String| facet_links(&f.address, name, values, said);
        let facets: Vec<Facet> = [
            (f.t("open-theme"), links("theme", &found.themes, &theme)),
            (f.t("department"), links("department", &found.departments, department)),
            (f.t("open-to"), links("to", &found.to, &to)),
            (f.t("open-licence"), links("licence", &found.licences, &licence)),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(title, values)| Facet { title, values })
        .collect();
        let chosen = crate::catalog::chosen_links(&facets);
        let hit = |view: DatasetView| Hit { title: marked(f.text(&view.title), &filter.query), summary: marked(f.text(&view.summary), &filter.query), view };
        let page = found.datasets;
        PortalPage {
            paging: Paging::new(&f, page.page, page.size, page.total),
            total: page.total,
            hits: page.entries.into_iter().map(hit).collect(),
            query: filter.query.clone(),
            suggestion: found.suggestion.map(|words| (link::with("/open", &[("q", &words)]), words)),
            facets,
            chosen,
            ld: Html("{}".to_owned()),
            others: 0,
            f,
        }
    }

    /// Whether nothing is looked for.
    fn plain(&self) -> bool {
        self.query.is_empty() && self.chosen.is_empty()
    }

    fn any_others(&self) -> bool {
        self.others > 0
    }

    fn theme(&self, hit: &Hit) -> String {
        self.f.text(&hit.view.theme.title()).to_owned()
    }
}
