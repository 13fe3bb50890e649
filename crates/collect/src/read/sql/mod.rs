//! SQL dumps: the rows of one table's INSERT statements. The dump is read, never executed.

mod lexer;
mod statement;

use std::sync::Arc;

use super::decide::decision;
use super::input::Input;
use super::rows::{Rows, fault, unique_names};
use super::{ReadOptions, Records, encoding, limits};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

use lexer::{Lexer, Stop};
use statement::{Event, next, tuple};

/// Tables that are counted one by one.
const TABLES: usize = 10_000;

/// What the first pass found out about one table.
#[derive(Default)]
struct Counted {
    name: String,
    columns: Vec<String>,
    rows: u64,
}

pub(crate) struct DumpRecords {
    lexer: Lexer,
    table: String,
    /// Of CREATE TABLE; an INSERT without names follows them.
    columns: Vec<String>,
    /// Where each of the present INSERT's values goes; `None` between statements.
    places: Option<Vec<usize>>,
    rows: Rows,
    fields: Vec<String>,
    shown: String,
    total: u64,
    decisions: Vec<Decision>,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<DumpRecords, CollectError> {
    let mut lexer = lexer(input, options)?;
    let (tables, copies) = count(&mut lexer).map_err(|stop| failure(input.shown(), lexer.line, stop))?;
    let table = choose(input, &tables, copies, options.table.as_deref())?;
    let mut decisions = Vec::new();
    if tables.len() > 1 {
        let list: Vec<String> = tables.iter().take(30).map(|t| format!("{} ({})", t.name, t.rows)).collect();
        let list = list.join("、");
        decisions.push(decision(
            "table",
            input.shown(),
            table.name.clone(),
            format!("转储里有 {} 个表（行数）：{list}；用 table 指定其他", tables.len()),
            format!("the dump has {} tables (rows): {list}; name another one with `table`", tables.len()),
        ));
    }
    let shown = format!("{}#{}", input.shown(), table.name);
    let fields = unique_names(table.columns.iter().map(String::as_str));
    Ok(DumpRecords {
        lexer: self::lexer(input, options)?,
        table: table.name.clone(),
        columns: table.columns.clone(),
        places: None,
        rows: Rows::new(Arc::from(shown.as_str()), fields.clone().into(), true),
        fields,
        shown,
        total: table.rows,
        decisions,
    })
}

fn lexer(input: &Input, options: &ReadOptions) -> Result<Lexer, CollectError> {
    let mut source = input.open()?;
    let head = encoding::sample(&mut *source, limits::SAMPLE).map_err(|e| input.failure(&e))?;
    let coded = encoding::choose(options.encoding.as_deref(), &head, input.shown())?;
    let body = head.get(coded.bom..).unwrap_or_default().to_vec();
    // PostgreSQL and SQLite write backslashes as they are.
    let standard = [&b"standard_conforming_strings = on"[..], b"PRAGMA foreign_keys", b"PostgreSQL database dump"];
    let backslash = !standard.iter().any(|mark| memchr::memmem::find(&body, mark).is_some());
    Ok(Lexer::new(Box::new(encoding::Utf8Stream::new(coded.encoding, body, source)), backslash))
}

/// The first pass: which tables there are, their columns and rows.
fn count(lexer: &mut Lexer) -> Result<(Vec<Counted>, usize), Stop> {
    let (mut tables, mut copies) = (Vec::<Counted>::new(), 0);
    let mut named = std::collections::HashMap::new();
    loop {
        let (name, columns, insert) = match next(lexer)? {
            Event::Table(name, columns) => (name, columns, false),
            Event::Insert(name, columns) => (name, columns, true),
            Event::Copy => {
                copies += 1;
                lexer.skip_statement()?;
                continue;
            }
            Event::End => return Ok((tables, copies)),
        };
        let at = *named.entry(name.clone()).or_insert(tables.len());
        if at == tables.len() {
            if at == TABLES {
                return Err(Stop::TooLarge);
            }
            tables.push(Counted { name, ..Counted::default() });
        }
        let Some(table) = tables.get_mut(at) else {
            continue;
        };
        for column in columns {
            if !table.columns.contains(&column) {
                table.columns.push(column);
            }
        }
        while insert && let Some(found) = tuple(lexer, table.columns.is_empty())? {
            table.rows += 1;
            if table.columns.is_empty() {
                table.columns = (1..=found.cells.len()).map(|n| format!("column_{n}")).collect();
            }
        }
    }
}

fn choose<'t>(input: &Input, tables: &'t [Counted], copies: usize, wanted: Option<&str>) -> Result<&'t Counted, CollectError> {
    let list = tables.iter().map(|t| t.name.as_str()).take(30).collect::<Vec<_>>().join("、");
    if let Some(wanted) = wanted {
        if let Some(table) = tables.iter().find(|t| t.name.eq_ignore_ascii_case(wanted)) {
            return Ok(table);
        }
        if input.is_plain() {
            return Err(CollectError::new(
                "sql.table",
                input.shown(),
                format!("转储里没有表“{wanted}”；有：{list}"),
                format!("the dump has no table `{wanted}`; it has: {list}"),
            ));
        }
    }
    match tables.iter().max_by_key(|t| t.rows) {
        Some(table) if table.rows > 0 => Ok(table),
        _ if copies > 0 => Err(CollectError::new(
            "sql.copy",
            input.shown(),
            "这是用 COPY 写的 PostgreSQL 转储；请用 pg_dump --inserts 重新导出，或直接连接数据库",
            "a PostgreSQL dump written with COPY; export it with pg_dump --inserts, or connect to the database",
        )),
        _ => Err(CollectError::new(
            "sql.no_rows",
            input.shown(),
            format!("转储里没有 INSERT 数据（只有结构？）；表：{list}"),
            format!("there are no INSERT rows in the dump (only the structure?); tables: {list}"),
        )),
    }
}

