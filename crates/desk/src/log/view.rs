//! The log as people see it: leaves, newest first; one leaf with what was hashed and the proof that it is there.

use std::collections::HashMap;
use std::sync::Arc;

use data::City;
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::Value;
use store::open::AppFilter;
use store::{LeafFilter, LeafRow};
use tlog::{Kind, Reader, Tile, Verifier};

use super::program::program_title;
use crate::act;
use super::publish::refusal;
use super::receipt::Receipt;
use crate::authority::Object;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// A leaf in a list.
#[derive(Clone, Debug, Serialize)]
pub struct LeafView {
    /// Its place in the log, from 0.
    pub number: u64,
    pub time: Moment,
    /// Who acted, by name where it is known.
    pub actor: Text,
    /// By which all that one did are found.
    pub actor_id: String,
    pub act: String,
    pub act_title: Text,
    /// `resource/bus_stops`
    pub subject: String,
    /// What that is called, where it has a name.
    pub subject_title: Option<Text>,
    /// Whether it stands in the log's files.
    pub published: bool,
}

/// The log's files.
#[derive(Clone, Debug, Serialize)]
pub struct LogState {
    /// Leaves of the tree that the newest checkpoint signs.
    pub size: u64,
    /// Acts that wait for their file.
    pub waiting: u64,
    /// Root of the tree, in base64.
    pub root: String,
    pub origin: String,
    /// Verifier keys of the log: `name+hash+key`.
    pub keys: Vec<String>,
    /// Who signed the checkpoint: names of keys, the log's own first.
    pub signed: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct LogPage {
    pub page: Page<LeafView>,
    /// `None` until the first checkpoint.
    pub state: Option<LogState>,
}

/// One leaf.
#[derive(Clone, Debug, Serialize)]
pub struct LeafDetail {
    pub leaf: LeafView,
    /// What was hashed.
    pub entry: Value,
    /// Hash of the leaf, in base64.
    pub hash: String,
    pub state: Option<LogState>,
}

impl Desk {
    /// Staff: what was done, the newest first.
    pub async fn log_page(&self, who: &Account, filter: &LeafFilter, page: u64, size: u64) -> Answer<LogPage> {
        self.may(who, "see.log", &Object::of("log")).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().leaves(filter, page, size).await.map_err(internal)?;
        let names = self.names().await?;
        let entries = rows.entries.into_iter().map(|row| names.view(row)).collect();
        Ok(LogPage { page: Page { entries, total: rows.total, page, size }, state: self.log_state().await? })
    }

    /// Staff: one leaf.
    pub async fn log_leaf(&self, who: &Account, number: u64) -> Answer<LeafDetail> {
        self.may(who, "see.log", &Object::of("log")).await?;
        let row = self.store().leaf(number).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        let bytes = match &row.entry {
            Some(entry) => entry.clone(),
            None => self.read_log(move |reader| reader.entry(number)).await?.ok_or(DeskError::NotFound)?,
        };
        let names = self.names().await?;
        Ok(LeafDetail {
            hash: tlog::leaf_hash(&bytes).to_string(),
            entry: serde_json::from_slice(&bytes).map_err(internal)?,
            leaf: names.view(row),
            state: self.log_state().await?,
        })
    }

    /// Staff: the receipt of a leaf. Busy until its file is written.
    pub async fn log_receipt(&self, who: &Account, number: u64) -> Answer<Receipt> {
        self.may(who, "see.log", &Object::of("log")).await?;
        self.receipt(number).await
    }

    pub(crate) async fn receipt(&self, number: u64) -> Answer<Receipt> {
        let made = self.read_log(move |reader| match number < reader.size() {
            true => reader.receipt(number).map(Some),
            false => Ok(None),
        });
        if let Some((entry, proof)) = made.await?.flatten() {
            return Ok(Receipt { entry: String::from_utf8(entry).map_err(internal)?, proof: proof.to_string() });
        }
        match self.store().leaf(number).await.map_err(internal)? {
            Some(_) => Err(DeskError::Busy(Text::new("这一条正在写入日志文件，请稍候。", "This leaf is being written into the log's files; try again in a moment."))),
            None => Err(DeskError::NotFound),
        }
    }

