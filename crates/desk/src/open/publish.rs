//! Publishing: the newest rows of each approved dataset, measured by the gate again, as its next version.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use data::City;
use data::declare::Model;
use data::open::OpeningState;
use kernel::{Moment, Text};
use serde_json::json;
use serving::{Published, Publishing, ServingError, Shape, Version};
use store::open::{HeldRow, OpenVersionRow, ProposalRow};
use tokio::sync::mpsc;

use super::gate::lake_table;
use super::live::OpenColumn;
use super::{declared, is_published, print};
use crate::authority::object;
use crate::model::{PlannedModel, column_title};
use crate::port::{LastCommit, Source};
use crate::share::feed;
use crate::{Answer, Desk, internal};

/// Batches of rows that wait for the file's writer.
const WAITING: usize = 4;

impl Desk {
    /// Begins to publish what is approved, without waiting for it.
    pub(super) fn publish_soon(&self) {
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.publish_openings().await {
                tracing::warn!(%error, "open data was not published");
            }
        });
    }

    /// Publishes the newest rows of every approved dataset whose table has changed. What the gate stops is held, and says why.
    pub async fn publish_openings(&self) -> Answer<()> {
        let Ok(_alone) = crate::collect::at_once(&self.0.data_dir, "open.publish") else { return Ok(()) };
        let approved = self.store().proposals_in(OpeningState::Approved.word()).await.map_err(internal)?;
        if approved.is_empty() {
            return Ok(());
        }
        let held = self.store().held_open_versions().await.map_err(internal)?;
        let newest = self.store().newest_open_versions().await.map_err(internal)?;
        for proposal in approved {
            let held = held.iter().find(|held| held.dataset == proposal.dataset);
            let newest = newest.iter().find(|row| row.dataset == proposal.dataset).cloned();
            if let Err(error) = self.publish_opening(&proposal, newest, held).await {
                tracing::warn!(dataset = proposal.dataset, %error, "a dataset was not published");
            }
        }
        Ok(())
    }

    async fn publish_opening(&self, proposal: &ProposalRow, newest: Option<OpenVersionRow>, held: Option<&HeldRow>) -> Answer<()> {
        let (city, models, dataset) = (self.city(), self.compiled(), proposal.dataset.as_str());
        let Some(last) = self.0.ports.lake.last_commit(&lake_table(dataset)).await.map_err(internal)? else { return Ok(()) };
        let known = newest.as_ref().is_some_and(|row| row.batch == last.seq && row.proposal == proposal.id);
        if known || self.0.open.has_looked(&proposal.id, last.seq) || held.is_some_and(|held| held.batch == last.seq) {
            return Ok(());
        }
        let now = self.now();
        let sound = declared(&city, dataset).filter(|(model, opening)| print(model, opening) == proposal.declared);
        let Some(((model, _), planned)) = sound.zip(models.planned.get(&super::table(dataset))) else {
            let why = Text::new("声明在审核之后有改动，需重新提议", "the declaration was changed since it was approved: propose it anew");
            return self.hold(dataset, last.seq, why, now).await;
        };
        let gate = self.measure_opening(dataset, last.seq, now).await?;
        if let Some(stop) = gate.findings.iter().find(|finding| finding.weight == super::Weight::Stops) {
            return self.hold(dataset, last.seq, stop.what.clone(), now).await;
        }
        let columns = columns(&city, &models, model, planned)?;
        self.make_version(proposal, newest, &last, shape(planned, &model.key, declared(&city, dataset).and_then(|(_, opening)| opening.position.as_ref()))?, columns, now).await
    }

    /// Makes the version in the file, then tells of it: what is in the file alone nobody reads.
    async fn make_version(
        &self,
        proposal: &ProposalRow,
        newest: Option<OpenVersionRow>,
        last: &LastCommit,
        shape: Shape,
        columns: Vec<OpenColumn>,
        now: Moment,
    ) -> Answer<()> {
        let dataset = proposal.dataset.as_str();
        let mut series = newest.as_ref().map_or(1, |row| row.series);
        let note = json!({ "batch": last.seq, "proposal": proposal.id }).to_string();
        let made = loop {
            match self.write_version(dataset, series, &shape, &note, last).await? {
                // The table has other columns or another key than before: its versions begin another file.
                Written::Other if newest.as_ref().is_none_or(|row| row.series == series) => series += 1,
                Written::Other | Written::Moved => return Ok(()),
                Written::Done(published) => break published,
            }
        };
        let (version, changed) = match made {
            Published::Made(version) => (version, true),
            Published::Unchanged(version) => (version, false),
        };
        let told = newest.as_ref().is_some_and(|row| (row.series, row.place) == (series, version.number));
        // Told once more, as after another approval, the same rows are no change.
        let version = if told { Version { added: 0, changed: 0, removed: 0, ..version } } else { version };
        if !changed && told && newest.as_ref().is_some_and(|row| row.proposal == proposal.id) {
            self.0.open.looked(&proposal.id, last.seq);
            return Ok(());
        }
        let number = newest.map_or(1, |row| row.number + 1);
        self.tell_version(proposal, number, series, version, last.seq, columns, now).await
    }

    #[expect(clippy::too_many_arguments, reason = "what a version is told with")]
    async fn tell_version(
        &self,
        proposal: &ProposalRow,
        number: u64,
        series: u64,
        version: Version,
        batch: i64,
        columns: Vec<OpenColumn>,
        now: Moment,
    ) -> Answer<()> {
        let Version { number: place, rows, added, changed, removed, .. } = version;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let detail = json!({ "proposal": proposal.id, "version": number, "batch": batch, "rows": rows, "added": added, "changed": changed,
            "removed": removed, "columns": names });
        let row = OpenVersionRow {
            dataset: proposal.dataset.clone(),
            number,
            proposal: proposal.id.clone(),
            series,
            place,
            batch,
            columns: serde_json::to_string(&columns).map_err(internal)?,
            rows,
            added,
            changed,
            removed,
            time: now,
        };
        let object = object("dataset", &proposal.dataset);
        self.logging_as("opening", "open.publish", &object, detail).add_open_version(row).await.map_err(internal)?;
        self.0.open.forget();
        self.draw_soon(&proposal.dataset, now);
        Ok(())
    }

    async fn hold(&self, dataset: &str, batch: i64, why: Text, now: Moment) -> Answer<()> {
        let detail = json!({ "batch": batch, "why": why.en });
        let row = HeldRow { dataset: dataset.to_owned(), batch, why, time: now };
        self.logging_as("opening", "open.hold", &object("dataset", dataset), detail).hold_open_version(row).await.map_err(internal)
    }

    async fn write_version(&self, dataset: &str, series: u64, shape: &Shape, note: &str, last: &LastCommit) -> Answer<Written> {
        let table = lake_table(dataset);
        let names = shape.columns.iter().map(|column| column.name.clone()).collect();
        let rows = self.0.ports.lake.scan(&table, Some(names), None).await.map_err(internal)?;
        let path = self.versions_path(dataset, series);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| internal(error.to_string()))?;
        }
        let (send, receive) = mpsc::channel::<RecordBatch>(WAITING);
        let (whole, is_whole) = std::sync::mpsc::channel();
        let (shape, note) = (shape.clone(), note.to_owned());
        let write = tokio::task::spawn_blocking(move || write(path, shape, &note, receive, &is_whole));
        let read = feed(rows, send).await;
        // Rows of a table that was made anew meanwhile are those of no version.
        let same = self.0.ports.lake.last_commit(&table).await.map_err(internal)?.is_some_and(|now| now.version == last.version);
        if read.is_ok() && same {
            let _ = whole.send(());
        }
        drop(whole);
        let written = write.await.map_err(internal)?.map_err(internal)?;
        read.map(|()| written)
    }
}

