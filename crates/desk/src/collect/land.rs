//! The reading side of a run, on a thread of its own: read, check, decide what is new, and hand over what lands.

use std::collections::HashSet;

use ::collect::check::{Checked, Restored, Table, evidence, from_raw};
use ::collect::source::Decision;
use ::collect::{Ledger, Position, Progress, RawBatch, Source, Verdict};
use arrow_array::cast::AsArray;
use arrow_array::{RecordBatch, StringArray};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use data::City;
use data::declare::Resource;
use data::declare::OnMissing;
use data::standard::Fault;
use kernel::{Moment, RunId, Text};
use store::quarantine::QuarantineRow;
use store::run::RunCounters;
use tokio::sync::mpsc;

use super::gate::{Gate, Passed};
use super::run::RunError;

/// Records read at a time: large enough that a commit is worth its syncs, small enough for memory.
const BATCH_ROWS: usize = 131_072;

/// Who reads what.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub system: String,
    pub run: String,
    /// Number of the next batch that goes to raw.
    pub next_seq: i64,
}

/// One batch, ready to be committed.
pub(super) struct Landed {
    pub seq: i64,
    /// Everything new, refused or not. Empty when the batch brought nothing new.
    pub raw: Vec<RecordBatch>,
    pub standard: RecordBatch,
    pub replaces: Vec<[u8; 16]>,
    pub refused: Vec<QuarantineRow>,
    /// Rows that are here by a correction and that the source delivers now.
    pub confirmed: Vec<[u8; 16]>,
    pub counts: RunCounters,
    pub position: Position,
    pub progress: Progress,
}

impl Landed {
    /// Whether the batch brought anything that is not here yet.
    pub fn is_news(&self) -> bool {
        self.raw_rows() > 0
    }

    pub fn raw_rows(&self) -> u64 {
        self.raw.iter().map(|rows| rows.num_rows() as u64).sum()
    }
}

/// What there is to say when the source is at its end.
pub(super) struct End {
    pub seq: i64,
    pub position: Position,
    pub skipped: u64,
    pub rows_total: Option<u64>,
    pub decisions: Vec<(String, Text)>,
    /// Refused rows that were in quarantine already and still come.
    pub still_refused: HashSet<[u8; 16]>,
    /// Hashes of current rows that the whole delivery lacks, where such rows are to go.
    pub missing: Vec<[u8; 16]>,
    pub passed: Passed,
    /// A run begun at once would get more.
    pub more: bool,
    pub ledger: Ledger,
}

/// Reads a source to its end. Returns early, and quietly, when nobody takes the batches any more.
pub(super) fn read(
    mut source: Box<dyn Source>,
    city: &City,
    resource: &Resource,
    mut ledger: Ledger,
    mut gate: Gate,
    origin: Origin,
    clock: fn() -> Moment,
    out: &mpsc::Sender<Landed>,
) -> Result<End, RunError> {
    let mut table = Table::new(city, resource)?;
    let mut fields: Option<std::sync::Arc<[String]>> = None;
    let mut delivery = None;
    let mut seq = origin.next_seq - 1;
    let mut decisions = Vec::new();
    let mut still_refused = HashSet::new();
    // A table that is read anew, after changes went untold, takes the place of what is here whatever is declared.
    let whole = resource.collect.on_missing == OnMissing::Remove || source.renews();
    let current = if whole { ledger.current()? } else { 0 };
    let mut rows = 0;
    while let Some(batch) = source.next(BATCH_ROWS)? {
        if delivery.is_none() {
            gate.volume(resource, source.progress())?;
        }
        let begins = delivery.replace(source.delivery()) != Some(source.delivery());
        if begins {
            ledger.begin_delivery();
            gate.columns(resource, &batch, &source.decisions())?;
        }
        if fields.as_ref() != Some(&batch.fields) {
            decisions.extend(table.bind(&batch.fields)?);
            fields = Some(batch.fields.clone());
        }
        let mut checked = table.check(&batch);
        let verdicts = decide(&mut ledger, &batch, &mut checked)?;
        if begins {
            gate.values(city, resource, batch.rows(), &checked.refused)?;
        }
        rows += batch.rows() as u64;
        still_refused.extend(refused_again(&checked, &verdicts));
        let stamp = Stamp { system: &origin.system, run: &origin.run, seq: seq + 1, now: clock() };
        let mut landed = settle(&table, resource, &batch, &checked, &verdicts, &stamp)?;
        landed.confirmed = ledger.take_confirmed();
        landed.position = source.position();
        landed.progress = source.progress();
        seq += i64::from(landed.is_news());
        if out.blocking_send(landed).is_err() {
            return Err(RunError::Broken("nobody takes the batches any more".to_owned()));
        }
    }
    gate.rows(resource, rows + source.skipped())?;
    // An empty delivery says nothing about any row; a table that was emptied says it of all.
    let tells = whole && (rows > 0 || source.renews());
    let missing = match tells {
        true => missing(resource, &mut ledger, current, &mut gate, &mut decisions)?,
        false => Vec::new(),
    };
    decisions.extend(source.decisions());
    Ok(End {
        seq,
        position: source.position(),
        skipped: source.skipped(),
        rows_total: source.progress().rows_total,
        decisions: decisions.into_iter().map(told).collect(),
        still_refused,
        missing,
        passed: gate.passed(),
        more: source.more(),
        ledger,
    })
}

