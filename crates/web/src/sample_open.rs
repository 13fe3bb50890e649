//! Open datasets of the invented city, for drawing their pages in tests and previews.

use data::declare::{OpenTo, Theme, UpdatePeriod};
use data::open::{LICENCES, OpeningState};
use desk::open::{Cell, ChartPart, Choice, Measured, OpenChart, OpenMap, Point, Step, View, DatasetDetail, DatasetFilter, DatasetView, Finding, Gate, Kind, OpenColumn, OpenRows, OpeningDetail, OpeningView, Portal, ProposalView, Value, VersionView, Weight};
use desk::share::Named;
use desk::view::{FacetValue, Page};
use kernel::Text;


use crate::chart::Districts;
use crate::frame::Frame;
use crate::open::{DatasetPage, HarvestPage, OpeningPage, OpeningsPage, OtherPage, OthersPage, PortalPage};
use crate::open::drawing::{Drawing, charts};
use crate::ogc::{DocumentPage, ItemPage, ItemsPage, Section};
use crate::sample::ago;

pub(crate) fn view() -> DatasetView {
    DatasetView {
        id: "air_by_month".into(),
        title: Text::new("各区县空气质量逐月 <甲>", "Air quality by month <A>"),
        summary: Text::new("每行是一个区县一个月。", "A row for each district and month."),
        department: Named { id: "ecology".into(), title: Text::new("市生态环境局", "Ecology and Environment") },
        theme: Theme::Environment,
        to: OpenTo::Everybody,
        licence: &LICENCES[0],
        period: UpdatePeriod::Monthly,
        keywords: vec![Text::new("空气质量", "air quality"), Text::new("PM2.5", "PM2.5")],
        rows: 1_234,
        columns: 3,
        version: 7,
        published: ago(90 * 86_400),
        updated: ago(3_600),
        used: store_used(),
        position: None,
    }
}

fn store_used() -> desk::open::Used {
    desk::open::Used { views: 1_000, calls: 20, downloads: 7 }
}

fn column(name: &str, zh: &str, en: &str, kind: Kind, key: bool) -> OpenColumn {
    OpenColumn { name: name.into(), title: Text::new(zh, en), unit: if key { String::new() } else { "μg/m³".into() }, key, kind }
}

fn columns() -> Vec<OpenColumn> {
    vec![
        column("district", "区县", "District", Kind::Text, true),
        column("month", "月份", "Month", Kind::Date, true),
        column("pm25", "细颗粒物 <平均>", "PM2.5 <mean>", Kind::Number, false),
    ]
}

pub(crate) fn portal(f: Frame, any: bool) -> PortalPage {
    let facet = |value: &str, chosen| FacetValue { value: value.into(), count: 3, chosen };
    let facets = |values: &[(&str, bool)]| if any { values.iter().map(|(value, chosen)| facet(value, *chosen)).collect() } else { Vec::new() };
    let found = Portal {
        datasets: Page { entries: if any { vec![view()] } else { Vec::new() }, total: u64::from(any), page: 1, size: 20 },
        themes: facets(&[("environment", true), ("transport", false)]),
        departments: facets(&[("ecology", false)]),
        to: facets(&[("everybody", false), ("applicants", false)]),
        licences: facets(&[("CC-BY-4.0", false)]),
        suggestion: (!any).then(|| "空气<质量>".to_owned()),
    };
    let filter = DatasetFilter { query: if any { String::new() } else { "孔气\"".into() }, ..DatasetFilter::default() };
    PortalPage::new(f, &filter, found, &|id| format!("部门 {id} <b>"))
}

pub(crate) fn dataset(f: Frame, everybody: bool) -> DatasetPage {
    let versions = (6..=7).rev().map(|number| VersionView { number, rows: 1_234, added: 20, changed: 3, removed: 1, time: ago(3_600) }).collect();
    let to = if everybody { OpenTo::Everybody } else { OpenTo::Applicants };
    let row = vec![Value::Text("330<203>".into()), Value::Text("2026-10-01".into()), Value::Null];
    let rows = OpenRows { version: 7, updated: ago(3_600), columns: columns(), rows: vec![row], total: 1_234, limit: 20, offset: 0 };
    DatasetPage {
        d: DatasetDetail {
            view: DatasetView { to, position: everybody.then(|| ["lng".into(), "lat".into()]), ..view() },
            condition: Text::new("签署协议 <并备案>", "Sign the agreement <and register>"),
            columns: columns(),
            sources: vec![Named { id: "air_daily".into(), title: Text::new("空气质量日报 <日>", "Daily air quality <day>") }],
            versions,
            versions_total: 7,
        },
        rows: everybody.then_some(rows),
        drawing: std::sync::Arc::new(Drawing {
            charts: if everybody { charts(&f, &sample_drawn(), &columns(), &Districts::default()) } else { Vec::new() },
            map: everybody.then(|| crate::open::map::draw(&f, "air_by_month", "空气 <图>", &sample_map(), &Districts::default())),
        }),
        origin: "https://data.example.gov.cn".into(),
        ld: crate::html::Html("{}".into()),
        voices: if everybody { crate::sample_voice::voices() } else { Vec::new() },
        voices_total: if everybody { 9 } else { 0 },
        stars: if everybody { (3, 13) } else { (0, 0) },
        apps: if everybody { crate::sample_app::shown() } else { Vec::new() },
        terms: (!everybody).then(crate::sample_app::terms),
        access: (!everybody && f.staff()).then(|| crate::sample_app::access(data::open::AccessState::Granted, true, true)),
        f,
    }
}

