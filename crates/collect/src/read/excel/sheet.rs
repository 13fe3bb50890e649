//! A sheet in memory: its filled cells, what kind each is, and which are merged.

use std::collections::BTreeMap;

use super::super::limits;

/// What a cell holds, as far as it matters for doubts about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Date,
    Error,
}

#[derive(Clone, Copy)]
struct Cell {
    row: u32,
    column: u32,
    /// Where the text ends; it begins where the one before ends.
    end: u32,
    kind: Kind,
}

/// A rectangle of merged cells, its corners included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    pub rows: (u32, u32),
    pub columns: (u32, u32),
}

/// A sheet's filled cells in the order of rows and columns, their texts in one place.
#[derive(Default)]
pub(crate) struct Sheet {
    text: String,
    cells: Vec<Cell>,
    merged: Vec<Merged>,
    /// Cells that a merged one covers below it: row → (column, index of the cell that is shown).
    covered: BTreeMap<u32, Vec<(u32, usize)>>,
}

pub(crate) struct TooLarge;

impl Sheet {
    /// Keeps one cell; an error when the sheet outgrows its limits or the cells are out of order.
    pub fn push(&mut self, row: u32, column: u32, kind: Kind, write: impl FnOnce(&mut String)) -> Result<(), TooLarge> {
        let before = self.text.len();
        write(&mut self.text);
        if self.text.len() == before {
            return Ok(());
        }
        let ordered = self.cells.last().is_none_or(|last| (last.row, last.column) < (row, column));
        if !ordered || self.cells.len() >= limits::CELLS || self.text.len() > limits::SHEET_TEXT {
            return Err(TooLarge);
        }
        let end = u32::try_from(self.text.len()).map_err(|_| TooLarge)?;
        self.cells.push(Cell { row, column, end, kind });
        Ok(())
    }

    pub fn text(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|i| self.cells.get(i)).map_or(0, |c| c.end as usize);
        self.cells.get(index).and_then(|c| self.text.get(start..c.end as usize)).unwrap_or_default()
    }

    pub fn kind(&self, index: usize) -> Kind {
        self.cells.get(index).map_or(Kind::Text, |c| c.kind)
    }

    pub fn row(&self, index: usize) -> Option<u32> {
        self.cells.get(index).map(|c| c.row)
    }

    pub fn column(&self, index: usize) -> u32 {
        self.cells.get(index).map_or(0, |c| c.column)
    }

    /// The first cell of a row or of one behind it.
    pub fn first_from(&self, row: u32) -> usize {
        self.cells.partition_point(|c| c.row < row)
    }

    /// Where the cells of the row that begins at `index` end.
    pub fn row_end(&self, index: usize) -> usize {
        let row = self.row(index);
        let rest = self.cells.get(index..).unwrap_or_default();
        index + rest.iter().take_while(|c| Some(c.row) == row).count()
    }

    /// Keeps what is merged. What a merged cell shows belongs to every row that it spans.
    pub fn merge(&mut self, merged: Vec<Merged>) {
        let mut room = limits::CELLS.saturating_sub(self.cells.len());
        for region in &merged {
            let (top, bottom) = region.rows;
            let Some(index) = self.find(top, region.columns.0).filter(|_| bottom > top) else { continue };
            for row in top + 1..=bottom {
                if room == 0 || self.cells.last().is_none_or(|last| row > last.row) {
                    break;
                }
                room -= 1;
                self.covered.entry(row).or_default().push((region.columns.0, index));
            }
        }
        self.merged = merged;
    }

    fn find(&self, row: u32, column: u32) -> Option<usize> {
        self.cells.binary_search_by_key(&(row, column), |c| (c.row, c.column)).ok()
    }

    /// The cells that merged ones above cover in a row.
    pub fn covered(&self, row: u32) -> &[(u32, usize)] {
        self.covered.get(&row).map_or(&[], Vec::as_slice)
    }

    pub fn covers(&self) -> bool {
        !self.covered.is_empty()
    }

    pub fn merged(&self) -> &[Merged] {
        &self.merged
    }

    /// The row with `index` as its first cell, from column `left` on, as texts by column; merged cells show theirs.
    pub fn row_texts(&self, index: usize, left: u32, right: u32) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let mut put = |column: u32, text: &str| {
            if (left..=right).contains(&column) {
                let at = (column - left) as usize;
                if texts.len() <= at {
                    texts.resize(at + 1, String::new());
                }
                if let Some(slot) = texts.get_mut(at) {
                    text.clone_into(slot);
                }
            }
        };
        for (column, covered) in self.row(index).map_or(&[][..], |row| self.covered(row)) {
            put(*column, self.text(*covered));
        }
        for at in index..self.row_end(index) {
            put(self.column(at), self.text(at));
        }
        texts
    }
}
