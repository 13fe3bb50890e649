//! Proof of every byte: the manifest, the log, the checkpoints and the data files of a table are each held against what
//! another of them promises. Reads only, goes on after the first damage, and names each with what it means.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::Text;

use crate::disk::Proof;
use crate::part::{self, Part};
use crate::survey::{Named, Survey};
use crate::table::Table;
use crate::{LakeError, TableName, log, manifest};

/// A file that is not as it was written.
#[derive(Clone, Debug)]
pub struct Damage {
    pub table: TableName,
    pub file: PathBuf,
    /// The version of the table that brought it, where one did.
    pub version: Option<i64>,
    /// What is wrong with it.
    pub what: Text,
    /// What that means for the rows, and what can be done.
    pub means: Text,
    pub(crate) place: Place,
}

impl Damage {
    /// Whether rows of the table as it is now are gone with the file; all else can be mended from what is there.
    pub fn loses_rows(&self) -> bool {
        matches!(self.place, Place::Data(_))
    }

    /// Whether nothing in the lake can stand in for the file.
    pub fn needs_backup(&self) -> bool {
        matches!(self.place, Place::Entry(_, None))
    }
}

/// Which file it is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Manifest,
    /// A log entry, and its right bytes where a copy has them.
    Entry(i64, Option<Arc<Vec<u8>>>),
    Checkpoint,
    Hint,
    Data(Named),
    /// A data file of an earlier version of the table.
    Old(i64),
}

impl Place {
    fn version(&self, file: &Path) -> Option<i64> {
        match self {
            Place::Entry(version, _) | Place::Old(version) => Some(*version),
            Place::Data(named) => Some(named.version),
            Place::Checkpoint => file.file_name()?.to_str()?.split('.').next()?.parse().ok(),
            Place::Manifest | Place::Hint => None,
        }
    }
}

/// What was looked at.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub files: u64,
    pub bytes: u64,
    pub damages: Vec<Damage>,
}

impl Verified {
    pub fn whole(&self) -> bool {
        self.damages.is_empty()
    }
}

pub(crate) async fn verify(table: &Table, deep: bool) -> Result<Verified, LakeError> {
    table.put(None);
    table.distrust();
    let (name, folder) = (table.name.clone(), table.folder.clone());
    let looked = tokio::task::spawn_blocking(move || match look(&name, &folder, deep)? {
        // Somebody may have been writing meanwhile: what is damaged is so at a second look.
        (verified, _) if !verified.whole() => look(&name, &folder, deep),
        whole => Ok(whole),
    });
    let (verified, sound) = looked.await??;
    table.trust(&sound);
    Ok(verified)
}

/// Looks at everything; gives also the data files that are as promised.
pub(crate) fn look(name: &TableName, folder: &Path, deep: bool) -> Result<(Verified, Vec<Part>), LakeError> {
    let survey = Survey::of(folder)?;
    let mut looking = Looking { name, folder, seen: Verified::default() };
    looking.log(&survey);
    looking.manifest(&survey);
    looking.checkpoints(&survey);
    looking.hint();
    let sound = looking.data(&survey, deep);
    Ok((looking.seen, sound))
}

struct Looking<'a> {
    name: &'a TableName,
    folder: &'a Path,
    seen: Verified,
}