/// One chart of each form.
fn sample_drawn() -> Vec<OpenChart> {
    let part = |key: &str, value: f64| ChartPart { key: Some(key.into()), title: None, value };
    let parts = vec![part("330<203>", 12.5), ChartPart { key: None, title: None, value: 3.0 }, ChartPart { title: Some(Text::new("海<曙>", "Hai<shu>")), ..part("2", 1.0) }];
    vec![
        OpenChart { choice: Choice::Parts { by: "district".into(), of: Measured::Rows }, parts, others: Some((4, 9.0)) },
        OpenChart {
            choice: Choice::Series { by: "month".into(), step: Step::Month, of: Measured::Mean("pm25".into()) },
            parts: vec![part("2026-01-01", 31.5), part("2026-02-01", 28.0)],
            others: None,
        },
        OpenChart { choice: Choice::Bins { of: "pm25".into(), low: 0.0, width: 5.0 }, parts: vec![part("0", 4.0), part("5", 40.0)], others: None },
    ]
}

fn sample_map() -> OpenMap {
    let whole = View::of([121.4, 29.7, 121.8, 30.0]);
    let points = vec![Point { number: 7, at: [121.55, 29.87], name: "三江<口>".into() }];
    OpenMap { view: whole.scaled(0.5), whole, rows: 500, placed: 1_234, cells: vec![Cell { across: 3, up: 4, rows: 499 }, Cell { across: 5, up: 4, rows: 1 }], points }
}

pub(crate) fn ogc_document(f: Frame) -> DocumentPage {
    let entries = vec![("公交 <站>".into(), "/ogc/collections/bus_stops?f=html".into(), "每行是一个站 <点>".into()), ("符合".into(), String::new(), String::new())];
    DocumentPage { title: f.t("ogc-title"), lead: f.t("ogc-lead"), sections: vec![Section { title: f.t("ogc-collections"), entries }], f }
}

pub(crate) fn ogc_items(f: Frame, any: bool) -> ItemsPage {
    let turned = || any.then(|| "/ogc/collections/bus_stops/items?f=html&limit=10&offset=0".to_owned());
    ItemsPage {
        id: "bus_stops".into(),
        title: "公交 <站>".into(),
        matched: if any { 1_234 } else { 0 },
        heads: vec!["站名 <甲>".into()],
        rows: if any { vec![(7, vec!["月湖 <东>".into()])] } else { Vec::new() },
        previous: turned(),
        next: turned(),
        json: "/ogc/collections/bus_stops/items?offset=10&f=json".into(),
        f,
    }
}

pub(crate) fn ogc_item(f: Frame) -> ItemPage {
    let facts = vec![("站名 <甲>".into(), "月湖 <东>".into())];
    let map = Some("/open/datasets/bus_stops?bbox=1,2,3,4#map".into());
    ItemPage { id: "bus_stops".into(), title: "公交 <站>".into(), number: 7, facts, json: "/ogc/collections/bus_stops/items/7?f=json".into(), map, f }
}

fn proposal(state: OpeningState, weight: Weight, own: bool) -> ProposalView {
    let finding = |weight| Finding { weight, what: Text::new("“电话 <号>”为 L3", "“Telephone <number>” is L3"), help: Some(Text::new("去掉 <它>", "leave <it> out")) };
    let gate = Gate { batch: 3, rows: 1_234, findings: vec![finding(weight), finding(Weight::Fine)] };
    ProposalView {
        id: "019e".into(),
        dataset: "air_by_month".into(),
        state,
        proposer: "李 <四>".into(),
        words: "公众关心 <空气>".into(),
        proposed: ago(7_200),
        gate: (state != OpeningState::Measuring).then_some(gate),
        decider: (state == OpeningState::Approved).then(|| "王五 <管>".into()),
        decision: (state == OpeningState::Approved).then(|| "同意 <开放>".into()),
        decided: (state == OpeningState::Approved).then(|| ago(3_600)),
        own,
    }
}

