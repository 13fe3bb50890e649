//! What people and machines may do here, act by act: authorise, load, ask the rules, save, tell.
//! It has never heard of HTTP, and reaches the lake only through the port in [`port`].

pub mod account;
pub mod adopt;
pub mod board;
pub mod catalog;
pub mod collect;
pub mod due;
pub mod error;
pub mod folder;
pub mod overview;
pub mod port;
pub mod push;
pub mod quarantine;
pub mod resource;
pub mod runs;
pub mod schedule;
pub mod sql;
mod state;
pub mod systems;
pub mod view;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use ::collect::connect::Context;
use data::{City, Diagnostic};
use kernel::Moment;
use store::Store;
use tokio::sync::{Semaphore, broadcast};

pub use collect::CollectScope;
pub use error::DeskError;
use port::Ports;
use state::Live;

/// The desk: every act of the product. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

type Answer<T> = Result<T, DeskError>;

struct Inner {
    city_dir: PathBuf,
    data_dir: PathBuf,
    store: Store,
    ports: Ports,
    sources: Context,
    declared: RwLock<Arc<Declared>>,
    live: Mutex<Live>,
    watchers: broadcast::Sender<view::RunView>,
    /// Hashing is memory-hard: few at a time, or strangers could exhaust the machine.
    hashing: Semaphore,
    decoy_hash: String,
    /// Pauses are changed one after the other.
    pausing: tokio::sync::Mutex<()>,
    intakes: Mutex<collect::Intakes>,
}

/// The city as read from its folder, with its search index.
struct Declared {
    city: Arc<City>,
    index: search::Index,
    fingerprint: (usize, u64, u128),
}

/// Where a desk works.
pub struct Place {
    pub city_dir: PathBuf,
    pub data_dir: PathBuf,
    /// Values for `${NAME}` in connectors, looked up before the environment.
    pub variables: HashMap<String, String>,
}

/// Why a desk could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The city folder has mistakes.
    #[error("the city folder has mistakes")]
    City(Vec<Diagnostic>),
    #[error("{0}")]
    Other(String),
}

impl Desk {
    /// Reads the city folder, opens the control store, and marks what a dead process left behind.
    /// Must be called inside a tokio runtime.
    pub async fn open(place: Place, ports: Ports) -> Result<Desk, OpenError> {
        std::fs::create_dir_all(&place.data_dir).map_err(|e| OpenError::Other(format!("{}: {e}", place.data_dir.display())))?;
        Desk::sweep_inbox(&place.data_dir).map_err(|e| OpenError::Other(format!("{}: {e}", place.data_dir.display())))?;
        let declared = Declared::read(&place.city_dir)?;
        let store = Store::open(&place.data_dir.join("sanjiang.db")).await.map_err(|e| OpenError::Other(e.to_string()))?;
        store.interrupt_running((ports.clock)()).await.map_err(|e| OpenError::Other(e.to_string()))?;
        let sources = Context {
            city_dir: place.city_dir.clone(),
            variables: place.variables,
            runtime: tokio::runtime::Handle::current(),
            http: ::collect::connect::http::client().map_err(|e| OpenError::Other(e.message.en))?,
        };
        let inner = Inner {
            city_dir: place.city_dir,
            data_dir: place.data_dir,
            store,
            ports,
            sources,
            declared: RwLock::new(Arc::new(declared)),
            live: Mutex::default(),
            watchers: broadcast::channel(256).0,
            hashing: Semaphore::new(2),
            decoy_hash: account::hash("not a password of anybody").map_err(|e| OpenError::Other(e.to_string()))?,
            pausing: tokio::sync::Mutex::default(),
            intakes: Mutex::default(),
        };
        Ok(Desk(Arc::new(inner)))
    }

    /// The city as declared now.
    pub fn city(&self) -> Arc<City> {
        self.declared().city.clone()
    }

    /// Reads the folder again if it changed. A folder with mistakes leaves the city as it was and tells them.
    pub fn reload_city(&self) -> Result<bool, Vec<Diagnostic>> {
        let Ok(print) = folder::fingerprint(&self.0.city_dir) else { return Ok(false) };
        if print == self.declared().fingerprint {
            return Ok(false);
        }
        match Declared::read(&self.0.city_dir) {
            Ok(declared) => {
                *self.0.declared.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(declared);
                Ok(true)
            }
            Err(OpenError::City(diagnostics)) => Err(diagnostics),
            Err(OpenError::Other(_)) => Ok(false),
        }
    }

    fn declared(&self) -> Arc<Declared> {
        self.0.declared.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn now(&self) -> Moment {
        (self.0.ports.clock)()
    }

    fn fill(&self, bytes: &mut [u8]) {
        (self.0.ports.chance)(bytes);
    }

    fn chance(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        bytes
    }

    fn hashing(&self) -> &Semaphore {
        &self.0.hashing
    }

    fn decoy_hash(&self) -> String {
        self.0.decoy_hash.clone()
    }
}

impl Declared {
    fn read(dir: &std::path::Path) -> Result<Declared, OpenError> {
        let other = |e: std::io::Error| OpenError::Other(format!("{}: {e}", dir.display()));
        let fingerprint = folder::fingerprint(dir).map_err(other)?;
        let files = folder::read(dir).map_err(other)?;
        let (city, diagnostics) = City::read(&files);
        let city = Arc::new(city.ok_or(OpenError::City(diagnostics))?);
        let index = catalog::index(&city).map_err(|e| OpenError::Other(e.to_string()))?;
        Ok(Declared { city, index, fingerprint })
    }
}

/// Our own fault: the caller learns only that, the log learns why.
fn internal(error: impl std::fmt::Display) -> DeskError {
    DeskError::Internal(error.to_string())
}
