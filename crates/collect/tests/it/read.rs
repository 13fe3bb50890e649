//! Odd files of every form, written here byte by byte.

use std::io::Write;
use std::path::PathBuf;

use collect::CollectError;
use collect::propose::{Hints, propose};
use collect::read::{Compression, ReadOptions, open, open_at, sniff};
use data::declare::Format;

use crate::load::{Loaded, load};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn read(name: &str, bytes: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Loaded, CollectError> {
    let folder = Folder::new();
    load(&folder.write(name, bytes), options)
}

fn plain(name: &str, bytes: impl AsRef<[u8]>) -> Loaded {
    read(name, bytes, &ReadOptions::default()).unwrap()
}

fn refused(name: &str, bytes: impl AsRef<[u8]>) -> &'static str {
    read(name, bytes, &ReadOptions::default()).unwrap_err().code
}

fn cells(loaded: &Loaded, row: usize) -> Vec<&str> {
    loaded.rows[row].iter().map(|c| c.as_deref().unwrap_or("∅")).collect()
}

#[test]
fn text_with_titles_notes_and_broken_lines() {
    let text = "\u{feff}某市人口统计,,\n\n编号,姓名,金额\n1,甲,\"1,000\"\n\n华东,,\n2,\"乙\n丙\",3\n3,丁\n编号,姓名,金额\n4,\"戊,5\n5,己,6\n注：单位为元\n";
    let found = plain("a.csv", text);
    assert_eq!((found.decided("encoding"), found.decided("header")), ("UTF-8", "3"));
    assert_eq!(found.fields, ["编号", "姓名", "金额"]);
    let codes: Vec<(u64, &str)> = found.faults.iter().map(|(row, code)| (found.lines[*row], code.as_str())).collect();
    assert_eq!(
        codes,
        [(6, "row.section"), (9, "row.fields"), (10, "row.header_again"), (11, "row.quote"), (13, "row.note")]
    );
    assert_eq!(cells(&found, 0), ["1", "甲", "1,000"]);
    let multi = found.find("编号", "2");
    assert_eq!((found.lines[multi], cells(&found, multi)), (7, vec!["2", "乙\n丙", "3"]));
    assert_eq!(cells(&found, found.find("编号", "5")), ["5", "己", "6"]);
    assert_eq!(found.bytes[multi], "2,\"乙\n丙\",3\n".as_bytes());
    assert_eq!(found.decided("blank"), "1");
}

#[test]
fn headers_are_made_unique_and_missing_ones_named() {
    let found = plain("a.csv", ",值,值,备注,\n1,2,3,x,4\n2,3,4,y,5\n");
    assert_eq!(found.fields, ["column_1", "值", "值_2", "备注", "column_5"]);
    let none = plain("a.csv", "1,2\n3,4\n");
    assert_eq!((none.fields.as_slice(), none.rows.len()), (&["column_1".to_owned(), "column_2".to_owned()][..], 2));
    let declared = ReadOptions { header: Some(0), ..ReadOptions::default() };
    assert_eq!(read("a.csv", "a,b\n1,2\n", &declared).unwrap().rows.len(), 2);
    let third = ReadOptions { header: Some(3), ..ReadOptions::default() };
    assert_eq!(read("a.csv", "x\ny\na,b\n1,2\n", &third).unwrap().fields, ["a", "b"]);
    let beyond = ReadOptions { header: Some(30), ..ReadOptions::default() };
    assert_eq!(read("a.csv", "a,b\n1,2\n", &beyond).unwrap_err().code, "text.header");
}

