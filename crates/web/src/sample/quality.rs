//! The invented city's quality, its failing rows and its defects.

use data::declare::{Dimension, RuleSeverity};
use desk::message::{MessageState, MessageView, Messages};
use desk::defect::{Act, DefectDetail, DefectKind, DefectState, DefectView};
use desk::quality::{CityQuality, FailingRow, FailingRows, ResourceQuality, RuleState, RuleView, Score, Suggestion};

use super::*;
use crate::defect::DefectPage;
use crate::quality::{FailingPage, Section};

fn rule(name: &str, state: RuleState, severity: RuleSeverity, listed: bool) -> RuleView {
    RuleView {
        name: name.into(),
        title: Text::new("AQI 与等级一致 <1>", "AQI agrees with its level"),
        dimension: Dimension::Consistency,
        severity,
        allowed: 0.01,
        asks: "aqi <= 50 or level <> '优'".into(),
        state,
        checked: 12_000,
        failed: if state == RuleState::Failed { 340 } else { 0 },
        newest: (!listed).then(|| ago(900)),
        listed,
        holds: name == "aqi",
        defect: (state == RuleState::Failed).then(|| "019e".to_owned()),
    }
}

fn score(id: &str, title: Text, score: f64) -> Score {
    Score {
        id: id.into(),
        title,
        department: "ecology".into(),
        score,
        rows: 12_000,
        rules: 5,
        failing: 2,
        measured: Some(ago(40)),
    }
}

pub(crate) fn city(any: bool) -> CityQuality {
    let air = Text::new("城市空气质量日报", "Daily air quality");
    let bureau = Text::new("市生态环境局", "Bureau of Ecology");
    let trend = (1..=24).map(|d| (format!("2026-11-{d:02}"), 90.0 + d as f64 / 4.0)).collect();
    CityQuality {
        score: any.then_some(97.36),
        departments: if any {
            vec![score("ecology", bureau.clone(), 88.0), score("health", bureau, 99.96)]
        } else {
            Vec::new()
        },
        resources: if any {
            vec![score("air_daily", air.clone(), 71.2), score("air_station", air, 93.0)]
        } else {
            Vec::new()
        },
        trend: if any { trend } else { Vec::new() },
        without: 103,
    }
}

fn quality(any: bool) -> ResourceQuality {
    let rules = vec![
        rule("aqi", RuleState::Failed, RuleSeverity::Error, true),
        rule("level", RuleState::Failed, RuleSeverity::Warning, true),
        rule("day", RuleState::Passed, RuleSeverity::Info, false),
        rule("new", RuleState::Unmeasured, RuleSeverity::Info, true),
    ];
    ResourceQuality {
        resource: "air_daily".into(),
        title: Text::new("城市空气质量日报", "Daily air quality"),
        department: "ecology".into(),
        department_title: Text::new("市生态环境局", "Bureau of Ecology"),
        measured: any.then(|| ago(40)),
        rows: 12_000,
        score: any.then_some(71.2),
        error: (!any).then(|| Text::new("查询超过时限", "The query took too long")),
        rules: if any { rules } else { Vec::new() },
        trend: if any {
            vec![("2026-11-23".into(), 70.0), ("2026-11-24".into(), 71.2)]
        } else {
            Vec::new()
        },
    }
}

/// Of a model, whose rows have no names of their own.
pub(crate) fn of_model() -> ResourceQuality {
    let rules = vec![rule("aqi", RuleState::Failed, RuleSeverity::Error, true), RuleView { newest: None, ..rule("level", RuleState::Failed, RuleSeverity::Warning, false) }];
    ResourceQuality { resource: "topic.air_by_month".into(), rules, trend: Vec::new(), ..quality(true) }
}

pub(crate) fn section(f: &Frame, any: bool) -> Section {
    let declared: data::declare::Rule = declared(
        json!({"name": "aqi_range", "title": "AQI 在合理范围内", "title_en": "AQI is in range", "dimension": "validity", "expression": "aqi between 0 and 500", "severity": "warning"}),
    );
    let suggestion = Suggestion {
        text: data::declare::write_rule(&declared),
        base: "0a1b".into(),
        rule: declared,
    };
    Section::new(f, quality(any), if any && f.may("see.suggestions") { vec![suggestion] } else { Vec::new() })
}

fn failing_rows(any: bool) -> FailingRows {
    let row = |n: u8| FailingRow { hash: format!("{n:032x}"), cells: vec![Some("海曙<1>".into()), None, Some("daily.csv".into())] };
    FailingRows {
        columns: vec!["station".into(), "aqi".into(), "_file".into()],
        rows: if any { vec![row(1), row(2)] } else { Vec::new() },
        next: any.then(|| format!("{:032x}", 2)),
    }
}

