//! The invented city's figures, for drawing their pages in tests and previews.

use data::declare::{Better, Grade, Period};
use desk::figure::{Breakdown, FailingRule, FigureDetail, FigureRows, FigureView, Ground, Grounds, Headline, PanelQuestion, Part, Point};
use desk::view::{Freshness, Seen};
use kernel::Text;
use serde_json::json;

use crate::sample::{ago, home_panels};

fn point(start: &str, value: f64) -> Point {
    Point { start: start.into(), value: json!(value) }
}

pub(crate) fn view(id: &str, period: Option<Period>) -> FigureView {
    let series = vec![point("2026-10-01", 91.5), point("2026-09-01", 88.25), point("2026-08-01", 86.0), point("2025-10-01", 95.0)];
    FigureView {
        id: id.into(),
        title: Text::new("空气<优良>率", "Good <air>"),
        summary: Text::new("当月监测日中指数不超过 100 的比例。", "Share of days with an index of 100 at most & measured."),
        department: "ecology".into(),
        department_title: Text::new("市生态环境局", "Ecology"),
        unit: Text::new("%", "%"),
        decimals: 1,
        period,
        better: Some(Better::Higher),
        table: "topic.air_by_month".into(),
        table_title: Text::new("空气质量逐月", "Air by month"),
        grade: Grade::L2,
        hidden: false,
        headline: Headline {
            value: Some(json!(91.5)),
            start: period.map(|_| "2026-10-01".into()),
            running: false,
            before: series.get(1).cloned(),
            year_before: series.get(3).cloned(),
        },
        series,
        as_of: Some(ago(31)),
        error: None,
    }
}

pub(crate) fn views() -> Vec<FigureView> {
    let hidden = FigureView { hidden: true, headline: Headline::default(), series: Vec::new(), ..view("paid", Some(Period::Quarter)) };
    let wrong = FigureView {
        headline: Headline::default(),
        series: Vec::new(),
        as_of: None,
        error: Some(Text::new("没有列 `x`", "there is no column `x`")),
        department: "health".into(),
        ..view("visits", Some(Period::Week))
    };
    let running = FigureView { headline: Headline { running: true, ..view("", Some(Period::Year)).headline }, better: Some(Better::Lower), ..view("cases", Some(Period::Year)) };
    vec![view("good_air", Some(Period::Month)), view("stock", None), running, hidden, wrong]
}

fn grounds(any: bool) -> Grounds {
    if !any {
        return Grounds::default();
    }
    let rule = |touches: bool, defect: Option<&str>| FailingRule {
        name: "aqi_range".into(),
        title: Text::new("指数在 <0> 到 500 之间", "index from <0> to 500"),
        failed: 12,
        checked: 3_650,
        touches,
        defect: defect.map(str::to_owned),
    };
    let ground = Ground {
        resource: "air_daily".into(),
        title: Text::new("城市空气质量日报", "Daily air quality"),
        department_title: Text::new("市生态环境局", "Ecology"),
        freshness: Freshness::Stale,
        last_collected: Some(ago(3_000)),
        rows: 3_650,
        items: vec![Text::new("指数", "Index"), Text::new("日期", "Day")],
        score: Some(93.25),
        failing: vec![rule(true, Some("019e")), rule(false, None), rule(false, None), rule(false, None)],
    };
    let bare = Ground { resource: "person".into(), items: Vec::new(), score: None, failing: Vec::new(), last_collected: None, freshness: Freshness::Never, ..ground.clone() };
    Grounds { steps: crate::sample_model::steps(), cut: true, sources: vec![ground, bare] }
}

pub(crate) fn detail(any: bool) -> FigureDetail {
    let part = |key: &str, value: f64| Part { key: key.into(), title: Text::new("鄞州区", "Yinzhou"), value: json!(value) };
    let breakdown = |by: &str, parts: Vec<Part>| Breakdown { by: by.into(), title: Text::new("所属<区>", "District"), parts };
    let many = (0..40).map(|n| part(&format!("x{n}"), f64::from(n))).collect();
    FigureDetail {
        view: if any { view("good_air", Some(Period::Month)) } else { FigureView { series: Vec::new(), ..view("stock", None) } },
        value: "100.0 * sum(good_days) / sum(days)".into(),
        condition: any.then(|| "days < 32 AND district IS NOT NULL".into()),
        time: any.then(|| "month".into()),
        path: "figures/good_air.toml".into(),
        sql: "SELECT\n100.0 * sum(good_days) / sum(days)\nAS \"value\" FROM topic.\"air_by_month\"".into(),
        breakdowns: if any { vec![breakdown("district", vec![part("330212", 92.0), part("330203", 90.0)]), breakdown("kind", many), breakdown("none", Vec::new())] } else { Vec::new() },
        grounds: grounds(any),
        boards: vec![("home".into(), Text::new("城市运行总览", "The city at a glance"), "good_air".into())],
    }
}

pub(crate) fn rows(any: bool) -> FigureRows {
    FigureRows {
        title: Text::new("空气<优良>率", "Good <air>"),
        period: Some(Period::Month),
        only: vec![(Text::new("所属区", "District"), Text::new("鄞州区<b>", "Yinzhou<b>"))],
        columns: vec![("day".into(), Text::new("日期", "Day")), ("note".into(), Text::new("备注", "Note"))],
        labels: vec![Default::default(), [("<b>".to_owned(), Text::new("噪声<扰民>", "Noise"))].into()],
        rows: if any { vec![vec![json!("2026-10-03"), json!("<b>")], vec![json!("2026-10-04T01:00:00Z"), json!(null)]] } else { Vec::new() },
        page: if any { 2 } else { 1 },
        more: any,
        seen: Seen::default(),
        sql: "SELECT * FROM topic.\"air_by_month\"".into(),
    }
}

pub(crate) fn panel() -> PanelQuestion {
    let shown = home_panels().into_iter().find(|panel| panel.id == "industry");
    PanelQuestion { board_title: Text::new("城市运行总览", "The city at a glance"), panel: shown.expect("the panel"), grounds: grounds(true) }
}
