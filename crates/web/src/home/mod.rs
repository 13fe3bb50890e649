//! `/`: the home of the brain. How much the city knows, how fresh it is, what is under way, and the city's own map.

mod panel;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use data::declare::PanelKind;
use desk::view::{Freshness, Overview, PanelView, RunFilter, RunState, RunView};

use crate::app::App;
use crate::chart::{self, Districts, Part};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::run::Running;

pub(crate) use panel::{Panel, drawn, figure};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/", get(show))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

async fn page(visit: &Visit) -> Answered<HomePage> {
    let desk = &visit.app.desk;
    let overview = desk.overview(visit.now).await?;
    // A city without a home board still has a home.
    let panels = match desk.board(visit.account.as_ref(), "home").await {
        Ok(panels) => panels,
        Err(desk::DeskError::NotFound) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let running = RunFilter { state: Some(RunState::Running), ..RunFilter::default() };
    let running = if overview.running > 0 { desk.runs(&running, 1, 10).await?.entries } else { Vec::new() };
    let frame = visit.frame(Place::Home, |say| say.t("home-title"));
    let sources = |id: &str| source_title(visit, id);
    Ok(HomePage::new(frame, overview, &panels, running, visit.parameter("map"), &visit.app.districts(), &sources))
}

/// What a panel's source is called, in the reader's language.
pub(crate) fn source_title(visit: &Visit, id: &str) -> String {
    let city = visit.app.desk.city();
    city.resources.get(id).map(|r| visit.say().pair(&r.title, &r.title_en).to_owned()).unwrap_or_else(|| id.to_owned())
}

/// One choice of what the map shows.
pub(crate) struct MapChoice {
    pub title: String,
    pub href: String,
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "home/home.html")]
pub(crate) struct HomePage {
    f: Frame,
    o: Overview,
    trend: Html,
    freshness: Html,
    map_choices: Vec<MapChoice>,
    map: Option<Panel>,
    panels: Vec<Panel>,
    running: Running,
}

impl HomePage {
    pub(crate) fn new(
        f: Frame,
        o: Overview,
        panels: &[PanelView],
        running: Vec<RunView>,
        wanted: &str,
        districts: &Districts,
        sources: &dyn Fn(&str) -> String,
    ) -> HomePage {
        let on_map = |panel: &&PanelView| panel.kind == PanelKind::Map && !districts.all.is_empty();
        let maps: Vec<&PanelView> = panels.iter().filter(on_map).collect();
        let chosen = maps.iter().find(|panel| panel.id == wanted).or(maps.first()).copied();
        let map_choices = maps.iter().map(|panel| MapChoice {
            title: f.text(&panel.title).to_owned(),
            href: format!("{}#map", link::with("/", &[("map", &panel.id)])),
            chosen: chosen.is_some_and(|c| c.id == panel.id),
        });
        HomePage {
            trend: trend(&f, &o),
            freshness: freshness(&f, &o.freshness),
            map_choices: map_choices.collect(),
            map: chosen.map(|panel| drawn(&f, panel, districts, sources)),
            panels: panels.iter().filter(|p| !on_map(p)).map(|p| drawn(&f, p, districts, sources)).collect(),
            running: Running::new(&f, running),
            f,
            o,
        }
    }

    fn empty(&self) -> bool {
        self.o.rows.raw == 0 && self.o.last_run.is_none()
    }
}

fn trend(f: &Frame, o: &Overview) -> Html {
    if o.trend.iter().all(|(_, n)| *n == 0) {
        return Html::default();
    }
    let values: Vec<u64> = o.trend.iter().map(|(_, n)| *n).collect();
    let greatest = o.trend.iter().max_by_key(|(_, n)| *n);
    let description = greatest.map(|(day, n)| f.t2("home-trend-desc", &("day", f.day(day)), &("n", *n))).unwrap_or_default();
    let rows: Vec<(String, String)> = o.trend.iter().rev().map(|(day, n)| (f.full_day(day), f.int(n))).collect();
    let title = f.t("home-trend");
    let drawn = chart::sparkline("trend", &title, &description, &values);
    let first = o.trend.first().map(|(day, _)| f.day(day)).unwrap_or_default();
    let twin = chart::twin(f, &title, [&f.t("chart-day"), &f.t("unit-rows-head")], &rows);
    let axis = format!("<p class=\"axis\"><span>{first}</span><span>{}</span></p>", f.t("time-day"));
    Html(format!("{drawn}{axis}{twin}"))
}

/// Resources by freshness, each part leading to the systems that it is about.
pub(crate) fn freshness(f: &Frame, counts: &[(Freshness, u64)]) -> Html {
    let order = [Freshness::Fresh, Freshness::Stale, Freshness::Failed, Freshness::Never];
    let part = |state: Freshness| {
        let value = counts.iter().find(|(s, _)| *s == state).map(|(_, n)| *n).unwrap_or(0);
        let href = (value > 0).then(|| format!("/systems?state={}", f.freshness_id(state)));
        Part { class: f.freshness_class(state), label: f.freshness_word(state), value, shown: f.int(value), href }
    };
    chart::share("freshness", &f.t("home-freshness"), &order.map(part))
}
