//! Edits: current rows that have landed, mended by staff. Each lies over the row that its source delivers.
//!
//! One batch holds both: the rows that leave, marked as removed, and the edited ones behind them, so that whoever reads raw
//! again comes to the same, whatever version the rows tell. It is written down like a correction of refused rows, and taken
//! back like one. The ledger takes the source's row for unchanged while the edited one is current; whatever else the source
//! delivers of that key takes its place, and the edit is over. Only what a key tells apart can be edited: of equal rows
//! without one nobody could say which the source goes on delivering.

use std::collections::{BTreeMap, HashMap, HashSet};

use ::collect::check::{Hash, Restored, Table};
use ::collect::RawBatch;
use data::standard::Fault;
use futures::TryStreamExt;
use kernel::{RunId, Text};
use serde_json::json;
use store::correction::{CorrectedRow, Correction};
use store::run::RunCounters;

use super::correct::{Record, batch_of, file_of, json, keep};
use super::land;
use super::missing::chosen;
use super::run::{Run, RunError};
use super::alone;
use crate::edit::{Edited, Edits};
use crate::port::TableName;
use crate::view::Account;
use crate::{Answer, Desk};

/// The batch by which an edited row is named in its correction: refused rows are never of it.
const NO_BATCH: i64 = 0;

/// Where a current row came from.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub batch: i64,
    pub file: String,
    pub line: u64,
}

/// Rows on their way.
#[derive(Default)]
struct Work {
    hashes: Vec<Hash>,
    before: Vec<Record>,
    after: Vec<Record>,
}

/// Hashes and keys of the rows as they are to be.
struct New {
    hashes: Vec<Hash>,
    keys: Vec<Option<Hash>>,
}

impl Desk {
    /// Puts edited rows in the place of current ones; what is wrong with them stays as it is, and the answer tells why.
    pub(crate) async fn land_edits(&self, who: &Account, resource: &str, edits: Vec<Edited>, reason: &str, origin: &'static str) -> Answer<Edits> {
        let _alone = alone(&self.0.data_dir, resource).await?;
        let mut run = self.begin_run(resource, "correction").await?;
        let done = self.edit_rows(&mut run, who, edits, reason, origin).await;
        self.close_with(run, done).await
    }

    async fn edit_rows(&self, run: &mut Run, who: &Account, edits: Vec<Edited>, reason: &str, origin: &'static str) -> Result<Edits, RunError> {
        let carried = self.recover(run).await?;
        let mut answer = Edits::default();
        let mut work = self.work_on_current(&run.resource.id, edits, &mut answer).await?;
        let mut table = Table::new(&run.city, &run.resource)?;
        let new = drop_wrong_edits(&mut table, &run.resource, &mut work, &mut answer)?;
        if work.hashes.is_empty() {
            return Ok(answer);
        }
        let mut ledger = self.fill_ledger(run).await?;
        let id = RunId::new(self.now(), self.chance()).0;
        let edited = work.hashes.len();
        let (records, hash): (Vec<Record>, Vec<Hash>) = {
            let leave = work.before.iter().cloned().zip(work.hashes.iter().copied());
            leave.chain(work.after.iter().cloned().zip(new.hashes.iter().copied())).unzip()
        };
        // Read back, the rows stand in the order of their lines: first what leaves.
        let lines = (1..=records.len() as u64).collect();
        let batch = RawBatch { removed: (0..edited).collect(), ..batch_of(&records, table.item_names(), &file_of(&id), lines) };
        let stamp = land::Stamp { system: &run.resource.system, run: &run.id, seq: carried.seq + 1, now: self.now() };
        let mut landed = land::take_back(&mut table, &run.resource, &mut ledger, &Restored { batch, hash }, &stamp)?;
        if (landed.replaces.len(), landed.standard.num_rows()) != (edited, edited) {
            return Err(RunError::Broken(format!("{}: an edit does not take the place of just the rows it is of", run.resource.id)));
        }
        let n = edited as u64;
        landed.counts = RunCounters { source_rows: n, landed: n, corrected: n, ..RunCounters::default() };
        let rows = self.edited_rows(&run.resource.id, &work, &new).await?;
        let correction = Correction {
            id: id.clone(),
            resource: run.resource.id.clone(),
            who: who.name.clone(),
            reason: reason.to_owned(),
            origin: origin.to_owned(),
            edits: true,
            batch: landed.seq,
            begun: self.now(),
            ended: None,
            undone: None,
            undone_by: None,
        };
        self.store().begin_correction(correction, rows).await?;
        self.commit(run, landed).await?;
        let detail = json!({ "correction": id, "rows": n, "reason": reason, "by": origin });
        let store = self.logging_as(who, "row.edit", &self.resource_object(&run.resource.id), detail);
        store.end_correction(&id, self.now()).await?;
        (answer.correction, answer.landed) = (Some(id), n);
        Ok(answer)
    }

