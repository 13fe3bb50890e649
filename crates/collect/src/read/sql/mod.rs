//! SQL dumps: the rows of one table's INSERT statements or COPY blocks. The dump is read, never executed.

mod lexer;
mod statement;

use std::sync::Arc;

use super::decide::decision;
use super::input::Input;
use super::rows::{Rows, fault, unique_names};
use super::listed::{self, Listed};
use super::{Known, ReadOptions, Records, encoding, limits};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

use lexer::{Lexer, Stop};
use statement::{Definition, Event, copy_row, next, tuple};

/// What the first pass found out about one table.
#[derive(Default)]
struct Counted {
    name: String,
    told: Definition,
    rows: u64,
}

pub(crate) struct DumpRecords {
    lexer: Lexer,
    table: String,
    /// Of CREATE TABLE; an INSERT without names follows them.
    columns: Vec<String>,
    /// Where each of the present statement's values goes; `None` between statements.
    places: Option<Vec<usize>>,
    /// The present statement is a COPY.
    copying: bool,
    known: Vec<Known>,
    rows: Rows,
    fields: Vec<String>,
    shown: String,
    total: u64,
    decisions: Vec<Decision>,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<DumpRecords, CollectError> {
    let mut lexer = lexer(input, options)?;
    let (tables, foreign) = count(&mut lexer).map_err(|stop| failure(input.shown(), lexer.line, stop))?;
    let table = choose(input, &tables, foreign, options.table.as_deref())?;
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
    let fields = unique_names(table.told.columns.iter().map(String::as_str));
    let known = fields.iter().zip(&table.told.columns).map(|(field, column)| known(field, column, &table.told)).collect();
    Ok(DumpRecords {
        lexer: self::lexer(input, options)?,
        table: table.name.clone(),
        columns: table.told.columns.clone(),
        places: None,
        copying: false,
        known,
        rows: Rows::new(Arc::from(shown.as_str()), fields.clone().into(), true),
        fields,
        shown,
        total: table.rows,
        decisions,
    })
}

/// The tables that have rows.
pub(crate) fn tables(input: &Input, options: &ReadOptions) -> Result<Vec<Listed>, CollectError> {
    let mut lexer = lexer(input, options)?;
    let (tables, _) = count(&mut lexer).map_err(|stop| failure(input.shown(), lexer.line, stop))?;
    Ok(tables.into_iter().filter(|t| t.rows > 0).map(|t| Listed::new(t.name, Some(t.rows))).collect())
}

/// What the definition says of a column.
fn known(field: &str, column: &str, told: &Definition) -> Known {
    let title = told.titles.iter().find(|(name, _)| name == column).map(|(_, title)| title.trim().to_owned());
    Known { field: field.to_owned(), title: title.filter(|t| !t.is_empty()), key: told.key.iter().any(|k| k == column) }
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

/// The first pass: which tables there are, their columns and rows, and how many are in a form that is not read.
fn count(lexer: &mut Lexer) -> Result<(Vec<Counted>, usize), Stop> {
    let (mut tables, mut foreign) = (Vec::<Counted>::new(), 0);
    let mut named = std::collections::HashMap::new();
    loop {
        let event = next(lexer)?;
        let name = match &event {
            Event::Table(name, _) | Event::Insert(name, _) | Event::Copy(name, _) | Event::Comment(name, ..) => name.clone(),
            Event::Foreign => {
                foreign += 1;
                while copy_row(lexer)?.is_some() {}
                continue;
            }
            Event::End => return Ok((tables, foreign)),
        };
        let at = *named.entry(name.clone()).or_insert(tables.len());
        if at == tables.len() {
            if at == limits::TABLES {
                return Err(Stop::TooLarge);
            }
            tables.push(Counted { name, ..Counted::default() });
        }
        if let Some(table) = tables.get_mut(at) {
            table.take(event, lexer)?;
        }
    }
}

impl Counted {
    /// Takes what one statement says, and counts its rows.
    fn take(&mut self, event: Event, lexer: &mut Lexer) -> Result<(), Stop> {
        match event {
            Event::Table(_, told) => {
                self.add_columns(told.columns);
                self.told.titles.extend(told.titles);
                self.told.key.extend(told.key);
            }
            Event::Comment(_, column, text) => self.told.titles.push((column, text)),
            Event::Copy(_, columns) => {
                self.add_columns(columns);
                while let Some(row) = copy_row(lexer)? {
                    self.counted(row.cells.len());
                }
            }
            Event::Insert(_, columns) => {
                self.add_columns(columns);
                while let Some(row) = tuple(lexer, self.told.columns.is_empty())? {
                    self.counted(row.cells.len());
                }
            }
            Event::Foreign | Event::End => {}
        }
        Ok(())
    }

    fn add_columns(&mut self, columns: Vec<String>) {
        for column in columns {
            if !self.told.columns.contains(&column) {
                self.told.columns.push(column);
            }
        }
    }

    fn counted(&mut self, cells: usize) {
        self.rows += 1;
        if self.told.columns.is_empty() {
            self.told.columns = (1..=cells).map(|n| format!("column_{n}")).collect();
        }
    }
}

fn choose<'t>(input: &Input, tables: &'t [Counted], foreign: usize, wanted: Option<&str>) -> Result<&'t Counted, CollectError> {
    let list = tables.iter().map(|t| t.name.as_str()).take(30).collect::<Vec<_>>().join("、");
    if let Some(wanted) = wanted {
        let filled: Vec<&Counted> = tables.iter().filter(|t| t.rows > 0).collect();
        let named = tables.iter().find(|t| t.name.eq_ignore_ascii_case(wanted));
        return named.or_else(|| listed::find(wanted, &filled, |t| t.name.as_str()).copied()).ok_or_else(|| {
            CollectError::new(
                "sql.table",
                input.shown(),
                format!("转储里没有表“{wanted}”；有：{list}"),
                format!("the dump has no table `{wanted}`; it has: {list}"),
            )
        });
    }
    match tables.iter().max_by_key(|t| t.rows) {
        Some(table) if table.rows > 0 => Ok(table),
        _ if foreign > 0 => Err(CollectError::new(
            "sql.copy",
            input.shown(),
            "转储里的 COPY 用了 CSV 或二进制格式；请用 pg_dump 按默认格式重新导出，或直接连接数据库",
            "the dump's COPY is in CSV or binary form; export it with pg_dump as it comes, or connect to the database",
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
            format!("第 {line} 行附近有一行数据超过 16 MiB 或 10,000 个值，或表太多；请核对引号"),
            format!("near line {line} one row is over 16 MiB or 10,000 values, or there are too many tables; check the quotes"),
        ),
    }
}

impl DumpRecords {
    /// Goes to the table's next statement with rows; false at the end of the dump.
    fn enter(&mut self) -> Result<bool, Stop> {
        loop {
            let (columns, copying) = match next(&mut self.lexer)? {
                Event::Insert(name, columns) if name == self.table => (columns, false),
                Event::Copy(name, columns) if name == self.table => (columns, true),
                Event::Insert(..) => {
                    self.lexer.skip_statement()?;
                    continue;
                }
                Event::Copy(..) | Event::Foreign => {
                    while copy_row(&mut self.lexer)?.is_some() {}
                    continue;
                }
                Event::Table(..) | Event::Comment(..) => continue,
                Event::End => return Ok(false),
            };
            let names = if columns.is_empty() { &self.columns } else { &columns };
            let place = |name: &String| self.columns.iter().position(|c| c == name);
            self.places = Some(names.iter().filter_map(place).collect());
            self.copying = copying;
            return Ok(true);
        }
    }

    fn fill(&mut self, max_rows: usize) -> Result<(), Stop> {
        while !self.rows.is_full(max_rows) {
            if self.places.is_none() && !self.enter()? {
                return Ok(());
            }
            let found = if self.copying { copy_row(&mut self.lexer)? } else { tuple(&mut self.lexer, true)? };
            let Some(found) = found else {
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

    fn known(&self) -> Vec<Known> {
        self.known.clone()
    }
}
