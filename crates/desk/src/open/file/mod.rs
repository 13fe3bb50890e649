//! Versions of open data as files: made once, in whatever form somebody asks for first, then kept and given as they lie.

mod sheet;
mod table;
mod text;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::{Moment, Text};
use serving::{Question, Value, Versions};

use super::live::{Live, OpenColumn, Use};
use crate::{Answer, Desk, DeskError, asked, internal};

/// So long somebody waits for a file that is being made; it goes on being made.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest that a file may take to make.
const DEADLINE: Duration = Duration::from_secs(3_600);

/// The forms of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenForm {
    /// RFC 4180 in UTF-8 with a byte order mark.
    Csv,
    /// The same in GB18030, for spreadsheets that know nothing else.
    CsvGb18030,
    Xlsx,
    /// An array of objects.
    Json,
    /// An object a line.
    Ndjson,
    Xml,
    Parquet,
    /// RFC 7946; where there are positions.
    Geojson,
}

impl OpenForm {
    pub const ALL: [OpenForm; 8] = [
        OpenForm::Csv,
        OpenForm::CsvGb18030,
        OpenForm::Xlsx,
        OpenForm::Json,
        OpenForm::Ndjson,
        OpenForm::Xml,
        OpenForm::Parquet,
        OpenForm::Geojson,
    ];

    /// The ending of addresses and file names, its media type, and the name that catalogues have for it.
    fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            OpenForm::Csv => ("csv", "text/csv; charset=utf-8", "CSV"),
            OpenForm::CsvGb18030 => ("gb18030.csv", "text/csv; charset=gb18030", "CSV (GB18030)"),
            OpenForm::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
            OpenForm::Json => ("json", "application/json", "JSON"),
            OpenForm::Ndjson => ("ndjson", "application/x-ndjson", "NDJSON"),
            OpenForm::Xml => ("xml", "application/xml", "XML"),
            OpenForm::Parquet => ("parquet", "application/vnd.apache.parquet", "Parquet"),
            OpenForm::Geojson => ("geojson", "application/geo+json", "GeoJSON"),
        }
    }

    pub fn word(self) -> &'static str {
        self.facts().0
    }

    pub fn media(self) -> &'static str {
        self.facts().1
    }

    pub fn title(self) -> &'static str {
        self.facts().2
    }

    pub fn of(word: &str) -> Option<OpenForm> {
        OpenForm::ALL.into_iter().find(|form| form.word() == word)
    }

    /// The forms in which a dataset can be had.
    pub fn for_dataset(position: bool) -> impl Iterator<Item = OpenForm> {
        OpenForm::ALL.into_iter().filter(move |form| position || *form != OpenForm::Geojson)
    }
}

/// A file that lies ready.
#[derive(Clone, Debug)]
pub struct OpenFile {
    pub path: PathBuf,
    /// What it should be called where it is kept: `bus_stops.3.csv`.
    pub name: String,
    pub media: &'static str,
    pub bytes: u64,
}

/// Files that are being made, and why some cannot be.
#[derive(Default)]
pub(crate) struct Making(Mutex<BTreeMap<PathBuf, Option<Text>>>);

