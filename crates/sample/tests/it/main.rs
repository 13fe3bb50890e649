//! The sample city through its public door: declarations that are committed and valid, and a generator
//! that repeats and keeps to them.

mod api;
mod declared;
mod generated;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sample::{generate, Options, Summary};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// One small city, made once for all tests.
static SMALL: LazyLock<(tempfile::TempDir, Summary)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let summary = generate(folder.path(), &Options { scale: 0.01, seed: 7 }, &|_| {}).expect("a city");
    (folder, summary)
});
