//! The line to each service: its client, how many calls are under way, and whether it is left alone. It lives as long as the process
//! and its declaration.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::collect::connect::Service;
use data::declare::{Connector, System};
use data::share::breaker::{Breaker, Rule, State, Ticket, Turn};
use kernel::{Moment, Text};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Answer, Desk, DeskError, internal};

const SECOND: i64 = 1_000_000;

/// All services that were asked, by their systems.
#[derive(Default)]
pub(crate) struct Lines(Mutex<HashMap<String, Arc<Line>>>);

/// One service.
pub(crate) struct Line {
    /// What it was made from: another declaration makes another line.
    declared: String,
    pub service: Service,
    breaker: Mutex<Breaker>,
    room: Arc<Semaphore>,
    at_once: usize,
    error: Mutex<Option<Text>>,
}

/// A call that may be made. Dropped unheard of, it gives its turn back.
pub(super) struct Turned {
    line: Arc<Line>,
    ticket: Option<Ticket>,
    _room: OwnedSemaphorePermit,
    now: fn() -> Moment,
}

impl Lines {
    pub fn known(&self, system: &str) -> Option<Arc<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(system).cloned()
    }
}

impl Line {
    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn state(&self, now: Moment) -> State {
        self.breaker().state(now)
    }

    pub fn failures(&self, now: Moment) -> u64 {
        self.breaker().failures(now) as u64
    }

    pub fn under_way(&self) -> u64 {
        self.at_once.saturating_sub(self.room.available_permits()) as u64
    }

    pub fn error(&self) -> Option<Text> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why the last call failed; `None` when it was answered.
    pub fn say(&self, error: Option<Text>) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    /// A turn to ask, if the service is not left alone and bears one more call; else the seconds to wait.
    pub(super) fn turn(self: &Arc<Line>, clock: fn() -> Moment) -> Result<Turned, (&'static str, u64)> {
        let now = clock();
        let Ok(room) = self.room.clone().try_acquire_owned() else { return Err(("full", 1)) };
        let wait = |until: Moment| u64::try_from((until.0 - now.0).max(0)).unwrap_or(0).div_ceil(SECOND as u64).max(1);
        let ticket = self.breaker().ask(now).map_err(|until| ("away", wait(until)))?;
        Ok(Turned { line: self.clone(), ticket: Some(ticket), _room: room, now: clock })
    }
}

impl Turned {
    /// How the call went.
    pub fn tell(mut self, good: bool) -> Option<Turn> {
        let ticket = self.ticket.take()?;
        self.line.breaker().tell(ticket, good, (self.now)())
    }
}

impl Drop for Turned {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.line.breaker().give_back(ticket, (self.now)());
        }
    }
}

impl Desk {
    /// The line to the service of a system, made anew when its declaration has changed.
    pub(super) fn service_line(&self, system: &System) -> Answer<Arc<Line>> {
        let city = self.city();
        let Connector::Service { at_once, failures, window_seconds, pause_seconds, .. } = &system.connector else {
            return Err(DeskError::Internal(format!("{} is no service", system.id)));
        };
        let declared = serde_json::to_string(&(&system.connector, &city.info.network)).map_err(internal)?;
        let mut lines = self.0.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lines.get(&system.id).filter(|known| known.declared == declared) {
            return Ok(known.clone());
        }
        let made = self.0.sources.within(&city.info).and_then(|ctx| Service::new(&ctx, system));
        let service = made.map_err(|error| {
            tracing::warn!(system = system.id, error = error.message.en, "a service cannot be asked");
            DeskError::Upstream(Text::new("服务尚未配置好，请联系提供部门。", "The service is not set up; please ask the department that provides it."))
        })?;
        let rule = Rule { failures: *failures as usize, window: i64::from(*window_seconds) * SECOND, pause: i64::from(*pause_seconds) * SECOND };
        let room = (*at_once).clamp(1, 1000) as usize;
        let line = Arc::new(Line {
            declared,
            service,
            breaker: Mutex::new(Breaker::new(rule)),
            room: Arc::new(Semaphore::new(room)),
            at_once: room,
            error: Mutex::default(),
        });
        lines.insert(system.id.clone(), line.clone());
        Ok(line)
    }
}
