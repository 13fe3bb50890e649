//! `/schedule`: when each resource is collected next and why then, the hours in which a source is left alone,
//! and the pause that staff can put on a system.

mod strip;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use desk::schedule::{Pause, Scheduled, SystemSchedule, Waits};
use serde::Deserialize;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::html::Html;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/schedule", get(show)).route("/schedule/pause", post(pause)).route("/schedule/resume", post(resume))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

async fn page(visit: &Visit) -> Answered<SchedulePage> {
    let systems = visit.app.desk.schedule(visit.now).await?;
    Ok(SchedulePage::new(visit.frame(Place::Runs, |say| say.t("schedule-title")), systems))
}

/// What the pause and resume buttons send.
#[derive(Deserialize)]
struct PauseForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    reason: String,
}

async fn pause(Sent(visit, form): Sent<PauseForm>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.pause(who, &form.system, &form.reason, visit.now).await?;
        Err(Refusal::To(back(&form.system)))
    };
    visit.answer::<SchedulePage>(done.await)
}

async fn resume(Sent(visit, form): Sent<PauseForm>) -> Response {
    let done = async {
        let who = visit.staff_form(&form.csrf)?;
        visit.app.desk.resume(who, &form.system).await?;
        Err(Refusal::To(back(&form.system)))
    };
    visit.answer::<SchedulePage>(done.await)
}

fn back(system: &str) -> String {
    format!("/schedule#{}", crate::link::encode(system))
}

/// A system's part of the page.
pub(crate) struct Group {
    pub id: String,
    pub department: String,
    pub title: String,
    pub pause: Option<Pause>,
    pub blackout: Vec<String>,
    pub rows: Vec<Row>,
}

/// A resource as a row.
pub(crate) struct Row {
    pub s: Scheduled,
    pub rhythm: String,
    pub waits: Html,
    pub strip: Html,
}

#[derive(Template)]
#[template(path = "schedule/schedule.html")]
pub(crate) struct SchedulePage {
    f: Frame,
    groups: Vec<Group>,
    due: u64,
    waiting: u64,
    paused: u64,
}

impl SchedulePage {
    pub(crate) fn new(f: Frame, systems: Vec<SystemSchedule>) -> SchedulePage {
        let all = || systems.iter().flat_map(|system| &system.resources);
        let count = |wanted: fn(&Waits) -> bool| all().filter(|s| wanted(&s.waits)).count() as u64;
        let (due, waiting) = (count(|w| matches!(w, Waits::Due | Waits::Running)), count(|w| matches!(w, Waits::Blackout(_))));
        let paused = systems.iter().filter(|system| system.pause.is_some()).count() as u64;
        let groups = systems.into_iter().map(|system| group(&f, system)).collect();
        SchedulePage { due, waiting, paused, groups, f }
    }
}

fn group(f: &Frame, system: SystemSchedule) -> Group {
    let row = |s: Scheduled| Row {
        rhythm: s.cron.clone().unwrap_or_else(|| f.period(s.period)),
        waits: waits(f, &s),
        strip: strip::day(f, &s, &system.blackout_today),
        s,
    };
    let rows = system.resources.into_iter().map(row).collect();
    Group { title: f.text(&system.title).to_owned(), id: system.system, department: system.department, pause: system.pause, blackout: system.blackout, rows }
}

/// What a resource waits for, in words.
fn waits(f: &Frame, s: &Scheduled) -> Html {
    let with_time = |class: &str, word: String, moment| Html(format!("{} {}", f.badge(class, &word), f.when(moment)));
    match s.waits {
        Waits::Due => f.badge("good", &f.t("schedule-due")),
        Waits::Running => f.badge("calm", &f.t("run-running")),
        Waits::Until(moment) if s.failed => with_time("wrong", f.t("schedule-retry"), moment),
        Waits::Until(moment) => f.when(moment),
        Waits::Blackout(moment) => with_time("late", f.t("schedule-blackout"), moment),
        Waits::Paused => f.badge("late", &f.t("schedule-paused")),
        Waits::Pushed => f.badge("none", &f.t("schedule-pushed")),
        Waits::Called => f.badge("none", &f.t("schedule-called")),
        Waits::Asked => f.badge("none", &f.t("schedule-asked")),
    }
}