fn heads() -> Vec<String> {
    vec!["监测站".into(), "AQI".into(), "来源文件".into()]
}

pub(crate) fn defect_page(f: Frame, state: DefectState, objection: bool) -> DefectPage {
    DefectPage { f, d: defect(state, objection), heads: heads(), rows: (!objection).then(|| failing_rows(true)), editable: true }
}

pub(crate) fn failing(f: Frame, any: bool) -> FailingPage {
    let (rows, heads) = (failing_rows(any), heads());
    let rule = rule("aqi", RuleState::Failed, RuleSeverity::Error, true);
    FailingPage {
        address: "/catalog/air_daily/quality/aqi".into(),
        first: !any,
        editable: any,
        edited: any.then(|| (1, "019c".to_owned())),
        seen: desk::view::Seen::default(),
        quality: quality(true),
        rule,
        heads,
        rows,
        f,
    }
}

fn one(state: DefectState, objection: bool, late: bool) -> DefectView {
    DefectView {
        id: "019e".into(),
        kind: if objection { DefectKind::Objection } else { DefectKind::Rule },
        title: Text::new("AQI 与等级一致 <1>", "AQI agrees with its level"),
        resource: "air_daily".into(),
        resource_title: Text::new("城市空气质量日报", "Daily air quality"),
        department: "ecology".into(),
        department_title: Text::new("市生态环境局", "Bureau of Ecology"),
        rule: (!objection).then(|| "aqi".to_owned()),
        row: objection.then(|| format!("{:032x}", 7)),
        severity: "error".into(),
        state,
        checked: if objection { 0 } else { 12_000 },
        failed: if objection { 0 } else { 340 },
        opened: ago(9_000),
        due: "2026-11-23".into(),
        late,
        escalated: late.then(|| ago(300)),
        closed: (state == DefectState::Closed).then(|| ago(2)),
    }
}

/// Messages in each state.
pub(crate) fn messages(any: bool) -> Messages {
    let message = |state: MessageState, tries: u64| MessageView {
        id: format!("019e.{}", state.word()),
        kind: if tries > 1 { "defect.escalated" } else { "defect.opened" }.into(),
        defect: "019e".into(),
        service: (tries == 0).then(|| "company".into()),
        title: Text::new("AQI 与等级一致 <1>", "AQI agrees with its level"),
        resource_title: Text::new("空气质量日报 <1>", "Air by day"),
        department_title: Text::new("市生态环境局", "Bureau of Ecology"),
        time: ago(400),
        state,
        tries,
        next: (state == MessageState::Waiting).then(|| ago(-4)),
        ended: (state != MessageState::Waiting).then(|| ago(3)),
        error: (state == MessageState::Waiting).then(|| Text::new("无法连接对方 <1>。", "The receiver cannot be reached.")),
    };
    let all = vec![message(MessageState::Waiting, 7), message(MessageState::Acknowledged, 1), message(MessageState::Unaddressed, 0)];
    Messages {
        page: page(if any { all } else { Vec::new() }, 1, 50, if any { 120 } else { 0 }),
        waiting: u64::from(any),
        receiver: any.then(|| "oa.example.gov.cn".to_owned()),
    }
}

pub(crate) fn defects() -> Page<DefectView> {
    let all = DefectState::ALL.map(|state| one(state, state == DefectState::Answered, state == DefectState::Open));
    page(all.into(), 2, 50, 140)
}

fn defect(state: DefectState, objection: bool) -> DefectDetail {
    let act = |act: &str, who: &str, words: &str, failed| Act {
        act: act.into(),
        who: who.into(),
        time: ago(60),
        words: words.into(),
        failed,
    };
    let acts = vec![
        act("opened", "", "", Some(340)),
        act("measured", "", "", Some(300)),
        act("answered", "陈静", "已更正 <a>", None),
        act("rechecked", "", "", Some(12)),
        act("escalated", "", "", None),
        act("rejected", "陈静", "仍不对", None),
        act("confirmed", "陈静", "对了", None),
        act("dropped", "", "", None),
        act("closed", "", "", Some(0)),
    ];
    let rule = (!objection).then(|| rule("aqi", RuleState::Failed, RuleSeverity::Error, true));
    DefectDetail {
        defect: one(state, objection, state == DefectState::Open),
        acts,
        rule,
    }
}
