//! Where deliveries lie, a folder or a bucket, as the reading of them sees it.

use std::path::PathBuf;
use std::time::SystemTime;

use tempfile::NamedTempFile;

use crate::CollectError;
use crate::position::FileMark;
use crate::read::Fingerprint;
use crate::source::Decision;

/// A delivery that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its name in the place, with `/`.
    pub name: String,
    /// Where a folder has it; empty in a bucket.
    pub path: PathBuf,
    pub length: u64,
    /// By which a bucket tells versions apart.
    pub etag: Option<String>,
    pub modified: Option<String>,
}

/// A delivery as a file that can be read.
pub struct Local {
    pub path: PathBuf,
    pub print: Fingerprint,
    /// By which it is seen that somebody wrote to it while it was read.
    pub stamp: Stamp,
    /// Keeps a file alive that was fetched.
    pub _spool: Option<NamedTempFile>,
}

/// Length and time of a file; `None` when it is not there.
pub type Stamp = Option<(u64, SystemTime)>;

/// What a look at a delivery gave.
pub enum Fetched {
    Ready(Local),
    /// It has not arrived whole: left for a later run, and why.
    Held(Decision),
}

/// A folder or a bucket.
pub trait Place: Send {
    /// Whether the place itself says that a delivery is the one this mark was made of.
    fn is_same(&self, found: &Found, mark: &FileMark) -> bool;

    /// Brings a delivery to where it can be read.
    fn fetch(&mut self, found: &Found) -> Result<Fetched, CollectError>;

    /// Makes sure that a delivery, when it has been read and before it is relied on, arrived whole.
    fn settled(&mut self, found: &Found, local: &Local) -> Result<Option<Decision>, CollectError>;
}
