//! How far replication has come: what is kept of it in the position, beside the rows.

use serde::{Deserialize, Serialize};

use super::decode::Lsn;

/// Kept as JSON in `Position.cursor`, in the same commit as the rows it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// All transactions that end here or before are in.
    pub end: String,
    /// Of the next transaction, so many changes of the table are in: a large one takes several batches.
    #[serde(default)]
    pub partial: u64,
    /// The snapshot (`xmin:xmax:xip…`) that the table was first read in: the transactions it shows are in.
    /// Gone when the stream has passed it.
    #[serde(default)]
    pub snapshot: Option<String>,
    /// The whole table is to be read, from now on or again from its start, before the stream goes on. Rows that it
    /// lacks then are gone, whether or not the stream ever told.
    #[serde(default)]
    pub unread: bool,
    /// Number of the table at the server: one dropped and made anew has another.
    #[serde(default)]
    pub table: i64,
}

impl Mark {
    /// `None`: nothing was read yet, or not by replication.
    pub fn parse(cursor: Option<&str>) -> Option<Mark> {
        serde_json::from_str::<Mark>(cursor?).ok().filter(|mark| Lsn::parse(&mark.end).is_some())
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn lsn(&self) -> Lsn {
        Lsn::parse(&self.end).unwrap_or_default()
    }
}

/// A snapshot as `pg_current_snapshot()` writes it: which transactions it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    first: u64,
    end: u64,
    running: Vec<u64>,
}

/// A snapshot that shows nothing.
pub const NOTHING: &str = "0:0:";

impl Snapshot {
    pub fn parse(text: &str) -> Option<Snapshot> {
        let mut parts = text.split(':');
        let (first, end) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let running = parts.next()?.split(',').filter(|id| !id.is_empty());
        let mut running = running.map(|id| id.parse().ok()).collect::<Option<Vec<u64>>>()?;
        running.sort_unstable();
        Some(Snapshot { first, end, running })
    }

    /// Whether everything has ended that ran, or could be seen to run, at an earlier snapshot.
    pub fn is_past(&self, earlier: &Snapshot) -> bool {
        self.first >= earlier.end
    }

    /// Whether it shows what the transaction did that commits. The stream tells the lower half of its number only;
    /// numbers of one time are never two milliards apart.
    pub fn shows(&self, xid: u32) -> bool {
        let apart = xid.wrapping_sub(self.end as u32) as i32;
        let xid = self.end.wrapping_add_signed(i64::from(apart));
        xid < self.first || (xid < self.end && self.running.binary_search(&xid).is_err())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_shows_what_had_ended() {
        let snapshot = Snapshot::parse("4294967290:4294967300:4294967292,4294967297").unwrap();
        assert!(snapshot.shows(4_294_967_289) && snapshot.shows(4_294_967_291) && snapshot.shows(3));
        assert!(!snapshot.shows(4_294_967_292) && !snapshot.shows(1) && !snapshot.shows(4) && !snapshot.shows(900));
        assert!(Snapshot::parse("5:5:").unwrap().shows(4));
        assert!(Snapshot::parse("5:x:").is_none());
        assert!([0, 3, 900, u32::MAX].iter().all(|xid| !Snapshot::parse(NOTHING).unwrap().shows(*xid)));
    }
}
