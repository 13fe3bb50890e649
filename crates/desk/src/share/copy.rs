//! The serving copies that answers come from: an indexed copy of each resource that is lent, made anew or carried on when its
//! table has changed. A copy is never the truth: whatever is wrong with one, it is made again.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ::collect::check::Table;
use arrow_array::RecordBatch;
use arrow_schema::Schema;
use data::City;
use data::declare::Resource;
use futures::TryStreamExt;
use kernel::Text;
use serving::{Builder, Copy, Mark, Shape};
use store::share::GrantRow;
use tokio::sync::mpsc;

use crate::port::{Batches, LastCommit, TableName};
use crate::{Answer, Desk, DeskError, internal};

/// Batches that are brought one by one; beyond, the copy is made anew.
const CARRIED: i64 = 64;
/// Batches of rows that wait for the copy's writer.
const WAITING: usize = 4;

/// Copies that are open, and those being made.
#[derive(Default)]
pub(crate) struct Copies {
    open: Mutex<HashMap<String, Arc<Copy>>>,
    making: Mutex<BTreeSet<String>>,
}

/// A resource's copy is being made while this lives.
struct Making<'d>(&'d Desk, String);

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.0.copies.making.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Desk {
    /// The copy of a resource as it is now; `None` while there is none.
    pub(super) fn copy_of(&self, resource: &str) -> Option<Arc<Copy>> {
        let mut open = self.0.copies.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copy) = open.get(resource).filter(|copy| !copy.is_stale()) {
            return Some(copy.clone());
        }
        let copy = Arc::new(Copy::open(&self.copy_path(resource)).ok()?);
        open.insert(resource.to_owned(), copy.clone());
        Some(copy)
    }

    /// The copy that an answer comes from; busy while it is being made.
    pub(super) fn copy_for_answer(&self, resource: &str) -> Answer<Arc<Copy>> {
        self.copy_of(resource).ok_or_else(|| {
            self.prepare_copy(resource);
            DeskError::Busy(Text::new("数据正在准备，请稍候再试。", "The data is being prepared; try again in a moment."))
        })
    }

    /// Begins to bring a resource's copy up to date, without waiting for it.
    pub(crate) fn prepare_copy(&self, resource: &str) {
        let (desk, resource) = (self.clone(), resource.to_owned());
        tokio::spawn(async move {
            if let Err(error) = desk.refresh_copy_of(&resource).await {
                tracing::warn!(resource, %error, "a serving copy could not be brought up to date");
            }
        });
    }

    /// Brings the copies of all resources that are lent up to date.
    pub async fn refresh_copies(&self) -> Answer<()> {
        let grants = self.store().holding_grants(self.now()).await.map_err(internal)?;
        for of in grants.chunk_by(|one, next| one.resource == next.resource) {
            let Some(resource) = of.first().map(|grant| grant.resource.as_str()) else { continue };
            if let Err(error) = self.refresh_copy(resource, of).await {
                tracing::warn!(resource, %error, "a serving copy could not be brought up to date");
            }
        }
        Ok(())
    }

    async fn refresh_copy_of(&self, resource: &str) -> Answer<()> {
        let mut grants = self.store().holding_grants(self.now()).await.map_err(internal)?;
        grants.retain(|grant| grant.resource == resource);
        self.refresh_copy(resource, &grants).await
    }

    /// Brings one copy up to date, for the grants that hold. Returns at once while somebody else does.
    async fn refresh_copy(&self, id: &str, grants: &[GrantRow]) -> Answer<()> {
        if !self.0.copies.making.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned()) {
            return Ok(());
        }
        let _making = Making(self, id.to_owned());
        let city = self.city();
        let Some(resource) = city.resources.get(id) else { return Ok(()) };
        let table = TableName::standard(id);
        let lake = &self.0.ports.lake;
        let Some(last) = lake.last_commit(&table).await.map_err(internal)? else { return Ok(()) };
        let shape = copy_shape(&city, resource, grants)?;
        let mark = Mark { batch: last.seq, version: last.version, rows: lake.size(&table).await.map_err(internal)?.rows, declared: declared(&shape)? };
        let before = self.copy_of(id).and_then(|copy| copy.mark().ok());
        if before.as_ref().is_some_and(|before| (before.batch, before.version, &before.declared) == (mark.batch, mark.version, &mark.declared)) {
            return Ok(());
        }
        let carried = match before.filter(|before| shape.is_keyed() && carries(before, &mark, &last)) {
            Some(before) => self.carry_on(&table, &shape, &before, &mark).await?,
            None => false,
        };
        if carried { Ok(()) } else { self.make_copy(&table, shape, mark).await }
    }

    /// Brings the rows of the batches since, and answers whether the copy now holds as many as the table: if not, rows went away.
    async fn carry_on(&self, table: &TableName, shape: &Shape, before: &Mark, mark: &Mark) -> Answer<bool> {
        let mut rows = Vec::new();
        for batch in before.batch + 1..=mark.batch {
            let found = self.0.ports.lake.scan(table, Some(names(shape)), Some(batch)).await.map_err(internal)?;
            rows.extend(found.try_collect::<Vec<RecordBatch>>().await.map_err(internal)?);
        }
        let (path, wanted, mark) = (self.copy_path(&table.name), mark.rows, mark.clone());
        let carry = move || serving::apply(&path, &[], &rows, &mark).and_then(|_| Copy::open(&path)?.held());
        let held = tokio::task::spawn_blocking(carry).await.map_err(internal)?.map_err(internal)?;
        Ok(held == wanted)
    }

    async fn make_copy(&self, table: &TableName, shape: Shape, mark: Mark) -> Answer<()> {
        let rows = self.0.ports.lake.scan(table, Some(names(&shape)), None).await.map_err(internal)?;
        let path = self.copy_path(&table.name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| internal(error.to_string()))?;
        }
        let (send, mut receive) = mpsc::channel::<RecordBatch>(WAITING);
        let (whole, is_whole) = std::sync::mpsc::channel();
        let build = tokio::task::spawn_blocking(move || {
            let mut builder = Builder::begin(&path, shape)?;
            while let Some(batch) = receive.blocking_recv() {
                builder.add(&batch)?;
            }
            // A reader that broke off has said nothing: what it brought is no copy.
            if is_whole.recv().is_ok() { builder.finish(&mark) } else { Ok::<_, serving::ServingError>(()) }
        });
        let read = feed(rows, send).await;
        if read.is_ok() {
            let _ = whole.send(());
        }
        drop(whole);
        build.await.map_err(internal)?.map_err(internal)?;
        read
    }

    fn copy_path(&self, resource: &str) -> PathBuf {
        self.0.data_dir.join("serving").join(format!("standard.{resource}.sqlite"))
    }
}

