//! Verifying the whole log of a data directory: its files against their own hashes and signatures, and what the control store
//! says of each leaf against what was hashed.

use std::path::{Path, PathBuf};

use kernel::Text;
use store::{LeafRow, Store};
use tlog::{Reader, Verification, Verifier};

use super::key;
use super::publish::{refusal, tells};
use crate::{Answer, DeskError, internal};

/// Leaves compared at once.
const STEP: u32 = 4_096;
/// Faults told one by one.
const LISTED_MOST: usize = 1_000;
const THREADS: usize = 2;

/// Against what a log is verified.
#[derive(Clone, Debug, Default)]
pub struct LogVerification {
    /// The log's keys; those of the data directory when empty.
    pub keys: Vec<Verifier>,
    pub witnesses: Vec<Verifier>,
    /// Signed checkpoints kept from earlier, which it must go on from.
    pub earlier: Vec<Vec<u8>>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFault {
    /// A file of the log, or a row of the control store.
    pub place: String,
    pub text: Text,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct LogReport {
    pub origin: String,
    /// Leaves of the tree.
    pub size: u64,
    /// The first whose entry is kept; it and those behind it were hashed again.
    pub first: u64,
    /// Root of the tree, in base64.
    pub root: String,
    /// Files read.
    pub files: u64,
    /// Leaves in the control store that no file holds yet.
    pub waiting: u64,
    /// Earlier checkpoints that it goes on from.
    pub earlier: usize,
    pub faults: Vec<LogFault>,
    /// Faults beyond those listed.
    pub unlisted: u64,
}

/// Verifies the log of a data directory; `progress` hears how many leaves of how many are done. Nothing is changed. Other
/// processes may go on acting meanwhile.
pub async fn verify(data_dir: &Path, against: LogVerification, progress: impl FnMut(u64, u64) + Send + 'static) -> Answer<LogReport> {
    let keys = match against.keys.is_empty() {
        true => key::verifiers(data_dir).map_err(|error| no_key(data_dir, &error))?,
        false => against.keys.clone(),
    };
    let dir = data_dir.join("log");
    let files = tokio::task::spawn_blocking(move || files(&dir, &keys, &against, progress));
    let mut report = files.await.map_err(internal)?;
    rows(data_dir, &mut report).await?;
    Ok(report)
}

fn files(dir: &Path, keys: &[Verifier], against: &LogVerification, mut progress: impl FnMut(u64, u64)) -> LogReport {
    let origin = keys.first().map_or("", Verifier::name);
    let against = Verification { origin, log_keys: keys, witness_keys: &against.witnesses, earlier: &against.earlier, threads: THREADS };
    let found = tlog::verify(dir, &against, &mut progress);
    let told = |fault: &tlog::Fault| LogFault { place: format!("log/{}", fault.file), text: fault.text.clone() };
    LogReport {
        origin: origin.to_owned(),
        size: found.entries,
        first: found.first,
        root: found.checkpoint.as_ref().map(|checkpoint| checkpoint.root.to_string()).unwrap_or_default(),
        files: found.files,
        waiting: 0,
        earlier: found.earlier,
        faults: found.faults.iter().take(LISTED_MOST).map(told).collect(),
        unlisted: found.unlisted + found.faults.len().saturating_sub(LISTED_MOST) as u64,
    }
}

/// Compares each row of the control store with the entry of its number.
async fn rows(data_dir: &Path, report: &mut LogReport) -> Answer<()> {
    let path = data_dir.join("sanjiang.db");
    if !path.is_file() {
        report.put("sanjiang.db", "控制库不见了，无法与日志核对", "the control store is gone; it cannot be compared with the log");
        return Ok(());
    }
    let store = Store::open(&path).await.map_err(|error| DeskError::Invalid(error.text()))?;
    // How far entries were let go, as the log itself tells.
    let (mut next, mut told, mut gaps) = (0, 0, Vec::new());
    loop {
        let leaves = store.leaves_from(next, STEP).await.map_err(internal)?;
        if leaves.is_empty() {
            break;
        }
        for leaf in &leaves {
            if leaf.number > next {
                gaps.push(next..leaf.number);
            }
            next = leaf.number + 1;
        }
        told = compare(data_dir.join("log"), leaves, report).await?.unwrap_or(0).max(told);
    }
    for gap in gaps.into_iter().filter(|gap| gap.end > told) {
        let (from, last) = (gap.start.max(told), gap.end - 1);
        report.put("sanjiang.db", &format!("缺少第 {from} 至 {last} 条"), &format!("leaves {from} to {last} are gone"));
    }
    if report.first > told {
        let first = report.first;
        let (zh, en) = (format!("第 {first} 条以前的内容不见了，日志所述只到第 {told} 条"), format!("what leaves before {first} told is gone; the log tells of it up to {told} only"));
        report.put("log/first", &zh, &en);
    }
    if next < report.size {
        let (zh, en) = (format!("第 {next} 条以后的记录不见了，日志有 {} 条", report.size), format!("the rows from leaf {next} on are gone; the log has {}", report.size));
        report.put("sanjiang.db", &zh, &en);
    }
    report.waiting = next.saturating_sub(report.size);
    store.close().await;
    Ok(())
}

/// What no file holds yet is compared with what waits for its file. Answers how far entries were let go, where one tells of it.
async fn compare(dir: PathBuf, leaves: Vec<LeafRow>, report: &mut LogReport) -> Answer<Option<u64>> {
    let size = report.size;
    let wrong = tokio::task::spawn_blocking(move || {
        let reader = Reader::open(dir)?;
        let mut entries = leaves.first().map(|first| reader.entries(first.number)).into_iter().flatten();
        let (mut wrong, mut forgotten) = (Vec::new(), None);
        for leaf in &leaves {
            let mut of_leaf = entries.by_ref().skip_while(|entry| entry.as_ref().is_ok_and(|(number, _)| *number < leaf.number));
            let filed = if leaf.number < size { of_leaf.next().transpose()?.map(|(_, entry)| entry) } else { None };
            let told = filed.as_deref().or(leaf.entry.as_deref());
            let same = filed.as_ref().zip(leaf.entry.as_ref()).is_none_or(|(filed, waiting)| filed == waiting);
            if !same || !told.is_some_and(|entry| tells(entry, leaf)) {
                wrong.push(leaf.number);
            } else if leaf.act == super::RETAIN {
                forgotten = forgotten.max(told.and_then(first_kept));
            }
        }
        Ok::<_, tlog::LogError>((wrong, forgotten))
    });
    match wrong.await.map_err(internal)?.map_err(refusal) {
        Ok((wrong, forgotten)) => {
            for number in wrong {
                let (zh, en) = (format!("第 {number} 条的记录与存证内容不符"), format!("the row of leaf {number} does not tell what was hashed"));
                report.put(&format!("sanjiang.db leaf {number}"), &zh, &en);
            }
            Ok(forgotten)
        }
        // What is wrong with the files was told with the files.
        Err(_) => Ok(None),
    }
}

/// Up to where an entry tells that others were let go.
fn first_kept(entry: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(entry).ok()?.get("detail")?.get("first")?.as_u64()
}

impl LogReport {
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.unlisted == 0
    }

    fn put(&mut self, place: &str, zh: &str, en: &str) {
        match self.faults.len() < LISTED_MOST {
            true => self.faults.push(LogFault { place: place.to_owned(), text: Text::new(zh, en) }),
            false => self.unlisted += 1,
        }
    }
}

fn no_key(data_dir: &Path, error: &std::io::Error) -> DeskError {
    let path = key::path(data_dir).display().to_string();
    DeskError::Invalid(Text::new(
        format!("没有日志的公钥可用（{path}：{error}）。请用 --key 给出。"),
        format!("There is no key of the log to verify with ({path}: {error}). Give one with --key."),
    ))
}