fn opening_view(state: OpeningState, weight: Weight, own: bool) -> OpeningView {
    let open = state == OpeningState::Approved;
    OpeningView {
        dataset: "air_by_month".into(),
        title: view().title,
        department: "ecology".into(),
        department_title: view().department.title,
        path: "models/open/air_by_month.sql".into(),
        proposal: Some(proposal(state, weight, own)),
        current: !open,
        version: open.then(|| (7, 1_234, ago(3_600))),
        held: open.then(|| desk::open::HeldRow { dataset: "air_by_month".into(), batch: 3, why: Text::new("“电话 <号>”为 L3", "“Telephone <number>” is L3"), time: ago(60) }),
    }
}

pub(crate) fn openings(f: Frame, any: bool) -> OpeningsPage {
    let never = OpeningView { proposal: None, ..opening_view(OpeningState::Refused, Weight::Fine, false) };
    let openings = match any {
        true => vec![opening_view(OpeningState::Proposed, Weight::Fine, false), opening_view(OpeningState::Approved, Weight::Fine, false), never],
        false => Vec::new(),
    };
    OpeningsPage { f, openings }
}

pub(crate) fn opening(f: Frame, state: OpeningState, weight: Weight, own: bool) -> OpeningPage {
    let d = OpeningDetail { view: opening_view(state, weight, own), proposals: vec![proposal(state, weight, own)], sql: "SELECT district\nFROM air_daily -- <b>".into() };
    OpeningPage { f, d, sent: own.then(|| (Text::new("请写明 <理由>。", "Say <why>."), "同\"意".into())) }
}

fn other_view(gone: bool) -> desk::open::OtherView {
    let file = opendata::Distribution { id: "tokyo-1.1".into(), title: Text::new("表 <1>", "Table <1>"), format: "CSV".into(), access_url: "https://other.example/1.csv?a=1&b=2".into(), ..opendata::Distribution::default() };
    let nowhere = opendata::Distribution { access_url: "ftp://other.example/2".into(), ..file.clone() };
    desk::open::OtherView {
        record: opendata::Record {
            id: "tokyo-1-abcdef01".into(),
            title: Text::new("人口 <総数>", "Population <total>"),
            summary: Text::new("每年 <一次>", "Once <a year>"),
            publisher: opendata::Publisher { name: Text::new("东京都 <总务>", "Tokyo <general>"), ..opendata::Publisher::default() },
            page: Some("https://other.example/dataset/1".into()),
            keywords: vec![Text::new("人口", "population")],
            distributions: vec![file, nowhere],
            issued: Some(ago(90 * 86_400)),
            ..opendata::Record::default()
        },
        catalogue: "tokyo".into(),
        catalogue_title: Text::new("东京都 <目录>", "Tokyo <catalogue>"),
        first: ago(86_400),
        changed: ago(3_600),
        gone: gone.then(|| ago(60)),
    }
}

pub(crate) fn others(f: Frame, any: bool) -> OthersPage {
    let entries = if any { vec![other_view(false)] } else { Vec::new() };
    let paging = crate::paging::Paging::new(&f, 1, 20, u64::from(any));
    let portals = if any { vec![("tokyo".to_owned(), Text::new("东京都 <目录>", "Tokyo <catalogue>"), 377)] } else { Vec::new() };
    OthersPage { query: "人口".into(), catalogue: "tokyo".into(), portals, found: Page { entries, total: u64::from(any), page: 1, size: 20 }, paging, f }
}

pub(crate) fn other(f: Frame, gone: bool) -> OtherPage {
    OtherPage { d: other_view(gone), ld: crate::html::Html("{}".into()), f }
}

pub(crate) fn harvest(f: Frame, any: bool) -> HarvestPage {
    let run = |failed: Option<Text>| desk::open::HarvestRunRow {
        catalogue: "tokyo".into(),
        began: ago(120),
        ended: ago(60),
        actor: if failed.is_some() { "schedule".into() } else { "李 <四>".into() },
        found: 377,
        added: 3,
        changed: 2,
        gone: 1,
        refused: 1,
        failed,
    };
    let one = desk::open::CatalogueView {
        id: "tokyo".into(),
        title: Text::new("东京都 <目录>", "Tokyo <catalogue>"),
        kind: data::declare::CatalogueKind::Ckan,
        place: "https://other.example/<a>".into(),
        department: "ecology".into(),
        department_title: view().department.title,
        count: desk::open::HarvestCount { catalogue: "tokyo".into(), live: 376, gone: 1, refused: 1, changed: ago(60) },
        runs: vec![run(None), run(Some(Text::new("对方答以 HTTP <503>", "it answered with HTTP <503>")))],
        refused: vec![("a<b>".into(), Text::new("没有标题", "it has no title"))],
    };
    HarvestPage { f, catalogues: if any { vec![one] } else { Vec::new() } }
}
