//! What people and machines may do here, act by act: authorise, load, ask the rules, save, tell.
//! It has never heard of HTTP, and reaches the lake only through the port in [`port`].

pub mod account;
pub mod act;
pub mod amend;
pub mod adopt;
mod asked;
pub mod authority;
pub mod board;
pub mod catalog;
pub mod collect;
pub mod correct;
pub mod corrections;
mod csv;
pub mod defect;
pub mod drift;
pub mod due;
pub mod edit;
pub mod error;
pub mod exchange;
pub mod figure;
pub mod folder;
pub mod gaps;
pub mod grading;
pub mod history;
pub mod log;
pub mod message;
pub mod model;
pub mod node;
pub mod open;
pub mod oidc;
pub mod overview;
pub(crate) mod own_form;
pub mod port;
mod posting;
pub mod push;
pub mod quality;
pub mod quarantine;
pub mod quarantine_file;
pub mod register;
pub mod replay;
pub mod resource;
pub mod runs;
pub mod schedule;
pub mod secret;
pub mod share;
pub mod sight;
pub mod signature;
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
    /// What the keys of masks are made from.
    secret: Vec<u8>,
    /// Pauses are changed one after the other.
    pausing: tokio::sync::Mutex<()>,
    intakes: Mutex<collect::Intakes>,
    publisher: tokio::sync::Mutex<log::Publisher>,
    node: node::NodeKey,
    doors: share::Doors,
    copies: share::Copies,
    open: open::Open,
    /// Files of all rows are noted one after the other.
    filing: tokio::sync::Mutex<()>,
    oidc: oidc::Known,
    lines: share::Lines,
}

/// The city as read from its folder, with its search index.
struct Declared {
    city: Arc<City>,
    index: search::Index,
    models: Arc<model::Models>,
    grades: sight::Grades,
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
        let declared = Declared::read(&place.city_dir, &*ports.planner)?;
        lost_control_store(&place.data_dir)?;
        let store = Store::open(&place.data_dir.join("sanjiang.db")).await.map_err(|e| OpenError::Other(e.to_string()))?;
        store.interrupt_running((ports.clock)()).await.map_err(|e| OpenError::Other(e.to_string()))?;
        let secret = secret::open(&place.data_dir, &ports.chance).map_err(|e| OpenError::Other(e.to_string()))?;
        let node = node::NodeKey::open(&place.data_dir, &declared.city.info.division, &ports.chance).map_err(|e| OpenError::Other(e.to_string()))?;
        let sources = Context {
            city_dir: place.city_dir.clone(),
            variables: place.variables,
            runtime: tokio::runtime::Handle::current(),
            network: ::collect::connect::Network::default(),
            contacts: ::collect::connect::Contacts::default(),
            patient: false,
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
            secret,
            pausing: tokio::sync::Mutex::default(),
            intakes: Mutex::default(),
            publisher: tokio::sync::Mutex::default(),
            node,
            doors: share::Doors::default(),
            copies: share::Copies::default(),
            open: open::Open::default(),
            filing: tokio::sync::Mutex::default(),
            oidc: oidc::Known::default(),
            lines: share::Lines::default(),
        };
        Ok(Desk(Arc::new(inner)))
    }

    /// The folder of declarations.
    pub fn city_dir(&self) -> &std::path::Path {
        &self.0.city_dir
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
        match Declared::read(&self.0.city_dir, &*self.0.ports.planner) {
            Ok(declared) => {
                *self.0.declared.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(declared);
                Ok(true)
            }
            Err(OpenError::City(diagnostics)) => Err(diagnostics),
            Err(OpenError::Other(_)) => Ok(false),
        }
    }

    /// The models of the city as declared now.
    pub(crate) fn compiled(&self) -> Arc<model::Models> {
        self.declared().models.clone()
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
    fn read(dir: &std::path::Path, planner: &dyn port::Planner) -> Result<Declared, OpenError> {
        let other = |e: std::io::Error| OpenError::Other(format!("{}: {e}", dir.display()));
        let fingerprint = folder::fingerprint(dir).map_err(other)?;
        let files = folder::read(dir).map_err(other)?;
        let (city, diagnostics) = City::read(&files);
        let city = Arc::new(city.ok_or(OpenError::City(diagnostics))?);
        // A model with mistakes is shown as one and not made; everything else goes on.
        let models = Arc::new(model::compile(&city, planner));
        for mistake in &models.diagnostics {
            tracing::warn!(file = mistake.file, line = mistake.line, what = mistake.message.en, "a model has a mistake");
        }
        let index = catalog::index(&city).map_err(|e| OpenError::Other(e.to_string()))?;
        let grades = sight::Grades::of(&city, &models);
        Ok(Declared { city, index, models, grades, fingerprint })
    }
}

/// A data directory that holds rows had a control store: one that is gone or empty is damage, not a first start.
fn lost_control_store(data_dir: &std::path::Path) -> Result<(), OpenError> {
    let path = data_dir.join("sanjiang.db");
    let there = std::fs::metadata(&path).is_ok_and(|found| found.len() > 0);
    let rows = std::fs::read_dir(data_dir.join("lake/raw")).is_ok_and(|mut tables| tables.next().is_some());
    if there || !rows {
        return Ok(());
    }
    Err(OpenError::Other(format!(
        "{0} 不见了或是空的，而数据目录里已有数据。账户、问题数据和密钥都在其中：请从备份恢复它；确要放弃它，请先移走 lake 目录。 / {0} is gone or empty although the data directory holds rows. It has the accounts, the quarantine and the keys: restore it from a backup, or move the folder lake away to begin anew.",
        path.display()
    )))
}

/// What was sent is wrong; says what, and how to mend it.
fn invalid(zh: impl Into<String>, en: impl Into<String>) -> DeskError {
    DeskError::Invalid(kernel::Text::new(zh, en))
}

/// Our own fault: the caller learns only that, the log learns why. Unless it is the disk's: that is said.
fn internal(error: impl std::fmt::Display + 'static) -> DeskError {
    let any: &dyn std::any::Any = &error;
    match (any.downcast_ref::<store::StoreError>(), any.downcast_ref::<port::LakeFailure>()) {
        (Some(full @ store::StoreError::DiskFull), _) => DeskError::Full(full.text()),
        (Some(held @ store::StoreError::Unlogged), _) => DeskError::Busy(held.text()),
        (_, Some(failure)) if failure.full => DeskError::Full(failure.message.clone()),
        _ => DeskError::Internal(error.to_string()),
    }
}

/// A file could not be read or written: a full disk is said, in the caller's words; the rest is our own fault.
fn io_failure(error: &std::io::Error, full: impl Fn() -> kernel::Text) -> DeskError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => DeskError::Full(full()),
        _ => internal(error.to_string()),
    }
}