#[test]
fn encodings_are_told_and_damage_is_a_fault() {
    let text = "编号,名称,地址\n1,宁波市第一医院,海曙区柳汀街\n2,李惠利医院,鄞州区兴宁路\n";
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    let found = plain("a.csv", &gbk);
    assert_eq!((found.decided("encoding"), cells(&found, 0)[1]), ("gb18030", "宁波市第一医院"));
    let big5 = encoding_rs::BIG5.encode("編號,名稱,地址\n1,臺北榮民總醫院,石牌路二段的醫療大樓\n2,國立臺灣大學醫學院附設醫院,中山南路\n").0.into_owned();
    assert_eq!(plain("a.csv", &big5).decided("encoding"), "Big5");
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let found = plain("a.csv", &wide);
    assert_eq!((found.decided("encoding"), found.rows.len()), ("UTF-16LE", 2));
    assert_eq!(cells(&found, 1)[2], "鄞州区兴宁路");

    let mut damaged = gbk.clone();
    let at = damaged.iter().rposition(|b| *b == b',').unwrap() + 1;
    damaged[at] = 0xFF;
    let declared = ReadOptions { encoding: Some("gbk".into()), ..ReadOptions::default() };
    let found = read("a.csv", &damaged, &declared).unwrap();
    assert_eq!(found.faults, [(1, "row.encoding".to_owned())]);
    assert!(damaged.ends_with(&found.bytes[1]), "the record's own bytes are kept");
    let long = text.repeat(20);
    let mut utf8 = long.clone().into_bytes();
    let at = long.find("李惠利").unwrap();
    utf8[at] = b'?';
    assert_eq!(plain("a.csv", &utf8).count("row.encoding"), 1);
    let unknown = ReadOptions { encoding: Some("klingon".into()), ..ReadOptions::default() };
    assert_eq!(read("a.csv", text, &unknown).unwrap_err().code, "text.encoding_unknown");
}

#[test]
fn an_endless_quote_costs_one_line() {
    let mut text = String::from("id,text,n\n1,ok,1\n2,\"never closed,2\n");
    for n in 3..30_000 {
        text.push_str(&format!("{n},line {n},{n}\n"));
    }
    let found = plain("a.csv", &text);
    assert_eq!((found.rows.len(), found.faults.as_slice()), (29_999, &[(1, "row.quote".to_owned())][..]));
    assert_eq!(found.lines.last().copied(), Some(30_000));
    let long = format!("id,text,n\n1,{},1\n2,b,2\n3,{},3\n4,d,4\n", "x".repeat(3 << 20), "y".repeat(300 << 10));
    let found = plain("a.csv", &long);
    assert_eq!(found.count("row.too_long"), 2);
    assert_eq!((found.good(), found.lines.as_slice()), (2, &[2, 3, 4, 5][..]));
    assert!(found.bytes.iter().all(|b| b.len() <= 1 << 20));
    let gbk = encoding_rs::GBK.encode(&long.replace("b,2", "宁波,2")).0.into_owned();
    let declared = ReadOptions { encoding: Some("gb18030".into()), ..ReadOptions::default() };
    let found = read("a.csv", &gbk, &declared).unwrap();
    assert_eq!((found.good(), found.bytes[1].as_slice()), (2, encoding_rs::GBK.encode("2,宁波,2\n").0.as_ref()));
}

