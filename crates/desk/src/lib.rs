//! What people and machines may do here, act by act: authorise, load, ask the rules, save, tell.
//! It has never heard of HTTP, and reaches the lake only through the port in [`port`].

pub mod error;
pub mod view;

use std::sync::Arc;

use data::City;
use kernel::Moment;
use tokio::sync::broadcast;

pub use error::DeskError;
use view::*;

/// The desk: every act of the product. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    city: Arc<City>,
}

type Answer<T> = Result<T, DeskError>;

impl Desk {
    /// The city as declared now.
    pub fn city(&self) -> Arc<City> {
        self.city.clone()
    }

    pub async fn overview(&self, _now: Moment) -> Answer<Overview> {
        Err(DeskError::NotFound)
    }

    /// Panels of a board with their latest results; empty when there is no such board.
    pub async fn board(&self, _id: &str) -> Answer<Vec<PanelView>> {
        Err(DeskError::NotFound)
    }

    pub async fn systems(&self, _now: Moment) -> Answer<Vec<SystemSummary>> {
        Err(DeskError::NotFound)
    }

    pub async fn system(&self, _id: &str, _now: Moment) -> Answer<SystemDetail> {
        Err(DeskError::NotFound)
    }

    /// Newest first, running ones included. `page` is 1-based.
    pub async fn runs(&self, _filter: &RunFilter, _page: u64, _size: u64) -> Answer<Page<RunView>> {
        Err(DeskError::NotFound)
    }

    pub async fn run(&self, _id: &str) -> Answer<RunView> {
        Err(DeskError::NotFound)
    }

    /// Every change of a run (progress a few times a second, end once) as it happens.
    pub fn watch_runs(&self) -> broadcast::Receiver<RunView> {
        broadcast::channel(1).1
    }

    /// Staff: starts collection in the background of everything that is due, one system, or one resource.
    /// Answers how many resources were taken up; `Busy` if a collection is under way.
    pub async fn collect(&self, _who: &Account, _what: CollectScope, _now: Moment) -> Answer<u64> {
        Err(DeskError::NotFound)
    }

    /// Staff: rows refused, newest first, with causes.
    pub async fn quarantine(&self, _who: &Account, _filter: &QuarantineFilter, _page: u64, _size: u64) -> Answer<QuarantineView> {
        Err(DeskError::NotFound)
    }

    /// Full-text search with facets; an empty query lists all, by department.
    pub async fn catalog(&self, _filter: &CatalogFilter, _page: u64, _size: u64, _now: Moment) -> Answer<CatalogView> {
        Err(DeskError::NotFound)
    }

    /// A resource; values (preview, profile) only as far as the reader may see them.
    pub async fn resource(&self, _who: Option<&Account>, _id: &str, _now: Moment) -> Answer<ResourceDetail> {
        Err(DeskError::NotFound)
    }

    /// Staff: one SELECT over the lake, in a process of its own, within limits. At most `max_rows` rows come back.
    pub async fn sql(&self, _who: &Account, _text: &str, _max_rows: u64) -> Answer<SqlAnswer> {
        Err(DeskError::NotFound)
    }

    /// Staff: how the engine would run it, as indented text: (logical plan, physical plan).
    pub async fn sql_plan(&self, _who: &Account, _text: &str) -> Answer<(String, String)> {
        Err(DeskError::NotFound)
    }

    /// Staff: tables and columns for completion.
    pub async fn sql_tables(&self, _who: &Account) -> Answer<Vec<SqlTable>> {
        Err(DeskError::NotFound)
    }

    /// Whether no account exists yet, so that the set-up link is the only way in.
    pub async fn needs_setup(&self) -> Answer<bool> {
        Ok(true)
    }

    /// Makes the first account from the one-time link; answers a session token.
    pub async fn setup(&self, _token: &str, _name: &str, _password: &str, _now: Moment) -> Answer<String> {
        Err(DeskError::NotFound)
    }

    /// A session token (valid 12 hours, sliding), or `Invalid` with one and the same word for wrong name and wrong password.
    /// Five failures within ten minutes lock the name for ten minutes.
    pub async fn login(&self, _name: &str, _password: &str, _now: Moment) -> Answer<String> {
        Err(DeskError::NotFound)
    }

    pub async fn logout(&self, _token: &str) -> Answer<()> {
        Ok(())
    }

    /// Whose session it is, if it is alive.
    pub async fn session(&self, _token: &str, _now: Moment) -> Answer<Option<Account>> {
        Ok(None)
    }
}

/// What to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CollectScope {
    Due,
    System(String),
    Resource(String),
}
