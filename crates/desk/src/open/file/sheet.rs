//! A workbook with one sheet: texts stay texts, numbers are numbers.

use std::path::{Path, PathBuf};

use kernel::Text;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serving::{Kind, Value};

use super::Rows;
use crate::open::live::OpenColumn;
use crate::{Answer, DeskError, internal};

/// Rows of a sheet, its header among them.
const ROWS: u32 = 1_048_576;
/// Characters of a cell.
const CHARACTERS: usize = 32_767;
/// Whole numbers that a spreadsheet holds without losing digits.
const EXACT: i64 = 1 << 53;

pub(super) struct Sheet {
    book: Workbook,
    path: PathBuf,
    kinds: Vec<Kind>,
    text: Format,
    row: u32,
}

impl Sheet {
    pub fn begin(path: &Path, columns: &[OpenColumn]) -> Answer<Sheet> {
        let mut book = Workbook::new();
        header(&mut book, columns).map_err(internal)?;
        Ok(Sheet { book, path: path.to_owned(), kinds: columns.iter().map(|column| column.kind).collect(), text: Format::new().set_num_format("@"), row: 0 })
    }
}

impl Rows for Sheet {
    fn row(&mut self, row: &[Value]) -> Answer<()> {
        self.row += 1;
        if self.row >= ROWS {
            let text = Text::new("行数超过工作表的上限，请下载 CSV。", "More rows than a sheet can have: take the CSV file.");
            return Err(DeskError::Invalid(text));
        }
        let sheet = self.book.worksheet_from_index(0).map_err(internal)?;
        for ((place, value), kind) in (0u16..).zip(row).zip(&self.kinds) {
            let number = match (kind, value) {
                (_, Value::Null) => continue,
                (Kind::Number, Value::Number(number)) if number.is_finite() => Some(*number),
                (Kind::Integer, Value::Integer(number)) if number.abs() <= EXACT => Some(*number as f64),
                (Kind::Decimal { .. }, Value::Decimal { units, .. }) if units.abs() <= EXACT => value.text().parse().ok(),
                _ => None,
            };
            match (number, value) {
                (Some(number), _) => sheet.write_number(self.row, place, number),
                (None, Value::Boolean(yes)) => sheet.write_boolean(self.row, place, *yes),
                (None, value) => {
                    let text: String = value.text().chars().take(CHARACTERS).collect();
                    sheet.write_string_with_format(self.row, place, text, &self.text)
                }
            }
            .map_err(internal)?;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>) -> Answer<()> {
        self.book.save(&self.path).map_err(internal)
    }
}

/// The names of the columns, which stay in sight.
fn header(book: &mut Workbook, columns: &[OpenColumn]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_freeze_panes(1, 0)?;
    for (place, column) in (0u16..).zip(columns) {
        sheet.write_string_with_format(0, place, &column.name, &bold)?;
    }
    Ok(())
}
