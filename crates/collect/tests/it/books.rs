//! Workbooks as departments make them: merged headers, several tables, sections, cells that a program has changed.

use std::io::Write;
use std::path::PathBuf;

use collect::read::{ReadOptions, tables};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::load::{Loaded, load};

fn table(name: &str) -> ReadOptions {
    ReadOptions { table: Some(name.to_owned()), ..ReadOptions::default() }
}

struct Book {
    folder: tempfile::TempDir,
    book: Workbook,
}

impl Book {
    fn new() -> Book {
        Book { folder: tempfile::tempdir().unwrap(), book: Workbook::new() }
    }

    fn save(mut self) -> (tempfile::TempDir, PathBuf) {
        let path = self.folder.path().join("表.xlsx");
        self.book.save(&path).unwrap();
        (self.folder, path)
    }
}

fn rows(loaded: &Loaded) -> Vec<Vec<&str>> {
    loaded.rows.iter().map(|r| r.iter().map(|c| c.as_deref().unwrap_or("∅")).collect()).collect()
}

fn fill(sheet: &mut rust_xlsxwriter::Worksheet, top: u32, left: u16, lines: &[&[&str]]) {
    for (row, line) in (top..).zip(lines) {
        for (column, cell) in (left..).zip(*line) {
            if !cell.is_empty() {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
}

#[test]
fn merged_headers_become_names_level_by_level() {
    let mut book = Book::new();
    let plain = Format::new();
    let sheet = book.book.add_worksheet();
    sheet.merge_range(0, 0, 0, 5, "某区人口情况", &plain).unwrap();
    sheet.merge_range(1, 0, 3, 0, "区划", &plain).unwrap();
    sheet.merge_range(1, 1, 1, 4, "人口（人）", &plain).unwrap();
    sheet.merge_range(2, 1, 2, 2, "户籍", &plain).unwrap();
    sheet.merge_range(2, 3, 2, 4, "流动", &plain).unwrap();
    fill(sheet, 3, 1, &[&["男", "女", "男", "女"]]);
    sheet.merge_range(1, 5, 3, 5, "备注", &plain).unwrap();
    sheet.merge_range(4, 0, 5, 0, "海曙区", &plain).unwrap();
    for (row, n) in [(4, 1.0), (5, 2.0), (6, 3.0), (7, 4.0)] {
        for column in 1..5 {
            sheet.write_number(row, column, n).unwrap();
        }
    }
    fill(sheet, 6, 0, &[&["江北区"], &["镇海区"]]);
    let (_folder, path) = book.save();
    let found = load(&path, &ReadOptions::default()).unwrap();
    assert_eq!(found.fields, ["区划", "人口（人） 户籍 男", "人口（人） 户籍 女", "人口（人） 流动 男", "人口（人） 流动 女", "备注"]);
    assert_eq!(found.decided("header"), "2");
    // A cell merged over two rows belongs to both.
    assert_eq!(rows(&found)[1], ["海曙区", "2", "2", "2", "2", "∅"]);
    assert_eq!((rows(&found)[2][0], found.lines[0], found.faults.len()), ("江北区", 5, 0));
    assert!(found.decisions.iter().any(|d| d.what == "merged_cells"));
}

#[test]
fn several_tables_on_one_sheet_and_several_sheets() {
    let mut book = Book::new();
    let sheet = book.book.add_worksheet().set_name("封面").unwrap();
    sheet.write_string(0, 0, "统计资料").unwrap();
    let sheet = book.book.add_worksheet().set_name("数据").unwrap();
    fill(sheet, 0, 0, &[&["表一 学校"], &["代码", "名称"], &["007", "甲校"], &["008", "乙校"]]);
    fill(sheet, 5, 1, &[&["表二 医院"], &["编号", "床位", "地址"]]);
    for (row, beds) in [(7, 10.5), (8, 20.0)] {
        sheet.write_string(row, 1, format!("h{row}")).unwrap();
        sheet.write_number(row, 2, beds).unwrap();
        sheet.write_string(row, 3, "中山路").unwrap();
    }
    fill(sheet, 11, 0, &[&["姓名", "分数", "", "姓名", "分数"], &["丁", "1", "", "戊", "2"], &["己", "3"]]);
    let sheet = book.book.add_worksheet().set_name("旧").unwrap();
    sheet.set_hidden(true);
    fill(sheet, 0, 0, &[&["a", "b"], &["1", "2"]]);
    let (_folder, path) = book.save();
    let list: Vec<String> = tables(&path, "表.xlsx", &ReadOptions::default()).unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(list, ["封面", "数据", "数据#2", "数据#3", "数据#4", "旧"]);
    let first = load(&path, &ReadOptions::default()).unwrap();
    assert_eq!((first.decided("table"), first.decided("hidden_sheets"), first.fields.as_slice()), ("数据", "旧", &["代码".to_owned(), "名称".into()][..]));
    assert_eq!(rows(&first), [["007", "甲校"], ["008", "乙校"]]);
    for name in ["数据#2", "3", "表二 医院"] {
        let second = load(&path, &table(name)).unwrap();
        assert_eq!(second.fields, ["编号", "床位", "地址"]);
        assert_eq!(rows(&second), [["h7", "10.5", "中山路"], ["h8", "20", "中山路"]]);
    }
    assert_eq!(rows(&load(&path, &table("数据#3")).unwrap()), [["丁", "1"], ["己", "3"]]);
    assert_eq!(rows(&load(&path, &table("数据#4")).unwrap()), [["戊", "2"]]);
    assert_eq!(rows(&load(&path, &table("旧")).unwrap()), [["1", "2"]]);
    assert_eq!(load(&path, &table("无此表")).unwrap_err().code, "excel.sheet");
}

#[test]
fn sections_are_a_field_of_the_records_under_them() {
    let mut book = Book::new();
    let plain = Format::new();
    let sheet = book.book.add_worksheet();
    sheet.merge_range(0, 0, 0, 3, "高校名单", &plain).unwrap();
    fill(sheet, 1, 0, &[&["序号", "名称", "代码", "备注"]]);
    for (row, section) in [(2, "北京市（2所）"), (5, "天津市（2所）")] {
        sheet.merge_range(row, 0, row, 3, section, &plain).unwrap();
        for n in 1..=2u32 {
            sheet.write_number(row + n, 0, f64::from(n)).unwrap();
            sheet.write_string(row + n, 1, format!("学校{row}{n}")).unwrap();
            sheet.write_number(row + n, 2, 4_111_010_001.0 + f64::from(n)).unwrap();
        }
    }
    let (_folder, path) = book.save();
    let found = load(&path, &ReadOptions::default()).unwrap();
    assert_eq!(found.fields, ["序号", "名称", "代码", "备注", "^.section"]);
    assert_eq!((found.good(), found.count("row.section")), (4, 2));
    let row = found.find("名称", "学校52");
    assert_eq!(rows(&found)[row], ["2", "学校52", "4111010003", "∅", "天津市（2所）"]);
}

#[test]
fn what_a_program_did_to_cells_is_told_and_left() {
    let mut book = Book::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = book.book.add_worksheet();
    fill(sheet, 0, 0, &[&["年龄组", "人数", "登记日期", "证号", "率"]]);
    for row in 1..=12u32 {
        match row {
            1 => sheet.write_datetime_with_format(row, 0, ExcelDateTime::from_ymd(2025, 1, 5).unwrap(), &day).unwrap(),
            _ => sheet.write_string(row, 0, format!("{}-{}", row * 5 + 1, row * 5 + 5)).unwrap(),
        };
        match row {
            3 => sheet.write_datetime_with_format(row, 1, ExcelDateTime::from_ymd(1900, 2, 1).unwrap(), &day).unwrap(),
            _ => sheet.write_number(row, 1, f64::from(row)).unwrap(),
        };
        match row {
            4 => sheet.write_number(row, 2, 45_000.0).unwrap(),
            _ => sheet.write_datetime_with_format(row, 2, ExcelDateTime::from_ymd(2025, 3, 4).unwrap(), &day).unwrap(),
        };
        sheet.write_number(row, 3, 330_203_199_001_011_200.0).unwrap();
        match row {
            5 => sheet.write_formula(row, 4, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap(),
            _ => sheet.write_number(row, 4, 0.1 * f64::from(row)).unwrap(),
        };
    }
    sheet.set_row_hidden(6).unwrap();
    let (_folder, path) = book.save();
    let found = load(&path, &ReadOptions::default()).unwrap();
    let told = |what: &str| found.decisions.iter().find(|d| d.what == what).unwrap_or_else(|| panic!("{what}: {:?}", found.decisions));
    assert_eq!((rows(&found)[0][0], rows(&found)[1][0]), ("2025-01-05", "11-15"));
    assert!(told("dates_from_ranges").why.zh.contains("A2 = 2025-01-05"));
    assert!(told("dates_among_numbers").why.en.contains("B4"));
    assert!(told("numbers_among_dates").why.en.contains("C5 = 45000"));
    assert_eq!((rows(&found)[3][2], told("hidden_rows").chosen.as_str()), ("45000", "1"));
    assert_eq!(told("lost_digits").chosen, "证号 × 12");
    // Exactly what the cell holds, in the shortest form that gives the same number again.
    assert_eq!((rows(&found)[2][4], rows(&found)[0][4]), ("0.30000000000000004", "0.1"));
}

fn ods(content: &str) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content),
        ("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest=\"m\"/>"),
    ] {
        out.start_file(name, options).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> String {
    format!("<?xml version=\"1.0\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet><table:table table:name=\"表\">{rows}</table:table><table:table table:name=\"空\"><table:table-row/></table:table></office:spreadsheet></office:body></office:document-content>")
}

#[test]
fn open_document_spreadsheets_are_exact_and_bounded() {
    let text = |t: &str| format!("<table:table-cell office:value-type=\"string\"><text:p>{t}</text:p></table:table-cell>");
    let content = sheet(&format!(
        "<table:table-row>{}{}{}{}</table:table-row>\
         <table:table-row>{}<table:table-cell office:value-type=\"float\" office:value=\"12.50\"><text:p>12.5</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"date\" office:date-value=\"2026-01-02T00:00:00\"><text:p>1月2日</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"string\"><office:annotation><text:p>批注</text:p></office:annotation><text:p>甲<text:s text:c=\"2\"/>乙</text:p><text:p>丙</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"2\" office:value-type=\"float\" office:value=\"7\"/><table:table-cell office:value-type=\"time\" office:time-value=\"PT08H30M00S\"/></table:table-row>\
         <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
        text("代码"), text("数"), text("日期"), text("说明"), text("007")
    ));
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let path = write("a.ods", &ods(&content));
    let found = load(&path, &ReadOptions::default()).unwrap();
    assert_eq!((found.decided("format"), found.fields.as_slice()), ("excel", &["代码".to_owned(), "数".into(), "日期".into(), "说明".into()][..]));
    assert_eq!(rows(&found), [["007", "12.50", "2026-01-02", "甲  乙\n丙"], ["7", "7", "08:30:00", "∅"], ["7", "7", "08:30:00", "∅"]]);
    let bomb = sheet("<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"float\" office:value=\"1\"/></table:table-row>");
    assert_eq!(load(&write("b.ods", &ods(&bomb)), &ReadOptions::default()).unwrap_err().code, "excel.too_large");
    let cut = sheet("<table:table-row>").replace("</table:table>", "");
    assert_eq!(load(&write("c.ods", &ods(&cut)), &ReadOptions::default()).unwrap_err().code, "excel.broken");
}
