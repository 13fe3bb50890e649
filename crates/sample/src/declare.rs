//! The declarations of the sample city, written as a careful person would write them: only what is said, in order.

use std::fmt::Write;

use data::declare::{Grade, ItemClass, Mode, OpenType, ResourceClass, ShareType};
use pinyin::ToPinyin;
use serde::Serialize;

use crate::catalogue::{boards, codes, departments, figures, models, registers, rules, standards};
use crate::catalogue::boards::Shown;
use crate::catalogue::departments::Reach;
use crate::ids::social_credit_code;
use crate::places;
use crate::spec::{Answer, Column, Delivery, Encoding, Table};

const OUTLINES: &str = include_str!("reference/districts.geojson");

/// All files of the city folder: path with `/`, and text. The same on every call.
pub fn declarations() -> Vec<(String, String)> {
    let mut files = vec![("city.toml".to_owned(), city()), ("geo/districts.geojson".to_owned(), OUTLINES.to_owned())];
    for (number, department) in departments::DEPARTMENTS.iter().enumerate() {
        files.push((format!("departments/{}.toml", department.0), self::department(number, department)));
    }
    for system in departments::SYSTEMS {
        files.push((format!("systems/{}.toml", system.0), self::system(system)));
    }
    for element in standards::all() {
        files.push((format!("standards/{}.toml", element.id), standard(&element)));
    }
    for list in codes::LISTS {
        files.push((format!("codes/{}.toml", list.id), code_list(list)));
    }
    files.push(("codes/districts.toml".to_owned(), districts()));
    files.push(("codes/divisions.toml".to_owned(), divisions()));
    for (number, table) in crate::tables::all().iter().enumerate() {
        files.push((format!("resources/{}/{}.toml", table.system, table.id), resource(number, table)));
    }
    for board in boards::BOARDS {
        files.push((format!("boards/{}.toml", board.id), self::board(board)));
    }
    files.extend(models::MODELS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    files.extend(figures::FIGURES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    files.extend(registers::REGISTERS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    files.sort();
    files
}

/// Lines of TOML.
#[derive(Default)]
struct Page(String);

impl Page {
    fn text(&mut self, key: &str, value: &str) -> &mut Page {
        if !value.is_empty() {
            let _ = writeln!(self.0, "{key} = {}", quoted(value));
        }
        self
    }

    fn word(&mut self, key: &str, value: &impl Serialize) -> &mut Page {
        let word = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
        self.text(key, &word)
    }

    fn raw(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Page {
        let _ = writeln!(self.0, "{key} = {value}");
        self
    }

    fn list(&mut self, key: &str, values: &[&str]) -> &mut Page {
        if !values.is_empty() {
            let inner: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            let _ = writeln!(self.0, "{key} = [{}]", inner.join(", "));
        }
        self
    }

    fn section(&mut self, name: &str) -> &mut Page {
        let _ = writeln!(self.0, "\n{name}");
        self
    }
}

fn quoted(value: &str) -> String {
    match value.contains(['\\', '"']) && !value.contains('\'') {
        true => format!("'{value}'"),
        false => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
    }
}

fn city() -> String {
    let mut page = Page::default();
    page.text("title", "宁波市（示例）")
        .text("title_en", "Ningbo (sample)")
        .text("division", "330200")
        .text("summary", "一座示例城市：27 个部门、56 个系统，汇聚户籍、企业、交通、环境、健康、教育与热线数据。")
        .text("summary_en", "A sample city: 27 departments and 56 systems, with residents, companies, transport, environment, health, education and the hotline.")
        .text("districts", "geo/districts.geojson")
        .text("divisions", "divisions")
        .text("notice", "示例数据：所有人员、证件号码、企业与记录均为虚构，仅部门种类与行政区划代码为真实公开信息。")
        .text("notice_en", "Sample data: all persons, id numbers, companies and records are invented; only the kinds of departments and the division codes are real and public.")
        .section("[network]")
        .list("allow", &["127.0.0.1"]);
    page.0
}

fn department(number: usize, (_, title, title_en, short, office): &departments::Department) -> String {
    let uscc = social_credit_code("11", "330200", number as u64 + 20_000_000);
    let mut page = Page::default();
    page.text("title", title)
        .text("title_en", &format!("Ningbo {title_en}"))
        .text("short", short)
        .text("uscc", std::str::from_utf8(&uscc).unwrap_or_default())
        .text("contact", &format!("{office} 0574-88{:06}", 120_000 + number * 137));
    page.0
}

fn system((id, department, title, title_en, reach): &departments::System) -> String {
    let mut page = Page::default();
    page.text("title", title).text("title_en", title_en).text("department", department).section("[connector]");
    match reach {
        Reach::Files => page.text("kind", "files").text("path", &format!("sources/{id}")),
        Reach::Sqlite => page.text("kind", "sqlite").text("path", &format!("sources/{id}/{id}.db")),
        Reach::Http => page.text("kind", "http").text("url", &format!("${{SAMPLE_API}}/{id}")).raw("retries", 5).raw("timeout_seconds", 30),
    };
    page.0
}

fn standard(element: &standards::Element) -> String {
    let mut page = Page::default();
    page.text("title", element.title).text("title_en", element.title_en).word("kind", &element.kind);
    page.text("codes", element.codes.unwrap_or_default()).text("pattern", element.pattern.unwrap_or_default());
    if let Some((fewest, most)) = element.length {
        page.raw("min_length", fewest).raw("max_length", most);
    }
    if let Some((low, high)) = element.bounds {
        page.raw("minimum", format!("{low:.1}")).raw("maximum", format!("{high:.1}"));
    }
    if let Some((earliest, latest)) = element.dates {
        page.text("earliest", earliest).text("latest", latest);
    }
    page.text("norm", element.norm);
    page.0
}

fn code_list(list: &codes::List) -> String {
    let mut page = Page::default();
    page.text("title", list.title).text("title_en", list.title_en).text("norm", list.norm);
    for (value, title, title_en, _) in list.codes {
        let short = match (list.id, *value) {
            ("sex", "1") => "男",
            ("sex", "2") => "女",
            ("ethnicity", _) => title.trim_end_matches('族'),
            _ => "",
        };
        let aliases: Vec<&str> = [*title, short].into_iter().filter(|alias| !alias.is_empty() && alias != value).collect();
        page.section("[[code]]").text("value", value).text("title", title).text("title_en", title_en);
        page.list("aliases", if aliases.len() == 2 && aliases[0] == aliases[1] { &aliases[..1] } else { &aliases });
    }
    page.0
}

fn districts() -> String {
    let mut page = Page::default();
    page.text("title", "区（县、市）代码").text("title_en", "Districts").text("norm", "GB/T 2260");
    for district in places::districts() {
        let short = district.name.trim_end_matches(['区', '县', '市']);
        let full = format!("宁波市{}", district.name);
        page.section("[[code]]").text("value", district.code).text("title", district.name).text("title_en", district.name_en);
        page.list("aliases", &[district.name, short, &full]);
    }
    page.0
}

fn divisions() -> String {
    let mut page = Page::default();
    page.text("title", "行政区划代码（市、区县、乡镇街道）").text("title_en", "Divisions: city, districts, towns").text("norm", "GB/T 2260, GB/T 10114");
    for (code, name, level, parent) in places::divisions().filter(|row| row.2 != "province") {
        page.section("[[code]]").text("value", code).text("title", name).text("title_en", &english_place(name));
        page.text("parent", if level == "city" { "" } else { parent });
    }
    page.0
}

/// 石碶街道 → Shiqi Subdistrict.
fn english_place(name: &str) -> String {
    const KINDS: [(&str, &str); 6] =
        [("街道", " Subdistrict"), ("镇", " Town"), ("乡", " Township"), ("区", " District"), ("县", " County"), ("市", " City")];
    let (stem, kind) = KINDS.iter().find_map(|(zh, en)| Some((name.strip_suffix(zh)?, *en))).unwrap_or((name, ""));
    let spelt: String = stem.chars().map(|c| c.to_pinyin().map_or(c.to_string(), |sound| sound.plain().to_owned())).collect();
    let mut letters = spelt.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}{kind}", letters.as_str())
}

/// Class path of the catalogue code: class digit and item by subject, then department and system.
fn code(number: usize, table: &Table) -> String {
    const BASE: [&str; 5] = ["人口", "法人单位", "自然资源和空间地理", "社会信用", "电子证照"];
    const TOPICS: [&str; 13] = [
        "公共服务", "健康保障", "社会保障", "食品药品安全", "安全生产", "价格监管", "能源安全", "信用体系", "城乡建设", "社区治理",
        "生态环保", "应急维稳", "公共安全",
    ];
    let place = |subjects: &[&str]| subjects.iter().position(|subject| *subject == table.subject).map_or(99, |place| place + 1);
    let class = match table.class {
        ResourceClass::Base => 100 + place(&BASE),
        ResourceClass::Topic => 200 + place(&TOPICS),
        ResourceClass::Department => 308,
    };
    let system = departments::SYSTEMS.iter().position(|entry| entry.0 == table.system).unwrap_or(0);
    let owner = departments::SYSTEMS.get(system).map_or("", |entry| entry.1);
    let department = departments::DEPARTMENTS.iter().position(|entry| entry.0 == owner).unwrap_or(0);
    format!("{class}{:03}{:04}/{:06}", department + 1, system + 1, number + 1)
}

fn resource(number: usize, table: &Table) -> String {
    let mut page = Page::default();
    page.text("title", table.title)
        .text("title_en", table.title_en)
        .text("code", &code(number, table))
        .text("summary", table.summary)
        .text("summary_en", table.summary_en)
        .text("system", table.system)
        .text("office", table.office)
        .word("class", &table.class);
    let keywords: Vec<&str> = [table.subject].into_iter().filter(|subject| !subject.is_empty()).chain(table.keywords.iter().copied()).collect();
    page.list("keywords", &keywords)
        .word("share", &table.share)
        .text("share_condition", share_condition(table))
        .word("open", &table.open)
        .text("open_condition", open_condition(table))
        .word("grade", &table.gravest())
        .word("period", &table.period)
        .text("issued", &format!("2026-{:02}-{:02}", number % 9 + 1, number % 27 + 1))
        .list("related", table.related);
    collection(&mut page, table);
    for column in &table.columns {
        item(&mut page, column);
    }
    rules::of(table.id).iter().for_each(|found| rule(&mut page, found));
    page.0
}

fn rule(page: &mut Page, (name, title, title_en, dimension, severity, allowed, asks): &rules::Rule) {
    page.section("[[rule]]").text("name", name).text("title", title).text("title_en", title_en).text("dimension", dimension);
    let _ = writeln!(page.0, "{asks}");
    // What is the default is not said.
    page.text("severity", if *severity == "error" { "" } else { severity });
    if *allowed > 0.0 {
        page.raw("allowed", allowed);
    }
}

fn share_condition(table: &Table) -> &'static str {
    match table.share {
        ShareType::Unconditional => "",
        ShareType::Conditional if table.gravest() >= Grade::L3 => "因履行职责需要，经提供方审核同意后按需最小化共享，并留存使用记录。",
        ShareType::Conditional => "因履行职责需要，经提供方审核同意后共享。",
        ShareType::None => "《中华人民共和国个人信息保护法》第二十八条：敏感个人信息，仅以核验或脱敏统计方式提供。",
    }
}

fn open_condition(table: &Table) -> &'static str {
    match table.open {
        OpenType::Unconditional => "",
        OpenType::Conditional => "申请人说明用途并承诺不用于识别特定自然人、不损害商业秘密后开放。",
        OpenType::None => "含个人信息，不予开放。",
    }
}

fn collection(page: &mut Page, table: &Table) {
    page.section("[collect]").text("from", &table.from());
    if let Some(cursor) = table.cursor {
        page.word("mode", &Mode::Incremental).text("cursor", cursor);
        if matches!(table.delivery, Delivery::Api(_)) {
            page.text("cursor_parameter", "after");
        }
    }
    page.text("version", table.version.unwrap_or_default());
    match table.delivery {
        Delivery::Csv { encoding, titled, .. } => {
            // Where a machine would have to guess long, the department has told us.
            if titled {
                page.raw("header", 2);
            }
            if encoding == Encoding::Gb18030 {
                page.text("encoding", "gb18030");
            }
        }
        Delivery::Xlsx { header } => {
            page.text("format", "excel").raw("header", header);
        }
        Delivery::Json => {
            page.text("format", "json").text("records", "data.rows[*]");
        }
        Delivery::Nested(children) => {
            page.text("format", "json").text("records", &format!("[*].{children}[*]"));
        }
        Delivery::Api(answer) => paging(page, answer),
        _ => {}
    }
    page.list("null", table.null);
    if let Delivery::Api(answer) = table.delivery {
        paging_section(page, answer);
    }
}

fn paging(page: &mut Page, answer: Answer) {
    let records = match answer {
        Answer::Page => "data.rows[*]",
        Answer::PageNum => "result.records[*]",
        Answer::Offset => "list[*]",
        Answer::Cursor => "items[*]",
        Answer::Link => "value[*]",
        Answer::Csv => "",
    };
    page.text("format", if answer == Answer::Csv { "delimited" } else { "json" }).text("records", records);
}

fn paging_section(page: &mut Page, answer: Answer) {
    match answer {
        Answer::Page => page.section("[collect.paging]").text("kind", "page").raw("size", 1000),
        Answer::PageNum => {
            page.section("[collect.paging]").text("kind", "page").text("parameter", "pageNum").text("size_parameter", "pageSize").raw("size", 1000)
        }
        Answer::Offset => page.section("[collect.paging]").text("kind", "offset").raw("size", 1000),
        Answer::Cursor => page.section("[collect.paging]").text("kind", "next").text("next", "/next").text("parameter", "cursor"),
        Answer::Link => page.section("[collect.paging]").text("kind", "next").text("next", "/links/next"),
        Answer::Csv => page,
    };
}

fn item(page: &mut Page, column: &Column) {
    page.section("[[item]]").text("name", column.name).text("title", column.title).text("title_en", column.title_en);
    if column.source != column.name {
        page.text("source", column.source);
    }
    page.text("standard", column.standard);
    if column.key {
        page.raw("key", true);
    }
    if column.required {
        page.raw("required", true);
    }
    if column.class != ItemClass::Public {
        page.word("class", &column.class);
    }
    if let Some(grade) = column.grade {
        page.word("grade", &grade);
    }
    page.text("unit", column.unit);
}

fn board(board: &boards::Board) -> String {
    let mut page = Page::default();
    page.text("title", board.title).text("title_en", board.title_en).text("by", board.by.unwrap_or_default());
    for (id, kind, titles, units, shown, summaries) in board.panels {
        page.section("[[panel]]").text("id", id).text("title", titles[0]).text("title_en", titles[1]).word("kind", kind);
        match shown {
            Shown::Sql(sql) => page.text("sql", sql),
            Shown::Of(figure) => page.text("figure", figure),
            Shown::By(figure, column) => page.text("figure", figure).text("by", column),
        };
        page
            .text("unit", units[0])
            .text("unit_en", units[1])
            .text("summary", summaries[0])
            .text("summary_en", summaries[1]);
    }
    page.0
}
