//! Forms with several tables, nested records and odd packing, written here piece by piece.

use std::io::Write;
use std::path::PathBuf;

use collect::CollectError;
use collect::read::{Compression, ReadOptions, members, sniff, tables};
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
    read(name, bytes, &ReadOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn refused(name: &str, bytes: impl AsRef<[u8]>) -> &'static str {
    read(name, bytes, &ReadOptions::default()).unwrap_err().code
}

fn table(name: &str) -> ReadOptions {
    ReadOptions { table: Some(name.to_owned()), ..ReadOptions::default() }
}

fn records(path: &str) -> ReadOptions {
    ReadOptions { records: Some(path.to_owned()), ..ReadOptions::default() }
}

fn cells(loaded: &Loaded, row: usize) -> Vec<&str> {
    loaded.rows[row].iter().map(|c| c.as_deref().unwrap_or("∅")).collect()
}

fn listed(name: &str, bytes: impl AsRef<[u8]>) -> Vec<(String, Option<u64>)> {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    tables(&path, name, &ReadOptions::default()).unwrap().into_iter().map(|t| (t.name, t.rows)).collect()
}

const FEED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE rss [<!ENTITY boom "x">]>
<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soap:Body><list date="2026-01-02">
  <item id="007"><title lang="zh">甲 &amp; 乙&#20013;</title><when xsi:nil="true"/><tag>a</tag><tag>b</tag>
    <part no="1"><name>x</name></part><part no="2"><name>y</name></part></item>
  <item id="008"><title><![CDATA[<b> 丙 </b>]]></title><when>2026</when><tag>c</tag></item>
 </list></soap:Body>
</soap:Envelope>
"#;

