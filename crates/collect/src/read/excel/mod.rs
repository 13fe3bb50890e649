//! Workbooks (.xls, .xlsx, .xlsb, .ods): one table of a sheet as records. What a cell shows is what counts, exactly.

mod biff;
mod blocks;
mod book;
mod cell;
mod doubts;
mod guard;
mod header;
mod ods;
mod records;
mod sheet;

use super::decide::decision;
use super::input::Input;
use super::listed::Listed;
use super::ReadOptions;
use crate::CollectError;
use crate::source::Decision;

use blocks::{Block, blocks};
use book::Book;
use sheet::Sheet;

pub(crate) use records::SheetRecords;

/// One table of a workbook, found.
struct Found {
    /// As `table` names it: the sheet, and `#2` for the second table on it.
    name: String,
    sheet: Sheet,
    block: Block,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<SheetRecords, CollectError> {
    let mut book = book::open(input)?;
    let found = choose(&mut book, input, options)?;
    let mut decisions = table_decision(&book, &found, input)?;
    decisions.extend(hidden(&book, input.shown()));
    records::open(found, input, options, decisions)
}

/// Every table of every sheet, in order.
pub(crate) fn tables(input: &Input) -> Result<Vec<Listed>, CollectError> {
    let mut book = book::open(input)?;
    let mut all = Vec::new();
    for (name, _) in book.sheets.clone() {
        let sheet = book.read(&name, input)?;
        for (number, block) in blocks(&sheet).iter().enumerate() {
            let rows = u64::from(block.rows.1 - block.rows.0);
            all.push(Listed::new(table_name(&name, number), Some(rows)));
        }
    }
    Ok(all)
}

/// `Sheet1` for its first table, `Sheet1#2` for the second.
fn table_name(sheet: &str, number: usize) -> String {
    match number {
        0 => sheet.to_owned(),
        n => format!("{sheet}#{}", n + 1),
    }
}

/// The table declared, else the first one that is shown and more than a list of notes.
fn choose(book: &mut Book, input: &Input, options: &ReadOptions) -> Result<Found, CollectError> {
    if let Some(wanted) = options.table.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        return named(book, input, wanted, options.header);
    }
    let mut spare: Option<Found> = None;
    let (shown, hidden): (Vec<_>, Vec<_>) = book.sheets.clone().into_iter().partition(|(_, shown)| *shown);
    for (name, shown) in shown.into_iter().chain(hidden) {
        let sheet = book.read(&name, input)?;
        let all = blocks(&sheet);
        let declared = options.header.filter(|h| *h > 0);
        let at = match declared {
            Some(row) => all.iter().position(|b| (b.rows.0 + 1..=b.rows.1 + 1).contains(&row)).unwrap_or(0),
            None => all.iter().position(|b| b.columns.1 > b.columns.0 && b.rows.1 > b.rows.0).unwrap_or(0),
        };
        let Some(block) = all.get(at).cloned() else { continue };
        let table = block.columns.1 > block.columns.0 && block.rows.1 > block.rows.0;
        let found = Found { name: table_name(&name, at), sheet, block };
        if table && shown || declared.is_some() {
            return Ok(found);
        }
        spare.get_or_insert(found);
    }
    spare.ok_or_else(|| CollectError::new("file.empty", input.shown(), "工作簿里没有数据", "there is nothing in the workbook"))
}

