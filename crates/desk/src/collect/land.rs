//! The reading side of a run, on a thread of its own: read, check, decide what is new, and hand over what lands.

use std::collections::HashSet;

use ::collect::check::{Checked, Restored, Table, evidence, from_raw};
use ::collect::source::Decision;
use ::collect::{Ledger, Position, Progress, RawBatch, Source, Verdict};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use data::City;
use data::declare::Resource;
use data::standard::Fault;
use kernel::{Moment, RunId, Text};
use store::quarantine::QuarantineRow;
use store::run::RunCounters;
use tokio::sync::mpsc;

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
    pub ledger: Ledger,
}

/// Reads a source to its end. Returns early, and quietly, when nobody takes the batches any more.
pub(super) fn read(
    mut source: Box<dyn Source>,
    city: &City,
    resource: &Resource,
    mut ledger: Ledger,
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
    while let Some(batch) = source.next(BATCH_ROWS)? {
        if fields.as_ref() != Some(&batch.fields) {
            decisions.extend(table.bind(&batch.fields)?);
            fields = Some(batch.fields.clone());
        }
        if delivery.replace(source.delivery()) != Some(source.delivery()) {
            ledger.begin_delivery();
        }
        let mut checked = table.check(&batch);
        let verdicts = decide(&mut ledger, &batch, &mut checked)?;
        still_refused.extend(refused_again(&checked, &verdicts));
        let stamp = Stamp { system: &origin.system, run: &origin.run, seq: seq + 1, now: clock() };
        let mut landed = settle(&table, resource, &batch, &checked, &verdicts, &stamp)?;
        landed.position = source.position();
        landed.progress = source.progress();
        seq += i64::from(landed.is_news());
        if out.blocking_send(landed).is_err() {
            break;
        }
    }
    decisions.extend(source.decisions());
    Ok(End {
        seq,
        position: source.position(),
        skipped: source.skipped(),
        rows_total: source.progress().rows_total,
        decisions: decisions.into_iter().map(told).collect(),
        still_refused,
        ledger,
    })
}

/// One batch that is whole in itself, with the rows that were refused and why. Its fields were bound before.
pub(super) fn take(
    table: &Table,
    resource: &Resource,
    ledger: &mut Ledger,
    batch: &RawBatch,
    origin: &Origin,
    now: Moment,
) -> Result<(Landed, Vec<(usize, Vec<Fault>)>), RunError> {
    let mut checked = table.check(batch);
    let verdicts = decide(ledger, batch, &mut checked)?;
    let stamp = Stamp { system: &origin.system, run: &origin.run, seq: origin.next_seq, now };
    let landed = settle(table, resource, batch, &checked, &verdicts, &stamp)?;
    Ok((landed, checked.refused))
}

/// The names in a raw batch's `_file`.
pub(super) fn files_of(rows: &RecordBatch) -> HashSet<String> {
    let Some(column) = rows.column_by_name("_file") else { return HashSet::new() };
    let text = |row| arrow_cast::display::array_value_to_string(column, row).ok();
    (0..rows.num_rows()).filter_map(text).collect()
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
            ledger.begin_delivery();
            let verdicts = decide(&mut ledger, &restored.batch, &mut checked)?;
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
fn decide(ledger: &mut Ledger, batch: &RawBatch, checked: &mut Checked) -> Result<Vec<Verdict>, RunError> {
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

struct Stamp<'a> {
    system: &'a str,
    run: &'a str,
    seq: i64,
    now: Moment,
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
        refused: refused.iter().map(|row| quarantined(resource, batch, checked, *row, stamp)).collect(),
        counts,
        position: Position::default(),
        progress: Progress::default(),
    })
}

fn quarantined(resource: &Resource, batch: &RawBatch, checked: &Checked, row: usize, stamp: &Stamp) -> QuarantineRow {
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
    Ok(Landed { raw, standard, replaces: before.replaces.into_iter().chain(more.replaces).collect(), refused, counts, ..more })
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
