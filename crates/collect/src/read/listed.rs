//! Which tables a file holds: members of an archive, sheets, tables of a dump, arrays of a document.

use std::path::Path;

use data::declare::Format;

use super::input::Input;
use super::{ReadOptions, archive, excel, format, json, sniff, sql, xml};
use crate::CollectError;

/// One table of a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// How `table` names it; its place in the list, from 1, names it too.
    pub name: String,
    /// For documents: where its records are, to be declared as `records`.
    pub records: Option<String>,
    /// Its records, where that is known without reading them one by one.
    pub rows: Option<u64>,
}

impl Listed {
    pub(crate) fn new(name: impl Into<String>, rows: Option<u64>) -> Listed {
        Listed { name: name.into(), records: None, rows }
    }
}

/// The tables that a file holds, in its own order. A file that is one table gives one.
pub fn tables(path: &Path, name: &str, options: &ReadOptions) -> Result<Vec<Listed>, CollectError> {
    let outer = sniff::outer(path, name)?;
    if let sniff::Outer::Plain(compression) = outer {
        return of_input(&Input::new(path, name, compression), options, name);
    }
    let entries = archive::entries(path, name, outer)?;
    let members = archive::tables(&entries);
    if members.len() > 1 && options.table.is_none() {
        return Ok(members.iter().map(|e| Listed::new(e.name.clone(), None)).collect());
    }
    let picked = archive::pick(path, name, outer, options.table.as_deref())?;
    match picked.inputs.as_slice() {
        [only] => of_input(only, &ReadOptions { table: None, ..options.clone() }, only.shown()),
        many => Ok(many.iter().map(|input| Listed::new(input.shown(), None)).collect()),
    }
}

fn of_input(input: &Input, options: &ReadOptions, name: &str) -> Result<Vec<Listed>, CollectError> {
    match format(input, options)?.0 {
        Format::Excel => excel::tables(input),
        Format::Json | Format::Geojson => json::tables(input, options),
        Format::Xml => xml::tables(input, options),
        Format::SqlDump => sql::tables(input, options),
        Format::Delimited | Format::Ndjson | Format::Parquet | Format::Arrow | Format::Dbf | Format::Sqlite => Ok(vec![Listed::new(name, None)]),
    }
}

/// The table that a name or a number stands for.
pub(crate) fn find<'l, T>(wanted: &str, list: &'l [T], name: impl Fn(&T) -> &str) -> Option<&'l T> {
    let wanted = wanted.trim();
    list.iter().find(|one| name(one).trim() == wanted).or_else(|| {
        let number: usize = wanted.parse().ok()?;
        list.get(number.checked_sub(1)?)
    })
}
