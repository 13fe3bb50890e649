//! What is remembered of a system between requests and runs: when it may be asked again, its token, how it answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kernel::Text;

/// All systems that were contacted, by id. Lives as long as the process.
#[derive(Clone, Debug, Default)]
pub struct Contacts(Arc<Mutex<HashMap<String, Arc<Contact>>>>);

impl Contacts {
    /// What is remembered of a system; begins empty.
    pub(crate) fn of(&self, system: &str) -> Arc<Contact> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(system.to_owned()).or_default().clone()
    }

    /// How a system answered lately; `None` when it was not asked by this process.
    pub fn status(&self, system: &str) -> Option<Status> {
        let contact = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(system).cloned()?;
        let kept = contact.kept();
        let wait = kept.next.and_then(|next| next.checked_duration_since(Instant::now()));
        Some(Status { held_for: wait, ..kept.status.clone() }).filter(|status| status.requests > 0)
    }
}

/// How a system answered lately.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Requests sent by this process.
    pub requests: u64,
    /// When the last answer came, in microseconds UTC.
    pub last_answer: Option<i64>,
    /// How long it let wait for its first byte.
    pub latency: Option<Duration>,
    /// Why the last request failed; `None` when it was answered.
    pub last_error: Option<Text>,
    /// How long it is not to be asked, by its own rule or the declared rate.
    pub held_for: Option<Duration>,
}

/// One system.
#[derive(Debug, Default)]
pub(crate) struct Contact {
    kept: Mutex<Kept>,
    /// Held while a token is fetched, so that many runs fetch one.
    pub token: tokio::sync::Mutex<Option<Token>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Not to be asked before.
    next: Option<Instant>,
    status: Status,
}

/// A token, and until when it is used.
#[derive(Clone)]
pub(crate) struct Token {
    pub value: String,
    pub until: Instant,
    /// By what it was got: another declaration wants another token.
    pub origin: u128,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Contact {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next turn of the declared rate, and says how long to wait for it.
    pub fn turn(&self, per_second: Option<f64>) -> Duration {
        let now = Instant::now();
        let mut kept = self.kept();
        let at = kept.next.map_or(now, |next| next.max(now));
        let interval =
            per_second.filter(|rate| *rate > 0.0).map(|rate| Duration::from_secs_f64((1.0 / rate).min(3600.0)));
        kept.next = Some(at + interval.unwrap_or_default());
        kept.status.requests += 1;
        at - now
    }

    /// How long it is not to be asked.
    pub fn held(&self) -> Duration {
        self.kept().next.map_or(Duration::ZERO, |next| next.saturating_duration_since(Instant::now()))
    }

    /// It asked to be left alone for a while.
    pub fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut kept = self.kept();
        kept.next = Some(kept.next.map_or(until, |next| next.max(until)));
    }

    pub fn answered(&self, latency: Duration) {
        let mut kept = self.kept();
        kept.status.last_answer = Some(jiff::Timestamp::now().as_microsecond());
        kept.status.latency = Some(latency);
        kept.status.last_error = None;
    }

    pub fn failed(&self, why: &Text) {
        self.kept().status.last_error = Some(why.clone());
    }
}
