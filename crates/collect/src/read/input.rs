//! Where bytes come from: a plain, compressed or archived file, opened as often as a reader needs it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::Xxh3;

use super::archive::{self, Entry};
use super::limits;
use super::sniff::Compression;
use crate::CollectError;

/// The content of a file in two numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// XXH3-128 in hex.
    pub hash: String,
    /// Bytes.
    pub length: u64,
}

/// Reads a file once, in constant memory, for its fingerprint.
pub fn fingerprint(path: &Path, name: &str) -> Result<Fingerprint, CollectError> {
    // Opening a pipe would wait for somebody to write into it.
    let kind = std::fs::metadata(path).map_err(|e| failure(name, &e))?;
    if !kind.is_file() {
        return Err(CollectError::new(
            "file.special",
            name,
            "这不是普通文件（文件夹、管道或设备），无法读取",
            "this is no regular file but a folder, a pipe or a device; it cannot be read",
        ));
    }
    let mut file = File::open(path).map_err(|e| failure(name, &e))?;
    let mut hash = Xxh3::new();
    let mut chunk = vec![0; limits::CHUNK];
    let mut length = 0;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => {
                hash.update(chunk.get(..n).unwrap_or_default());
                length += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(failure(name, &e)),
        }
    }
    Ok(Fingerprint { hash: format!("{:032x}", hash.digest128()), length })
}

/// A file, or one member of an archive.
#[derive(Clone)]
pub(crate) struct Input {
    path: PathBuf,
    name: String,
    shown: String,
    compression: Compression,
    entry: Option<Entry>,
    consumed: Arc<AtomicU64>,
}

impl Input {
    pub fn new(path: &Path, name: &str, compression: Compression) -> Input {
        Input {
            path: path.to_owned(),
            name: name.to_owned(),
            shown: name.to_owned(),
            compression,
            entry: None,
            consumed: Arc::default(),
        }
    }

    pub fn member(path: &Path, name: &str, compression: Compression, entry: Entry) -> Input {
        let shown = format!("{name}#{}", entry.name);
        Input { shown, entry: Some(entry), ..Input::new(path, name, compression) }
    }

    /// Whether it lies in an archive.
    pub fn is_member(&self) -> bool {
        self.entry.is_some()
    }

    /// The name that records carry, with the member.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The last part of the innermost name, lower-case, without the suffix of a compression.
    pub fn base_name(&self) -> String {
        let inner = self.entry.as_ref().map_or(self.name.as_str(), |e| &e.name);
        let last = inner.rsplit(['/', '\\']).next().unwrap_or(inner).to_lowercase();
        let bare = match self.compression {
            Compression::Gzip => last.strip_suffix(".gz"),
            Compression::Zstd => last.strip_suffix(".zst"),
            Compression::Bzip2 => last.strip_suffix(".bz2"),
            Compression::Xz => last.strip_suffix(".xz"),
            Compression::None | Compression::Zip | Compression::Tar => None,
        };
        bare.map(str::to_owned).unwrap_or(last)
    }

    pub fn is_plain(&self) -> bool {
        self.compression == Compression::None
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file read so far, counted where they leave the disk.
    pub fn consumed(&self) -> Arc<AtomicU64> {
        self.consumed.clone()
    }

    /// A fresh stream from the beginning, expanded.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, CollectError> {
        self.consumed.store(0, Ordering::Relaxed);
        if let Some(entry) = &self.entry {
            let path = entry.expanded();
            return archive::open_entry(path.as_deref().unwrap_or(&self.path), &self.name, entry, self.consumed.clone());
        }
        let file = File::open(&self.path).map_err(|e| self.failure(&e))?;
        let file = Counted { inner: file, count: self.consumed.clone() };
        let packed = self.consumed.clone();
        let guard = |inner: Box<dyn Read + Send>| Guarded { inner, name: self.name.clone(), packed, expanded: 0 };
        Ok(match self.compression {
            Compression::Gzip => {
                Box::new(guard(Box::new(flate2::read::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file)))))
            }
            Compression::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(file).map_err(|e| self.failure(&e))?;
                Box::new(guard(Box::new(decoder)))
            }
            Compression::Bzip2 => {
                Box::new(guard(Box::new(bzip2::read::MultiBzDecoder::new(BufReader::with_capacity(1 << 16, file)))))
            }
            Compression::Xz => {
                let inner = BufReader::with_capacity(1 << 16, file);
                Box::new(guard(Box::new(lzma_rust2::XzReader::new(inner, true))))
            }
            Compression::None | Compression::Zip | Compression::Tar => Box::new(file),
        })
    }

    /// Expands as much of a compressed file as it takes to see that it expands beyond measure: before any of it is used.
    pub fn try_beginning(&self) -> Result<(), CollectError> {
        if !self.is_plain() && self.entry.is_none() {
            let beginning = &mut self.open()?.take(limits::RATIO_FROM + limits::CHUNK as u64);
            io::copy(beginning, &mut io::sink()).map_err(|e| self.failure(&e))?;
        }
        Ok(())
    }

    /// The whole content, for forms that need to jump in it; only for what an archive or compression hides.
    pub fn whole(&self) -> Result<Vec<u8>, CollectError> {
        let mut content = Vec::new();
        let mut limited = self.open()?.take(limits::MEMBER_IN_MEMORY + 1);
        limited.read_to_end(&mut content).map_err(|e| self.failure(&e))?;
        if content.len() as u64 > limits::MEMBER_IN_MEMORY {
            return Err(CollectError::new(
                "archive.too_large",
                self.shown(),
                "压缩包内的这个文件超过 256 MiB，而这种格式必须整体读入；请先解压再归集",
                "this file is over 256 MiB inside its archive, and its form must be read whole; unpack it first",
            ));
        }
        Ok(content)
    }

    pub fn failure(&self, error: &io::Error) -> CollectError {
        failure(&self.shown, error)
    }
}

/// Counts what leaves the disk.
pub(crate) struct Counted<R> {
    pub inner: R,
    pub count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Stops a compressed stream that expands beyond all measure.
struct Guarded {
    inner: Box<dyn Read + Send>,
    name: String,
    packed: Arc<AtomicU64>,
    expanded: u64,
}

impl Read for Guarded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.expanded += n as u64;
        let packed = self.packed.load(Ordering::Relaxed).max(1);
        if self.expanded > limits::RATIO_FROM && self.expanded / packed > limits::RATIO {
            return Err(io::Error::other(archive::ratio(&self.name)));
        }
        Ok(n)
    }
}

/// What went wrong with a file, in words that say what to do.
pub(crate) fn failure(name: &str, error: &io::Error) -> CollectError {
    if let Some(own) = error.get_ref().and_then(|inner| inner.downcast_ref::<CollectError>()) {
        return own.clone();
    }
    match error.kind() {
        io::ErrorKind::NotFound => CollectError::new(
            "file.missing",
            name,
            "找不到文件，请核对路径或等待部门送达",
            "the file is not there; check the path, or wait for its delivery",
        ),
        io::ErrorKind::PermissionDenied => CollectError::new(
            "file.forbidden",
            name,
            "没有读取权限，请让系统管理员授予读权限",
            "no permission to read it; ask the administrator for read access",
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => CollectError::new(
            "file.damaged",
            name,
            format!("文件已损坏或不完整（{error}），请让部门重新送达"),
            format!("the file is damaged or incomplete ({error}); ask for it again"),
        ),
        _ => CollectError::new(
            "file.unreadable",
            name,
            format!("读取文件失败：{error}"),
            format!("reading the file failed: {error}"),
        )
        .transient(),
    }
}