/// The current rows that the whole delivery lacks, if they are not too many.
fn missing(resource: &Resource, ledger: &mut Ledger, current: u64, gate: &mut Gate, decisions: &mut Vec<Decision>) -> Result<Vec<[u8; 16]>, RunError> {
    let missing: Vec<[u8; 16]> = ledger.missing()?;
    if !missing.is_empty() && ledger.nameless() > 0 {
        let nameless = ledger.nameless();
        decisions.push(Decision {
            what: "missing".to_owned(),
            about: String::new(),
            chosen: missing.len().to_string(),
            why: Text::new(
                format!("这些行不在本次交付中，但有 {nameless} 行读不出主键，可能正是它们：一行也没有移除。"),
                format!("rows are not in this delivery, but {nameless} rows of it have no readable key and may be these: none was removed"),
            ),
        });
        return Ok(Vec::new());
    }
    gate.removal(resource, missing.len() as u64, current)?;
    Ok(missing)
}

/// A batch that notes the removal of current rows, given their key and `_hash`.
pub(super) fn removal(city: &City, resource: &Resource, rows: &RecordBatch, stamp: &Stamp) -> Result<Landed, RunError> {
    let broken = |e: arrow_schema::ArrowError| RunError::Broken(e.to_string());
    let mut table = Table::new(city, resource)?;
    let count = rows.num_rows();
    let text = |item: &data::declare::Item| -> Result<StringArray, RunError> {
        let Some(column) = rows.column_by_name(&item.name).filter(|_| item.key) else { return Ok(StringArray::new_null(count)) };
        let text = arrow_cast::cast(column, &arrow_schema::DataType::Utf8).map_err(broken)?;
        text.as_string_opt::<i32>().cloned().ok_or_else(|| RunError::Broken(format!("{} is not text", item.name)))
    };
    let known = table.identities(rows)?;
    let batch = RawBatch {
        fields: resource.items.iter().map(|item| item.name.clone()).collect(),
        columns: resource.items.iter().map(text).collect::<Result<_, _>>()?,
        file: "".into(),
        lines: vec![0; count],
        bytes: None,
        faults: Vec::new(),
        removed: (0..count).collect(),
    };
    let restored = Restored { batch, hash: known.iter().map(|row| row.hash).collect() };
    let checked = table.check_restored(&restored)?;
    if known.iter().zip(&checked.key).any(|(row, key)| row.key != *key) {
        return Err(RunError::Broken(format!("standard.{}: a key does not read back as itself", resource.id)));
    }
    let verdicts: Vec<Verdict> = known.iter().map(|row| Verdict::Remove { old_hash: Some(row.hash) }).collect();
    let mut landed = settle(&table, resource, &restored.batch, &checked, &verdicts, stamp)?;
    landed.counts = RunCounters { missing: count as u64, ..RunCounters::default() };
    Ok(landed)
}

/// A batch that takes corrected rows back: those marked as removed leave, the others are written again.
pub(super) fn take_back(table: &mut Table, resource: &Resource, ledger: &mut Ledger, restored: &Restored, stamp: &Stamp) -> Result<Landed, RunError> {
    let mut checked = table.check_restored(restored)?;
    let verdicts = decide_stored(table, ledger, restored, &mut checked)?;
    settle(table, resource, &restored.batch, &checked, &verdicts, stamp)
}

/// Verdicts on records of one file of a raw batch.
fn decide_stored(table: &Table, ledger: &mut Ledger, restored: &Restored, checked: &mut Checked) -> Result<Vec<Verdict>, RunError> {
    let batch = &restored.batch;
    // Without a key no source can name the row that is gone; we can, by its hash.
    if super::undo::is_undo(&batch.file) && !table.keyed() {
        let verdict = |(row, hash): (usize, &[u8; 16])| match batch.is_removed(row) {
            true => Verdict::Remove { old_hash: Some(*hash) },
            false => Verdict::Land,
        };
        return Ok(restored.hash.iter().enumerate().map(verdict).collect());
    }
    ledger.begin_delivery();
    decide(ledger, batch, checked)
}