impl Making {
    fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Option<Text>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file is being made while this lives.
struct Made(Desk, PathBuf);

impl Drop for Made {
    fn drop(&mut self) {
        let mut files = self.0.0.open.making.files();
        // Why it cannot be made is kept: it would be tried again by everybody who asks.
        if files.get(&self.1).is_some_and(Option::is_none) {
            files.remove(&self.1);
        }
    }
}

impl Desk {
    /// Everybody: a version of a dataset (the newest if none is named) as a file. Busy while a large one is being made.
    pub async fn open_file(&self, dataset: &str, version: Option<u64>, form: OpenForm, now: Moment) -> Answer<OpenFile> {
        let live = self.for_everybody(dataset, now).await?;
        let newest = live.version.number;
        let live = self.earlier(dataset, live, version.unwrap_or(newest)).await?;
        let position = super::declared(&self.city(), dataset).and_then(|(_, opening)| opening.position.clone());
        if form == OpenForm::Geojson && position.is_none() {
            return Err(DeskError::NotFound);
        }
        let name = format!("{dataset}.{}.{}", live.version.number, form.word());
        let path = self.0.data_dir.join("open").join("files").join(&name);
        let waiting = tokio::time::Instant::now();
        while !path.exists() {
            self.make_file(dataset, &live, form, position.as_ref(), &path)?;
            if waiting.elapsed() > PATIENCE {
                return Err(DeskError::Busy(Text::new("文件较大，正在生成，请稍后再来下载。", "The file is large and still being made; come back for it in a while.")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let bytes = std::fs::metadata(&path).map_err(|error| failed(&error))?.len();
        self.0.open.count(dataset, Use::Download);
        Ok(OpenFile { path, name, media: form.media(), bytes })
    }

    /// Begins to make a file that nobody makes yet.
    fn make_file(&self, dataset: &str, live: &Live, form: OpenForm, position: Option<&[String; 2]>, path: &Path) -> Answer<()> {
        match self.0.open.making.files().entry(path.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(None);
            }
            Entry::Occupied(known) => return known.get().clone().map_or(Ok(()), |why| Err(DeskError::Invalid(why))),
        }
        let made = Made(self.clone(), path.to_owned());
        let job = Job {
            versions: self.versions_file(dataset, live.version.series)?.within(DEADLINE),
            place: live.version.place,
            columns: live.columns.clone(),
            position: position.cloned(),
            form,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        }
        let (path, dataset, number) = (path.to_owned(), dataset.to_owned(), live.version.number);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = job.make(&path) {
                tracing::warn!(file = %path.display(), %error, "a file of open data was not made");
                if let DeskError::Invalid(why) = error {
                    made.0.0.open.making.files().insert(path.clone(), Some(why));
                }
            }
            sweep(&path, &dataset, number);
            drop(made);
        });
        Ok(())
    }
}

/// Removes files of versions long before this one; they are made again when somebody asks for them.
fn sweep(path: &Path, dataset: &str, number: u64) {
    let entries = path.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().filter_map(Result::ok);
    for entry in entries {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(dataset)?.strip_prefix('.'));
        let old = rest.and_then(|rest| rest.split('.').next()?.parse::<u64>().ok()).is_some_and(|of| of + 2 < number);
        if old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A file to be made.
struct Job {
    versions: Versions,
    place: u64,
    columns: Vec<OpenColumn>,
    position: Option<[String; 2]>,
    form: OpenForm,
}

/// What rows are written to, in one form.
trait Rows {
    fn row(&mut self, row: &[Value]) -> Answer<()>;
    fn end(self: Box<Self>) -> Answer<()>;
}

impl Job {
    /// Writes beside the place and moves it there when it is whole.
    fn make(&self, path: &Path) -> Answer<()> {
        let half = path.with_extension("half");
        let made = self.write(&half).and_then(|()| std::fs::rename(&half, path).map_err(|error| failed(&error)));
        if made.is_err() {
            let _ = std::fs::remove_file(&half);
        }
        made
    }

    fn write(&self, path: &Path) -> Answer<()> {
        let file = || File::create(path).map(|file| BufWriter::with_capacity(1 << 18, file)).map_err(|error| failed(&error));
        let mut rows: Box<dyn Rows> = match self.form {
            OpenForm::Xlsx => Box::new(sheet::Sheet::begin(path, &self.columns)?),
            OpenForm::Parquet => Box::new(table::Table::begin(file()?, &self.columns)?),
            form => Box::new(text::Lines::begin(file()?, form, &self.columns, self.position.as_ref())?),
        };
        let mut wrong = None;
        let mut each = |row: &[Value]| match rows.row(row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                wrong = Some(error);
                ControlFlow::Break(())
            }
        };
        self.versions.each(Some(self.place), &Question::default(), &mut each).map_err(asked::refusal)?;
        wrong.map_or_else(|| rows.end(), Err)
    }
}

fn failed(error: &std::io::Error) -> DeskError {
    crate::io_failure(error, || Text::new("磁盘已满，文件没有生成。", "The disk is full; the file was not made."))
}

fn flush(mut file: BufWriter<File>) -> Answer<()> {
    file.flush().map_err(|error| failed(&error))?;
    file.into_inner().map_err(|error| internal(error.to_string()))?.sync_all().map_err(|error| failed(&error))
}
