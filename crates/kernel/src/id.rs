//! Ids: UUID version 7 (RFC 9562), so that they sort by time. Time and chance come from the caller.

use serde::{Deserialize, Serialize};

use crate::Moment;

/// The id of one collection run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl RunId {
    pub fn new(now: Moment, random: [u8; 10]) -> RunId {
        RunId(uuid_v7(now, random))
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A UUIDv7 as text, from a moment and ten random bytes.
pub fn uuid_v7(now: Moment, random: [u8; 10]) -> String {
    let millis = (now.0.max(0) / 1000) as u64;
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}
