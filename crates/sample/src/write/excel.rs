//! Workbooks as offices send them: a title above the header, dates as real dates.

use std::path::{Path, PathBuf};

use data::declare::Kind;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

use super::{fields, Cells, Damage, Field, Sink};
use crate::error::SampleError;
use crate::spec::Table;

pub struct Sheet {
    book: Workbook,
    path: PathBuf,
    fields: Vec<Field>,
    date: Format,
    row: u32,
}

impl Sheet {
    pub fn create(table: &Table, header: u32, path: &Path) -> Result<Sheet, SampleError> {
        let failed = SampleError::format;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(SampleError::file(folder))?;
        }
        let mut book = Workbook::new();
        // A fixed time, so that the same seed gives the same bytes.
        let made = ExcelDateTime::from_ymd(2026, 11, 20).map_err(failed(path))?;
        book.set_properties(&DocProperties::new().set_author(table.office).set_creation_datetime(&made));
        let sheet = book.add_worksheet_with_constant_memory().map_err(failed(path))?;
        sheet.set_name("数据").map_err(failed(path))?;
        sheet.write_string(0, 0, format!("宁波市{}（2026年11月）", table.title)).map_err(failed(path))?;
        if header > 2 {
            sheet.write_string(1, 0, format!("填报单位：{}　填报日期：2026年11月20日", table.office)).map_err(failed(path))?;
        }
        for (place, column) in (0u16..).zip(&table.columns) {
            sheet.write_string(header - 1, place, column.source).map_err(failed(path))?;
        }
        Ok(Sheet { book, path: path.to_owned(), fields: fields(table), date: Format::new().set_num_format("yyyy-mm-dd"), row: header })
    }
}

impl Sink for Sheet {
    fn write(&mut self, cells: &Cells, _damage: Damage) -> Result<u64, SampleError> {
        let sheet = self.book.worksheet_from_index(0).map_err(SampleError::format(&self.path))?;
        for (position, (place, field)) in (0u16..).zip(&self.fields).enumerate() {
            let value = cells.get(position);
            let written = if value.is_empty() {
                continue;
            } else if let (true, Ok(number)) = (field.numeric, value.parse::<f64>()) {
                sheet.write_number(self.row, place, number)
            } else if let Some(date) = (field.kind == Kind::Date).then(|| real_date(value)).flatten() {
                sheet.write_datetime_with_format(self.row, place, &date, &self.date)
            } else {
                sheet.write_string(self.row, place, value)
            };
            written.map_err(SampleError::format(&self.path))?;
        }
        self.row += 1;
        Ok(u64::from(self.row))
    }

    fn finish(mut self: Box<Self>) -> Result<(), SampleError> {
        self.book.save(&self.path).map_err(SampleError::format(&self.path))
    }
}

/// A date in ISO form from 1900 on; anything else stays text.
fn real_date(value: &str) -> Option<ExcelDateTime> {
    let mut parts = value.split('-').map(str::parse::<u16>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let day_of = crate::calendar::day_of(i32::from(year), u32::from(month), u32::from(day));
    let real = crate::calendar::civil(day_of) == (i32::from(year), u32::from(month), u32::from(day));
    if real && year >= 1901 { ExcelDateTime::from_ymd(year, month as u8, day as u8).ok() } else { None }
}
