//! 熔断: a service that fails again and again is left alone for a while, then tried by one call at a time. Pure: moments are given.

use std::collections::VecDeque;

use kernel::Moment;

/// A pause is doubled so often at most.
const DOUBLINGS: u32 = 3;
/// A call that tries the service again and is never heard of is given up after so long, in microseconds.
const PROBE_LOST: i64 = 120_000_000;

/// When a service is left alone, and for how long. Spans are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Failures within the window.
    pub failures: usize,
    pub window: i64,
    pub pause: i64,
}

/// How a service is to be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is asked.
    Closed,
    /// It is left alone.
    Open { until: Moment },
    /// One call tries whether it answers again.
    HalfOpen,
}

/// A call that may be made. How it went is told with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// What a call's outcome changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// From now on it is left alone.
    Opened,
    /// It answers again.
    Closed,
}

/// What is remembered of a service.
#[derive(Clone, Debug)]
pub struct Breaker {
    rule: Rule,
    held: Held,
    /// Calls of an earlier state tell nothing about this one.
    epoch: u64,
}

#[derive(Clone, Debug)]
enum Held {
    Closed { failures: VecDeque<Moment> },
    Open { until: Moment, doublings: u32 },
    HalfOpen { since: Moment, doublings: u32 },
}

impl Breaker {
    pub fn new(rule: Rule) -> Breaker {
        Breaker { rule, held: Held::Closed { failures: VecDeque::new() }, epoch: 0 }
    }

    pub fn state(&self, now: Moment) -> State {
        match &self.held {
            Held::Closed { .. } => State::Closed,
            Held::Open { until, .. } if now < *until => State::Open { until: *until },
            Held::Open { .. } | Held::HalfOpen { .. } => State::HalfOpen,
        }
    }

    /// Failures that count at this moment.
    pub fn failures(&self, now: Moment) -> usize {
        match &self.held {
            Held::Closed { failures } => failures.iter().filter(|at| at.0 > now.0.saturating_sub(self.rule.window)).count(),
            _ => self.rule.failures,
        }
    }

    /// Whether a call may be made; else when to ask again.
    pub fn ask(&mut self, now: Moment) -> Result<Ticket, Moment> {
        let lost = |since: &Moment| now.0.saturating_sub(since.0) >= PROBE_LOST;
        match &self.held {
            Held::Closed { .. } => Ok(Ticket(self.epoch)),
            Held::Open { until, .. } if now < *until => Err(*until),
            Held::HalfOpen { since, .. } if !lost(since) => Err(Moment(now.0.saturating_add(self.rule.pause.min(PROBE_LOST)))),
            Held::Open { doublings, .. } | Held::HalfOpen { doublings, .. } => {
                self.epoch += 1;
                self.held = Held::HalfOpen { since: now, doublings: *doublings };
                Ok(Ticket(self.epoch))
            }
        }
    }

    /// How a call went.
    pub fn tell(&mut self, ticket: Ticket, good: bool, now: Moment) -> Option<Turn> {
        if ticket.0 != self.epoch {
            return None;
        }
        match &mut self.held {
            Held::Closed { failures } if good => {
                // What answers in between is not down, but failures count as they are.
                failures.retain(|at| at.0 > now.0.saturating_sub(self.rule.window));
                None
            }
            Held::Closed { failures } => {
                failures.push_back(now);
                failures.retain(|at| at.0 > now.0.saturating_sub(self.rule.window));
                (failures.len() >= self.rule.failures).then(|| self.open(0, now))
            }
            Held::HalfOpen { .. } if good => {
                self.epoch += 1;
                self.held = Held::Closed { failures: VecDeque::new() };
                Some(Turn::Closed)
            }
            Held::HalfOpen { doublings, .. } => {
                let doublings = (*doublings + 1).min(DOUBLINGS);
                self.open(doublings, now);
                None
            }
            Held::Open { .. } => None,
        }
    }

    /// A call was let through and not made after all: whoever tries the service next may.
    pub fn give_back(&mut self, ticket: Ticket, now: Moment) {
        if let (Held::HalfOpen { doublings, .. }, true) = (&self.held, ticket.0 == self.epoch) {
            self.held = Held::Open { until: now, doublings: *doublings };
            self.epoch += 1;
        }
    }

    fn open(&mut self, doublings: u32, now: Moment) -> Turn {
        let pause = self.rule.pause.saturating_mul(1 << doublings);
        self.epoch += 1;
        self.held = Held::Open { until: Moment(now.0.saturating_add(pause)), doublings };
        Turn::Opened
    }
}
