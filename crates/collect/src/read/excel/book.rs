//! Workbooks of all kinds behind one face: which sheets there are, and one of them read. Sizes are checked before a
//! parser sees the file, because parsers hold what they read in memory.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, Reader, SheetVisible, Xls, Xlsb, Xlsx};

use super::super::input::Input;
use super::ods::Ods;
use super::sheet::{Kind, Merged, Sheet, TooLarge};
use super::{cell, guard};
use crate::CollectError;

/// Merged rectangles that are kept of one sheet.
const MERGED: usize = 100_000;

pub(super) trait Stream: Read + Seek + Send {}
impl<T: Read + Seek + Send> Stream for T {}

enum Kept {
    New(Box<Xlsx<Box<dyn Stream>>>),
    Binary(Box<Xlsb<Box<dyn Stream>>>),
    Old(Box<Xls<Box<dyn Stream>>>),
    Open(Ods),
}

/// A workbook and what it says of its sheets.
pub(crate) struct Book {
    kept: Kept,
    /// Names in order, and whether they are shown.
    pub sheets: Vec<(String, bool)>,
    /// Rows that are not shown, over all sheets; zero where that is not known.
    pub hidden_rows: u64,
}

pub(crate) fn open(input: &Input) -> Result<Book, CollectError> {
    let mut stream = stream(input)?;
    let mut magic = [0; 2];
    stream.read_exact(&mut magic).and_then(|()| stream.rewind()).map_err(|e| input.failure(&e))?;
    if magic != *b"PK" {
        guard::old_book_within_limits(&mut stream, input.shown())?;
        let book = parse(input, || Xls::new(stream))?;
        let sheets = shown(book.sheets_metadata());
        return Ok(Book { kept: Kept::Old(Box::new(book)), sheets, hidden_rows: 0 });
    }
    let told = guard::expands_within_limits(&mut stream, input.shown())?;
    match told.kind {
        guard::Parts::Open => {
            let ods = Ods::open(input)?;
            let (sheets, hidden_rows) = ods.sheets()?;
            Ok(Book { kept: Kept::Open(ods), sheets, hidden_rows })
        }
        guard::Parts::Binary => {
            let book = parse(input, || Xlsb::new(stream))?;
            let sheets = shown(book.sheets_metadata());
            Ok(Book { kept: Kept::Binary(Box::new(book)), sheets, hidden_rows: 0 })
        }
        guard::Parts::New => {
            let book = parse(input, || Xlsx::new(stream))?;
            let sheets = shown(book.sheets_metadata());
            Ok(Book { kept: Kept::New(Box::new(book)), sheets, hidden_rows: told.hidden_rows })
        }
    }
}

fn stream(input: &Input) -> Result<Box<dyn Stream>, CollectError> {
    Ok(if input.is_plain() {
        Box::new(BufReader::new(File::open(input.path()).map_err(|e| input.failure(&e))?))
    } else {
        Box::new(Cursor::new(input.whole()?))
    })
}

fn shown(sheets: &[calamine::Sheet]) -> Vec<(String, bool)> {
    sheets.iter().map(|s| (s.name.clone(), s.visible == SheetVisible::Visible)).collect()
}

/// The parser may also panic on a damaged file; that is the file's fault and must not stop the program.
fn parse<T, E: std::fmt::Display>(input: &Input, work: impl FnOnce() -> Result<T, E>) -> Result<T, CollectError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(broken(input.shown(), &e.to_string())),
        Err(_) => Err(broken(input.shown(), "internal structure")),
    }
}

pub(super) fn broken(name: &str, why: &str) -> CollectError {
    CollectError::new(
        "excel.broken",
        name,
        format!("工作簿无法打开（{why}）；请在 Excel 中打开后另存为 .xlsx"),
        format!("the workbook cannot be opened ({why}); open it in Excel and save it as .xlsx"),
    )
}

impl Book {
    pub fn read(&mut self, name: &str, input: &Input) -> Result<Sheet, CollectError> {
        let mut sheet = Sheet::default();
        let (filled, merged) = match &mut self.kept {
            Kept::New(book) => (parse(input, || fill_new(book, name, &mut sheet))?, merged_new(book, name, input)?),
            Kept::Binary(book) => (parse(input, || fill_binary(book, name, &mut sheet))?, Vec::new()),
            Kept::Old(book) => {
                let filled = parse(input, || fill_old(book, name, &mut sheet))?;
                (filled, book.merge_cells_by_sheet_name(name).unwrap_or_default().iter().take(MERGED).map(region).collect())
            }
            Kept::Open(book) => book.fill(name, &mut sheet)?,
        };
        if filled.is_err() {
            return Err(guard::too_many_cells(input.shown(), name));
        }
        sheet.merge(merged);
        Ok(sheet)
    }
}

fn region(found: &Dimensions) -> Merged {
    Merged { rows: (found.start.0, found.end.0), columns: (found.start.1, found.end.1) }
}

fn merged_new(book: &mut Xlsx<Box<dyn Stream>>, name: &str, input: &Input) -> Result<Vec<Merged>, CollectError> {
    match parse(input, || book.merge_cells_by_sheet_name(name)) {
        Ok(found) => Ok(found.iter().take(MERGED).map(region).collect()),
        // A chart sheet has no cells to merge.
        Err(_) => Ok(Vec::new()),
    }
}

type Filled = Result<(), TooLarge>;

fn fill_new(book: &mut Xlsx<Box<dyn Stream>>, name: &str, sheet: &mut Sheet) -> Result<Filled, calamine::XlsxError> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(Ok(())),
        other => other?,
    };
    while let Some(found) = reader.next_cell()? {
        let (row, column) = found.get_position();
        let value = found.get_value();
        if sheet.push(row, column, kind_ref(value), |text| cell::write_ref(value, text)).is_err() {
            return Ok(Err(TooLarge));
        }
    }
    Ok(Ok(()))
}

fn fill_binary(book: &mut Xlsb<Box<dyn Stream>>, name: &str, sheet: &mut Sheet) -> Result<Filled, calamine::XlsbError> {
    let mut reader = book.worksheet_cells_reader(name)?;
    while let Some(found) = reader.next_cell()? {
        let (row, column) = found.get_position();
        let value = found.get_value();
        if sheet.push(row, column, kind_ref(value), |text| cell::write_ref(value, text)).is_err() {
            return Ok(Err(TooLarge));
        }
    }
    Ok(Ok(()))
}

fn fill_old(book: &mut Xls<Box<dyn Stream>>, name: &str, sheet: &mut Sheet) -> Result<Filled, calamine::XlsError> {
    let range = book.worksheet_range(name)?;
    let (top, left) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let (row, column) = (top + row as u32, left + column as u32);
        if sheet.push(row, column, kind(value), |text| cell::write(value, text)).is_err() {
            return Ok(Err(TooLarge));
        }
    }
    Ok(Ok(()))
}

fn kind(value: &Data) -> Kind {
    match value {
        Data::Int(_) | Data::Float(_) => Kind::Number,
        Data::DateTime(moment) if !moment.is_duration() => Kind::Date,
        Data::DateTimeIso(_) => Kind::Date,
        Data::Error(_) => Kind::Error,
        _ => Kind::Text,
    }
}

fn kind_ref(value: &DataRef<'_>) -> Kind {
    match value {
        DataRef::Int(_) | DataRef::Float(_) => Kind::Number,
        DataRef::DateTime(moment) if !moment.is_duration() => Kind::Date,
        DataRef::DateTimeIso(_) => Kind::Date,
        DataRef::Error(_) => Kind::Error,
        _ => Kind::Text,
    }
}