impl Looking<'_> {
    fn found(&mut self, file: PathBuf, what: Text, means: Text, place: Place) {
        let version = place.version(&file);
        self.seen.damages.push(Damage { table: self.name.clone(), file, version, what, means, place });
    }

    fn counted(&mut self, bytes: u64) {
        self.seen.files += 1;
        self.seen.bytes += bytes;
    }

    fn log(&mut self, survey: &Survey) {
        for entry in survey.entries.values() {
            match &entry.wrong {
                None => self.counted(entry.right.as_ref().map_or(0, |bytes| bytes.len() as u64)),
                Some(what) => {
                    let means = match &entry.right {
                        Some(_) => Text::new("清单中有副本，可以恢复，没有丢失任何行", "the manifest has a copy: it can be restored, no row is lost"),
                        None => Text::new(
                            "没有副本，须从备份恢复此文件；在此之前本表不可读",
                            "there is no copy: restore this file from a backup; until then the table cannot be read",
                        ),
                    };
                    let place = Place::Entry(entry.version, entry.right.clone());
                    self.found(log::entry(self.folder, entry.version), what.clone(), means, place);
                }
            }
        }
    }

    fn manifest(&mut self, survey: &Survey) {
        let path = manifest::path(self.folder);
        self.counted(fs::metadata(&path).map_or(0, |found| found.len()));
        let what = match (survey.wrong_lines.as_slice(), survey.unnoted.as_slice()) {
            ([], []) => return,
            ([], [first, ..]) => Text::new(
                format!("缺少 {} 个版本（从版本 {first} 起）", survey.unnoted.len()),
                format!("lacks {} versions, from version {first} on", survey.unnoted.len()),
            ),
            ([first, ..], _) => Text::new(
                format!("{} 行已改变，第一处在第 {first} 行", survey.wrong_lines.len()),
                format!("{} lines have changed, the first is line {first}", survey.wrong_lines.len()),
            ),
        };
        let means = Text::new("可由日志重建，没有丢失任何行", "it can be made again from the log, no row is lost");
        self.found(path, what, means, Place::Manifest);
    }

    fn checkpoints(&mut self, survey: &Survey) {
        let means = || Text::new("只是日志的摘要，可以重建，没有丢失任何行", "it only sums the log up and can be made again, no row is lost");
        for promised in survey.checkpoints.values() {
            let path = log::checkpoint(self.folder, promised.version);
            match promised.prove(&path) {
                Ok(()) => self.counted(promised.bytes),
                Err(error) => self.found(path, said(error), means(), Place::Checkpoint),
            }
        }
    }

    /// Other programs, and the Delta library, begin here.
    fn hint(&mut self) {
        let path = log::folder(self.folder).join("_last_checkpoint");
        let Ok(bytes) = fs::read(&path) else {
            return;
        };
        self.counted(bytes.len() as u64);
        let version = serde_json::from_slice::<serde_json::Value>(&bytes).ok().and_then(|hint| hint.get("version")?.as_i64());
        if !version.is_some_and(|version| log::checkpoint(self.folder, version).exists()) {
            let what = Text::new("指向的检查点不存在，或内容已损坏", "damaged, or names a checkpoint that is not there");
            let means = Text::new("只是一个提示，可以删去，没有丢失任何行", "it is only a hint and can be removed, no row is lost");
            self.found(path, what, means, Place::Hint);
        }
    }

    fn data(&mut self, survey: &Survey, deep: bool) -> Vec<Part> {
        let mut sound = Vec::new();
        for named in survey.data.values() {
            let path = self.folder.join(&named.part.name);
            if !named.active && survey.gone.contains(&named.part.name) {
                // Vacuumed: no version that is kept needs it.
                continue;
            }
            let proven = named.part.verify(self.folder, Proof::Full).and_then(|()| if deep { decode(self.folder, &named.part) } else { Ok(()) });
            let what = match proven {
                Ok(()) => {
                    self.counted(named.part.bytes);
                    sound.push(named.part.clone());
                    continue;
                }
                Err(error) => said(error),
            };
            let (rows, batches) = (named.part.rows, named.batches());
            let (means, place) = if named.active {
                let text = Text::new(format!("批次 {batches} 的 {rows} 行不可读"), format!("{rows} rows of batches {batches} cannot be read"));
                (text, Place::Data(named.clone()))
            } else {
                let text = Text::new("只属于本表的旧版本，现有各行都在", "only earlier versions of the table need it, all present rows are there");
                (text, Place::Old(named.version))
            };
            self.found(path, what, means, place);
        }
        sound
    }
}

/// The few things that are said of a damaged file, in Chinese.
fn in_chinese(what: &str) -> String {
    match what {
        "missing" => "缺失".to_owned(),
        "its bytes have changed" => "字节已改变".to_owned(),
        "empty or torn" => "为空或残缺".to_owned(),
        other => other.replace(" bytes, should be ", " 字节，应为 "),
    }
}

pub(crate) fn said(error: LakeError) -> Text {
    match error {
        LakeError::Damaged { what, .. } => Text::new(in_chinese(&what), what),
        other => other.text(),
    }
}

/// Reads every row: finds what was already wrong when it was hashed.
fn decode(folder: &Path, part: &Part) -> Result<(), LakeError> {
    let path = folder.join(&part.name);
    let mut rows = 0;
    for batch in part::read(folder, part, None)? {
        rows += batch.map_err(|error| LakeError::damaged(&path, error.to_string()))?.num_rows() as u64;
    }
    if rows == part.rows { Ok(()) } else { Err(LakeError::damaged(&path, format!("{rows} rows, should be {}", part.rows))) }
}
