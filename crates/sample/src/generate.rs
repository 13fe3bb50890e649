//! The generator: all tables of all systems, two at a time, always the same bytes for the same seed.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::catalogue::departments::{reach, Reach};
use crate::error::SampleError;
use crate::fill::{planned, Filled, Filler};
use crate::spec::Table;
use crate::world::World;
use crate::write::Database;

/// How much to make, and which of the possible cities.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// 1 is about three million rows; 0.01 is enough for tests. Above 0, at most 100.
    pub scale: f64,
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { scale: 1.0, seed: 2026 }
    }
}

/// One table was finished.
#[derive(Clone, Debug)]
pub struct Progress {
    pub table: &'static str,
    /// Rows made so far, and about how many there will be.
    pub rows: u64,
    pub rows_total: u64,
    /// Tables finished and tables in all.
    pub done: usize,
    pub of: usize,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Rows in all, duplicates and corrections included.
    pub rows: u64,
    /// Rows by resource.
    pub tables: BTreeMap<&'static str, u64>,
    /// Rows planted to be refused, and values that are only spelt otherwise.
    pub refusable: u64,
    pub variants: u64,
}

/// Writes `out/<system>/…`, `out/api/<system>/…` and `out/truth/…`. Files of the same names are replaced.
pub fn generate(out: &Path, options: &Options, progress: &dyn Fn(Progress)) -> Result<Summary, SampleError> {
    run(out, options, 2, progress)
}

/// A piece of work for one thread: the tables of one database, or one table with files of its own.
type Piece = Vec<usize>;

pub(crate) fn run(out: &Path, options: &Options, threads: usize, progress: &dyn Fn(Progress)) -> Result<Summary, SampleError> {
    if !(options.scale > 0.0 && options.scale <= 100.0) {
        return Err(SampleError::Scale(options.scale));
    }
    let world = World::new(options.seed, options.scale);
    let tables = crate::tables::all();
    let pieces = pieces(&tables, options.scale);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let filled = std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, next, pieces, tables, world) = (sender.clone(), &next, &pieces, &tables, &world);
            scope.spawn(move || {
                while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let work = fill(piece, tables, world, options.scale, out, &|number, filled| {
                        // The receiver is gone once another thread failed: this one then ends too.
                        sender.send(Ok((number, filled))).is_ok()
                    });
                    if let Err(error) = work {
                        let _ = sender.send(Err(error));
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut filled: BTreeMap<usize, Filled> = BTreeMap::new();
        let rows_total = tables.iter().map(|table| planned(table, options.scale)).sum();
        let mut rows = 0;
        for message in receiver {
            let (number, table): (usize, Filled) = message?;
            let name = tables.get(number).map_or("", |table| table.id);
            rows += table.rows;
            filled.insert(number, table);
            progress(Progress { table: name, rows, rows_total, done: filled.len(), of: tables.len() });
        }
        Ok(filled)
    })?;
    truth(out, &tables, &filled)?;
    Ok(summary(&tables, &filled))
}

/// Largest first, so that the threads end together.
fn pieces(tables: &[Table], scale: f64) -> Vec<Piece> {
    let mut databases: BTreeMap<&str, Piece> = BTreeMap::new();
    let mut pieces: Vec<Piece> = Vec::new();
    for (number, table) in tables.iter().enumerate() {
        match reach(table.system) {
            Reach::Sqlite => databases.entry(table.system).or_default().push(number),
            Reach::Files | Reach::Http => pieces.push(vec![number]),
        }
    }
    pieces.extend(databases.into_values());
    let size = |piece: &Piece| -> u64 { piece.iter().filter_map(|number| tables.get(*number)).map(|table| planned(table, scale)).sum() };
    pieces.sort_by_key(|piece| std::cmp::Reverse(size(piece)));
    pieces
}

fn fill(
    piece: &Piece,
    tables: &[Table],
    world: &World,
    scale: f64,
    out: &Path,
    done: &dyn Fn(usize, Filled) -> bool,
) -> Result<(), SampleError> {
    let mut database = None;
    for number in piece {
        let Some(table) = tables.get(*number) else { continue };
        if database.is_none() && reach(table.system) == Reach::Sqlite {
            let path = out.join(table.system).join(format!("{}.db", table.system));
            database = Some(Database::create(&path)?);
        }
        let filled = Filler::new(world, table, scale, out)?.fill(out, database.as_ref())?;
        if !done(*number, filled) {
            return Ok(());
        }
    }
    Ok(())
}

/// `truth/defects.csv`: everything that was planted, in the order of the catalogue.
fn truth(out: &Path, tables: &[Table], filled: &BTreeMap<usize, Filled>) -> Result<(), SampleError> {
    let path = out.join("truth/defects.csv");
    let mut text = String::from("system,resource,file,line,key,item,kind,refusable,found,truth\n");
    for (number, filled) in filled {
        let Some(table) = tables.get(*number) else { continue };
        for defect in &filled.defects {
            let refusable = if defect.refusable { "yes" } else { "no" };
            let cells = [
                table.system, table.id, &defect.file, &defect.line.to_string(), &defect.key, defect.item, defect.kind, refusable, &defect.found, &defect.truth,
            ];
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
    let mut file = std::fs::File::create(&path).map_err(SampleError::file(&path))?;
    file.write_all(text.as_bytes()).map_err(SampleError::file(&path))
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn summary(tables: &[Table], filled: &BTreeMap<usize, Filled>) -> Summary {
    let mut summary = Summary::default();
    for (number, filled) in filled {
        summary.rows += filled.rows;
        summary.refusable += filled.defects.iter().filter(|defect| defect.refusable).count() as u64;
        summary.variants += filled.defects.iter().filter(|defect| !defect.refusable).count() as u64;
        if let Some(table) = tables.get(*number) {
            summary.tables.insert(table.id, filled.rows);
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One thread and four give the same rows and the same truth.
    #[test]
    fn the_number_of_threads_changes_nothing() {
        let options = Options { scale: 0.004, seed: 3 };
        let made: Vec<(Summary, Vec<u8>)> = [1, 4]
            .into_iter()
            .filter_map(|threads| {
                let folder = tempfile::tempdir().ok()?;
                let summary = run(folder.path(), &options, threads, &|_| {}).ok()?;
                Some((summary, std::fs::read(folder.path().join("truth/defects.csv")).ok()?))
            })
            .collect();
        let [(one, defects_one), (four, defects_four)] = &made[..] else { panic!("both cities are made") };
        assert_eq!(one.tables, four.tables);
        assert!(defects_one == defects_four);
    }
}
