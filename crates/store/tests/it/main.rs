//! The control store through its face.

mod account;
mod crash;
mod leaf;
mod message;
mod quality;
mod model;
mod quarantine;
mod run;
mod within;
mod writing;

use kernel::Moment;
use store::Store;

pub const SECOND: i64 = 1_000_000;
pub const DAY: i64 = 86_400 * SECOND;
/// 2026-11-24T00:00:00Z
pub const MIDNIGHT: Moment = Moment(1795478400 * SECOND);

pub fn after(seconds: i64) -> Moment {
    Moment(MIDNIGHT.0 + seconds * SECOND)
}

pub async fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path().join("control.sqlite")).await.expect("opens");
    (folder, store)
}
