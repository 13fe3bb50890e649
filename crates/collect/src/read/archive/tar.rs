//! The members of a tar, compressed or not. A compressed one is expanded once into a temporary file, so that each member
//! can be opened as often as its reader needs it.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use tar::{Archive, EntryType};

use super::super::input::{self, Input};
use super::super::limits;
use super::super::sniff::Compression;
use super::{Entry, Place, damaged, decode_name, refuse_path, too_many_entries};
use crate::CollectError;

/// Reads the headers of a tar.
pub(super) fn entries(path: &Path, name: &str, compression: Compression) -> Result<Vec<Entry>, CollectError> {
    let (mut file, expanded) = match compression {
        Compression::None => (File::open(path).map_err(|e| input::failure(name, &e))?, None),
        _ => {
            let (file, place) = expand(path, name, compression)?;
            (file, Some(Arc::new(place)))
        }
    };
    file.seek(SeekFrom::Start(0)).map_err(|e| input::failure(name, &e))?;
    let broken = |e: std::io::Error| damaged(name, &e.to_string());
    let mut archive = Archive::new(BufReader::new(file));
    let (mut found, mut seen) = (Vec::new(), 0);
    for entry in archive.entries_with_seek().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        seen += 1;
        if seen > limits::ENTRIES {
            return Err(too_many_entries(name));
        }
        if !matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Continuous) {
            continue;
        }
        let shown = decode_name(&entry.path_bytes());
        refuse_path(name, &shown)?;
        let place = Place::Tar { start: entry.raw_file_position(), expanded: expanded.clone() };
        found.push(Entry { name: shown, size: entry.size(), place });
    }
    Ok(found)
}

/// Expands the whole archive, within the limits of every compressed file.
fn expand(path: &Path, name: &str, compression: Compression) -> Result<(File, tempfile::TempPath), CollectError> {
    let packed = Input::new(path, name, compression);
    let mut stream = packed.open()?.take(limits::TAR_EXPANDED + 1);
    let failed = |e: std::io::Error| input::failure(name, &e);
    let mut spool = tempfile::NamedTempFile::new().map_err(failed)?;
    let size = std::io::copy(&mut stream, &mut spool).map_err(|e| packed.failure(&e))?;
    if size > limits::TAR_EXPANDED {
        return Err(CollectError::new(
            "archive.too_large",
            name,
            "压缩包展开后超过 8 GiB；请拆分后送达",
            "the archive expands to more than 8 GiB; deliver it in parts",
        ));
    }
    spool.flush().map_err(failed)?;
    Ok(spool.into_parts())
}
