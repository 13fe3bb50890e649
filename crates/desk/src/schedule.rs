//! When each resource is collected next and why, and the pause that staff can put on a system.

use std::collections::BTreeMap;

use data::City;
use data::declare::{Resource, UpdatePeriod, RunDays};
use data::schedule::Timetable;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Store;

use crate::state::{self, States};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, due, internal};

/// Where the pauses are kept: a map from system to [`Pause`].
const PAUSES: &str = "schedule/paused";
const REASON_MAX: usize = 200;

/// Collection of a system is stopped until somebody lets it go on. Runs that staff start by hand go ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub by: String,
    pub since: Moment,
    pub reason: String,
}

/// What a resource waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Its time has come; it is taken up within seconds.
    Due,
    Running,
    /// For the given moment.
    Until(Moment),
    /// Its time has come, but the source is left alone until the given moment.
    Blackout(Moment),
    /// The system is paused.
    Paused,
    /// The system sends its rows itself.
    Pushed,
    /// Nothing: it is asked at its system at each call.
    Called,
    /// Somebody to ask for it: no period is promised.
    Asked,
}

/// One resource in the schedule.
#[derive(Clone, Debug)]
pub struct Scheduled {
    pub resource: String,
    pub title: Text,
    /// The cron expression where one is declared; otherwise the update period tells.
    pub cron: Option<String>,
    /// With `cron`: on which days it counts.
    pub days: RunDays,
    pub period: UpdatePeriod,
    pub jitter_minutes: u32,
    pub last_started: Option<Moment>,
    pub last_success: Option<Moment>,
    /// The last run failed.
    pub failed: bool,
    pub waits: Waits,
    /// Runs expected today in the city, as minutes since midnight; only those of a cron expression.
    pub today: Vec<u16>,
}

/// One system in the schedule.
#[derive(Clone, Debug)]
pub struct SystemSchedule {
    pub system: String,
    /// The department that owns it.
    pub department: String,
    pub title: Text,
    pub pause: Option<Pause>,
    /// Declared hours in which it is left alone.
    pub blackout: Vec<String>,
    /// Those of today, as minutes since midnight.
    pub blackout_today: Vec<(u16, u16)>,
    pub resources: Vec<Scheduled>,
}

/// Runs of one day drawn for a resource at most; a cron of every minute is a solid line anyway.
const MARKS_MAX: usize = 288;

impl Desk {
    /// Every system with its resources, and what each waits for.
    pub async fn schedule(&self, now: Moment) -> Answer<Vec<SystemSchedule>> {
        let (city, states, mut paused) = (self.city(), self.states().await?, self.paused().await?);
        let of_system = |id: &String, pause: Option<Pause>| {
            let system = city.systems.get(id)?;
            let resources: Vec<&Resource> = city.resources.values().filter(|r| r.system == *id).collect();
            let table = Timetable::of(&city, resources.first()?);
            Some(SystemSchedule {
                system: id.clone(),
                department: system.department.clone(),
                title: Text::new(&system.title, &system.title_en),
                blackout: system.schedule.as_ref().map(|s| s.blackout.clone()).unwrap_or_default(),
                blackout_today: table.blackouts_of_day(table.midnight(now)),
                resources: resources.iter().map(|r| self.scheduled(&city, r, &states, pause.is_some(), now)).collect(),
                pause,
            })
        };
        let schedules: Vec<SystemSchedule> = city.systems.keys().filter_map(|id| of_system(id, paused.remove(id))).collect();
        Ok(schedules)
    }

    /// What one resource waits for.
    pub async fn scheduled_of(&self, resource: &str, now: Moment) -> Answer<Scheduled> {
        let (city, states, paused) = (self.city(), self.states().await?, self.paused().await?);
        let resource = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        Ok(self.scheduled(&city, resource, &states, paused.contains_key(&resource.system), now))
    }

