//! The header of a table on a sheet, whose names may span several columns and stand above one another.

use super::super::shape;
use super::blocks::{Block, LOOK};
use super::sheet::Sheet;

/// Rows that a header may have.
const LEVELS: u32 = 5;

/// The first rows of a table, as the rules for tables of text read them.
pub(super) struct Sample {
    /// The sheet's row of each line, from 0.
    pub numbers: Vec<u32>,
    pub lines: Vec<Vec<String>>,
    /// Rows of the header that were put into one.
    pub levels: usize,
}

impl Sample {
    pub fn take(sheet: &Sheet, block: &Block) -> Sample {
        let (mut numbers, mut lines) = (Vec::new(), Vec::new());
        let mut at = sheet.first_from(block.rows.0);
        while let Some(row) = sheet.row(at).filter(|row| *row <= block.rows.1 && lines.len() < LOOK) {
            let right = if block.beside { block.columns.1 } else { u32::MAX };
            let mut texts = sheet.row_texts(at, block.columns.0, right);
            // A title may stand left of the table that it is above.
            if texts.is_empty() && !block.beside {
                texts.push(sheet.text(at).to_owned());
            }
            if !texts.is_empty() {
                numbers.push(row);
                lines.push(texts);
            }
            at = sheet.row_end(at);
        }
        Sample { numbers, lines, levels: 1 }
    }

    /// Where merged names span columns, each of them gets the name. What spans the whole width is a title, not a name.
    pub fn spread(&mut self, sheet: &Sheet, block: &Block) {
        let (left, right) = block.columns;
        for region in sheet.merged() {
            let (from, to) = region.columns;
            if from == to || from < left || to > right || to - from >= right - left {
                continue;
            }
            for row in region.rows.0..=region.rows.1.min(region.rows.0 + LEVELS) {
                let Ok(line) = self.numbers.binary_search(&row) else { continue };
                let Some(cells) = self.lines.get_mut(line) else { continue };
                let (first, last) = ((from - left) as usize, (to - left) as usize);
                let name = cells.get(first).cloned().unwrap_or_default();
                if cells.len() <= last {
                    cells.resize(last + 1, String::new());
                }
                if let Some(spanned) = cells.get_mut(first..=last) {
                    spanned.fill(name);
                }
            }
        }
    }

    /// How many rows the header has by what is merged in it: names that reach down, and names that others stand under.
    fn levels(&self, sheet: &Sheet, block: &Block, header: usize) -> usize {
        let (left, right) = block.columns;
        let Some(top) = self.numbers.get(header).copied() else { return 1 };
        let mut end = top + 1;
        loop {
            let mut grown = end;
            for region in sheet.merged() {
                let (from, to) = region.columns;
                let within = (top..end).contains(&region.rows.0) && from >= left && to <= right && to - from < right - left;
                if within {
                    let under = u32::from(to > from);
                    grown = grown.max(region.rows.1 + 1 + under).min(top + LEVELS);
                }
            }
            if grown == end {
                break;
            }
            end = grown;
        }
        let levels = self.numbers.iter().skip(header).take_while(|row| **row < end).count();
        if header + levels < self.lines.len() { levels.max(1) } else { 1 }
    }

    /// The first row that fills most of the table's columns.
    fn first_full(&self, block: &Block) -> Option<usize> {
        let width = (block.columns.1 - block.columns.0) as usize + 1;
        let filled = |line: &[String]| line.iter().filter(|c| !c.trim().is_empty()).count();
        self.lines.iter().take(20).position(|line| filled(line) > 1 && filled(line) * 10 >= width * 6)
    }

    /// Puts the header's rows into one: the names of each column from the upper to the lower.
    pub fn join(&mut self, sheet: &Sheet, block: &Block, header: usize) {
        let levels = self.levels(sheet, block, header);
        let upper = self.lines.get(header..header + levels).unwrap_or_default();
        // Merged rows with numbers in them are records.
        if levels < 2 || upper.iter().flatten().any(|cell| cell.trim().parse::<f64>().is_ok()) {
            return;
        }
        let width = upper.iter().map(Vec::len).max().unwrap_or(0);
        let name = |column: usize| {
            let mut parts: Vec<&str> = Vec::new();
            for part in upper.iter().filter_map(|line| line.get(column)).map(|c| c.trim()) {
                if !part.is_empty() && parts.last() != Some(&part) {
                    parts.push(part);
                }
            }
            parts.join(" ")
        };
        let names: Vec<String> = (0..width).map(name).collect();
        self.levels = levels;
        self.lines.splice(header..header + levels, [names]);
        self.numbers.drain(header + 1..header + levels);
    }

    /// The form of the table; `declared` is the header's line, `Some(None)` for "there is none".
    pub fn detect(&mut self, sheet: &Sheet, block: &Block, declared: Option<Option<usize>>) -> shape::Found {
        if declared != Some(None) {
            self.spread(sheet, block);
        }
        match declared {
            Some(Some(line)) => self.join(sheet, block, line),
            Some(None) => {}
            // Names above names say little of themselves: they are put into one before the header is looked for.
            None => {
                if let Some(line) = self.first_full(block) {
                    self.join(sheet, block, line);
                }
            }
        }
        let header = declared.unwrap_or_else(|| shape::detect(&self.lines, None).header);
        shape::detect(&self.lines, Some(header))
    }
}
