//! What is open now: read from the records once a second, and at once when it changes here.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use data::City;
use kernel::{Moment, Text};
use opendata::map::View;
use search::Index;
use serde::{Deserialize, Serialize};
use serving::Versions;
use store::open::{OpenVersionRow, Used};

use super::caller::Callers;
use super::draw::Drawn;
use super::file;
use super::map::OpenMap;
use crate::{Answer, Desk, DeskError, internal};

/// How long another process's change may go unnoticed, in microseconds.
const KNOWN_FOR: i64 = 1_000_000;

/// What is known of open data.
#[derive(Default)]
pub(crate) struct Open {
    known: Mutex<Known>,
    /// Who calls, and how often.
    callers: Mutex<Callers>,
    /// Files that are being made.
    pub making: file::Making,
    /// All datasets as CKAN's packages.
    pub packages: super::Packages,
    /// Catalogues for machines.
    pub documents: super::rdf::Documents,
}

#[derive(Default)]
struct Known {
    live: Option<(Moment, Arc<BTreeMap<String, Live>>)>,
    files: HashMap<(String, u64), Versions>,
    /// Counted since it was last written down.
    used: HashMap<String, Used>,
    /// The batch of each approval's table that was found to change nothing.
    looked: HashMap<String, i64>,
    index: Option<Indexed>,
    /// What is drawn of each dataset, with its version.
    drawn: HashMap<String, (u64, Making<Drawn>)>,
    maps: HashMap<String, (u64, Making<OpenMap>)>,
}

/// What is made once, for everybody who asks meanwhile.
#[derive(Debug)]
pub(crate) enum Making<T> {
    Begun,
    /// It is not tried again before the next version or start: it would fail the same.
    Failed,
    Done(Arc<T>),
}

impl<T> Clone for Making<T> {
    fn clone(&self) -> Making<T> {
        match self {
            Making::Begun => Making::Begun,
            Making::Failed => Making::Failed,
            Making::Done(made) => Making::Done(made.clone()),
        }
    }
}

impl<T> Making<T> {
    pub fn done(&self) -> Option<&Arc<T>> {
        match self {
            Making::Done(made) => Some(made),
            Making::Begun | Making::Failed => None,
        }
    }
}

/// The full text of what is open: of which city, and of which versions.
struct Indexed {
    city: Weak<City>,
    stamp: Vec<(String, u64)>,
    index: Arc<Index>,
}

/// A dataset that is open.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub version: OpenVersionRow,
    /// When its first version was published.
    pub first: Moment,
    pub columns: Vec<OpenColumn>,
    pub used: Used,
}

/// A column of a published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenColumn {
    pub name: String,
    pub title: Text,
    pub unit: String,
    /// Part of the key.
    pub key: bool,
    pub kind: serving::Kind,
}

/// What a dataset was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    View,
    Call,
    Download,
}

impl Open {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn callers(&self) -> MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed that decides what is open.
    pub fn forget(&self) {
        self.known().live = None;
    }

    pub fn has_looked(&self, proposal: &str, batch: i64) -> bool {
        self.known().looked.get(proposal) == Some(&batch)
    }

    pub fn looked(&self, proposal: &str, batch: i64) {
        self.known().looked.insert(proposal.to_owned(), batch);
    }

    /// The index over what is open; built anew when that, or its declaration, has changed.
    pub fn index(&self, city: &Arc<City>, stamp: &[(String, u64)], build: impl FnOnce() -> Answer<Index>) -> Answer<Arc<Index>> {
        let same = |known: &&Indexed| known.stamp == stamp && known.city.upgrade().is_some_and(|of| Arc::ptr_eq(&of, city));
        if let Some(known) = self.known().index.as_ref().filter(same) {
            return Ok(known.index.clone());
        }
        let index = Arc::new(build()?);
        self.known().index = Some(Indexed { city: Arc::downgrade(city), stamp: stamp.to_vec(), index: index.clone() });
        Ok(index)
    }

    /// How far the drawing of a version is; `None` if nobody has begun it.
    pub fn drawn(&self, dataset: &str, version: u64) -> Option<Making<Drawn>> {
        self.known().drawn.get(dataset).filter(|(of, _)| *of == version).map(|(_, drawn)| drawn.clone())
    }

    /// Whether the drawing of a version is to be begun by who asks: nobody else has.
    pub fn begin_drawing(&self, dataset: &str, version: u64) -> bool {
        let mut known = self.known();
        let begun = known.drawn.get(dataset).is_some_and(|(of, _)| *of == version);
        if !begun {
            known.drawn.insert(dataset.to_owned(), (version, Making::Begun));
        }
        !begun
    }

