//! When a file has arrived whole: it keeps still, and what was declared to stand beside it does.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use data::declare::{Checksum, Complete};
use kernel::Text;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::place::{Found, Stamp};
use crate::CollectError;
use crate::connect::hex;
use crate::read::failure;
use crate::source::Decision;

/// A checksum's file is small: more of it is not read.
const SIDECAR_LIMIT: u64 = 64 << 10;

/// What tells that a file has arrived whole.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    settle: Duration,
    complete: Option<Complete>,
}

impl Arrival {
    /// A file younger than `settle_seconds` is looked at twice, so long after each other.
    pub fn new(settle_seconds: u32, complete: Option<Complete>) -> Arrival {
        Arrival { settle: Duration::from_secs(u64::from(settle_seconds.min(3600))), complete }
    }

    /// The ending of what stands beside each file.
    fn ending(&self) -> Option<&str> {
        Some(match self.complete.as_ref()? {
            Complete::Marker { ending } => ending,
            Complete::Checksum { algorithm: Checksum::Md5 } => ".md5",
            Complete::Checksum { algorithm: Checksum::Sha256 } => ".sha256",
        })
    }

    /// Whether this is what stands beside a file, and no delivery itself.
    pub fn is_sidecar(&self, name: &str) -> bool {
        self.ending().is_some_and(|ending| name.ends_with(ending))
    }

    pub fn sidecar(&self, path: &Path) -> Option<PathBuf> {
        let mut name = path.as_os_str().to_owned();
        name.push(self.ending()?);
        Some(name.into())
    }

    /// Why a file is not to be read yet.
    pub fn awaited(&self, found: &Found) -> Option<Decision> {
        let sidecar = self.sidecar(&found.path).filter(|sidecar| !sidecar.is_file())?;
        let name = sidecar.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some(held(
            found,
            Text::new(
                format!("还没有「{name}」，文件可能仍在传送，下次再读"),
                format!("“{name}” is not there yet, so the file may still be in transfer: left for the next run"),
            ),
        ))
    }

    /// Waits until a young file has kept still for long enough; says so if it did not.
    pub fn settle(&self, found: &Found, first: Stamp) -> Option<Decision> {
        let Some((_, modified)) = first else { return Some(moving(found)) };
        // A time in the future says nothing about its age.
        let age = SystemTime::now().duration_since(modified).unwrap_or(Duration::ZERO);
        let rest = self.settle.checked_sub(age).filter(|rest| !rest.is_zero())?;
        std::thread::sleep(rest);
        (stamp(&found.path) != first).then(|| moving(found))
    }

    /// Compares the content with the checksum beside it.
    pub fn verify(&self, found: &Found) -> Result<(), CollectError> {
        let Some(Complete::Checksum { algorithm }) = &self.complete else { return Ok(()) };
        let Some(sidecar) = self.sidecar(&found.path) else { return Ok(()) };
        let mut text = String::new();
        let read = File::open(&sidecar).and_then(|file| file.take(SIDECAR_LIMIT).read_to_string(&mut text));
        read.map_err(|error| failure(&sidecar.to_string_lossy(), &error))?;
        let computed = match algorithm {
            Checksum::Md5 => digest::<Md5>(found)?,
            Checksum::Sha256 => digest::<Sha256>(found)?,
        };
        let written = |word: &str| word.len() == computed.len() && word.bytes().all(|b| b.is_ascii_hexdigit());
        let stated: Vec<&str> = text.split_ascii_whitespace().filter(|word| written(word)).collect();
        if stated.iter().any(|stated| stated.eq_ignore_ascii_case(&computed)) {
            return Ok(());
        }
        let beside = stated.first().copied().unwrap_or("—");
        Err(CollectError::new(
            "files.checksum",
            &found.name,
            format!("内容与校验文件不符：校验文件写的是 {beside}，实为 {computed}。文件可能没有传完或已损坏，请重新传送文件和校验文件。"),
            format!("The content does not match its checksum: {beside} is written beside it, it is {computed}. It may be incomplete or damaged: send the file and its checksum again."),
        )
        .transient())
    }
}

fn digest<D: Digest>(found: &Found) -> Result<String, CollectError> {
    let fails = |error: std::io::Error| failure(&found.name, &error);
    let mut file = File::open(&found.path).map_err(fails)?;
    let mut digest = D::new();
    let mut chunk = vec![0; 1 << 18];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(hex(&digest.finalize())),
            Ok(length) => digest.update(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fails(error)),
        }
    }
}

/// Length and time of a file.
pub fn stamp(path: &Path) -> Stamp {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

fn moving(found: &Found) -> Decision {
    held(found, Text::new("文件仍在写入，下次再读", "the file is still being written: left for the next run"))
}

fn held(found: &Found, why: Text) -> Decision {
    Decision { what: "held".to_owned(), about: found.name.clone(), chosen: String::new(), why }
}
