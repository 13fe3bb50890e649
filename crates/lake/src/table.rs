//! One table in this process: its current state, and the lock under which this process writes it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::disk::Proof;
use crate::encode::Lenders;
use crate::part::Part;
use crate::state::{self, Files, State};
use crate::synced::SyncedStore;
use crate::{AsOf, LakeError, TableName, disk, log};

/// How much is read once, before the first query of a process, to prove the bytes of data files.
/// Larger files, and what goes beyond, are left to `verify`.
const PROVE_FILE: u64 = 64 << 20;
const PROVE_TABLE: u64 = 1 << 30;

pub(crate) struct Table {
    pub name: TableName,
    pub folder: PathBuf,
    store: Arc<SyncedStore>,
    state: RwLock<Option<Arc<State>>>,
    loading: tokio::sync::Mutex<()>,
    /// Held while this process writes the table.
    pub writing: tokio::sync::Mutex<()>,
    proven: Mutex<HashSet<String>>,
    /// Hash of the newest log entry whose folder is known to be synced.
    durable: Mutex<String>,
    /// Shared by all tables of the lake.
    pub lenders: Arc<Lenders>,
}

impl Table {
    pub fn new(name: TableName, folder: PathBuf, store: Arc<SyncedStore>, lenders: Arc<Lenders>) -> Table {
        Table {
            name,
            folder,
            store,
            state: RwLock::new(None),
            loading: tokio::sync::Mutex::new(()),
            writing: tokio::sync::Mutex::new(()),
            proven: Mutex::new(HashSet::new()),
            durable: Mutex::default(),
            lenders,
        }
    }

    fn cached(&self) -> Option<Arc<State>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn put(&self, state: Option<Arc<State>>) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The table as it is now, also where another process has just committed; `None` where there is none.
    pub async fn current(&self) -> Result<Option<Arc<State>>, LakeError> {
        if let Some(state) = self.cached().filter(|state| state.fresh()) {
            return Ok(Some(state));
        }
        let _one = self.loading.lock().await;
        if let Some(state) = self.cached().filter(|state| state.fresh()) {
            return Ok(Some(state));
        }
        let known = self.cached().is_some();
        let state = state::load(&self.folder, &self.store, Files::Seen).await?.map(Arc::new);
        if known && state.is_none() {
            // Said once; then it is as after a new start: there is none.
            self.put(None);
            return Err(LakeError::damaged(&self.folder, "the table has vanished"));
        }
        self.put(state.clone());
        Ok(state)
    }

    /// Makes sure that what the log shows is there to stay: an entry whose folder could not be synced is seen, but a power cut
    /// may still take it away. Asked again of the same entry, it costs nothing.
    pub async fn sync(&self, state: &State) -> Result<(), LakeError> {
        if *self.durable.lock().unwrap_or_else(PoisonError::into_inner) == state.log.hash {
            return Ok(());
        }
        let folder = log::folder(&self.folder);
        tokio::task::spawn_blocking(move || match disk::sync_folder(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LakeError::io(&folder, &error)),
            _ => Ok(()),
        })
        .await??;
        self.settled(&state.log.hash);
        Ok(())
    }

    /// The entry with this hash is there to stay.
    pub fn settled(&self, entry: &str) {
        entry.clone_into(&mut self.durable.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The table as it was; `None` where there was none yet.
    pub async fn at(&self, as_of: AsOf) -> Result<Option<Arc<State>>, LakeError> {
        let Some(now) = self.current().await? else {
            return Ok(None);
        };
        let newest = now.log.version;
        let version = match as_of {
            AsOf::Version(version) => Some(version),
            AsOf::Moment(moment) => {
                let (folder, millis) = (self.folder.clone(), moment.0.div_euclid(1000));
                tokio::task::spawn_blocking(move || log::version_at(&folder, millis, newest)).await??
            }
        };
        let past = |version| LakeError::Past { table: self.name.to_string(), version };
        match version {
            None => Ok(None),
            Some(version) if version == newest => Ok(Some(now)),
            Some(version) if version > newest || !log::entry(&self.folder, version).exists() => Err(past(version)),
            Some(version) => match state::load_at(&self.folder, &self.store, version).await {
                // Its files were there once: the log is proven.
                Err(LakeError::Damaged { file, what }) if what == "missing" && file.ends_with(".parquet") => Err(past(version)),
                other => other.map(|state| Some(Arc::new(state))),
            },
        }
    }

    /// The store through which the Delta library reads and writes.
    pub fn store(&self) -> Arc<SyncedStore> {
        self.store.clone()
    }

    /// These bytes came from our own hands, or were just compared.
    pub fn trust<'a>(&self, parts: impl IntoIterator<Item = &'a Part>) {
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        proven.extend(parts.into_iter().map(|part| part.name.clone()));
    }

    /// Whatever was proven must be proven again.
    pub fn distrust(&self) {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Compares data files with their hashes once per process, so that a flipped bit is an error and not an answer.
    pub async fn prove(&self, state: &State) -> Result<(), LakeError> {
        let parts: Vec<Arc<Part>> = {
            let proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
            let room = PROVE_TABLE
                .saturating_sub(state.files.iter().filter(|file| proven.contains(&file.part.name)).map(|file| file.part.bytes).sum());
            let mut total = 0;
            let unproven =
                state.files.iter().map(|file| &file.part).filter(|part| part.bytes <= PROVE_FILE && !proven.contains(&part.name));
            let fits = unproven.take_while(|part| {
                total += part.bytes;
                total <= room
            });
            fits.cloned().collect()
        };
        if parts.is_empty() {
            return Ok(());
        }
        let folder = self.folder.clone();
        let parts = tokio::task::spawn_blocking(move || -> Result<_, LakeError> {
            for part in &parts {
                part.verify(&folder, Proof::Quick)?;
            }
            Ok(parts)
        })
        .await??;
        self.trust(parts.iter().map(AsRef::as_ref));
        Ok(())
    }
}
