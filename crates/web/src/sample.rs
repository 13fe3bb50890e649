//! A small invented city for tests and previews: every page is drawn from it in both languages.

use data::declare::{Department, Grade, OpenType, Resource, ResourceClass, ShareType, Standard, System, UpdatePeriod};
use data::standard::Fault;
use desk::authority::{Role, Roles};
use desk::view::*;
use kernel::{Lang, Moment, Text};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::chart::Districts;
use crate::frame::{Frame, Mode, Place, Waiting};
use crate::say::{Say, zone};

mod mending;
mod panel;
pub(crate) mod quality;
mod system;

pub(crate) use panel::{district_panels, home_panels};
pub(crate) use mending::{correction, corrections, edit, edits, repair, schedule};
pub(crate) use system::system_detail;

/// 2026-11-24 14:05 in Ningbo.
pub(crate) const NOW: Moment = Moment(1_795_500_300_000_000);

pub(crate) fn ago(minutes: i64) -> Moment {
    Moment(NOW.0 - minutes * 60_000_000)
}

fn declared<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("sample declaration")
}

pub(crate) fn frame(lang: Lang, mode: Mode, staff: bool, place: Place, title: &str, address: &str) -> Frame {
    let account = Account {
        id: "a1".into(),
        name: "chen".into(),
        display: "陈静".into(),
        roles: Roles::only(Role::Steward),
        clearance: Some(Grade::L4),
        ..Account::default()
    };
    Frame {
        say: Say { lang, zone: zone("Asia/Shanghai"), now: NOW },
        mode,
        account: staff.then_some(account),
        waiting: if staff { Waiting { held: 2, defects: 3, requests: 2, openings: 1, ..Waiting::default() } } else { Waiting::default() },
        csrf: if staff { "0123456789abcdef".into() } else { String::new() },
        city: if lang == Lang::Zh { "明州市" } else { "Mingzhou" }.into(),
        notice: if lang == Lang::Zh { "演示城市：人员、企业和数据均为虚构。" } else { "A demonstration city: people, companies and data are invented." }.into(),
        place,
        title: title.into(),
        address: address.into(),
        query: String::new(),
        site: String::new(),
    }
}

const DISTRICTS: [(&str, &str, &str, &[(f64, f64)]); 6] = [
    ("330203", "海曙区", "Haishu", &[(121.30, 29.90), (121.55, 29.90), (121.56, 29.80), (121.40, 29.70), (121.25, 29.78)]),
    ("330205", "江北区", "Jiangbei", &[(121.30, 29.90), (121.38, 30.05), (121.55, 30.02), (121.60, 29.92), (121.55, 29.90)]),
    ("330206", "北仑区", "Beilun", &[(121.70, 29.98), (122.00, 29.95), (122.10, 29.80), (121.85, 29.75), (121.70, 29.85)]),
    ("330211", "镇海区", "Zhenhai", &[(121.38, 30.05), (121.62, 30.12), (121.75, 30.00), (121.70, 29.98), (121.60, 29.92), (121.55, 30.02)]),
    ("330212", "鄞州区", "Yinzhou", &[(121.55, 29.90), (121.60, 29.92), (121.70, 29.98), (121.70, 29.85), (121.85, 29.75), (121.60, 29.62), (121.40, 29.70), (121.56, 29.80)]),
    ("330282", "慈溪市", "Cixi", &[(121.05, 30.10), (121.20, 30.30), (121.55, 30.25), (121.62, 30.12), (121.38, 30.05), (121.30, 29.90), (121.15, 29.95)]),
];