    fn scheduled(&self, city: &City, resource: &Resource, states: &States, paused: bool, now: Moment) -> Scheduled {
        let table = Timetable::of(city, resource);
        let history = state::history(states.get(&resource.id));
        let running = self.live_runs().iter().any(|run| run.resource == resource.id);
        let system = city.systems.get(&resource.system).and_then(|system| system.schedule.as_ref());
        let timed = [resource.schedule.as_ref(), system].into_iter().flatten().find(|schedule| schedule.cron.is_some());
        let waits = match due::next_run(&table, resource.period, history) {
            _ if running => Waits::Running,
            _ if city.is_pushed(resource) => Waits::Pushed,
            _ if city.is_service(resource) => Waits::Called,
            _ if paused => Waits::Paused,
            None => Waits::Asked,
            Some(next) => match (next <= now, table.free_from(next.max(now))) {
                (_, None) => Waits::Asked,
                (true, Some(free)) if free > now => Waits::Blackout(free),
                (true, Some(_)) => Waits::Due,
                (false, Some(free)) => Waits::Until(free),
            },
        };
        Scheduled {
            resource: resource.id.clone(),
            title: Text::new(&resource.title, &resource.title_en),
            cron: timed.and_then(|schedule| schedule.cron.clone()),
            days: timed.map(|schedule| schedule.days).unwrap_or_default(),
            period: resource.period,
            jitter_minutes: timed.map_or(0, |schedule| schedule.jitter_minutes),
            last_started: history.last_started,
            last_success: history.last_success,
            failed: history.failed,
            waits,
            today: today(&table, now),
        }
    }

    /// The paused systems.
    pub(crate) async fn paused(&self) -> Answer<BTreeMap<String, Pause>> {
        let kept = self.store().setting(PAUSES).await.map_err(internal)?;
        Ok(kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    /// Staff: collects nothing more from a system by itself until [`Desk::resume`].
    pub async fn pause(&self, who: &Account, system: &str, reason: &str, now: Moment) -> Answer<()> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(DeskError::Invalid(Text::new(
                "请写明暂停的原因（200 字以内），接手的人才知道何时可以恢复。",
                "Say why it is paused (200 characters at most), so that others know when to let it go on.",
            )));
        }
        let pause = Pause { by: who.display.clone(), since: now, reason: reason.to_owned() };
        let store = self.logging(who, "schedule.pause", &self.system_object(system), json!({ "reason": reason })).await?;
        self.change_pauses(store, system, |paused| drop(paused.insert(system.to_owned(), pause))).await
    }

    /// Staff: lets a paused system be collected again.
    pub async fn resume(&self, who: &Account, system: &str) -> Answer<()> {
        let store = self.logging(who, "schedule.resume", &self.system_object(system), json!(null)).await?;
        self.change_pauses(store, system, |paused| drop(paused.remove(system))).await
    }

    async fn change_pauses(&self, store: Store, system: &str, change: impl FnOnce(&mut BTreeMap<String, Pause>)) -> Answer<()> {
        if !self.city().systems.contains_key(system) {
            return Err(DeskError::NotFound);
        }
        let _alone = self.0.pausing.lock().await;
        let mut paused = self.paused().await?;
        change(&mut paused);
        let json = serde_json::to_string(&paused).map_err(internal)?;
        store.put_setting(PAUSES, &json).await.map_err(internal)
    }
}

/// The runs that fall into the city's day of `now`.
fn today(table: &Timetable, now: Moment) -> Vec<u16> {
    let midnight = table.midnight(now);
    let mut marks = Vec::new();
    let mut at = Moment(midnight.0 - 1);
    while let Some(next) = table.next_nominal(at) {
        let minute = (next.0 - midnight.0) / 60_000_000;
        let Ok(minute @ 0..=1439) = u16::try_from(minute) else { break };
        marks.push(minute);
        at = next;
        if marks.len() >= MARKS_MAX {
            break;
        }
    }
    marks
}
