//! A moment in time as the records keep it. Who needs "now" is given it as an argument.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z: the one form in which times are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// From the wall clock value the binary read.
    pub fn from_jiff(timestamp: jiff::Timestamp) -> Moment {
        Moment(timestamp.as_microsecond())
    }

    /// As a jiff timestamp; moments outside its range are clamped to the epoch.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// RFC 3339 in UTC, for APIs and logs.
    pub fn rfc3339(self) -> String {
        self.to_jiff().to_string()
    }

    /// Whole seconds from `earlier` to `self`; negative if `self` is earlier.
    pub fn seconds_since(self, earlier: Moment) -> i64 {
        (self.0 - earlier.0) / 1_000_000
    }
}