/// What became of writing a version.
enum Written {
    Done(Published),
    /// The file has rows of another shape.
    Other,
    /// The rows did not come whole, or of one version of the table.
    Moved,
}

fn write(
    path: PathBuf,
    shape: Shape,
    note: &str,
    mut rows: mpsc::Receiver<RecordBatch>,
    is_whole: &std::sync::mpsc::Receiver<()>,
) -> Result<Written, ServingError> {
    let mut publishing = match Publishing::begin(&path, shape) {
        Ok(publishing) => publishing,
        Err(ServingError::Shape(_)) => return Ok(Written::Other),
        Err(error) => return Err(error),
    };
    while let Some(batch) = rows.blocking_recv() {
        publishing.add(&batch)?;
    }
    // A reader that broke off has said nothing: what it brought is no version.
    match is_whole.recv() {
        Ok(()) => publishing.finish(note).map(Written::Done),
        Err(_) => Ok(Written::Moved),
    }
}

/// The columns that are published, by their key.
fn shape(planned: &PlannedModel, key: &[String], position: Option<&[String; 2]>) -> Answer<Shape> {
    let fields: Vec<_> = planned.schema.fields().iter().filter(|field| is_published(field.name())).cloned().collect();
    let key: Vec<&str> = key.iter().map(String::as_str).collect();
    // A key is found by its first part; the others are asked by, too.
    let mut indexes: Vec<Vec<&str>> = key.iter().skip(1).map(|name| vec![*name]).collect();
    // What lies in a box is found along its longitudes, with the latitudes beside them.
    indexes.extend(position.filter(|position| position.iter().all(|name| is_published(name))).map(|position| position.iter().map(String::as_str).collect()));
    let indexes: Vec<&[&str]> = indexes.iter().map(Vec::as_slice).collect();
    Shape::of(&Schema::new(fields), &key, &indexes).map_err(internal)
}

fn columns(city: &City, models: &crate::model::Models, model: &Model, planned: &PlannedModel) -> Answer<Vec<OpenColumn>> {
    let column = |field: &arrow_schema::FieldRef| {
        let name = field.name().clone();
        let source = Source { table: planned.table.clone(), column: name.clone() };
        let declared = model.columns.iter().find(|column| column.name == name);
        Ok(OpenColumn {
            title: column_title(city, models, &source),
            unit: declared.map(|column| column.unit.clone()).unwrap_or_default(),
            key: model.key.contains(&name),
            kind: serving::Kind::of(field.data_type()).ok_or_else(|| internal(format!("column {name} cannot be published")))?,
            name,
        })
    };
    planned.schema.fields().iter().filter(|field| is_published(field.name())).map(column).collect()
}