fn failure(name: &str, line: u64, stop: Stop) -> CollectError {
    match stop {
        Stop::Io(e) => super::input::failure(name, &e),
        Stop::CutOff => CollectError::new(
            "sql.cut_off",
            name,
            format!("转储在第 {line} 行中断（引号或括号没有闭合）；请让部门重新导出"),
            format!("the dump breaks off at line {line} (a quote or bracket is open); ask for a new export"),
        ),
        Stop::TooLarge => CollectError::new(
            "sql.too_large",
            name,
            format!("第 {line} 行附近有一行数据超过 16 MiB，或表太多；请核对引号"),
            format!("near line {line} one row is over 16 MiB, or there are too many tables; check the quotes"),
        ),
    }
}

impl DumpRecords {
    /// Goes to the table's next INSERT; false at the end of the dump.
    fn enter(&mut self) -> Result<bool, Stop> {
        loop {
            match next(&mut self.lexer)? {
                Event::Insert(name, columns) if name == self.table => {
                    let names = if columns.is_empty() { &self.columns } else { &columns };
                    let place = |name: &String| self.columns.iter().position(|c| c == name);
                    self.places = Some(names.iter().filter_map(place).collect());
                    return Ok(true);
                }
                Event::Insert(..) | Event::Copy => self.lexer.skip_statement()?,
                Event::Table(..) => {}
                Event::End => return Ok(false),
            }
        }
    }

    fn fill(&mut self, max_rows: usize) -> Result<(), Stop> {
        while !self.rows.is_full(max_rows) {
            if self.places.is_none() && !self.enter()? {
                return Ok(());
            }
            let Some(found) = tuple(&mut self.lexer, true)? else {
                self.places = None;
                continue;
            };
            let places = self.places.as_deref().unwrap_or_default();
            let (n, m) = (places.len(), found.cells.len());
            if n != m {
                let shown = String::from_utf8_lossy(&found.raw);
                let ragged = fault(
                    "row.fields",
                    &shown,
                    format!("应有 {n} 个值，实有 {m} 个"),
                    format!("expected {n} values, found {m}"),
                );
                self.rows.refused(found.line, &found.raw, ragged);
                continue;
            }
            let mut cells = vec![None; self.fields.len()];
            for (place, cell) in places.iter().zip(&found.cells) {
                if let Some(slot) = cells.get_mut(*place) {
                    *slot = cell.as_deref();
                }
            }
            self.rows.record(found.line, &found.raw, cells);
        }
        Ok(())
    }
}

impl Records for DumpRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        let filled = self.fill(max_rows);
        match (self.rows.finish(), filled) {
            (Some(batch), _) => Ok(Some(batch)),
            (None, Ok(())) => Ok(None),
            (None, Err(stop)) => Err(failure(&self.shown, self.lexer.line, stop)),
        }
    }

    fn decisions(&self) -> Vec<Decision> {
        self.decisions.clone()
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions { table: Some(self.table.clone()), ..ReadOptions::default() }
    }

    fn rows_total(&self) -> Option<u64> {
        Some(self.total)
    }
}
