//! What a file says, printed value by value: messy texts, and the tables that people see in them.

use collect::CollectError;
use collect::read::ReadOptions;
use collect::show::{Form, ShowError, Shown, show};

struct Printed {
    text: String,
    /// (line, code, whether it was shown).
    refused: Vec<(u64, String, bool)>,
    shown: Shown,
}

fn print(bytes: impl AsRef<[u8]>, options: &ReadOptions, form: Form) -> Result<Printed, CollectError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    let told = &mut |r: collect::show::Refusal| refused.push((r.line, r.fault.code.clone(), r.shown));
    match show(file.path(), "t.csv", options, form, &mut out, told) {
        Ok(shown) => Ok(Printed { text: String::from_utf8(out).unwrap(), refused, shown }),
        Err(ShowError::Source(error)) => Err(error),
        Err(ShowError::Out(error)) => panic!("{error}"),
    }
}

/// A file as CSV.
pub fn csv_of(path: &std::path::Path) -> String {
    let mut out = Vec::new();
    show(path, &path.to_string_lossy(), &ReadOptions::default(), Form::Csv, &mut out, &mut |_| {}).unwrap();
    String::from_utf8(out).unwrap()
}

fn csv(bytes: impl AsRef<[u8]>) -> String {
    print(bytes, &ReadOptions::default(), Form::Csv).unwrap().text
}

fn table(number: &str) -> ReadOptions {
    ReadOptions { table: Some(number.to_owned()), ..ReadOptions::default() }
}

#[test]
fn values_are_printed_as_they_stand() {
    for (text, expected) in [
        // Names as found: twice the same, none, with blanks; a column without a name or values.
        ("id,值, 值,,\n007,1,2,x,\n008,3,4,y,\n", "id,值, 值,,\n007,1,2,x,\n008,3,4,y,\n"),
        ("a;b\r\n\"1;\"\"x\"\"\";2,5\r\n3;\"4\r\n5\"\r\n", "a,b\n\"1;\"\"x\"\"\",\"2,5\"\n3,\"4\r\n5\"\n"),
        // One column: an empty value is a record all the same.
        ("name\nx\n\"\"\ny\n", "name\nx\ny\n"),
        // No header: none is invented.
        ("1,2020-01-01\n2,2020-01-02\n", "1,2020-01-01\n2,2020-01-02\n"),
        ("a,b,c\n", "a,b,c\n"),
    ] {
        assert_eq!(csv(text), expected, "{text:?}");
    }
    let json = print("id,值,值\n007,,\"x\n\"\n", &ReadOptions::default(), Form::Json).unwrap().text;
    assert_eq!(json, "[\n{\"id\":\"007\",\"值\":\"\",\"值_2\":\"x\\n\"}\n]\n");
    let nested = r#"[{"a":1},{"b":{"c":[2]},"a":null}]"#;
    assert_eq!(csv(nested), "a,b.c\n1,\n,[2]\n");
    assert_eq!(print("", &ReadOptions::default(), Form::Csv).err().map(|e| e.code), Some("file.empty"));
}

/// Records that landing refuses are printed as the file says them; nothing is cut off, nothing lost.
#[test]
fn broken_records_are_shown_and_told() {
    let text = "id,name,n,note\n1,甲,5,\n2,乙\n3,丙,7,,多\n4,\"丁,8,x\n5;戊;9;y\n6,,己,10,\n7,庚 \"大\",11,z\n8,\"辛\" 小,12,\n注：完\n";
    let found = print(text, &ReadOptions::default(), Form::Csv).unwrap();
    let expected = "id,name,n,note\n1,甲,5,\n2,乙,,\n3,丙,7,,多\n4,\"\"\"丁\",8,x\n5,戊,9,y\n6,,己,10\n7,\"庚 \"\"大\"\"\",11,z\n8,\"\"\"辛\"\" 小\",12,\n";
    assert_eq!(found.text, expected);
    let refused: Vec<(u64, &str, bool)> = found.refused.iter().map(|(line, code, shown)| (*line, code.as_str(), *shown)).collect();
    let expected = [(3, "row.fields", true), (4, "row.fields", true), (5, "row.quote", true), (6, "row.fields", true), (10, "row.note", false)];
    assert_eq!(refused, expected);
    assert_eq!((found.shown.records, found.shown.refused), (8, 5));
}

