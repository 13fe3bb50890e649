use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[schedule]` of a system, or of one resource where it differs: when to collect. Times are those of the city.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Five cron fields (minute, hour, day, month, weekday), e.g. `30 2 * * *`. Absent: by the update period.
    #[serde(default)]
    pub cron: Option<String>,
    /// With `cron`: on which days it counts.
    #[serde(default)]
    pub days: RunDays,
    /// Up to so many minutes later (0 to 1440), differently for each resource, so that not all begin at once.
    #[serde(default)]
    pub jitter_minutes: u32,
    /// Hours in which the source must be left alone, e.g. `mon-fri 08:30-17:30` or `23:00-01:00`.
    #[serde(default)]
    pub blackout: Vec<String>,
}

/// On which days the times of a cron expression count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunDays {
    #[default]
    All,
    /// Working days by the city's calendar (调休 included); on others it waits for the next.
    Workdays,
}
