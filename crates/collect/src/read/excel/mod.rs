//! Workbooks (.xls, .xlsx): one sheet as a table. Sizes are checked before the parser sees the file, because it
//! holds sheets in memory.

mod biff;
mod cell;
mod guard;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{Reader, Xls, Xlsx};

use super::decide::decision;
use super::input::Input;
use super::rows::Rows;
use super::shape::{self, Shape, Verdict};
use super::text::too_wide;
use super::{ReadOptions, Records, limits};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

/// Rows looked at for the header.
const HEADER_LOOK: usize = 500;

/// A sheet's filled cells in the order of rows and columns, their texts in one place.
#[derive(Default)]
pub(crate) struct Sheet {
    text: String,
    /// Row, column (both from 0), where the text ends.
    cells: Vec<(u32, u32, u32)>,
}

impl Sheet {
    /// Keeps one cell; an error when the sheet outgrows its limits.
    fn push(&mut self, row: u32, column: u32, write: impl FnOnce(&mut String)) -> Result<(), TooLarge> {
        let before = self.text.len();
        write(&mut self.text);
        if self.text.len() == before {
            return Ok(());
        }
        if self.cells.len() >= limits::CELLS || self.text.len() > limits::SHEET_TEXT {
            return Err(TooLarge);
        }
        self.cells.push((row, column, u32::try_from(self.text.len()).map_err(|_| TooLarge)?));
        Ok(())
    }

    fn cell(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|i| self.cells.get(i)).map_or(0, |c| c.2 as usize);
        self.cells.get(index).and_then(|c| self.text.get(start..c.2 as usize)).unwrap_or_default()
    }
}

pub(crate) struct TooLarge;

trait Stream: Read + Seek + Send {}
impl<T: Read + Seek + Send> Stream for T {}

/// A workbook of either kind.
enum Book {
    New(Box<Xlsx<Box<dyn Stream>>>),
    Old(Box<Xls<Box<dyn Stream>>>),
}

pub(crate) struct SheetRecords {
    sheet: Sheet,
    /// Index of the next cell.
    at: usize,
    shape: Shape,
    rows: Rows,
    decisions: Vec<Decision>,
    chosen: ReadOptions,
}

pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<SheetRecords, CollectError> {
    let mut book = open_book(input)?;
    let names = book.sheets();
    let (name, sheet) = choose_sheet(&mut book, &names, input, options.table.as_deref())?;
    let about = format!("{}#{name}", input.shown());
    let mut decisions = Vec::new();
    if names.len() > 1 {
        let list = names.join("、");
        decisions.push(decision(
            "table",
            input.shown(),
            name.clone(),
            format!("工作表有：{list}；用 table 指定其他"),
            format!("the sheets are: {list}; name another one with `table`"),
        ));
    }
    let (numbers, sample) = sample(&sheet);
    let header = match options.header {
        None => None,
        Some(0) => Some(None),
        Some(row) => Some(Some(numbers.iter().position(|n| *n + 1 == row).ok_or_else(|| {
            CollectError::new(
                "excel.header",
                about.clone(),
                format!("声明的表头在第 {row} 行，但该行是空的；请更正 header"),
                format!("the header is declared on row {row}, which is empty; correct `header`"),
            )
        })?)),
    };
    let found = shape::detect(&sample, header);
    if found.shape.fields.len() > limits::FIELDS {
        return Err(too_wide(&about, found.shape.fields.len()));
    }
    let row = found.header.and_then(|h| numbers.get(h)).map_or(0, |n| n + 1);
    decisions.push(match row {
        0 => decision("header", &about, "0", "没有表头", "there is no header"),
        n if n > 1 => decision(
            "header",
            &about,
            n.to_string(),
            format!("前 {} 行是标题", n - 1),
            format!("the first {} rows are titles", n - 1),
        ),
        n => decision("header", &about, n.to_string(), "第一行是各列名称", "the first row names the columns"),
    });
    let first = numbers.get(found.first).copied().unwrap_or(u32::MAX);
    let at = sheet.cells.partition_point(|c| c.0 < first);
    let chosen = ReadOptions { header: Some(row), table: Some(name), ..ReadOptions::default() };
    let rows = Rows::new(Arc::from(about.as_str()), found.shape.fields.clone(), true);
    Ok(SheetRecords { sheet, at, shape: found.shape, rows, decisions, chosen })
}

/// The first filled rows as cells, with their row numbers from 0.
fn sample(sheet: &Sheet) -> (Vec<u32>, Vec<Vec<String>>) {
    let (mut numbers, mut rows) = (Vec::new(), Vec::<Vec<String>>::new());
    for (index, (row, column, _)) in sheet.cells.iter().enumerate() {
        if numbers.last() != Some(row) {
            if numbers.len() == HEADER_LOOK {
                break;
            }
            numbers.push(*row);
            rows.push(Vec::new());
        }
        if let Some(cells) = rows.last_mut() {
            cells.resize(*column as usize, String::new());
            cells.push(sheet.cell(index).to_owned());
        }
    }
    (numbers, rows)
}

fn open_book(input: &Input) -> Result<Book, CollectError> {
    let mut stream: Box<dyn Stream> = if input.is_plain() {
        Box::new(BufReader::new(File::open(input.path()).map_err(|e| input.failure(&e))?))
    } else {
        Box::new(Cursor::new(input.whole()?))
    };
    let mut magic = [0; 2];
    stream.read_exact(&mut magic).and_then(|()| stream.rewind()).map_err(|e| input.failure(&e))?;
    if magic == *b"PK" {
        guard::expands_within_limits(&mut stream, input.shown())?;
        parse(input, || Xlsx::new(stream)).map(|b| Book::New(Box::new(b)))
    } else {
        guard::old_book_within_limits(&mut stream, input.shown())?;
        parse(input, || Xls::new(stream)).map(|b| Book::Old(Box::new(b)))
    }
}