/// One batch that is whole in itself, with the rows that were refused and why, and all verdicts. Its fields were bound before.
pub(super) fn take(
    table: &Table,
    resource: &Resource,
    ledger: &mut Ledger,
    batch: &RawBatch,
    origin: &Origin,
    now: Moment,
) -> Result<(Landed, Vec<(usize, Vec<Fault>)>, Vec<Verdict>), RunError> {
    let mut checked = table.check(batch);
    let verdicts = decide(ledger, batch, &mut checked)?;
    let stamp = Stamp { system: &origin.system, run: &origin.run, seq: origin.next_seq, now };
    let mut landed = settle(table, resource, batch, &checked, &verdicts, &stamp)?;
    landed.confirmed = ledger.take_confirmed();
    Ok((landed, checked.refused, verdicts))
}

/// The names in a raw batch's `_file`.
pub(super) fn files_of(rows: &RecordBatch) -> HashSet<String> {
    let Some(column) = rows.column_by_name("_file") else { return HashSet::new() };
    let text = |row| arrow_cast::display::array_value_to_string(column, row).ok();
    (0..rows.num_rows()).filter_map(text).collect()
}

/// The rows of one batch together, where they have the same columns.
pub(crate) fn as_one(batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, RunError> {
    let Some(first) = batches.first().map(RecordBatch::schema) else { return Ok(batches) };
    match batches.iter().all(|batch| batch.schema() == first) {
        true => Ok(vec![concat_batches(&first, &batches).map_err(|e| RunError::Broken(e.to_string()))?]),
        false => Ok(batches),
    }
}

/// Makes a batch's standard rows and quarantine once more from what raw has kept of it.
pub(super) fn settle_again(
    raw: &[RecordBatch],
    city: &City,
    resource: &Resource,
    mut ledger: Ledger,
    seq: i64,
    now: Moment,
) -> Result<Landed, RunError> {
    let mut table = Table::new(city, resource)?;
    let mut whole: Option<Landed> = None;
    for rows in raw {
        let (system, run) = provenance(rows);
        for Restored { batch, hash } in from_raw(rows)? {
            let restored = Restored { batch, hash };
            let mut checked = table.check_restored(&restored)?;
            let verdicts = decide_stored(&table, &mut ledger, &restored, &mut checked)?;
            let stamp = Stamp { system: &system, run: &run, seq, now };
            let landed = settle(&table, resource, &restored.batch, &checked, &verdicts, &stamp)?;
            whole = Some(match whole {
                Some(before) => join(before, landed)?,
                None => landed,
            });
        }
    }
    whole.ok_or_else(|| RunError::Broken(format!("raw.{}: batch {seq} is empty", resource.id)))
}

/// Verdicts of the ledger; rows that it refuses get their reason.
pub(crate) fn decide(ledger: &mut Ledger, batch: &RawBatch, checked: &mut Checked) -> Result<Vec<Verdict>, RunError> {
    let verdicts = ledger.decide(batch, checked)?;
    for (row, verdict) in verdicts.iter().enumerate() {
        if let Verdict::Refuse(fault) = verdict {
            checked.refuse(row, (**fault).clone());
        }
    }
    Ok(verdicts)
}

fn refused_again<'a>(checked: &'a Checked, verdicts: &'a [Verdict]) -> impl Iterator<Item = [u8; 16]> + 'a {
    let again = checked.hash.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::RefusedAgain));
    again.map(|(hash, _)| *hash)
}

/// System and run of a raw batch, from its first row.
fn provenance(rows: &RecordBatch) -> (String, String) {
    let first = |name: &str| {
        let column = rows.column_by_name(name)?;
        let text = arrow_cast::display::array_value_to_string(column, 0).ok()?;
        Some(text)
    };
    (first("_system").unwrap_or_default(), first("_run").unwrap_or_default())
}

/// Whose batch it is, and when.
pub(crate) struct Stamp<'a> {
    pub system: &'a str,
    pub run: &'a str,
    pub seq: i64,
    pub now: Moment,
}