#[test]
fn json_keeps_numbers_as_spelled_and_streams_arrays() {
    let found = plain("a.json", r#"{"code":0,"data":{"total":2,"rows":[{"id":4111010001,"v":1.10,"o":{"x":null,"y":[1, 2]}},{"id":2,"new":"中"}]},"small":[{"a":1}]}"#);
    assert_eq!(found.fields, ["id", "v", "o.x", "o.y", "new"]);
    assert_eq!(cells(&found, 0), ["4111010001", "1.10", "∅", "[1,2]", "∅"]);
    assert_eq!(found.decided("records"), "data.rows[*]");
    let two = ReadOptions { records: Some("small".into()), ..ReadOptions::default() };
    let json = r#"{"big":[{"a":1},{"a":2}],"small":[{"b":1}]}"#;
    assert_eq!(read("a.json", json, &two).unwrap().fields, ["b"]);
    let wrong = ReadOptions { records: Some("data.rows[*]".into()), ..ReadOptions::default() };
    assert_eq!(read("a.json", json, &wrong).unwrap_err().code, "json.no_records");
    assert_eq!(plain("a.json", r#"{"name":"x","n":{"m":1}}"#).rows.len(), 1);
    assert_eq!(plain("a.json", "\u{feff}[[1,\"a\"],[2,\"b\"]]").fields, ["column_1", "column_2"]);
    assert_eq!(plain("a.json", "[]").rows.len(), 0);
    assert_eq!(plain("a.json", r#"[{"a":1,"a":2,"b.c":3,"b":{"c":4}}]"#).fields, ["a", "a_2", "b.c", "b.c_2"]);
    // A broken value inside an array is one fault; a document that breaks off is an error after its good records.
    assert_eq!(plain("a.json", r#"[{"a":1},{"a":tru},{"a":3}]"#).faults, [(1, "row.json".to_owned())]);
    let folder = Folder::new();
    let path = folder.write("cut.json", r#"[{"a":1},{"a":2},{"a"#);
    let mut source = open(&path, "cut.json", &ReadOptions::default()).unwrap();
    assert_eq!(source.next(100).unwrap().unwrap().rows(), 2);
    assert_eq!(source.next(100).unwrap_err().code, "json.broken");
    assert!(!source.position().files["cut.json"].complete);
}

#[test]
fn json_documents_glued_together_are_all_read_and_a_break_is_told() {
    let arrays = plain("a.json", "[{\"a\":1},{\"a\":2}]\n\u{feff}[{\"a\":3}] []\n");
    assert_eq!((arrays.fields.len(), arrays.rows.len()), (1, 3));
    let members = r#"{"x":[{"a":1},{"a":2}],"n":{"m":[1]}} {"n":2,"x":[{"a":3}]}"#;
    assert_eq!(plain("a.json", members).rows.len(), 3);
    let whole = plain("a.json", "{\"a\":{\n\"b\":1}}\n{\"a\":{\n\"b\":2}}");
    assert_eq!(whole.rows.len(), 2);

    let folder = Folder::new();
    for (broken, before) in [
        (r#"[1,2,3],"#, 3),
        (r#"[{"a":1},,{"a":2}]"#, 1),
        (r#"[{"a":1}] and more"#, 1),
        (r#"{"x":[{"a":1},{"a":2}]"#, 2),
        (r#"{"x":[{"a":1}]}{"y":[{"a":2}]}"#, 1),
    ] {
        let options = ReadOptions { records: broken.starts_with('{').then(|| "x[*]".to_owned()), ..ReadOptions::default() };
        for at_once in [1, 100] {
            let mut source = open(&folder.write("broken.json", broken), "broken.json", &options).unwrap();
            let mut rows = 0;
            let error = loop {
                match source.next(at_once) {
                    Ok(batch) => rows += batch.expect(broken).rows(),
                    Err(error) => break error,
                }
            };
            assert_eq!(rows, before, "{broken}");
            assert!(["json.broken", "json.no_records"].contains(&error.code), "{broken}: {}", error.code);
        }
    }
}

#[test]
fn json_lines_and_geojson() {
    let found = plain("a.jsonl", "{\"a\":1}\n{\"a\":2,\"b\":\"x\"}\n{\"a\":\n\n{\"a\":4}\n");
    assert_eq!((found.rows.len(), found.faults.as_slice()), (4, &[(2, "row.json".to_owned())][..]));
    assert_eq!(found.lines, [1, 2, 3, 5]);
    assert_eq!(found.bytes[2], b"{\"a\":\n");
    let geo = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{"name":"海曙","p":{"q":1}},"geometry":{"type":"Point","coordinates":[121.5, 29.8]}},{"type":"Feature","properties":null,"geometry":null}]}"#;
    let found = plain("a.json", geo);
    assert_eq!(found.fields, ["id", "name", "p.q", "geometry"]);
    assert_eq!(cells(&found, 0), ["7", "海曙", "1", r#"{"type":"Point","coordinates":[121.5,29.8]}"#]);
    assert_eq!(cells(&found, 1), ["∅"; 4]);
}

#[test]
fn dumps_in_their_dialects() {
    let mysql = "-- dump; not 'sql'\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE IF NOT EXISTS `a` (\n  `id` int NOT NULL COMMENT 'x, y (z)',\n  `name` varchar(9) DEFAULT 'q',\n  PRIMARY KEY (`id`)\n);\n/*!40101 SET x */;\nINSERT INTO `a` VALUES (1,'it\\'s; (a)\\n'),\n(2,NULL),(3,'say \"''hi''\"');\nINSERT INTO `db`.`b` (`x`) VALUES (NOW());\nINSERT INTO a (`name`,`id`) VALUES ('后',-4.50),(5);\n";
    let found = plain("a.sql", mysql);
    assert_eq!((found.fields.as_slice(), found.decided("table")), (&["id".to_owned(), "name".to_owned()][..], "a"));
    assert_eq!(cells(&found, 0), ["1", "it's; (a)\n"]);
    assert_eq!(cells(&found, 1), ["2", "∅"]);
    assert_eq!(cells(&found, 2), ["3", "say \"'hi'\""]);
    assert_eq!(cells(&found, 3), ["-4.50", "后"]);
    assert_eq!(found.faults, [(4, "row.fields".to_owned())]);
    assert_eq!((found.lines.as_slice(), found.file.as_str()), (&[9, 10, 10, 12, 12][..], "a.sql#a"));
    let b = ReadOptions { table: Some("b".into()), ..ReadOptions::default() };
    assert_eq!(cells(&read("a.sql", mysql, &b).unwrap(), 0), ["NOW()"]);
    let none = ReadOptions { table: Some("c".into()), ..ReadOptions::default() };
    assert_eq!(read("a.sql", mysql, &none).unwrap_err().code, "sql.table");
    let sqlite = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t(a TEXT, \"b c\" INT);\nINSERT INTO t VALUES('C:\\dir\\',1);\nCOMMIT;\n";
    let found = plain("b.sql", sqlite);
    assert_eq!((found.fields[1].as_str(), cells(&found, 0)), ("b c", vec!["C:\\dir\\", "1"]));
    assert_eq!(refused("c.sql", "INSERT INTO t VALUES (1,'open"), "sql.cut_off");
    assert_eq!(refused("c.sql", "COPY public.t (a) FROM stdin WITH (FORMAT csv);\n1\n\\.\n"), "sql.copy");
}

fn workbook() -> Vec<u8> {
    let parts: [(&str, &str); 5] = [
        ("[Content_Types].xml", r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#),
        ("_rels/.rels", r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="说明" sheetId="1" r:id="r1"/><sheet name="数据" sheetId="2" r:id="r2"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>"#),
    ];
    let text = |at: &str, t: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{t}</t></is></c>"#);
    let number = |at: &str, n: &str| format!(r#"<c r="{at}"><v>{n}</v></c>"#);
    let rows = [
        format!("<row r=\"1\">{}</row>", text("A1", "学校名单")),
        format!("<row r=\"3\">{}{}{}</row>", text("A3", "编号"), text("B3", "名称"), text("C3", "人数")),
        format!("<row r=\"4\">{}</row>", text("A4", "海曙区（1所）")),
        format!("<row r=\"5\">{}{}{}</row>", number("A5", "4133011646"), text("B5", "宁波大学"), number("C5", "2.5E4")),
        format!("<row r=\"900000\">{}{}</row>", number("A900000", "2"), text("B900000", "远处")),
    ];
    let sheet = format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>"#, rows.concat());
    zip(parts.iter().map(|(n, t)| (*n, t.as_bytes())).chain([("xl/worksheets/sheet2.xml", sheet.as_bytes())]))
}

fn zip<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn workbooks_alone_and_in_archives() {
    let found = plain("名单.xlsx", workbook());
    assert_eq!((found.decided("header"), found.file.as_str()), ("3", "名单.xlsx#数据"));
    assert_eq!(found.faults, [(0, "row.section".to_owned())]);
    assert_eq!(found.bytes[0], "[\"海曙区（1所）\",\"\",\"\"]".as_bytes());
    assert_eq!(cells(&found, 1), ["4133011646", "宁波大学", "25000"]);
    assert_eq!((cells(&found, 2), found.lines.as_slice()), (vec!["2", "远处", "∅"], &[4, 5, 900_000][..]));
    let other = ReadOptions { table: Some("别处".into()), ..ReadOptions::default() };
    assert_eq!(read("a.xlsx", workbook(), &other).unwrap_err().code, "excel.sheet");
    let packed = plain("a.zip", zip([("内/名单.xlsx", workbook().as_slice())]));
    assert_eq!((packed.rows.len(), packed.file.as_str()), (3, "a.zip#内/名单.xlsx#数据"));
    assert_eq!(refused("a.xlsx", &workbook()[..900]), "archive.damaged");
    assert_eq!(refused("a.xls", [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[7; 3000]].concat()), "excel.broken");
}

#[test]
fn archives_made_to_harm_are_refused() {
    assert_eq!(refused("a.zip", zip([("../../etc/x.csv", &b"a,b\n1,2\n"[..])])), "archive.path");
    assert_eq!(refused("a.zip", zip([("in.zip", zip([("a.csv", &b"a,b\n1,2\n"[..])]).as_slice())])), "archive.no_table");
    assert_eq!(refused("a.zip", zip([("in.csv", zip([("a.csv", &b"a,b\n1,2\n"[..])]).as_slice())])), "archive.nested");
    let zeros = vec![b'0'; 32 << 20];
    assert_eq!(refused("a.zip", zip([("a.csv", zeros.as_slice())])), "archive.ratio");
    let many: Vec<String> = (0..10_001).map(|n| format!("{n}.csv")).collect();
    assert_eq!(refused("a.zip", zip(many.iter().map(|n| (n.as_str(), &b"a"[..])))), "archive.entries");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(b"a,b\n").unwrap();
    gz.write_all(&b"00,11\n".repeat(8 << 20)).unwrap();
    let folder = Folder::new();
    // Told when it is opened: nothing of it is used.
    let opened = open(&folder.write("a.csv.gz", gz.finish().unwrap()), "a.csv.gz", &ReadOptions::default());
    assert_eq!(opened.map(|_| ()).unwrap_err().code, "archive.ratio");
    let bomb = zip([("xl/workbook.xml", &b"<workbook/>"[..]), ("xl/sharedStrings.xml", zeros.as_slice())]);
    assert_eq!(refused("a.xlsx", bomb), "archive.ratio");
    let mut lying = zip([("a.csv", &b"a,b\n1,2\n3,4\n"[..])]);
    let at = memchr::memmem::rfind(&lying, b"PK\x01\x02").unwrap();
    lying[at + 24] = 4;
    let code = refused("a.zip", &lying);
    assert!(code == "archive.damaged", "{code}");
}

#[test]
fn compressed_and_columnar_files() {
    let csv = "a,b\n1,2\n3,4\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(csv.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    assert_eq!(plain("a.csv.gz", &gz).rows.len(), 2);
    assert_eq!(refused("a.csv.gz", &gz[..gz.len() - 6]), "file.damaged");
    assert_eq!(plain("a.csv.zst", zstd::encode_all(csv.as_bytes(), 1).unwrap()).rows.len(), 2);
    let folder = Folder::new();
    assert_eq!(sniff(&folder.write("x.gz", &gz)).unwrap().compression, Compression::Gzip);
    assert_eq!(sniff(&folder.write("x.sqlite", b"SQLite format 3\0 and so on")).unwrap().format, Format::Sqlite);

    let path = folder.write("t.parquet", columns());
    let found = load(&path, &ReadOptions::default()).unwrap();
    assert_eq!(found.fields, ["日期", "时刻", "金额", "名称", "字节", "列表"]);
    assert_eq!(cells(&found, 0), ["2020-04-02", "2020-04-02T08:00:00Z", "12345678901234567890.10", "宁波", "0xff00", "[1, 2]"]);
    assert_eq!(cells(&found, 1), ["∅", "∅", "-0.05", "∅", "ok", "∅"]);
    let mut source = open_at(&path, "t.parquet", &ReadOptions::default(), 1).unwrap();
    let batch = source.next(10).unwrap().unwrap();
    assert_eq!((batch.rows(), batch.lines[0]), (1, 2));
}

fn columns() -> Vec<u8> {
    use arrow_array::builder::{Int32Builder, ListBuilder};
    use arrow_array::{ArrayRef, BinaryArray, Date32Array, Decimal128Array, RecordBatch, StringArray, TimestampMicrosecondArray};
    use std::sync::Arc;
    let mut lists = ListBuilder::new(Int32Builder::new());
    lists.append_value([Some(1), Some(2)]);
    lists.append_null();
    let decimals = Decimal128Array::from(vec![1_234_567_890_123_456_789_010, -5]).with_precision_and_scale(30, 2).unwrap();
    let moments = TimestampMicrosecondArray::from(vec![Some(1_585_814_400_000_000), None]).with_timezone("UTC");
    let arrays: [(&str, ArrayRef); 6] = [
        ("日期", Arc::new(Date32Array::from(vec![Some(18_354), None]))),
        ("时刻", Arc::new(moments)),
        ("金额", Arc::new(decimals)),
        ("名称", Arc::new(StringArray::from(vec![Some("宁波"), None]))),
        ("字节", Arc::new(BinaryArray::from_vec(vec![b"\xFF\x00", b"ok"]))),
        ("列表", Arc::new(lists.finish())),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(arrays.map(|(n, a)| (n, a, true))).unwrap();
    let mut out = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

#[test]
fn what_is_no_table_is_refused_with_what_to_do() {
    let cases: [(&str, &[u8], &str); 9] = [
        ("a.csv", b"", "file.empty"),
        ("a.csv", b"\n \n", "file.empty"),
        ("a.pdf", b"%PDF-1.7 \x00", "file.pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "file.image"),
        ("a.rar", b"Rar!\x1a\x07\x00", "file.archive"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "file.html"),
        ("a.bin", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 200, 201], "file.binary"),
        ("a.txt", "225路(城站-城站)\n城站:1,2 总管塘:3,4 三桥:5,6\n7,8 9,10\n116路(城站-花园)\n城站:1,2 香榭:3,4\n7,8 9,10 11,12\n1路\n".as_bytes(), "text.not_table"),
        ("a.docx", b"", "file.document"),
    ];
    for (name, bytes, code) in cases {
        let bytes = if name == "a.docx" { zip([("word/document.xml", &b"<w/>"[..])]) } else { bytes.to_vec() };
        let error = read(name, bytes, &ReadOptions::default()).unwrap_err();
        assert_eq!(error.code, code, "{name}");
        assert!(!error.transient && error.message.zh.contains('；') || code == "file.empty", "{name}: {}", error.message.zh);
    }
    let declared = ReadOptions { format: Some(Format::Delimited), ..ReadOptions::default() };
    assert_eq!(read("a.csv", b"%PDF-1.7 \x00", &declared).unwrap_err().code, "file.pdf");
    assert_eq!(read("a.csv", b"\n", &declared).unwrap_err().code, "file.empty");
    assert_eq!(load(std::path::Path::new("/nowhere/x.csv"), &ReadOptions::default()).unwrap_err().code, "file.missing");
}

#[test]
fn a_proposal_can_be_collected_as_it_stands() {
    let folder = Folder::new();
    let text = encoding_rs::GBK.encode("某区医院名单,,,\n机构编号,机构名称,床位数（个）,开业日期\n001,宁波市第一医院,120,2020-01-02\n002,李惠利医院,—,2021-03-04\n小计,,,\n").0.into_owned();
    let path = folder.write("医院.csv", text);
    let found = propose(&path, "hospital", &Hints::default()).unwrap();
    assert_eq!((found.rows_sampled, found.preview.len(), found.fields.len()), (3, 2, 4));
    let c = &found.collection;
    assert_eq!((c.from.as_str(), c.format, c.encoding.as_deref()), ("医院.csv", Some(Format::Delimited), Some("gb18030")));
    assert_eq!((c.delimiter.as_deref(), c.header, c.null.as_slice()), (Some(","), Some(2), &["—".to_owned()][..]));
    let [id, name, beds, opened] = found.items.as_slice() else { panic!("four items") };
    assert_eq!((id.title.as_str(), id.key, id.required, id.standard.as_str()), ("机构编号", true, true, "text"));
    assert_eq!((name.key, beds.unit.as_str(), beds.standard.as_str(), opened.standard.as_str()), (false, "个", "integer", "date"));
    assert!(found.items.iter().all(|i| i.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')));
    assert!(found.decisions.iter().any(|d| d.what == "faults" && d.chosen == "row.section × 1"));
    let again = load(&path, &ReadOptions::from_collection(c)).unwrap();
    assert_eq!((again.rows.len(), again.good()), (3, 2));

    let json = folder.write("a.json", r#"[{"dept":"x","items":[{"code":"a"},{"code":"b"}]}]"#);
    let hints = Hints { records: Some("[*].items[*]".into()), ..Hints::default() };
    let found = propose(&json, "a", &hints).unwrap();
    assert_eq!((found.fields.as_slice(), found.items[2].name.as_str()), (&["code".to_owned(), "_parent".into(), "^.dept".into()][..], "dept"));
    assert_eq!(found.items[2].source.as_deref(), Some("^.dept"));
    let open = propose(&json, "a", &Hints::default()).unwrap();
    assert!(open.decisions.iter().any(|d| d.what == "nested" && d.chosen == "[*].items[*]"));
}

/// Prints how fast clean text is read: `cargo test --workspace throughput -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn throughput_of_clean_text() {
    let folder = Folder::new();
    let mut text = String::from("id,name,street,division,amount,day,moment,phone,note,flag\n");
    for n in 0..1_000_000u64 {
        text.push_str(&format!("{n:09},张三丰,中山东路{}号,330203,{}.50,2026-01-02,2026-01-02 08:00:00,1380000{:04},,Y\n", n % 999, n % 9973, n % 10_000));
    }
    let gbk = encoding_rs::GBK.encode(&text).0.into_owned();
    for (name, bytes) in [("a.csv", text.as_bytes()), ("b.csv", gbk.as_slice())] {
        let path = folder.write(name, bytes);
        let start = std::time::Instant::now();
        let mut source = open(&path, name, &ReadOptions::default()).unwrap();
        let mut rows = 0;
        while let Some(batch) = source.next(8192).unwrap() {
            rows += batch.rows();
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {rows} rows, {:.0} MB/s", bytes.len() as f64 / 1e6 / seconds);
    }
}
