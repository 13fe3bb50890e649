//! How a city lends data between its departments: clocks and bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[share]`: what holds for requests and grants where nothing else is said. Clocks are in working days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sharing {
    /// Working days in which a department decides about a request.
    pub decide_days: u32,
    /// Working days in which the bureau settles an objection to a refusal.
    pub objection_days: u32,
    /// Days that a grant lasts at most, and where nobody says how long.
    pub longest_days: u32,
    /// Calls a minute under one grant, where the decision says nothing else; more are put off.
    pub per_minute: u32,
    /// Rows of one answer at most.
    pub rows: u32,
    /// Days by which a grant for an investigation may put off at most that persons are told of its readings; 0: never.
    pub longest_delay: u32,
    /// Calls a day under one grant at most, and where nobody says how many. Absent: not bounded.
    pub per_day: Option<u32>,
    /// Rows a day under one grant at most, and where nobody says how many. Absent: not bounded.
    pub rows_per_day: Option<u64>,
    /// Days after which whoever uses a grant reports what came of it, again and again; 0: no reports are asked for.
    pub report_days: u32,
}

impl Default for Sharing {
    fn default() -> Sharing {
        Sharing { decide_days: 10, objection_days: 10, longest_days: 366, per_minute: 600, rows: 1_000, longest_delay: 180, per_day: None, rows_per_day: None, report_days: 180 }
    }
}
