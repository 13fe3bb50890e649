//! `/systems`, `/systems/{id}`: the information systems that data comes from, by department, and how fresh each is.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use desk::CollectScope;
use desk::view::{Freshness, RunView, SystemDetail, SystemSummary};
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::link;
use crate::run::{RunRow, Running};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/systems", get(list)).route("/systems/{id}", get(show)).route("/collect", post(collect))
}

async fn list(State(_): State<App>, visit: Visit) -> Response {
    let page = match visit.app.desk.systems(visit.now).await {
        Ok(systems) => Ok(SystemsPage::new(visit.frame(Place::Systems, |say| say.t("systems-title")), systems, visit.parameter("state"))),
        Err(error) => Err(error.into()),
    };
    visit.answer(page)
}

async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(detail(&visit, &id).await)
}

async fn detail(visit: &Visit, id: &str) -> Answered<SystemPage> {
    let system = visit.app.desk.system(id, visit.now).await?;
    let started = visit.parameter("started").parse().ok();
    Ok(SystemPage::new(visit.frame(Place::Systems, |say| say.text(&system.summary.title).to_owned()), system, started))
}

/// What the button 立即归集 sends.
#[derive(Deserialize)]
struct Collect {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    resource: String,
}

async fn collect(Sent(visit, form): Sent<Collect>) -> Response {
    visit.answer::<SystemsPage>(start(&visit, form).await.and_then(|to| Err(Refusal::To(to))))
}

/// Starts the collection and answers where to watch it.
async fn start(visit: &Visit, form: Collect) -> Answered<String> {
    let account = visit.staff_form(&form.csrf)?;
    let (scope, back) = match (form.system.as_str(), form.resource.as_str()) {
        ("", "") => (CollectScope::Due, "/runs".to_owned()),
        ("", resource) => (CollectScope::Resource(resource.to_owned()), link::resource(resource)),
        (system, _) => (CollectScope::System(system.to_owned()), link::system(system)),
    };
    let taken = visit.app.desk.collect(account, scope, visit.now).await?;
    Ok(link::with(&back, &[("started", &taken.to_string())]))
}

/// The systems of one department.
pub(crate) struct Group {
    pub title: String,
    pub id: String,
    pub systems: Vec<SystemSummary>,
}

#[derive(Template)]
#[template(path = "system/list.html")]
pub(crate) struct SystemsPage {
    f: Frame,
    groups: Vec<Group>,
    total: usize,
    shown: usize,
    /// (address, word, count, chosen).
    states: Vec<(String, String, usize, bool)>,
}

impl SystemsPage {
    pub(crate) fn new(f: Frame, systems: Vec<SystemSummary>, wanted: &str) -> SystemsPage {
        let order = [Freshness::Fresh, Freshness::Stale, Freshness::Failed, Freshness::Never];
        let chosen = order.into_iter().find(|state| f.freshness_id(*state) == wanted);
        let count = |state: Freshness| systems.iter().filter(|s| s.worst == state).count();
        let mut states = vec![("/systems".to_owned(), f.t("all"), systems.len(), chosen.is_none())];
        for state in order.into_iter().filter(|state| count(*state) > 0) {
            let href = link::with("/systems", &[("state", f.freshness_id(state))]);
            states.push((href, f.freshness_word(state), count(state), chosen == Some(state)));
        }
        let total = systems.len();
        let mut groups: Vec<Group> = Vec::new();
        for system in systems.into_iter().filter(|s| chosen.is_none_or(|c| s.worst == c)) {
            match groups.iter_mut().find(|group| group.id == system.department) {
                Some(group) => group.systems.push(system),
                None => groups.push(Group {
                    title: f.text(&system.department_title).to_owned(),
                    id: system.department.clone(),
                    systems: vec![system],
                }),
            }
        }
        SystemsPage { shown: groups.iter().map(|g| g.systems.len()).sum(), f, groups, total, states }
    }
}

#[derive(Template)]
#[template(path = "system/detail.html")]
pub(crate) struct SystemPage {
    f: Frame,
    s: SystemDetail,
    runs: Vec<RunRow>,
    running: Running,
    /// How many resources the button just took up.
    started: Option<u64>,
}

impl SystemPage {
    pub(crate) fn new(f: Frame, s: SystemDetail, started: Option<u64>) -> SystemPage {
        let (running, ended): (Vec<RunView>, Vec<RunView>) =
            s.runs.iter().cloned().partition(|run| run.state == desk::view::RunState::Running);
        SystemPage { runs: ended.iter().map(|run| RunRow::new(&f, run)).collect(), running: Running::new(&f, running), f, s, started }
    }
}
