//! The rows of one table on a sheet as records.

use std::sync::Arc;

use super::super::decide::decision;
use super::super::input::Input;
use super::super::rows::Rows;
use super::super::shape::{self, Shape, Verdict};
use super::super::text::too_wide;
use super::super::{ReadOptions, Records, limits};
use super::blocks::Block;
use super::header::Sample;
use super::sheet::Sheet;
use super::{Found, doubts};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

pub(crate) struct SheetRecords {
    sheet: Sheet,
    block: Block,
    /// Index of the next cell.
    at: usize,
    shape: Shape,
    /// The title that records stand under, where there are such.
    section: Option<String>,
    rows: Rows,
    header: Option<Vec<String>>,
    /// Cells of the batch's refused rows.
    torn: Vec<(usize, Vec<String>)>,
    decisions: Vec<Decision>,
    chosen: ReadOptions,
}

pub(super) fn open(found: Found, input: &Input, options: &ReadOptions, mut decisions: Vec<Decision>) -> Result<SheetRecords, CollectError> {
    let Found { name, sheet, block } = found;
    let about = format!("{}#{name}", input.shown());
    let mut sample = Sample::take(&sheet, &block);
    let declared = declared_header(&sample, options.header, &about)?;
    let mut form = sample.detect(&sheet, &block, declared);
    if form.shape.fields.len() > limits::FIELDS {
        return Err(too_wide(&about, form.shape.fields.len()));
    }
    let row = form.header.and_then(|h| sample.numbers.get(h)).map_or(0, |n| n + 1);
    let first = sample.numbers.get(form.first).copied().unwrap_or(u32::MAX);
    decisions.push(header_decision(&about, row, sample.levels));
    let at = sheet.first_from(first);
    let body: Vec<&[String]> = sample.lines.iter().skip(form.first).map(Vec::as_slice).collect();
    let sections = form.shape.look_for_sections(&body);
    let mut fields = form.shape.fields.to_vec();
    if sections {
        fields.push(shape::SECTION.to_owned());
        decisions.push(decision(
            "sections",
            &about,
            shape::SECTION,
            "数据行之间有小标题行；每条记录所属的小标题放在字段 ^.section",
            "titles stand between the records; the one that a record stands under is its field ^.section",
        ));
    }
    if sheet.covers() {
        decisions.push(decision(
            "merged_cells",
            &about,
            "",
            "有跨行合并的单元格；其内容属于所跨的每一行",
            "cells are merged over several rows; what they show belongs to each of the rows",
        ));
    }
    let end = sheet.first_from(block.rows.1.saturating_add(1));
    decisions.extend(doubts::look(&sheet, at..end, block.columns, &form.shape.fields, &about));
    let header = form.header.map(|_| form.names.into_iter().chain(sections.then(|| shape::SECTION.to_owned())).collect());
    let chosen = ReadOptions { header: Some(row), table: Some(name), ..ReadOptions::default() };
    let rows = Rows::new(Arc::from(about.as_str()), fields.into(), true);
    let section = sections.then(String::new);
    Ok(SheetRecords { sheet, block, at, shape: form.shape, section, rows, header, torn: Vec::new(), decisions, chosen })
}

/// The line of the sample that is the declared row.
fn declared_header(sample: &Sample, declared: Option<u32>, about: &str) -> Result<Option<Option<usize>>, CollectError> {
    match declared {
        None => Ok(None),
        Some(0) => Ok(Some(None)),
        Some(row) => match sample.numbers.iter().position(|n| *n + 1 == row) {
            Some(line) => Ok(Some(Some(line))),
            None => Err(CollectError::new(
                "excel.header",
                about,
                format!("声明的表头在第 {row} 行，但该行是空的；请更正 header"),
                format!("the header is declared on row {row}, which is empty; correct `header`"),
            )),
        },
    }
}

fn header_decision(about: &str, row: u32, levels: usize) -> Decision {
    let many = if levels > 1 { (format!("，共 {levels} 行，逐级连成列名"), format!("; it has {levels} rows, joined into one name")) } else { (String::new(), String::new()) };
    match row {
        0 => decision("header", about, "0", "没有表头", "there is no header"),
        1 => decision(
            "header",
            about,
            "1",
            format!("第一行是各列名称{}", many.0),
            format!("the first row names the columns{}", many.1),
        ),
        n => decision(
            "header",
            about,
            n.to_string(),
            format!("前 {} 行是标题{}", n - 1, many.0),
            format!("the first {} rows are titles{}", n - 1, many.1),
        ),
    }
}

/// A refused row has no fields to show it by, so its cells are kept as a JSON array.
fn as_json<'a>(width: usize, cell: impl Fn(usize) -> &'a str) -> Vec<u8> {
    let cells: Vec<&str> = (0..width).map(cell).collect();
    serde_json::to_vec(&cells).unwrap_or_default()
}

impl SheetRecords {
    /// Takes the cells of the next row: its number from 0, and for each column the index of its cell.
    fn next_row(&mut self, places: &mut Vec<Option<usize>>) -> Option<u32> {
        let row = self.sheet.row(self.at).filter(|row| *row <= self.block.rows.1)?;
        let end = self.sheet.row_end(self.at);
        places.clear();
        places.resize(self.shape.fields.len(), None);
        for (column, index) in self.sheet.covered(row) {
            self.place(*column, *index, places);
        }
        for index in self.at..end {
            self.place(self.sheet.column(index), index, places);
        }
        self.at = end;
        Some(row)
    }

    fn place(&self, column: u32, index: usize, places: &mut Vec<Option<usize>>) {
        let (left, right) = self.block.columns;
        if self.block.beside && !(left..=right).contains(&column) {
            return;
        }
        // A note may stand left of the table; it takes the first place.
        let at = column.saturating_sub(left) as usize;
        if at >= places.len() {
            places.resize(at + 1, None);
        }
        if let Some(place) = places.get_mut(at) {
            *place = Some(index);
        }
    }
}

impl Records for SheetRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        self.torn.clear();
        let mut places: Vec<Option<usize>> = Vec::new();
        while !self.rows.is_full(max_rows) {
            let Some(row) = self.next_row(&mut places) else {
                break;
            };
            let sheet = &self.sheet;
            let cell = |i: usize| places.get(i).copied().flatten().map_or("", |index| sheet.text(index));
            let line = u64::from(row) + 1;
            match self.shape.judge(places.len(), false, cell) {
                Verdict::Blank => {}
                Verdict::Refused(fault) => {
                    if fault.code == "row.section" && self.section.is_some() {
                        self.section = Some(cell(0).trim().to_owned());
                    } else if fault.code == "row.fields" {
                        self.torn.push((self.rows.len(), (0..places.len()).map(|i| cell(i).to_owned()).collect()));
                    }
                    self.rows.refused(line, &as_json(places.len(), cell), fault);
                }
                Verdict::Record => {
                    let width = self.shape.fields.len();
                    let cells = places.iter().map(|p| p.map(|index| sheet.text(index)));
                    match &self.section {
                        None => self.rows.record(line, &[], cells),
                        Some(section) => self.rows.record(line, &[], cells.take(width).chain([Some(section.as_str()).filter(|s| !s.is_empty())])),
                    }
                }
            }
        }
        Ok(self.rows.finish())
    }

    fn decisions(&self) -> Vec<Decision> {
        self.decisions.clone()
    }

    fn chosen(&self) -> ReadOptions {
        self.chosen.clone()
    }

    fn header(&self) -> Option<Vec<String>> {
        self.header.clone()
    }

    fn torn(&self) -> &[(usize, Vec<String>)] {
        &self.torn
    }
}