/// The parser may also panic on a damaged file; that is the file's fault and must not stop the program.
fn parse<T, E: std::fmt::Display>(input: &Input, work: impl FnOnce() -> Result<T, E>) -> Result<T, CollectError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(broken(input, &e.to_string())),
        Err(_) => Err(broken(input, "internal structure")),
    }
}

fn broken(input: &Input, why: &str) -> CollectError {
    CollectError::new(
        "excel.broken",
        input.shown(),
        format!("工作簿无法打开（{why}）；请在 Excel 中打开后另存为 .xlsx"),
        format!("the workbook cannot be opened ({why}); open it in Excel and save it as .xlsx"),
    )
}

impl Book {
    fn sheets(&self) -> Vec<String> {
        match self {
            Book::New(book) => book.sheet_names(),
            Book::Old(book) => book.sheet_names(),
        }
    }

    fn read(&mut self, name: &str, input: &Input) -> Result<Sheet, CollectError> {
        let mut sheet = Sheet::default();
        let filled = match self {
            Book::New(book) => parse(input, || fill_new(book, name, &mut sheet))?,
            Book::Old(book) => parse(input, || fill_old(book, name, &mut sheet))?,
        };
        match filled {
            Ok(()) => Ok(sheet),
            Err(TooLarge) => Err(guard::too_many_cells(input.shown(), name)),
        }
    }
}

fn fill_new(book: &mut Xlsx<Box<dyn Stream>>, name: &str, sheet: &mut Sheet) -> Result<Result<(), TooLarge>, calamine::XlsxError> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(Ok(())),
        other => other?,
    };
    let mut last = None;
    let mut sorted = true;
    while let Some(found) = reader.next_cell()? {
        let place = found.get_position();
        sorted &= last.is_none_or(|before| before < place);
        last = Some(place);
        if sheet.push(place.0, place.1, |text| cell::write_ref(found.get_value(), text)).is_err() || !sorted {
            return Ok(Err(TooLarge));
        }
    }
    Ok(Ok(()))
}

fn fill_old(book: &mut Xls<Box<dyn Stream>>, name: &str, sheet: &mut Sheet) -> Result<Result<(), TooLarge>, calamine::XlsError> {
    let range = book.worksheet_range(name)?;
    let (top, left) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let (row, column) = (top + row as u32, left + column as u32);
        if sheet.push(row, column, |text| cell::write(value, text)).is_err() {
            return Ok(Err(TooLarge));
        }
    }
    Ok(Ok(()))
}

/// The sheet declared, else the first one with anything in it.
fn choose_sheet(book: &mut Book, names: &[String], input: &Input, wanted: Option<&str>) -> Result<(String, Sheet), CollectError> {
    if let Some(wanted) = wanted {
        // With an archive around it, `table` may have named the member.
        if let Some(name) = names.iter().find(|n| n.trim() == wanted.trim()) {
            return Ok((name.clone(), book.read(name, input)?));
        }
        if input.is_plain() {
            let list = names.join("、");
            return Err(CollectError::new(
                "excel.sheet",
                input.shown(),
                format!("没有名为“{wanted}”的工作表；有：{list}"),
                format!("there is no sheet `{wanted}`; there are: {list}"),
            ));
        }
    }
    for name in names {
        let sheet = book.read(name, input)?;
        if !sheet.cells.is_empty() {
            return Ok((name.clone(), sheet));
        }
    }
    Err(CollectError::new("file.empty", input.shown(), "工作簿里没有数据", "there is nothing in the workbook"))
}

impl SheetRecords {
    /// Takes the cells of the next filled row: its number from 0 and their range.
    fn next_row(&mut self) -> Option<(u32, std::ops::Range<usize>)> {
        let (row, ..) = *self.sheet.cells.get(self.at)?;
        let rest = self.sheet.cells.get(self.at..)?;
        let length = rest.iter().take_while(|c| c.0 == row).count();
        let start = self.at;
        self.at += length;
        Some((row, start..self.at))
    }
}

/// A refused row has no fields to show it by, so its cells are kept as a JSON array.
fn as_json<'a>(width: usize, cell: impl Fn(usize) -> &'a str) -> Vec<u8> {
    let cells: Vec<&str> = (0..width).map(cell).collect();
    serde_json::to_vec(&cells).unwrap_or_default()
}

impl Records for SheetRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        let mut places: Vec<Option<usize>> = Vec::new();
        while !self.rows.is_full(max_rows) {
            let Some((row, range)) = self.next_row() else {
                break;
            };
            places.clear();
            places.resize(self.shape.fields.len(), None);
            for index in range {
                let column = self.sheet.cells.get(index).map_or(0, |c| c.1 as usize);
                if column >= places.len() {
                    places.resize(column + 1, None);
                }
                if let Some(place) = places.get_mut(column) {
                    *place = Some(index);
                }
            }
            let sheet = &self.sheet;
            let cell = |i: usize| places.get(i).copied().flatten().map_or("", |index| sheet.cell(index));
            let line = u64::from(row) + 1;
            match self.shape.judge(places.len(), false, cell) {
                Verdict::Blank => {}
                Verdict::Refused(fault) => self.rows.refused(line, &as_json(places.len(), cell), fault),
                Verdict::Record => {
                    self.rows.record(line, &[], places.iter().map(|p| p.map(|index| sheet.cell(index))));
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
}