    /// How far the log's files are; `None` before the first checkpoint.
    pub async fn log_state(&self) -> Answer<Option<LogState>> {
        let count = self.store().leaf_count().await.map_err(internal)?;
        let keys = super::key::verifiers(&self.0.data_dir).unwrap_or_default();
        let state = move |reader: Reader| {
            let checkpoint = reader.checkpoint();
            Ok(LogState {
                size: checkpoint.size,
                waiting: count.saturating_sub(checkpoint.size),
                root: checkpoint.root.to_string(),
                origin: checkpoint.origin.clone(),
                keys: keys.iter().map(Verifier::to_string).collect(),
                signed: reader.note().signatures.iter().map(|signature| signature.name.clone()).collect(),
            })
        };
        self.read_log(state).await
    }

    /// A file of the log that anybody may have: the checkpoint, or a tile of hashes (c2sp.org/tlog-tiles).
    pub async fn log_file(&self, path: &str) -> Answer<Vec<u8>> {
        if path != "checkpoint" && Tile::parse(path).is_none_or(|tile| tile.kind == Kind::Entries) {
            return Err(DeskError::NotFound);
        }
        let path = self.log_dir().join(path);
        let found = tokio::task::spawn_blocking(move || std::fs::read(path)).await.map_err(internal)?;
        found.map_err(|_| DeskError::NotFound)
    }

    pub(crate) async fn names(&self) -> Answer<Names> {
        let applications = self.store().applications(None).await.map_err(internal)?;
        let apps = self.store().apps(&AppFilter::default(), 1, 1_000).await.map_err(internal)?;
        Ok(Names {
            city: self.city(),
            accounts: self.store().account_names().await.map_err(internal)?,
            applications: applications.into_iter().map(|one| (one.id, one.name)).chain(apps.entries.into_iter().map(|one| (one.id, one.name))).collect(),
        })
    }

    /// Asks the log's files; `None` where there are none yet.
    async fn read_log<T: Send + 'static>(&self, ask: impl FnOnce(Reader) -> Result<T, tlog::LogError> + Send + 'static) -> Answer<Option<T>> {
        let dir = self.log_dir();
        let asked = move || match dir.join("checkpoint").is_file() {
            true => Reader::open(dir).and_then(ask).map(Some),
            false => Ok(None),
        };
        tokio::task::spawn_blocking(asked).await.map_err(internal)?.map_err(refusal)
    }
}

/// What actors and subjects are called.
pub(crate) struct Names {
    city: Arc<City>,
    accounts: HashMap<String, String>,
    /// Those of departments and of the public.
    applications: HashMap<String, String>,
}

impl Names {
    fn view(&self, row: LeafRow) -> LeafView {
        LeafView {
            number: row.number,
            time: row.time,
            actor: self.actor(&row.actor),
            act_title: act::title(&row.act),
            subject_title: row.subject.split_once('/').and_then(|(kind, id)| self.subject(kind, id)),
            published: row.entry.is_none(),
            actor_id: row.actor,
            act: row.act,
            subject: row.subject,
        }
    }

    pub fn actor(&self, id: &str) -> Text {
        match id.split_once('/') {
            Some((super::APPLICATION | super::APP, id)) => self.applications.get(id).map_or_else(|| Text::new(id, id), |name| Text::new(name, name)),
            Some((super::NODE, id)) => self.subject(super::NODE, id).unwrap_or_else(|| Text::new(id, id)),
            Some(("program", word)) => program_title(word),
            Some((_, name)) => Text::new(name, name),
            None => self.account(id).unwrap_or_else(|| Text::new(id, id)),
        }
    }

    fn account(&self, id: &str) -> Option<Text> {
        self.accounts.get(id).map(|name| Text::new(name, name))
    }

    fn subject(&self, kind: &str, id: &str) -> Option<Text> {
        let city = &self.city;
        match kind {
            "resource" => city.resources.get(id).map(|one| Text::new(&one.title, &one.title_en)),
            super::NODE => city.nodes.get(id).map(|one| Text::new(&one.title, &one.title_en)),
            "system" => city.systems.get(id).map(|one| Text::new(&one.title, &one.title_en)),
            "model" => city.models.get(id).map(|one| Text::new(&one.title, &one.title_en)),
            "register" => city.registers.get(id).map(|one| Text::new(&one.title, &one.title_en)),
            "figure" => city.figures.get(id).map(|one| Text::new(&one.title, &one.title_en)),
            "account" => self.account(id),
            _ => None,
        }
    }
}