#[test]
fn every_dialect_gives_the_same_table() {
    let expected = "date,what,text\n2020-01-01,Pump,\"it's 5\"\" long, wet\"\n2020-01-02,Old Gate,\"no, dry\"\n2020-01-03,Lamp,\"\n\"\n2020-01-04,Lamp,\"a, b\"\n";
    let rows = [["date", "what", "text"], ["2020-01-01", "Pump", "it's 5\" long, wet"], ["2020-01-02", "Old Gate", "no, dry"], ["2020-01-03", "Lamp", "\n"], ["2020-01-04", "Lamp", "a, b"]];
    let write = |delimiter: &str, newline: &str, quote: char, escape: &str| {
        let cell = |(column, cell): (usize, &&str)| match column {
            2 if *cell != "text" => format!("{quote}{}{quote}", cell.replace(quote, &format!("{escape}{quote}"))),
            _ => (*cell).to_owned(),
        };
        rows.map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>().join(delimiter)).join(newline) + newline
    };
    for delimiter in [",", ";", "\t", "|", "||", ", ", "^", "~", "\u{1}"] {
        for newline in ["\n", "\r\n", "\r"] {
            assert_eq!(csv(write(delimiter, newline, '"', "\"")), expected, "{delimiter:?} {newline:?}");
        }
    }
    for escape in ["\\", ""] {
        assert_eq!(csv(write(",", "\n", '"', escape)), expected, "escaped by {escape:?}");
    }
    for escape in ["'", "\\", ""] {
        assert_eq!(csv(write(";", "\n", '\'', escape)), expected, "quoted by apostrophes, escaped by {escape:?}");
    }
}

#[test]
fn stacked_tables_are_told_apart() {
    let text = "出行费用,,\n,,\n项目,金额,笔数\n机票,10.5,2\n酒店,20,3\n\n办公费用,,\n\n供应商,税号,金额,日期\n甲公司,913302,7.5,2020-01-01\n乙公司,913303,8,2020-01-02\n";
    let first = print(text, &ReadOptions::default(), Form::Csv).unwrap();
    assert_eq!(first.text, "项目,金额,笔数\n机票,10.5,2\n酒店,20,3\n");
    let refused: Vec<(u64, &str)> = first.refused.iter().map(|(line, code, _)| (*line, code.as_str())).collect();
    assert_eq!(refused, [(7, "row.section"), (10, "row.other_table"), (11, "row.other_table")], "what is not read is refused, not lost");
    let second = print(text, &table("2"), Form::Csv).unwrap();
    assert_eq!(second.text, "供应商,税号,金额,日期\n甲公司,913302,7.5,2020-01-01\n乙公司,913303,8,2020-01-02\n");
    assert_eq!((second.refused.len(), print(text, &table("办公"), Form::Csv).unwrap().text), (0, second.text));
    assert_eq!(print(text, &table("1"), Form::Csv).unwrap().refused.len(), 1, "only its own lines");
    assert_eq!(print(text, &table("3"), Form::Csv).err().map(|e| e.code), Some("text.table"));
    // A record with a remark in place of its figure begins no table, even behind a blank line.
    let remark = "编号,姓名,成绩\n\n1,张三,90\n2,李四,85\n\n3,王五,缺考\n4,赵六,70\n";
    assert_eq!(print(remark, &ReadOptions::default(), Form::Csv).unwrap().shown.records, 4);
    let first = "编号,姓名,成绩\n甲,张三,缺考\n乙,李四,85\n丙,王五,90\n";
    assert_eq!(csv(first), first, "nor does it belong to the header");
}

#[test]
fn header_lines_are_joined_and_titles_between_records_are_a_field() {
    let levels = "地区,人口,,收入,,备注\n,男,女,城镇,农村,\n,万人,万人,元,元,\n海曙,30.1,31.2,60000,40000,\n鄞州,50.5,51.6,65000,41000,x\n";
    assert_eq!(csv(levels), "地区,人口 男 万人,人口 女 万人,收入 城镇 元,收入 农村 元,备注\n海曙,30.1,31.2,60000,40000,\n鄞州,50.5,51.6,65000,41000,x\n");
    let months = "2012-01\nDay,T,H\n1,4.7,67\n2,5.2,60\n2012-02\nDay,T,H\n1,6.1,71\n2012-03\nDay,T,H\n1,8.1,70\n";
    let found = print(months, &ReadOptions::default(), Form::Csv).unwrap();
    assert_eq!(found.text, "Day,T,H,^.section\n1,4.7,67,2012-01\n2,5.2,60,2012-01\n1,6.1,71,2012-02\n1,8.1,70,2012-03\n");
}