/// Its columns are the items; rows are found by the keys of the grants that hold.
fn copy_shape(city: &City, resource: &Resource, grants: &[GrantRow]) -> Answer<Shape> {
    let table = Table::new(city, resource).map_err(internal)?.standard_schema();
    let fields: Vec<_> = resource.items.iter().filter_map(|item| table.field_with_name(&item.name).ok().cloned()).collect();
    let key: Vec<&str> = resource.items.iter().filter(|item| item.key).map(|item| item.name.as_str()).collect();
    let mut indexes = BTreeSet::new();
    for grant in grants {
        let keys = super::terms(&grant.terms)?.keys;
        indexes.insert(keys.into_iter().filter(|key| fields.iter().any(|field| field.name() == key)).collect::<Vec<_>>());
    }
    let indexes: Vec<Vec<&str>> = indexes.iter().filter(|index| !index.is_empty()).map(|index| index.iter().map(String::as_str).collect()).collect();
    let indexes: Vec<&[&str]> = indexes.iter().filter(|index| **index != key).map(Vec::as_slice).collect();
    Shape::of(&Schema::new(fields), &key, &indexes).map_err(internal)
}

/// Sends all rows. What did not come whole is told by the answer.
pub(crate) async fn feed(mut rows: Batches, send: mpsc::Sender<RecordBatch>) -> Answer<()> {
    while let Some(batch) = rows.try_next().await.map_err(internal)? {
        if send.send(batch).await.is_err() {
            // Whoever builds has failed, and says why.
            return Ok(());
        }
    }
    Ok(())
}

/// Whether nothing but batches was added since: a table that was made anew, or put together, has more versions than batches.
fn carries(before: &Mark, now: &Mark, last: &LastCommit) -> bool {
    let batches = now.batch - before.batch;
    before.declared == now.declared && (1..=CARRIED).contains(&batches) && last.version - before.version == batches
}

fn names(shape: &Shape) -> Vec<String> {
    shape.columns.iter().map(|column| column.name.clone()).collect()
}

/// What tells a copy of one declaration from another's.
fn declared(shape: &Shape) -> Answer<String> {
    serde_json::to_string(shape).map(|text| crate::account::digest(&text)).map_err(internal)
}