pub(crate) fn districts() -> Districts {
    let feature = |(code, name, en, points): &(&str, &str, &str, &[(f64, f64)])| {
        let ring: Vec<Value> = points.iter().chain(points.first()).map(|(x, y)| json!([x, y])).collect();
        json!({"type": "Feature", "properties": {"code": code, "name": name, "name_en": en}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    };
    let features: Vec<Value> = DISTRICTS.iter().map(feature).collect();
    let city = data::City {
        info: declared(json!({"title": "明州市", "title_en": "Mingzhou", "division": "330200"})),
        departments: Default::default(),
        systems: Default::default(),
        resources: Default::default(),
        standards: Default::default(),
        code_lists: Default::default(),
        boards: Default::default(),
        models: Default::default(),
        nodes: Default::default(),
        catalogs: Default::default(),
        registers: Default::default(),
        figures: Default::default(),
        apis: Default::default(),
        districts: Some(json!({"type": "FeatureCollection", "features": features}).to_string()),
    };
    Districts::read(&city)
}

pub(crate) fn department() -> Department {
    let mut department: Department = declared(json!({"title": "市生态环境局", "title_en": "Bureau of Ecology and Environment", "short": "生态环境局", "uscc": "11330200002947521K", "contact": "信息中心 0574-8718 0000"}));
    department.id = "ecology".into();
    department
}

pub(crate) fn system() -> System {
    let mut system: System = declared(json!({"title": "空气质量监测系统", "title_en": "Air quality monitoring", "department": "ecology", "connector": {"kind": "files", "path": "sources/air"}, "summary": "全市国控、省控空气站的监测数据。", "summary_en": "Readings of all national and provincial air stations of the city."}));
    system.id = "air".into();
    system
}

fn item(name: &str, title: &str, en: &str, standard: &str, more: Value) -> Value {
    let mut value = json!({"name": name, "title": title, "title_en": en, "standard": standard});
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

pub(crate) fn resource() -> Resource {
    let items = [
        item("station", "站点编号", "Station", "text", json!({"key": true, "required": true})),
        item("day", "日期", "Day", "date", json!({"key": true, "required": true})),
        item("pm25", "PM2.5 浓度", "PM2.5", "number", json!({"unit": "μg/m³", "summary": "24 小时滑动平均", "summary_en": "24-hour running mean"})),
        item("level", "空气质量等级", "Air quality level", "aqi_level", json!({})),
        item("keeper", "维护人电话", "Keeper's telephone", "phone", json!({"class": "personal", "grade": "L3"})),
    ];
    let mut resource: Resource = declared(json!({
        "title": "城市空气质量日报", "title_en": "Daily air quality", "code": "3330200012/000007",
        "summary": "各空气站每日的六项污染物平均浓度和空气质量等级，一行是一个站点的一天。",
        "summary_en": "Daily means of six pollutants and the air quality level; one row is one station on one day.",
        "system": "air", "office": "监测处", "class": "topic", "keywords": ["空气质量", "生态环境"],
        "share": "unconditional", "open": "unconditional", "grade": "L1", "period": "daily", "issued": "2026-01-31",
        "collect": {"from": "daily-*.csv"}, "item": items,
    }));
    resource.id = "air_daily".into();
    resource
}

pub(crate) fn standard(id: &str) -> Option<Standard> {
    (id == "aqi_level").then(|| declared(json!({"title": "空气质量指数级别", "title_en": "AQI level", "kind": "code", "codes": "aqi_level", "norm": "HJ 633-2012"})))
}

pub(crate) fn department_title(id: &str) -> String {
    if id == "ecology" { "市生态环境局".into() } else { id.into() }
}

pub(crate) fn item_title(_: &str, name: &str) -> String {
    resource().items.into_iter().find(|i| i.name == name).map(|i| i.title).unwrap_or_else(|| name.into())
}

pub(crate) fn source_title(id: &str) -> String {
    if id == "air_daily" { "城市空气质量日报".into() } else { id.into() }
}

const DEPARTMENTS: [(&str, &str, &str, u64, u64, u64, u64); 7] = [
    ("police", "市公安局", "Public Security Bureau", 4, 9, 1_206_330, 3_120),
    ("hrss", "市人力资源和社会保障局", "Human Resources and Social Security", 3, 7, 604_021, 811),
    ("market", "市市场监督管理局", "Market Supervision", 5, 11, 312_775, 1_940),
    ("ecology", "市生态环境局", "Bureau of Ecology and Environment", 3, 6, 288_410, 64),
    ("health", "市卫生健康委员会", "Health Commission", 4, 8, 221_052, 402),
    ("transport", "市交通运输局", "Transport Bureau", 3, 5, 190_334, 18),
    ("bigdata", "市大数据发展管理局", "Big Data Bureau", 2, 4, 10_852, 0),
];

pub(crate) fn overview() -> Overview {
    let states = [Freshness::Fresh, Freshness::Failed, Freshness::Fresh, Freshness::Stale, Freshness::Fresh, Freshness::Fresh, Freshness::Never];
    let by_department = DEPARTMENTS.iter().zip(states).map(|((id, zh, en, systems, resources, rows, bad), worst)| DepartmentSummary {
        id: (*id).into(),
        title: Text::new(*zh, *en),
        systems: *systems,
        resources: *resources,
        rows: Rows { raw: rows + rows / 30 + bad, standard: *rows, quarantined: *bad },
        worst,
        last_collected: (worst != Freshness::Never).then(|| ago(*systems as i64 * 37)),
    });
    let landed = [8_120, 7_950, 8_400, 2_100, 1_980, 8_333, 8_610, 9_020, 8_790, 8_800, 2_240, 2_050, 9_310, 412_876];
    Overview {
        city: Text::new("明州市", "Mingzhou"),
        summary: Text::new("七个部门、二十四个系统的数据在这里汇合、核验、编目，供部门共享，向社会开放。", "Here the data of seven departments and twenty-four systems meets: checked, catalogued, shared and opened."),
        departments: 7,
        systems: 24,
        resources: 50,
        items: 612,
        rows: Rows { raw: 2_927_114, standard: 2_833_774, quarantined: 6_355 },
        landed_today: 412_876,
        runs_today: 48,
        failed_today: 1,
        gaps: 3,
        freshness: vec![(Freshness::Never, 4), (Freshness::Fresh, 41), (Freshness::Stale, 3), (Freshness::Failed, 2)],
        trend: landed.iter().enumerate().map(|(i, n)| (format!("2026-11-{:02}", 11 + i), *n)).collect(),
        last_run: Some(run(RunState::Partial)),
        running: 2,
        as_of: ago(1),
        by_department: by_department.collect(),
    }
}

/// A city where nothing was collected yet.
pub(crate) fn overview_empty() -> Overview {
    let o = overview();
    let none = Rows::default();
    let by_department = o.by_department.into_iter().map(|d| DepartmentSummary { rows: none, worst: Freshness::Never, last_collected: None, ..d });
    Overview { by_department: by_department.collect(), rows: none, landed_today: 0, runs_today: 0, failed_today: 0, freshness: vec![(Freshness::Never, 50)], trend: Vec::new(), last_run: None, running: 0, ..o }
}

pub(crate) fn run(state: RunState) -> RunView {
    let running = state == RunState::Running;
    let failed = state == RunState::Failed;
    RunView {
        id: format!("019a-{}", state as u8),
        resource: "air_daily".into(),
        resource_title: Text::new("城市空气质量日报", "Daily air quality"),
        system: "air".into(),
        system_title: Text::new("空气质量监测系统", "Air quality monitoring"),
        department_title: Text::new("市生态环境局", "Bureau of Ecology and Environment"),
        state,
        started: ago(if running { 2 } else { 45 }),
        ended: (!running).then(|| Moment(ago(45).0 + 83_000_000)),
        source_rows: 182_640,
        landed: if failed { 120_000 } else { 9_310 },
        quarantined: if state == RunState::Partial { 64 } else { 0 },
        unchanged: if failed { 0 } else if state == RunState::Partial { 173_266 } else { 173_330 },
        corrected: 12,
        removed: 0,
        missing: if state == RunState::Partial { 3 } else { 0 },
        bytes: 8_812_004,
        bytes_total: running.then_some(12_400_000),
        rows_total: None,
        trigger: "schedule".into(),
        decisions: vec![
            ("encoding".into(), Text::new("按 GB18030 读取：有 12 处字节不是合法的 UTF-8。", "Read as GB18030: 12 places are not valid UTF-8.")),
            ("delimiter".into(), Text::new("以逗号分隔：前 100 行的列数一致。", "Comma: the first 100 lines have the same number of fields.")),
        ],
        error: failed.then(|| Text::new("第 120,001 行之后文件中断（daily-2026.csv）。请让提供方重新投递完整的文件。", "The file daily-2026.csv ends inside line 120,001. Ask the provider to deliver it whole.")),
    }
}

pub(crate) fn running() -> Vec<RunView> {
    let first = run(RunState::Running);
    let second = RunView {
        id: "019a-hotline".into(),
        resource: "hotline".into(),
        resource_title: Text::new("12345 热线工单", "12345 hotline orders"),
        source_rows: 20_500,
        bytes_total: None,
        ..first.clone()
    };
    vec![first, second]
}

pub(crate) fn runs() -> Vec<RunView> {
    use RunState::*;
    [Running, Partial, Done, Failed, Interrupted].map(run).into()
}

fn page<T>(entries: Vec<T>, page: u64, size: u64, total: u64) -> Page<T> {
    Page { entries, total, page, size }
}

pub(crate) fn runs_page() -> Page<RunView> {
    page(runs(), 2, 50, 230)
}

pub(crate) fn systems() -> Vec<SystemSummary> {
    let base = system_detail().summary;
    let other = |id: &str, zh: &str, en: &str, department: (&str, &str, &str), connector, worst, running| SystemSummary {
        id: id.into(),
        title: Text::new(zh, en),
        department: department.0.into(),
        department_title: Text::new(department.1, department.2),
        connector,
        worst,
        running,
        last_collected: (worst != Freshness::Never).then(|| ago(60 * 30)),
        ..base.clone()
    };
    let police = ("police", "市公安局", "Public Security Bureau");
    let ecology = ("ecology", "市生态环境局", "Bureau of Ecology and Environment");
    vec![
        other("population", "人口信息管理系统", "Population register", police, "sqlite", Freshness::Fresh, false),
        other("residence", "流动人口居住登记系统", "Residence registration", police, "http", Freshness::Failed, false),
        base.clone(),
        other("water", "水质自动监测系统", "Water quality monitoring", ecology, "http", Freshness::Stale, true),
        other("noise", "噪声自动监测系统", "Noise monitoring", ecology, "postgres", Freshness::Never, false),
    ]
}

pub(crate) fn resource_summary() -> ResourceSummary {
    let r = resource();
    ResourceSummary {
        id: r.id.clone(),
        title: Text::new(&r.title, &r.title_en),
        summary: Text::new(&r.summary, &r.summary_en),
        code: r.code.clone(),
        department: "ecology".into(),
        department_title: Text::new("市生态环境局", "Bureau of Ecology and Environment"),
        system: "air".into(),
        system_title: Text::new("空气质量监测系统", "Air quality monitoring"),
        class: ResourceClass::Topic,
        grade: Grade::L1,
        share: ShareType::Unconditional,
        open: OpenType::Unconditional,
        period: UpdatePeriod::Daily,
        items: 5,
        rows: Rows { raw: 190_014, standard: 182_576, quarantined: 64 },
        freshness: Freshness::Fresh,
        last_collected: Some(ago(45)),
        service: false,
    }
}

pub(crate) fn resource_detail(open: bool) -> ResourceDetail {
    let column = |name: &str, nulls, distinct, ends: (&str, &str), mean, histogram: Vec<(&str, u64)>, binned| ColumnProfile {
        name: name.into(),
        nulls,
        distinct,
        minimum: Some(ends.0.to_owned()).filter(|s| !s.is_empty()),
        maximum: Some(ends.1.to_owned()).filter(|s| !s.is_empty()),
        mean,
        histogram: histogram.into_iter().map(|(l, n)| (l.to_owned(), n)).collect(),
        binned,
    };
    let profile = Profile {
        rows: 182_576,
        as_of: ago(44),
        columns: vec![
            column("station", 0, 38, ("1233A", "3190A"), None, vec![("1233A", 5_112), ("1234A", 5_110), ("1235A", 5_104)], false),
            column("day", 0, 4_802, ("2013-10-28", "2026-11-23"), None, vec![("2013-10-28", 9_000), ("2016-01-01", 30_000), ("2019-01-01", 52_000), ("2022-01-01", 61_000), ("2025-01-01", 30_576)], true),
            column("pm25", 4_120, 411, ("1", "611"), Some(38.2), vec![("0", 30_100), ("20", 61_000), ("40", 48_000), ("60", 22_000), ("80", 9_400), ("100", 5_020), ("120", 1_900), ("140", 700), ("160", 300), ("180", 36)], true),
            column("level", 120_000, 6, ("", ""), None, vec![("良", 31_010), ("优", 24_880), ("轻度污染", 5_020)], false),
            column("keeper", 182_576, 0, ("", ""), None, vec![], false),
        ],
    };
    let cell = |text: &str| Some(text.to_owned());
    let rows = (1..=5).map(|d| vec![cell("1233A"), Some(format!("2026-11-{d:02}")), cell("27"), if d == 3 { None } else { cell("良") }, None]).collect();
    let columns = resource().items.into_iter().map(|i| i.name).collect();
    let mut summary = resource_summary();
    if !open {
        summary.freshness = Freshness::Stale;
        summary.last_collected = Some(ago(60 * 24 * 4));
    }
    ResourceDetail {
        resource: resource(),
        summary,
        department: department(),
        system: system_detail().summary,
        profile: open.then_some(profile),
        seen: desk::view::Seen::default(),
        preview: if open { Preview::Rows { columns, rows } } else { Preview::Closed },
        runs: runs().into_iter().skip(1).collect(),
        related: vec![("air_station".into(), Text::new("空气监测站点", "Air stations"))],
        causes: causes(),
        service: None,
        operations: Vec::new(),
    }
}

/// The same, asked at its system at each call.
pub(crate) fn service_detail() -> ResourceDetail {
    let (view, operations) = crate::sample_share::service(desk::share::ServiceState::Open);
    ResourceDetail { service: Some(view), operations, runs: Vec::new(), profile: None, ..resource_detail(false) }
}

fn causes() -> Vec<Cause> {
    vec![
        Cause {
            resource: "air_daily".into(),
            resource_title: Text::new("城市空气质量日报", "Daily air quality"),
            code: "number.range".into(),
            item: "pm25".into(),
            item_title: Text::new("PM2.5 浓度", "PM2.5"),
            message: Text::new("数值超出 0 到 1000 的范围", "Outside the range 0 to 1000"),
            rows: 51,
            example: "-9999".into(),
        },
        Cause {
            resource: "air_daily".into(),
            resource_title: Text::new("城市空气质量日报", "Daily air quality"),
            code: "row.fields".into(),
            item: String::new(),
            item_title: Text::default(),
            message: Text::new("这一行的列数和表头不一致", "The row has another number of fields than the header"),
            rows: 13,
            example: "1233A,2026-11-03".into(),
        },
    ]
}

pub(crate) fn quarantine() -> QuarantineView {
    let row = |line, text: &str, faults| QuarantineRow {
        batch: 3,
        row: line,
        resource: "air_daily".into(),
        resource_title: Text::new("城市空气质量日报", "Daily air quality"),
        run: "019a-2".into(),
        file: "daily-2026.csv".into(),
        line,
        faults,
        text: text.into(),
        bytes_hex: text.bytes().map(|b| format!("{b:02x}")).collect(),
        time: ago(44),
    };
    let fault = |code: &str, item: &str, found: &str, zh: &str, en: &str| Fault { code: code.into(), item: item.into(), found: found.into(), message: Text::new(zh, en) };
    let rows = vec![
        row(1_204, "1233A,2026-11-03,-9999,良,", vec![fault("number.range", "pm25", "-9999", "数值超出 0 到 1000 的范围；没有测到时请留空。", "Outside the range 0 to 1000; leave it empty when nothing was measured.")]),
        row(1_318, "1233A,2026-11-31,27,<良>,138000", vec![
            fault("date.invalid", "day", "2026-11-31", "11 月没有 31 日，请核对日期。", "November has no 31st; check the date."),
            fault("phone.length", "keeper", "138000", "手机号码应为 11 位。", "A mobile number has 11 digits."),
        ]),
        row(1_402, "1233A,2026-11-03", vec![fault("row.fields", "", "", "这一行有 2 列，表头有 5 列。", "The row has 2 fields, the header 5.")]),
    ];
    QuarantineView { causes: causes(), rows: page(rows, 1, 20, 64), hidden: Some(crate::sample_river::seen().why) }
}

pub(crate) fn catalog(found: bool) -> CatalogView {
    let facet = |value: &str, count, chosen| FacetValue { value: value.into(), count, chosen };
    let hit = CatalogHit { resource: resource_summary(), items: vec![("pm25".into(), Text::new("PM2.5 浓度", "PM2.5")), ("level".into(), Text::new("空气质量等级", "Air quality level"))] };
    let second = CatalogHit {
        resource: ResourceSummary {
            id: "air_station".into(),
            title: Text::new("空气监测站点", "Air stations"),
            grade: Grade::L3,
            freshness: Freshness::Stale,
            open: OpenType::None,
            share: ShareType::Conditional,
            ..resource_summary()
        },
        items: Vec::new(),
    };
    CatalogView {
        hits: page(if found { vec![hit, second] } else { Vec::new() }, 1, 20, if found { 42 } else { 0 }),
        departments: vec![facet("ecology", 6, true), facet("health", 8, false)],
        classes: vec![facet("topic", 4, false), facet("base", 1, false), facet("department", 2, false)],
        grades: vec![facet("L1", 4, false), facet("L3", 2, false)],
        shares: vec![facet("unconditional", 5, false), facet("conditional", 1, false)],
        opens: vec![facet("unconditional", 4, false), facet("none", 1, false)],
        suggestion: (!found).then(|| "空气质量".to_owned()),
        elapsed_us: 3_240,
    }
}

pub(crate) fn sql_tables() -> Vec<SqlTable> {
    let column = |name: &str, zh: &str, en: &str, kind: &str| SqlTableColumn { name: name.into(), title: Text::new(zh, en), kind: kind.into() };
    let title = Text::new("城市空气质量日报", "Daily air quality");
    let columns = vec![
        column("station", "站点编号", "Station", "Utf8"),
        column("day", "日期", "Day", "Date32"),
        column("pm25", "PM2.5 浓度", "PM2.5", "Float64"),
        column("level", "空气质量等级", "Air quality level", "Utf8"),
        column("_file", "来源文件", "source file", "Utf8"),
    ];
    let raw = vec![column("站点", "站点编号", "Station", "Utf8"), column("_faults", "问题", "faults", "Utf8")];
    vec![
        SqlTable { name: "raw.air_daily".into(), title: title.clone(), columns: raw },
        SqlTable { name: "standard.air_daily".into(), title, columns },
    ]
}

pub(crate) fn sql_rows() -> crate::sql::Answer {
    let column = |name: &str, kind: &str| SqlColumn { name: name.into(), kind: kind.into() };
    let rows: Vec<Vec<Value>> = (1..=24).map(|d| declared(json!(["海曙区·监测站 <1>", format!("2026-11-{d:02}"), 20.5 + d as f64, if d == 3 { Value::Null } else { json!(d * 1000) }]))).collect();
    let columns = vec![column("station", "Utf8"), column("day", "Date32"), column("pm25", "Float64"), column("n", "Int64")];
    crate::sql::Answer::rows("SELECT * FROM air_daily", SqlAnswer { columns, rows, truncated: true, elapsed_ms: 41 }, crate::sample_river::seen())
}

pub(crate) fn sql_wrong(lang: Lang) -> crate::sql::Answer {
    let message = Text::new("表 standard.air_daily 没有列 leval。您是不是要写 level？", "standard.air_daily has no column leval. Did you mean level?");
    let error = SqlError { message, line: 2, column: 18, length: 5, suggestion: Some("level".into()) };
    crate::sql::Answer::wrong("SELECT *\nFROM 空气 a WHERE a.leval > 3", error, lang)
}

pub(crate) fn sql_plan() -> crate::sql::Answer {
    crate::sql::Answer::plan("Projection: day\n  TableScan: air_daily".into(), "ProjectionExec: expr=[day]\n  DataSourceExec: file_groups={2 groups: [[a < b]]}".into())
}