#[test]
fn text_encoded_twice_is_flagged_and_restored_as_declared() {
    let text = "编号,名称,地址\n1,宁波市第一医院,海曙区柳汀街\n2,李惠利医院,鄞州区兴宁路\n3,妇儿医院,柳汀街三三九\n";
    let gbk = encoding_rs::GB18030.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    let latin: String = text.bytes().map(char::from).collect();
    for (twice, via) in [(gbk, "gb18030"), (latin, "windows-1252")] {
        let found = print(&twice, &ReadOptions::default(), Form::Csv).unwrap();
        let label = format!("utf-8 via {via}");
        let told = found.shown.decisions.iter().find(|d| d.what == "encoded_twice").map(|d| d.chosen.clone());
        assert_eq!(told, Some(label.clone()), "{via}");
        assert!(found.text.contains(twice.lines().last().unwrap()), "the file is read as it stands");
        let declared = ReadOptions { encoding: Some(label), ..ReadOptions::default() };
        let restored = print(&twice, &declared, Form::Csv).unwrap();
        for name in ["宁波市第一医院", "兴宁路"] {
            assert!(restored.text.contains(name) || restored.refused.iter().any(|r| r.1 == "row.encoding"), "{via} {}", restored.text);
        }
    }
    let plain = print(text, &ReadOptions::default(), Form::Csv).unwrap();
    assert!(plain.shown.decisions.iter().all(|d| d.what != "encoded_twice"));
}

#[test]
fn encodings_are_told_however_late_they_show() {
    let rows: String = (0..120_000).map(|n| format!("{n},row number {n}\n")).collect();
    let text = format!("id,name\n{rows}120000,宁波市海曙区\n");
    let found = csv(encoding_rs::GBK.encode(&text).0);
    assert!(found.ends_with("120000,宁波市海曙区\n"));
    let wide: Vec<u8> = "编号,名称,地址说明\n一,宁波市第一医院,海曙区柳汀街\n二,李惠利医院,鄞州区兴宁路\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(csv(wide).ends_with("李惠利医院,鄞州区兴宁路\n"));
    let marks = "\u{feff}a,b\n1,x\n\u{feff}2,y\n\u{feff}3,z\n";
    assert_eq!(csv(marks), "a,b\n1,x\n2,y\n3,z\n", "marks in mid-file are no part of values");
}

#[test]
fn columns_of_fixed_width_are_told_or_declared() {
    let text = "No    Name        Amount  Day\n001   Old Gate      12.50 2026-01-01\n002   New Bridge     7.00 2026-01-02\n003   Wall         103.25 2026-01-03\n";
    let found = print(text, &ReadOptions::default(), Form::Csv).unwrap();
    let expected = "No,Name,Amount,Day\n001,Old Gate,12.50,2026-01-01\n002,New Bridge,7.00,2026-01-02\n003,Wall,103.25,2026-01-03\n";
    assert_eq!((found.text.as_str(), found.shown.refused), (expected, 0));
    let told = found.shown.decisions.iter().find(|d| d.what == "delimiter").map(|d| d.chosen.clone()).unwrap();
    assert!(told.starts_with("fixed:1,7,"), "{told}");
    let declared = |columns: &str| ReadOptions { delimiter: Some(columns.to_owned()), ..ReadOptions::default() };
    assert_eq!(print(text, &declared(&told), Form::Csv).unwrap().text, expected, "as told, so declared");
    // A Chinese character is two wide, in UTF-8 as in GBK; a title keeps to no columns.
    let wide = "某区医院名单（二〇二六年一月登记）\n编号  名称          床位\n001   宁波市医院     120\n002   李惠利医院      80\n003   妇儿医院        60\n";
    for bytes in [wide.as_bytes().to_vec(), encoding_rs::GBK.encode(wide).0.into_owned()] {
        assert_eq!(csv(bytes), "编号,名称,床位\n001,宁波市医院,120\n002,李惠利医院,80\n003,妇儿医院,60\n");
    }
    let glued = "0011200\n0020800\n";
    assert_eq!(print(glued, &declared("fixed:1,4"), Form::Csv).unwrap().text, "001,1200\n002,0800\n");
    assert_eq!(print(glued, &declared("fixed:4,1"), Form::Csv).err().map(|e| e.code), Some("text.columns"));
}

