//! `/runs`, `/runs/{id}`: each collection of a resource, how far it is, and whether every row is accounted for.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use desk::view::{Page, RunFilter, RunState, RunView};

use crate::app::App;
use crate::chart::{self, Part};
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;

/// Runs on one page of the list.
const SIZE: u64 = 50;

const STATES: [RunState; 6] =
    [RunState::Running, RunState::Done, RunState::Partial, RunState::Held, RunState::Failed, RunState::Interrupted];

pub(crate) fn router() -> Router<App> {
    Router::new().route("/runs", get(list)).route("/runs/{id}", get(show))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(runs(&visit).await)
}

async fn runs(visit: &Visit) -> Answered<RunsPage> {
    let f = visit.frame(Place::Runs, |say| say.t("runs-title"));
    let wanted = visit.parameter("state");
    let filter = RunFilter {
        system: visit.chosen("system"),
        resource: visit.chosen("resource"),
        state: STATES.into_iter().find(|state| f.run_id(*state) == wanted),
    };
    let page = visit.app.desk.runs(&filter, visit.page(), SIZE).await?;
    let city = visit.app.desk.city();
    let systems = city.systems.values().map(|s| (s.id.clone(), f.pair(&s.title, &s.title_en).to_owned())).collect();
    let resource = filter.resource.as_ref().map(|id| crate::home::source_title(visit, id));
    let started = visit.parameter("started").parse().ok();
    Ok(RunsPage::new(f, filter, page, systems, resource, started))
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    let page = visit.app.desk.run(&id).await;
    let page = page.map(|run| RunPage::new(visit.frame(Place::Runs, |say| say.t1("run-title", &("resource", say.text(&run.resource_title)))), run));
    visit.answer(page.map_err(Into::into))
}

/// A run as a row of a list.
pub(crate) struct RunRow {
    pub run: RunView,
    pub took: String,
}

impl RunRow {
    pub(crate) fn new(f: &Frame, run: &RunView) -> RunRow {
        RunRow { took: run.ended.map(|end| f.span(end.seconds_since(run.started).max(0) as u64)).unwrap_or_default(), run: run.clone() }
    }
}

/// A run under way, with what a progress bar needs.
pub(crate) struct Progress {
    pub run: RunView,
    /// How much is done, and of how much; `None` while the total is unknown.
    pub done: u64,
    pub total: Option<u64>,
    /// Rows a second so far.
    pub rate: u64,
    pub left: String,
}

/// Runs under way: the island keeps these numbers moving.
#[derive(Default)]
pub(crate) struct Running {
    pub runs: Vec<Progress>,
}

impl Running {
    pub(crate) fn new(f: &Frame, runs: Vec<RunView>) -> Running {
        Running { runs: runs.into_iter().map(|run| progress(f, run)).collect() }
    }
}

fn progress(f: &Frame, run: RunView) -> Progress {
    let seconds = f.now.seconds_since(run.started).max(1) as u64;
    let (done, total) = match (run.rows_total, run.bytes_total) {
        (Some(total), _) => (run.source_rows.min(total), Some(total)),
        (None, Some(total)) => (run.bytes.min(total), Some(total)),
        (None, None) => (0, None),
    };
    let left = total.filter(|_| done > 0).map(|total| (total - done).saturating_mul(seconds) / done);
    Progress { rate: run.source_rows / seconds, left: left.map(|s| f.t1("run-left", &("time", f.span(s)))).unwrap_or_default(), done, total, run }
}

#[derive(Template)]
#[template(path = "run/list.html")]
pub(crate) struct RunsPage {
    f: Frame,
    filter: RunFilter,
    running: Running,
    runs: Vec<RunRow>,
    total: u64,
    systems: Vec<(String, String)>,
    /// Title of the resource the list is narrowed to.
    resource: Option<String>,
    /// (word, title, chosen).
    states: Vec<(&'static str, String, bool)>,
    paging: Paging,
    started: Option<u64>,
}

impl RunsPage {
    pub(crate) fn new(
        f: Frame,
        filter: RunFilter,
        page: Page<RunView>,
        systems: Vec<(String, String)>,
        resource: Option<String>,
        started: Option<u64>,
    ) -> RunsPage {
        let states = STATES.map(|state| (f.run_id(state), f.run_word(state), filter.state == Some(state)));
        let paging = Paging::new(&f, page.page, page.size, page.total);
        let (running, ended): (Vec<RunView>, Vec<RunView>) = page.entries.into_iter().partition(|r| r.state == RunState::Running);
        RunsPage {
            running: Running::new(&f, running),
            runs: ended.iter().map(|run| RunRow::new(&f, run)).collect(),
            total: page.total,
            states: states.into(),
            f,
            filter,
            systems,
            resource,
            paging,
            started,
        }
    }

    fn is_system(&self, id: &str) -> bool {
        self.filter.system.as_deref() == Some(id)
    }

    fn narrowed(&self) -> bool {
        self.filter.system.is_some() || self.filter.resource.is_some() || self.filter.state.is_some()
    }
}

#[derive(Template)]
#[template(path = "run/detail.html")]
pub(crate) struct RunPage {
    f: Frame,
    r: RunView,
    running: Running,
    took: String,
    balance: Html,
    /// (what, chosen text).
    decisions: Vec<(String, String)>,
    /// Whether every row of the source is accounted for, and how many are not.
    balanced: bool,
    rest: u64,
}

impl RunPage {
    pub(crate) fn new(f: Frame, r: RunView) -> RunPage {
        let ended = r.ended.unwrap_or(f.now);
        let decisions = r.decisions.iter().map(|(what, text)| (f.decision(what), f.text(text).to_owned())).collect();
        RunPage {
            running: Running::new(&f, if r.state == RunState::Running { vec![r.clone()] } else { Vec::new() }),
            took: f.span(ended.seconds_since(r.started).max(0) as u64),
            balance: balance(&f, &r),
            balanced: r.source_rows == accounted(&r),
            rest: r.source_rows.saturating_sub(accounted(&r)),
            decisions,
            f,
            r,
        }
    }

    /// What this run changed.
    fn changes(&self) -> String {
        link::changes(&self.r.resource, &format!("before:{}", self.r.id), &self.r.id)
    }

    fn title(&self) -> String {
        self.f.t1("run-title", &("resource", self.f.text(&self.r.resource_title)))
    }
}

fn accounted(r: &RunView) -> u64 {
    r.landed + r.removed + r.quarantined + r.unchanged
}

/// Where the source's rows went, as one bar.
fn balance(f: &Frame, r: &RunView) -> Html {
    if r.source_rows == 0 {
        return Html::default();
    }
    let part = |class, label: String, value: u64, href: Option<String>| Part {
        class,
        label,
        value,
        shown: format!("{} {}", f.int(value), f.percent(value, r.source_rows)),
        href,
    };
    let bad = (f.may("read.quarantine") && r.quarantined > 0).then(|| link::quarantine(&[("run", &r.id)]));
    let mut parts = vec![
        part("good", f.t("run-landed"), r.landed, None),
        part("late", f.t("run-quarantined"), r.quarantined, bad),
        part("calm", f.t("run-unchanged"), r.unchanged, None),
    ];
    if r.removed > 0 {
        parts.push(part("gone", f.t("run-removed"), r.removed, None));
    }
    let rest = r.source_rows.saturating_sub(accounted(r));
    if rest > 0 {
        parts.push(part("none", f.t("run-rest"), rest, None));
    }
    chart::share("balance", &f.t("run-balance"), &parts)
}