    /// The rows that are current, with their records as they are and as they are to be; those that are not are told.
    async fn work_on_current(&self, resource: &str, edits: Vec<Edited>, answer: &mut Edits) -> Result<Work, RunError> {
        let wanted = edits.iter().map(|edit| edit.row).collect();
        let current = self.current_rows(resource, &wanted).await?;
        let (here, gone): (Vec<Edited>, Vec<Edited>) = edits.into_iter().partition(|edit| current.contains_key(&edit.row));
        answer.gone = gone.into_iter().map(|edit| edit.row).collect();
        let places: Vec<(i64, Hash)> = here.iter().filter_map(|edit| Some((current.get(&edit.row)?.batch, edit.row))).collect();
        let before = self.records_at(resource, &places).await?;
        let mut work = Work::default();
        for (edit, before) in here.into_iter().zip(before) {
            if before.is_empty() {
                return Err(RunError::Broken(format!("raw.{resource}: the record of a current row is not to be found")));
            }
            let mut after = before.clone();
            // A form tells neither nothing from an empty text nor one end of a line from another.
            let plain = |value: Option<&String>| value.map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
            let was = |name: &String| before.get(name).and_then(Option::as_ref);
            after.extend(edit.values.into_iter().filter(|(name, value)| plain(was(name)) != plain(value.as_ref())));
            work.hashes.push(edit.row);
            work.before.push(before);
            work.after.push(after);
        }
        Ok(work)
    }

    /// Which of these are current rows, and where they came from.
    pub(crate) async fn current_rows(&self, resource: &str, wanted: &HashSet<Hash>) -> Result<HashMap<Hash, Current>, RunError> {
        let broken = |e: arrow_schema::ArrowError| RunError::Broken(e.to_string());
        let columns = ["_hash", "_batch", "_file", "_line"].map(str::to_owned).to_vec();
        let mut found = HashMap::new();
        let name = TableName::standard(resource);
        if wanted.is_empty() || self.0.ports.lake.size(&name).await?.rows == 0 {
            return Ok(found);
        }
        let mut batches = self.0.ports.lake.scan(&name, Some(columns), None).await?;
        while let Some(batch) = batches.try_next().await? {
            let hits = chosen(&batch, wanted)?;
            for row in 0..hits.num_rows() {
                let cell = |name: &str| match hits.column_by_name(name) {
                    Some(column) => arrow_cast::display::array_value_to_string(column, row).map_err(broken),
                    None => Ok(String::new()),
                };
                // Bytes are written in hexadecimal.
                let Some(hash) = crate::quality::row_hash(&cell("_hash")?) else { continue };
                let place = Current { batch: cell("_batch")?.parse().unwrap_or_default(), file: cell("_file")?, line: cell("_line")?.parse().unwrap_or_default() };
                found.insert(hash, place);
            }
            if found.len() == wanted.len() {
                break;
            }
        }
        Ok(found)
    }