    pub fn end_drawing(&self, dataset: &str, version: u64, drawn: Making<Drawn>) {
        self.known().drawn.insert(dataset.to_owned(), (version, drawn));
    }

    /// How far the map of all rows of a version is.
    pub fn map(&self, dataset: &str, version: u64) -> Option<Making<OpenMap>> {
        self.known().maps.get(dataset).filter(|(of, _)| *of == version).map(|(_, map)| map.clone())
    }

    /// Whether that map is to be begun by who asks: nobody else has, or it was one of another box.
    pub fn begin_map(&self, dataset: &str, version: u64, whole: View) -> bool {
        let mut known = self.known();
        let begun = known.maps.get(dataset).is_some_and(|(of, map)| *of == version && map.done().is_none_or(|map| map.whole == whole));
        if !begun {
            known.maps.insert(dataset.to_owned(), (version, Making::Begun));
        }
        !begun
    }

    pub fn end_map(&self, dataset: &str, version: u64, map: Making<OpenMap>) {
        self.known().maps.insert(dataset.to_owned(), (version, map));
    }

    pub fn count(&self, dataset: &str, what: Use) {
        let mut known = self.known();
        let used = known.used.entry(dataset.to_owned()).or_default();
        match what {
            Use::View => used.views += 1,
            Use::Call => used.calls += 1,
            Use::Download => used.downloads += 1,
        }
    }
}

impl Desk {
    /// All datasets that are open, with their newest versions.
    pub(super) async fn live(&self, now: Moment) -> Answer<Arc<BTreeMap<String, Live>>> {
        let fresh = |(at, live): &(Moment, Arc<BTreeMap<String, Live>>)| (0..KNOWN_FOR).contains(&(now.0 - at.0)).then(|| live.clone());
        if let Some(live) = self.0.open.known().live.as_ref().and_then(fresh) {
            return Ok(live);
        }
        let approved = self.store().proposals_in("approved").await.map_err(internal)?;
        let mut newest: HashMap<String, OpenVersionRow> =
            self.store().newest_open_versions().await.map_err(internal)?.into_iter().map(|row| (row.dataset.clone(), row)).collect();
        let first: HashMap<String, Moment> = self.store().first_open_versions().await.map_err(internal)?.into_iter().collect();
        let used: HashMap<String, Used> = self.store().open_usage().await.map_err(internal)?.into_iter().collect();
        let city = self.city();
        let mut live = BTreeMap::new();
        for proposal in approved.iter().filter(|proposal| super::declared(&city, &proposal.dataset).is_some()) {
            let Some(version) = newest.remove(&proposal.dataset) else { continue };
            let columns = serde_json::from_str(&version.columns).map_err(internal)?;
            let first = first.get(&proposal.dataset).copied().unwrap_or(version.time);
            let used = used.get(&proposal.dataset).copied().unwrap_or_default();
            live.insert(proposal.dataset.clone(), Live { version, first, columns, used });
        }
        let live = Arc::new(live);
        self.0.open.known().live = Some((now, live.clone()));
        Ok(live)
    }

    /// One open dataset.
    pub(super) async fn live_one(&self, dataset: &str, now: Moment) -> Answer<Live> {
        self.live(now).await?.get(dataset).cloned().ok_or(DeskError::NotFound)
    }

    /// The file with a version.
    pub(super) fn versions_file(&self, dataset: &str, series: u64) -> Answer<Versions> {
        let key = (dataset.to_owned(), series);
        let mut known = self.0.open.known();
        if let Some(file) = known.files.get(&key).filter(|file| !file.is_stale()) {
            return Ok(file.clone());
        }
        let file = Versions::open(&self.versions_path(dataset, series)).map_err(internal)?;
        known.files.insert(key, file.clone());
        Ok(file)
    }

    pub(super) fn versions_path(&self, dataset: &str, series: u64) -> PathBuf {
        self.0.data_dir.join("open").join(format!("{dataset}.{series}.sqlite"))
    }

    /// Writes down how often datasets were used, and applications have called, since the last time.
    pub async fn keep_open_usage(&self, now: Moment) -> Answer<()> {
        let called = self.0.open.callers().drain();
        for (day, calls) in called {
            self.store().add_app_calls(day, calls).await.map_err(internal)?;
        }
        let used: Vec<(String, Used)> = self.0.open.known().used.drain().collect();
        if used.is_empty() {
            return Ok(());
        }
        self.store().add_open_usage(self.day(now).to_string(), used).await.map_err(internal)
    }
}