/// From verdicts to what each layer gets.
fn settle(
    table: &Table,
    resource: &Resource,
    batch: &RawBatch,
    checked: &Checked,
    verdicts: &[Verdict],
    stamp: &Stamp,
) -> Result<Landed, RunError> {
    let mut counts = RunCounters { source_rows: batch.rows() as u64, ..RunCounters::default() };
    let (mut current, mut others, mut replaces, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut removed_unseen = 0;
    for (row, verdict) in verdicts.iter().enumerate() {
        match verdict {
            Verdict::Land | Verdict::Superseded => counts.landed += 1,
            Verdict::Replace { old_hash } => {
                counts.landed += 1;
                replaces.push(*old_hash);
            }
            Verdict::Remove { old_hash } => {
                counts.removed += 1;
                replaces.extend(old_hash);
            }
            Verdict::Unchanged => counts.unchanged += 1,
            Verdict::Refused | Verdict::Refuse(_) | Verdict::RefusedAgain => counts.quarantined += 1,
        }
        counts.corrected += u64::from(matches!(verdict, Verdict::Replace { .. } | Verdict::Superseded));
        removed_unseen += u64::from(matches!(verdict, Verdict::Remove { old_hash: None }));
        if verdict.is_current() {
            current.push(row);
        } else if verdict.is_stored() {
            others.push(row);
        }
        if verdict.is_stored() && verdict.is_refused() {
            refused.push(row);
        }
    }
    // Each of these has a superseded row in this batch, which was removed and not corrected.
    counts.corrected -= removed_unseen;
    let origin = ::collect::check::Origin { system: stamp.system.to_owned(), run: RunId(stamp.run.to_owned()), batch: stamp.seq };
    let landing = table.land(batch, checked, &current, &others, &origin)?;
    Ok(Landed {
        seq: stamp.seq,
        raw: landing.raw,
        standard: landing.standard,
        replaces,
        confirmed: Vec::new(),
        refused: refused.iter().map(|row| quarantined(resource, batch, checked, *row, stamp)).collect(),
        counts,
        position: Position::default(),
        progress: Progress::default(),
    })
}

pub(crate) fn quarantined(resource: &Resource, batch: &RawBatch, checked: &Checked, row: usize, stamp: &Stamp) -> QuarantineRow {
    let faults = checked.refused.iter().find(|(at, _)| *at == row).map(|(_, faults)| faults.as_slice()).unwrap_or_default();
    let first = faults.first();
    QuarantineRow {
        resource: resource.id.clone(),
        system: stamp.system.to_owned(),
        run: stamp.run.to_owned(),
        batch: stamp.seq,
        row: row as u64,
        file: batch.file.to_string(),
        line: batch.lines.get(row).copied().unwrap_or_default(),
        hash: checked.hash.get(row).copied().unwrap_or_default(),
        bytes: evidence(batch, row),
        faults: serde_json::to_string(faults).unwrap_or_default(),
        time: stamp.now,
        code: first.map(|f| f.code.clone()).unwrap_or_default(),
        item: first.map(|f| f.item.clone()).unwrap_or_default(),
    }
}

/// Two parts of one batch as one. A row of the first that the second replaces never reaches the standard table.
pub(super) fn join(before: Landed, more: Landed) -> Result<Landed, RunError> {
    let broken = |e: arrow_schema::ArrowError| RunError::Broken(e.to_string());
    let concat = |a: &RecordBatch, b: &RecordBatch| concat_batches(&a.schema(), [a, b]).map_err(broken);
    let kept = without(&before.standard, &more.replaces).map_err(broken)?;
    let standard = concat(&kept, &more.standard)?;
    let raw = before.raw.into_iter().chain(more.raw).collect();
    let refused = renumbered(before.refused, more.refused);
    let counts = before.counts.and(more.counts);
    let confirmed = before.confirmed.into_iter().chain(more.confirmed).collect();
    Ok(Landed { raw, standard, replaces: before.replaces.into_iter().chain(more.replaces).collect(), refused, confirmed, counts, ..more })
}

/// The rows whose `_hash` is not among those given.
fn without(rows: &RecordBatch, hashes: &[[u8; 16]]) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let Some(column) = rows.column_by_name("_hash").filter(|_| !hashes.is_empty()) else { return Ok(rows.clone()) };
    let gone: HashSet<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let column = arrow_cast::cast(column, &arrow_schema::DataType::Binary)?;
    let stays = column.as_binary::<i32>().iter().map(|hash| Some(hash.is_none_or(|hash| !gone.contains(hash))));
    filter_record_batch(rows, &stays.collect())
}

/// Refused rows of one batch stand under the number of their row in it: those of the second part go on from the first.
fn renumbered(first: Vec<QuarantineRow>, second: Vec<QuarantineRow>) -> Vec<QuarantineRow> {
    let next = first.iter().map(|row| row.row + 1).max().unwrap_or(0);
    let second = second.into_iter().map(|row| QuarantineRow { row: next + row.row, ..row });
    first.into_iter().chain(second).collect()
}

fn told(decision: Decision) -> (String, Text) {
    let lead = |about: &str| if about.is_empty() { String::new() } else { format!("{about}: ") };
    let text = Text::new(
        format!("{}{}（{}）", lead(&decision.about), decision.chosen, decision.why.zh),
        format!("{}{} ({})", lead(&decision.about), decision.chosen, decision.why.en),
    );
    (decision.what, text)
}