    /// What is kept of the rows. One that is edited once more lies over what the source delivers, and that comes back when
    /// it is taken back.
    async fn edited_rows(&self, resource: &str, work: &Work, new: &New) -> Result<Vec<CorrectedRow>, RunError> {
        let standing = self.store().standing_corrections(resource).await?;
        let under: HashMap<Hash, Hash> = standing.into_iter().filter(|one| one.edits).map(|one| (one.hash, one.refused)).collect();
        let rows = work.hashes.iter().zip(&work.before).zip(&work.after).zip(&new.hashes).zip(&new.keys).zip(1..);
        let row = |(((((hash, before), after), new_hash), new_key), row): (((((&Hash, &Record), &Record), &Hash), &Option<Hash>), u64)| {
            let source = under.get(hash).copied().unwrap_or(*hash);
            CorrectedRow {
                batch: NO_BATCH,
                row,
                hash: source,
                new_hash: *new_hash,
                new_key: *new_key,
                before: json(before),
                after: json(after),
                landed: true,
                displaced: Some(source),
                confirmed: None,
                gave_way: None,
                undone: None,
            }
        };
        Ok(rows.map(row).collect())
    }
}

/// Takes the rows out that cannot land, each with its faults; hashes and keys of the others.
fn drop_wrong_edits(table: &mut Table, resource: &data::declare::Resource, work: &mut Work, answer: &mut Edits) -> Result<New, RunError> {
    let batch = |records: &[Record], table: &Table| batch_of(records, table.item_names(), "", vec![0; records.len()]);
    let before = Restored { batch: batch(&work.before, table), hash: work.hashes.clone() };
    let was = table.check_restored(&before)?;
    let after = batch(&work.after, table);
    table.bind_stored(&after.fields)?;
    let checked = table.check(&after);
    let mut faults: BTreeMap<usize, Vec<Fault>> = checked.refused.iter().cloned().collect();
    for (row, (before, after)) in work.before.iter().zip(&work.after).enumerate() {
        let mut more = |fault: Fault| faults.entry(row).or_default().push(fault);
        let declared = |name: &str| resource.items.iter().any(|item| item.name == name);
        after.keys().filter(|name| !before.contains_key(*name) && !declared(name)).for_each(|name| more(unknown(name)));
        if was.key.get(row) != checked.key.get(row) {
            let key = resource.items.iter().find(|item| item.key && before.get(&item.name) != after.get(&item.name));
            more(fixed(key.map_or("", |item| item.name.as_str()), "主键", "The key"));
        }
        if was.version.get(row) != checked.version.get(row) {
            more(fixed("", "区分新旧的信息项", "The item that tells the newer row"));
        }
        if before == after || was.hash.get(row) == checked.hash.get(row) {
            more(unchanged());
        }
    }
    let told = faults.iter().filter_map(|(row, faults)| Some((*work.hashes.get(*row)?, faults.clone())));
    answer.wrong = told.collect();
    let right = |row: usize| !faults.contains_key(&row);
    work.hashes = keep(std::mem::take(&mut work.hashes), right);
    work.before = keep(std::mem::take(&mut work.before), right);
    work.after = keep(std::mem::take(&mut work.after), right);
    Ok(New { hashes: keep(checked.hash, right), keys: keep(checked.key, right) })
}

fn fault(code: &str, item: &str, message: Text) -> Fault {
    Fault { code: code.to_owned(), item: item.to_owned(), found: String::new(), message }
}

fn fixed(item: &str, zh: &str, en: &str) -> Fault {
    let message = Text::new(
        format!("{zh}不能在这里改：来源正是凭它认出这一行。请在来源更正后重新归集。"),
        format!("{en} cannot be edited here: the source's row is known by it. Have it put right at the source and collect again."),
    );
    fault("edit.fixed", item, message)
}

fn unknown(name: &str) -> Fault {
    fault("edit.unknown", name, Text::new(format!("没有“{name}”这个信息项。"), format!("There is no item \"{name}\".")))
}

fn unchanged() -> Fault {
    fault("edit.unchanged", "", Text::new("一个值也没有改。", "No value was changed."))
}