/// Signs that hardly anybody uses, line ends written twice, commas that are no delimiters.
#[test]
fn rare_forms_are_read_or_refused() {
    let rows = [["id", "name", "amount"], ["001", "Old Gate", "7"], ["002", "Wall", "8"], ["003", "Lamp", "9"]];
    let expected = "id,name,amount\n001,Old Gate,7\n002,Wall,8\n003,Lamp,9\n";
    for (delimiter, newline) in [("!", "\n"), ("、", "\n"), ("$", "\r\n"), (",", "\r\r\n"), ("\u{1f}", "\u{1e}"), ("@@", "\n")] {
        assert_eq!(csv(rows.map(|row| row.join(delimiter)).join(newline)), expected, "{delimiter:?} {newline:?}");
    }
    // Times of day are not cut at their colons, nor sentences at their commas.
    let log = "2026-01-01 00:00:01 start\n2026-01-01 00:00:02 stop\n2026-01-01 00:00:03 start\n";
    assert_eq!(csv(log), "2026-01-01,00:00:01,start\n2026-01-01,00:00:02,stop\n2026-01-01,00:00:03,start\n");
    let prose = "这是一段文字，说明来源和口径。\n请各单位认真填写，于月底前报送。\n如有疑问，请来电。\n";
    let code = |text: &str| print(text, &ReadOptions::default(), Form::Csv).err().map(|e| e.code);
    assert_eq!(code(prose), Some("text.not_table"));
    assert_eq!(code("@prefix dct: <http://purl.org/dc/terms/> .\n<a> a dct:X ;\n"), Some("file.rdf"));
    assert_eq!(code("<meta charset=utf-8>\n<table><tr><td>1</td></tr></table>"), Some("file.html"));
    // A tab before a value keeps a spreadsheet from rounding it.
    let tabs = "编号,身份证\n\t001,\t330203199001011234\n\t002,\t330203199001011235\n";
    assert_eq!(csv(tabs), tabs);
    // A lone column has a header only where something tells.
    assert_eq!(print("张三\n李四\n王五\n", &ReadOptions::default(), Form::Csv).unwrap().shown.records, 3);
    assert_eq!(print("姓名\n李四\n王五\n", &ReadOptions::default(), Form::Csv).unwrap().shown.records, 2);
}

#[test]
fn headers_of_several_lines_and_records_without_figures() {
    for (text, expected) in [
        ("指标,2020年,,2021年,\n,上半年,下半年,上半年,下半年\n人口,1,2,3,4\n收入,5,6,7,8\n", "指标,2020年 上半年,2020年 下半年,2021年 上半年,2021年 下半年\n人口,1,2,3,4\n收入,5,6,7,8\n"),
        ("区县,人口,产值\n单位,万人,亿元\n海曙,104.1,1200\n鄞州,160.9,2400\n", "区县,人口 万人,产值 亿元\n海曙,104.1,1200\n鄞州,160.9,2400\n"),
        ("编号,名称,数量\nid,name,amount\n1,甲,2\n2,乙,3\n", "编号 id,名称 name,数量 amount\n1,甲,2\n2,乙,3\n"),
        ("# exported by x, y\n# on a day\nid,name,v\n1,x,2\n2,y,3\n", "id,name,v\n1,x,2\n2,y,3\n"),
        // A year without figures is a record; so is what a cut-off file has of its last one.
        ("年份,人口,收入\n1978,,\n1979,,\n1980,5,6\n1981,7", "年份,人口,收入\n1978,,\n1979,,\n1980,5,6\n1981,7,\n"),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n", ", a , b ,\n, 1 , 2 ,\n, 3 , 4 ,\n"),
    ] {
        assert_eq!(csv(text), expected, "{text}");
    }
    let years = print("年份,人口,收入\n1978,,\n1979,,\n1980,5,6\n", &ReadOptions::default(), Form::Csv).unwrap();
    assert_eq!(years.shown.refused, 0);
    // What is told of a header of several lines is told again when the proposal is collected.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "编号,名称,数量\nid,name,amount\n1,甲,2\n2,乙,3\n").unwrap();
    let proposed = collect::propose::propose(&path, "a", &collect::propose::Hints::default()).unwrap();
    let again = crate::load::load(&path, &ReadOptions::from_collection(&proposed.collection)).unwrap();
    assert_eq!(again.fields, proposed.fields);
}

#[test]
fn what_is_too_wide_is_refused_as_such() {
    let code = |text: String| print(text, &ReadOptions::default(), Form::Csv).err().map(|e| e.code);
    let names = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    assert_eq!(code(format!("{}\n{}\n", names(10_001), names(10_001))), Some("table.too_wide"));
    assert_eq!(code(names(1_000_000)), Some("table.too_wide"), "even where the line has no end in sight");
    assert_eq!(code("x".repeat(3 << 20)), Some("text.endless_line"));
    let keys = |n: usize| format!("{{{}}}", (0..n).map(|i| format!("\"k{i}\":{i}")).collect::<Vec<_>>().join(","));
    assert_eq!(code(keys(1_000_000)), Some("json.too_many_names"));
    // A record with too many keys is refused, and adds no fields.
    let found = print(format!("[{{\"a\":1}},{}]", keys(20_000)), &ReadOptions::default(), Form::Csv).unwrap();
    assert_eq!((found.shown.fields.as_slice(), found.refused.len()), (&["a".to_owned()][..], 1));
}
