//! Room on the disk. A write begins only where it can end, and some room is always left: for the control store to say
//! that there is none, and for the files by which room is made.

use std::path::Path;

use crate::LakeError;

/// Left free, or a twentieth of a small disk.
const RESERVE: u64 = 64 << 20;

/// Refuses when writing so many bytes would eat into the reserve.
pub(crate) fn check(folder: &Path, bytes: u64) -> Result<(), LakeError> {
    let found = rustix::fs::statvfs(folder).map_err(|error| LakeError::io(folder, &error.into()))?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let reserve = RESERVE.min(found.f_blocks.saturating_mul(found.f_frsize) / 20);
    if free < bytes.saturating_add(reserve) {
        let what = format!("{}: {} MiB free, {} MiB kept in reserve", folder.display(), free >> 20, reserve >> 20);
        return Err(LakeError::Full(what));
    }
    Ok(())
}
