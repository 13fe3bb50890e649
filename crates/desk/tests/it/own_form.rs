//! Refused rows go out in the form of the department's own file and come back mended: what was typed lands to the letter.

use std::path::Path;
use std::sync::Arc;

use arrow_array::Array;
use collect::read::{self, ReadOptions};
use desk::Desk;
use desk::port::TableName;
use desk::view::QuarantineFilter;
use rust_xlsxwriter::{Format, Workbook};

use crate::correct::{collect, open, who};
use crate::memory::{Memory, text};

fn city(dir: &Path, file: &str) {
    let city = dir.join("city");
    for room in ["departments", "systems", "resources", "files"] {
        std::fs::create_dir_all(city.join(room)).expect("folder");
    }
    let write = |name: &str, text: &str| std::fs::write(city.join(name), text).expect("file");
    write("city.toml", "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n");
    write("departments/office.toml", "title = \"试验局\"\nuscc = \"113302000029290324\"\n");
    write("systems/files.toml", "title = \"文件\"\ndepartment = \"office\"\n[connector]\nkind = \"files\"\npath = \"files\"\n");
    write(
        "resources/person.toml",
        &format!(
            "title = \"人员\"\ncode = \"3990200/000001\"\nsummary = \"试验\"\nsystem = \"files\"\nclass = \"department\"\n\
             share = \"unconditional\"\nopen = \"none\"\ngrade = \"L1\"\nperiod = \"daily\"\n[collect]\nfrom = \"{file}\"\n\
             [[item]]\nname = \"code\"\ntitle = \"编号\"\nsource = \"编号\"\nstandard = \"text\"\nkey = true\n\
             [[item]]\nname = \"card\"\ntitle = \"卡号\"\nsource = \"卡号\"\nstandard = \"text\"\n\
             [[item]]\nname = \"age\"\ntitle = \"年龄\"\nsource = \"年龄\"\nstandard = \"integer\"\n"
        ),
    );
}

/// Good rows, and three whose age is no number. Codes begin with zeros, cards have more digits than a number keeps.
fn rows() -> Vec<[String; 3]> {
    let age = |n: usize| if n < 3 { format!("{n}岁") } else { format!("{}", 20 + n) };
    (0..40).map(|n| [format!("{n:06}"), format!("62284804001234567{n:02}"), age(n)]).collect()
}

async fn collected(dir: &Path) -> (Desk, Arc<Memory>) {
    let memory = Memory::new(-1);
    let desk = open(dir, &memory).await;
    let run = collect(&desk).await;
    assert_eq!((run.landed, run.quarantined), (37, 3), "{:?} {:?}", run.error, run.decisions);
    (desk, memory)
}

fn person() -> QuarantineFilter {
    QuarantineFilter { resource: Some("person".into()), ..QuarantineFilter::default() }
}

fn landed(memory: &Memory) -> Vec<(String, String)> {
    let batches = memory.batches(&TableName::standard("person"));
    let mut all: Vec<_> = batches.iter().flat_map(|b| text(b, "code").into_iter().zip(text(b, "card"))).collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gbk_file_with_titles_and_semicolons_comes_back_as_it_went() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "人员.csv");
    let lines: String = rows().iter().map(|row| row.join(";") + "\r\n").collect();
    let own = format!("人员登记表（二〇二六年）\r\n填报单位：试验局\r\n编号;卡号;年龄\r\n{lines}");
    std::fs::write(dir.path().join("city/files/人员.csv"), collect::encoded(&own, "gb18030")).expect("file");
    let (desk, memory) = collected(dir.path()).await;
    let exported = desk.export_quarantine(&who(), &person(), kernel::Lang::Zh).await.expect("exported");
    assert!(std::str::from_utf8(&exported.bytes).is_err(), "it is GBK as the department's file is");
    let told = collect::readable(&exported.bytes, Some("gb18030"));
    assert!(told.starts_with("人员登记表（二〇二六年）\r\n填报单位：试验局\r\n编号;卡号;年龄;问题原因;问题编号\r\n000000;6228480400123456700;0岁;"), "{told}");
    let mended = told.replace("0岁;", "30;").replace("1岁;", "31;").replace("6228480400123456702;2岁;", "0228480400123456702;32;");
    let file = dir.path().join("back.csv");
    std::fs::write(&file, collect::encoded(&mended, "gb18030")).expect("file");
    let done = desk.upload_corrections(&who(), "person", &file, "back.csv", "部门改正", "upload").await.expect("taken");
    assert_eq!((done.rows, done.corrected.landed, done.corrected.wrong.len(), done.unknown.len()), (3, 3, 0, 0), "{done:?}");
    let rows = landed(&memory);
    assert_eq!(rows.len(), 40);
    assert_eq!(rows[0], ("000000".into(), "6228480400123456700".into()));
    assert_eq!(rows[2], ("000002".into(), "0228480400123456702".into()), "a leading zero and nineteen digits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_comes_back_on_its_sheet() {
    let dir = tempfile::tempdir().expect("folder");
    city(dir.path(), "人员.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("登记").expect("name");
    sheet.write_string(0, 0, "人员登记表").expect("cell");
    for (column, name) in ["编号", "卡号", "年龄"].into_iter().enumerate() {
        sheet.write_string(1, column as u16, name).expect("cell");
    }
    for (row, cells) in rows().iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(row as u32 + 2, column as u16, cell).expect("cell");
        }
    }
    book.save(dir.path().join("city/files/人员.xlsx")).expect("workbook");
    let (desk, memory) = collected(dir.path()).await;
    let exported = desk.export_quarantine(&who(), &person(), kernel::Lang::Zh).await.expect("exported");
    assert!(exported.name.ends_with(".xlsx"));
    let out = dir.path().join("out.xlsx");
    std::fs::write(&out, &exported.bytes).expect("file");
    let tables = read::tables(&out, "out.xlsx", &ReadOptions::default()).expect("tables");
    assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["登记"]);
    let mut source = read::open(&out, "out.xlsx", &ReadOptions { header: Some(2), ..ReadOptions::default() }).expect("workbook");
    let batch = source.next(10).expect("rows").expect("rows");
    assert_eq!(batch.fields.join(","), "编号,卡号,年龄,问题原因,问题编号");
    // As somebody edits it: on a sheet of the same name, with the ages as numbers and a new leading zero.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("登记").expect("name");
    sheet.write_string(0, 0, "人员登记表").expect("cell");
    for (column, name) in batch.fields.iter().enumerate() {
        sheet.write_string(1, column as u16, name).expect("cell");
    }
    for row in 0..batch.rows() {
        for (column, cells) in batch.columns.iter().enumerate() {
            let cell = if cells.is_valid(row) { cells.value(row) } else { "" };
            let (at, column) = (row as u32 + 2, column as u16);
            match column {
                1 if row == 2 => sheet.write_string(at, column, "0028480400123456702").expect("cell"),
                2 => sheet.write_number_with_format(at, column, 30.0 + row as f64, &Format::new()).expect("cell"),
                _ => sheet.write_string(at, column, cell).expect("cell"),
            };
        }
    }
    let file = dir.path().join("back.xlsx");
    book.save(&file).expect("workbook");
    let done = desk.upload_corrections(&who(), "person", &file, "back.xlsx", "部门改正", "upload").await.expect("taken");
    assert_eq!((done.rows, done.corrected.landed, done.corrected.wrong.len()), (3, 3, 0), "{done:?}");
    let rows = landed(&memory);
    assert_eq!((rows.len(), &rows[0]), (40, &("000000".to_owned(), "6228480400123456700".to_owned())));
    assert_eq!(rows[2].1, "0028480400123456702");
}
