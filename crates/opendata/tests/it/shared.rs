//! Catalogues of real portals, where they are at hand.

use std::path::PathBuf;

/// The folder with others' catalogues; says loudly when it is not there.
pub fn catalogs() -> Option<PathBuf> {
    let root = std::env::var_os("SANJIANG_SHARED").map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let path = root.join("data/city/catalog");
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIP: {} is not there; SANJIANG_SHARED names the folder", path.display());
    None
}