/// A table by the name of its sheet, by its title, or by its number in the whole workbook.
fn named(book: &mut Book, input: &Input, wanted: &str, header: Option<u32>) -> Result<Found, CollectError> {
    let sheets: Vec<String> = book.sheets.iter().map(|(name, _)| name.clone()).collect();
    let split = wanted.rsplit_once('#').and_then(|(sheet, n)| Some((sheet.to_owned(), n.parse::<usize>().ok()?.checked_sub(1)?)));
    let by_sheet = sheets.iter().find(|n| n.trim() == wanted).map(|n| (n.clone(), None));
    let by_part = || split.and_then(|(sheet, n)| sheets.iter().find(|s| s.trim() == sheet.trim()).map(|s| (s.clone(), Some(n))));
    if let Some((name, part)) = by_sheet.or_else(by_part) {
        let sheet = book.read(&name, input)?;
        let all = blocks(&sheet);
        let within = |b: &Block| header.is_some_and(|row| (b.rows.0 + 1..=b.rows.1 + 1).contains(&row));
        let at = part.unwrap_or_else(|| all.iter().position(within).unwrap_or(0));
        if let Some(block) = all.get(at).cloned() {
            return Ok(Found { name: table_name(&name, at), sheet, block });
        }
        if all.is_empty() {
            return Err(CollectError::new("file.empty", input.shown(), format!("工作表“{name}”是空的"), format!("the sheet `{name}` is empty")));
        }
    }
    let (mut names, mut count) = (Vec::new(), 0);
    for name in sheets {
        let sheet = book.read(&name, input)?;
        let all = blocks(&sheet);
        let number = wanted.parse::<usize>().ok().and_then(|n| n.checked_sub(count + 1));
        let at = number.filter(|n| *n < all.len()).or_else(|| all.iter().position(|b| b.title == wanted));
        if let Some((at, block)) = at.and_then(|at| Some((at, all.get(at)?.clone()))) {
            return Ok(Found { name: table_name(&name, at), sheet, block });
        }
        count += all.len();
        names.extend((0..all.len().max(1)).map(|n| table_name(&name, n)));
    }
    let list = names.join("、");
    Err(CollectError::new(
        "excel.sheet",
        input.shown(),
        format!("没有名为“{wanted}”的工作表；有：{list}"),
        format!("there is no sheet `{wanted}`; there are: {list}"),
    ))
}

/// Told where there is a choice.
fn table_decision(book: &Book, found: &Found, input: &Input) -> Result<Vec<Decision>, CollectError> {
    let beside = blocks(&found.sheet);
    if book.sheets.len() < 2 && beside.len() < 2 {
        return Ok(Vec::new());
    }
    let (sheet, _) = found.name.rsplit_once('#').unwrap_or((&found.name, ""));
    let mut list: Vec<String> = Vec::new();
    for (name, _) in &book.sheets {
        let here = name == sheet || name == &found.name;
        let count = if here { beside.len().max(1) } else { 1 };
        list.extend((0..count).map(|n| match beside.get(n).filter(|b| here && !b.title.is_empty()) {
            Some(block) => format!("{}（{}）", table_name(name, n), block.title),
            None => table_name(name, n),
        }));
    }
    let list = list.join("、");
    Ok(vec![decision(
        "table",
        input.shown(),
        found.name.clone(),
        format!("工作表（同一张表上的第二个表格记作 #2）有：{list}；用 table 指定其他"),
        format!("the sheets (#2 is the second table on one) are: {list}; name another one with `table`"),
    )])
}

/// What is not shown is read all the same, but told.
fn hidden(book: &Book, about: &str) -> Vec<Decision> {
    let mut told = Vec::new();
    let names: Vec<&str> = book.sheets.iter().filter(|(_, shown)| !shown).map(|(name, _)| name.as_str()).collect();
    if !names.is_empty() {
        let list = names.join("、");
        told.push(decision(
            "hidden_sheets",
            about,
            list.clone(),
            format!("隐藏的工作表：{list}；除非用 table 指定，不读"),
            format!("hidden sheets: {list}; they are read only when `table` names them"),
        ));
    }
    if book.hidden_rows > 0 {
        let n = book.hidden_rows;
        told.push(decision(
            "hidden_rows",
            about,
            n.to_string(),
            format!("工作簿里有 {n} 个隐藏（或被筛掉）的行，照样读入；若不应送达，请让部门删去"),
            format!("{n} rows of the workbook are hidden or filtered out; they are read all the same. Ask for a file without them if they should not be delivered"),
        ));
    }
    told
}