#[test]
fn xml_elements_that_repeat_are_records() {
    let found = plain("a.xml", FEED);
    assert_eq!(found.decided("format"), "xml");
    assert_eq!(found.decided("records"), "soap:Envelope.soap:Body.list.item[*]");
    assert_eq!(found.fields, ["@id", "title", "title.@lang", "when", "tag", "part"]);
    assert_eq!(
        cells(&found, 0),
        ["007", "甲 & 乙中", "zh", "∅", r#"["a","b"]"#, r#"[{"@no":"1","name":"x"},{"@no":"2","name":"y"}]"#]
    );
    // One of a kind that repeats elsewhere is an array all the same.
    assert_eq!(cells(&found, 1), ["008", "<b> 丙 </b>", "∅", "2026", r#"["c"]"#, "∅"]);
    assert!(found.bytes[0].starts_with(b"<item id=\"007\">") && found.bytes[0].ends_with(b"</item>"));
    let parts = read("a.xml", FEED, &records("soap:Envelope.soap:Body.list.item[*].part[*]")).unwrap();
    assert_eq!(parts.fields, ["@no", "name", "_parent", "^.@id", "^.title", "^.title.@lang", "^.when"]);
    assert_eq!(cells(&parts, 1), ["2", "y", "1", "007", "甲 & 乙中", "zh", "∅"]);
    let list = listed("a.xml", FEED);
    assert_eq!(list[1], ("soap:Envelope.soap:Body.list.item[*]".to_owned(), Some(2)));
    assert_eq!(list[2].1, Some(2));
    assert_eq!(read("a.xml", FEED, &table("3")).unwrap().rows.len(), 2);
    assert_eq!(read("a.xml", FEED, &records("a.b[*]")).unwrap_err().code, "xml.no_records");
}

#[test]
fn xml_in_other_encodings_and_made_to_harm() {
    let text = "<?xml version=\"1.0\" encoding=\"GBK\"?><单位列表><单位><名称>宁波市</名称></单位><单位><名称>慈溪市</名称></单位></单位列表>";
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    let found = plain("a.xml", &gbk);
    assert_eq!((found.decided("encoding"), found.fields[0].as_str(), cells(&found, 1)), ("gb18030", "名称", vec!["慈溪市"]));
    // The declaration says one thing, the bytes another.
    let lying = encoding_rs::GBK.encode(&text.replace("GBK", "UTF-8")).0.into_owned();
    assert_eq!(cells(&plain("a.xml", &lying), 0), ["宁波市"]);
    let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><r><i><n>&b;</n></i><i><n>1</n></i></r>";
    let found = plain("a.xml", bomb);
    assert_eq!((found.rows.len(), found.faults.as_slice()), (2, &[(0, "row.entity".to_owned())][..]));
    assert_eq!(refused("a.xml", format!("{}{}", "<a>".repeat(200), "</a>".repeat(200))), "xml.too_deep");
    assert_eq!(refused("a.xml", "<r><i><n>1</n></i><i><n>2"), "xml.broken");
    assert_eq!(refused("a.xml", "<r><i>1</j></r>"), "xml.broken");
    assert_eq!(refused("a.xml", format!("<r><i a='{}'/></r>", "x".repeat(17 << 20))), "xml.too_large");
    let names: String = (0..10_100).map(|n| format!("<n{n}/>")).collect();
    assert_eq!(refused("a.xml", format!("<r>{names}</r>")), "xml.too_many_names");
    // A list of one: where the records are is told by declaring it.
    let one = "<rows><row><a>1</a></row></rows>";
    assert_eq!(plain("a.xml", one).fields, ["row.a"]);
    assert_eq!(read("a.xml", one, &records("rows.row[*]")).unwrap().fields, ["a"]);
}

/// A table with these fields (name, kind, length) and records, each with its mark.
fn dbf(page: u8, fields: &[(&[u8], u8, u8)], rows: &[(u8, &[&[u8]])]) -> Vec<u8> {
    let length = 1 + fields.iter().map(|f| usize::from(f.2)).sum::<usize>();
    let mut out = vec![0x03, 126, 1, 2];
    out.extend(u32::try_from(rows.len()).unwrap().to_le_bytes());
    out.extend(u16::try_from(32 + 32 * fields.len() + 1).unwrap().to_le_bytes());
    out.extend(u16::try_from(length).unwrap().to_le_bytes());
    out.resize(32, 0);
    out[29] = page;
    for (name, kind, length) in fields {
        let mut field = name.to_vec();
        field.resize(32, 0);
        (field[11], field[16]) = (*kind, *length);
        out.extend(field);
    }
    out.push(0x0D);
    for (mark, cells) in rows {
        out.push(*mark);
        for (cell, (_, _, length)) in cells.iter().zip(fields) {
            let mut cell = cell.to_vec();
            cell.resize(usize::from(*length), b' ');
            out.extend(cell);
        }
    }
    out.push(0x1A);
    out
}

#[test]
fn dbase_tables_with_their_code_page() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let name = gbk("名称");
    let fields: [(&[u8], u8, u8); 5] = [(b"CODE", b'C', 4), (&name, b'C', 12), (b"AREA", b'N', 8), (b"DAY", b'D', 8), (b"OK", b'L', 1)];
    let (a, b) = (gbk("镇海区"), gbk("北仑区"));
    let rows: [(u8, &[&[u8]]); 3] = [
        (b' ', &[b"007", &a, b"  246.50", b"20260102", b"T"]),
        (b'*', &[b"008", b"x", b"1", b"20260102", b"F"]),
        (b' ', &[b"009", &b, b"", b"        ", b"?"]),
    ];
    for (page, declared) in [(0x4D, None), (0, None), (0x03, Some("gbk"))] {
        let options = ReadOptions { encoding: declared.map(str::to_owned), ..ReadOptions::default() };
        let found = read("a.dbf", dbf(page, &fields, &rows), &options).unwrap();
        assert_eq!((found.decided("format"), found.decided("deleted")), ("dbf", "1"));
        assert_eq!(found.fields, ["CODE", "名称", "AREA", "DAY", "OK"]);
        assert_eq!(cells(&found, 0), ["007", "镇海区", "246.50", "20260102", "true"]);
        assert_eq!((cells(&found, 1), found.lines[1]), (vec!["009", "北仑区", "∅", "∅", "∅"], 3));
    }
    let whole = dbf(0x4D, &fields, &rows);
    assert_eq!(refused("a.dbf", &whole[..whole.len() - 20]), "dbf.cut_off");
}

fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        out.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    out.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

#[test]
fn tars_are_folders_of_members() {
    let long = format!("{}/年度人口.csv", "很长的中文文件夹".repeat(12));
    let plain_tar = tar(&[("a/1.json", r#"{"id":"1","x":1}"#), ("a/2.json", r#"{"id":"2","y":2}"#), (&long, "年份,人口\n2020,1\n2021,2\n")]);
    let folder = Folder::new();
    for (name, bytes, packed) in [("a.tar", plain_tar.clone(), Compression::Tar), ("a.tar.gz", gzip(&plain_tar), Compression::Tar)] {
        let path = folder.write(name, &bytes);
        assert_eq!(sniff(&path).unwrap().compression, packed);
        assert_eq!(members(&path).unwrap().len(), 3);
        assert_eq!(cells(&load(&path, &table("年度人口.csv")).unwrap(), 1), ["2021", "2"]);
        assert_eq!(cells(&load(&path, &table("3")).unwrap(), 0), ["2020", "1"]);
        assert_eq!(load(&path, &table("b.csv")).unwrap_err().code, "archive.member");
    }
    // A glob that several members match reads them as one table, each with its own fields.
    let mut source = collect::read::open(&folder.write("b.tgz", gzip(&plain_tar)), "b.tgz", &table("a/*.json")).unwrap();
    let first = source.next(10).unwrap().unwrap();
    let second = source.next(10).unwrap().unwrap();
    assert_eq!((first.fields.to_vec(), second.fields.to_vec()), (vec!["id".to_owned(), "x".into()], vec!["id".to_owned(), "y".into()]));
    assert_eq!((&*first.file, &*second.file), ("b.tgz#a/1.json", "b.tgz#a/2.json"));
    assert!(source.next(10).unwrap().is_none() && source.position().files["b.tgz"].complete);
    let up = tar(&[("x.csv", "a,b\n1,2\n")]);
    let mut evil = up.clone();
    evil[..8].copy_from_slice(b"../x.csv");
    let sum: u32 = evil[..512].iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
    evil[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(refused("a.tar", &evil), "archive.path");
    assert_eq!(refused("a.tar", tar(&[("x.csv", "")])), "archive.no_table");
}

#[test]
fn other_compressions() {
    let csv = "代码,名称\n007,甲\n";
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bz.write_all(csv.as_bytes()).unwrap();
    let found = plain("a.csv.bz2", bz.finish().unwrap());
    assert_eq!(cells(&found, 0), ["007", "甲"]);
    // The same text, packed by xz with a CRC-32.
    let xz = b"\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x15\xe4\xbb\xa3\xe7\xa0\x81\x2c\xe5\x90\x8d\xe7\xa7\xb0\x0a\x30\x30\x37\x2c\xe7\x94\xb2\x0a\x00\x00\x00\xc5\x07\x84\x27\x00\x01\x2a\x16\x52\xcc\x39\xbb\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01\x59\x5a";
    assert_eq!(cells(&plain("a.csv.xz", xz), 0), ["007", "甲"]);
    assert_eq!(refused("a.csv.xz", &xz[..xz.len() - 30]), "file.damaged");
}

#[test]
fn dumps_of_postgres_hold_several_tables() {
    let dump = "--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;\nCREATE TABLE public.dept (\n    id integer NOT NULL,\n    name text,\n    CONSTRAINT dept_pkey PRIMARY KEY (id)\n);\nCOMMENT ON COLUMN public.dept.name IS '部门名称';\nCREATE TABLE public.empty (x text);\nCREATE TABLE public.staff (no character varying(10), dept_id integer, note text);\nCOPY public.dept (id, name) FROM stdin;\n1\t区经信局\n2\t\\N\n\\.\n\nCOPY public.staff (no, dept_id, note) FROM stdin;\n007\t1\ta\\tb\\\\c\\nd\n008\t2\t\n009\t2\n\\.\n\nALTER TABLE x ADD y int;\n";
    assert_eq!(listed("a.sql", dump), [("dept".to_owned(), Some(2)), ("staff".to_owned(), Some(3))]);
    let found = plain("a.sql", dump);
    assert_eq!((found.fields.as_slice(), found.decided("table")), (&["no".to_owned(), "dept_id".into(), "note".into()][..], "staff"));
    assert_eq!(cells(&found, 0), ["007", "1", "a\tb\\c\nd"]);
    assert_eq!(cells(&found, 1), ["008", "2", ""]);
    assert_eq!(found.faults, [(2, "row.fields".to_owned())]);
    let dept = read("a.sql", dump, &table("1")).unwrap();
    assert_eq!((cells(&dept, 0), cells(&dept, 1)), (vec!["1", "区经信局"], vec!["2", "∅"]));
    let folder = Folder::new();
    let hints = collect::propose::Hints { table: Some("dept".into()), records: None };
    let proposed = collect::propose::propose(&folder.write("a.sql", dump), "dept", &hints).unwrap();
    assert_eq!((proposed.items[1].title.as_str(), proposed.items[0].key), ("部门名称", true));
    assert_eq!(refused("a.sql", &dump[..dump.len() - 60]), "sql.cut_off");
}

#[test]
fn nested_json_is_linked_tables() {
    let text = r#"{"code":0,"data":{"rows":[{"id":"a","big":12345678901234567890.10,"tags":["x"],"subs":[{"n":1},{"n":2}]},{"id":"b","id":"c","subs":{"n":3}}]},"msg":"ok"}"#;
    assert_eq!(
        listed("a.json", text),
        [("$".to_owned(), Some(1)), ("data.rows[*]".into(), Some(2)), ("data.rows[*].subs[*]".into(), Some(2))]
    );
    let rows = plain("a.json", text);
    assert_eq!((rows.decided("records"), rows.decided("nested")), ("data.rows[*]", "data.rows[*].subs[*]"));
    assert_eq!(rows.cell(0, "big"), Some("12345678901234567890.10"));
    assert_eq!((rows.decided("duplicate_key"), rows.cell(1, "id"), rows.cell(1, "id_2")), ("id_2", Some("b"), Some("c")));
    for options in [records("data.rows[*].subs[*]"), table("data.rows[*].subs[*]"), table("3")] {
        let subs = read("a.json", text, &options).unwrap();
        assert_eq!(subs.fields[..3], ["n", "_parent", "^.id"]);
        let links: Vec<_> = (0..3).map(|row| (subs.cell(row, "n").unwrap(), subs.cell(row, "_parent").unwrap())).collect();
        assert_eq!(links, [("1", "1"), ("2", "1"), ("3", "2")]);
    }
    let whole = read("a.json", text, &table("$")).unwrap();
    assert_eq!((whole.rows.len(), whole.fields[..2].to_vec()), (1, vec!["code".to_owned(), "data.rows".into()]));
    let lines = "{\"id\":1,\"subs\":[{\"n\":1}]}\n{\"id\":2,\"subs\":[{\"n\":2},{\"n\":3}]}\n";
    let subs = read("a.ndjson", lines, &records("subs[*]")).unwrap();
    assert_eq!((subs.rows.len(), cells(&subs, 2)), (3, vec!["3", "2", "2"]));
    assert_eq!(sniff(&Folder::new().write("b.ndjson", lines)).map(|s| s.format).ok(), None.or(Some(Format::Ndjson)));
}
