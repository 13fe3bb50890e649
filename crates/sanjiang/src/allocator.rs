//! Memory that is not used goes back to the system at once: it would hold a gigabyte more otherwise while large files land.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Milliseconds for which memory is kept back. The allocator reads it before `main`.
const SETTING: &str = "MIMALLOC_PURGE_DELAY";

/// Where nothing is set, the process becomes itself once more, with the same id and words, and with the setting. Called
/// first of all, when nothing is open yet that would be lost. Should it fail, all goes on, at the price of memory.
pub fn give_back_at_once() {
    let mut words = std::env::args_os();
    if let (None, Some(name), Ok(binary)) = (std::env::var_os(SETTING), words.next(), std::env::current_exe()) {
        let _ = Command::new(binary).arg0(name).args(words).env(SETTING, "0").exec();
    }
}

/// The setting, for a process that inherits nothing else.
pub fn inherited() -> Option<(&'static str, OsString)> {
    std::env::var_os(SETTING).map(|value| (SETTING, value))
}
