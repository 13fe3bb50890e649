//! The invented city's drift, gaps and history, for drawing their pages in tests and previews.

use data::declare::UpdatePeriod;
use desk::amend::{DiffLine, Draft};
use desk::drift::{Difference, DriftDetail, DriftState, DriftView, Kind};
use desk::gaps::{Gap, GapsView, Lack};
use desk::history::{Batch, Change, Changes, RowChange, RowVersion, Version};
use desk::view::{Freshness, Page, Rows};
use kernel::Text;

use crate::history::Subject;
use crate::sample::{ago, resource, resource_detail};

fn difference(kind: Kind, about: &str, before: &[&str], now: &[&str], holds: bool) -> Difference {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Difference {
        kind,
        about: about.into(),
        from: String::new(),
        to: String::new(),
        before: all(before),
        now: all(now),
        count: 120,
        extent: 0.2,
        message: Text::new("信息项「PM2.5 浓度」的列「pm25」不见了，新列「pm2_5」与它相像：可能改了名。", "The column “pm25” is gone and “pm2_5” looks like it: it may have been renamed."),
        holds,
    }
}

pub(crate) fn drift(state: DriftState) -> DriftView {
    let decided = matches!(state, DriftState::Used | DriftState::Refused);
    DriftView {
        id: format!("019d-{}", state.word()),
        resource: "air_daily".into(),
        resource_title: Text::new("城市空气质量日报", "Daily air quality"),
        system: "air".into(),
        run: "019a-1".into(),
        state,
        differences: vec![
            difference(Kind::Renamed, "pm25", &["pm25（数字 / numbers）", "35.2", "41"], &["pm2_5（数字 / numbers）", "35.2", "38.5"], true),
            difference(Kind::Added, "备注<b>", &[], &["备注（文字 / text）", "雾<霾>"], false),
        ],
        time: ago(40),
        decided: decided.then(|| ago(10)),
        decided_by: decided.then(|| "陈静".into()),
        why: decided.then(|| "来源系统升级".into()),
        change: (state == DriftState::Used).then(|| "resources/air/air_daily.toml\n+ aliases = [\"pm2_5\"]\n".into()),
    }
}

pub(crate) fn drifts() -> Page<DriftView> {
    Page { entries: DriftState::ALL.map(drift).into(), total: 230, page: 2, size: 50 }
}

pub(crate) fn drift_detail(state: DriftState) -> DriftDetail {
    let line = |mark: char, text: &str| DiffLine { mark, text: text.into() };
    let lines = vec![line(' ', "[[item]]"), line(' ', "name = \"pm25\""), line('+', "aliases = [\"pm2_5\"]"), line('-', "required = true")];
    let draft = Draft { path: "resources/air/air_daily.toml".into(), text: String::new(), base: "0f".into(), lines };
    let held = state == DriftState::Held;
    DriftDetail { drift: drift(state), blocked: held.then(|| Text::new("「pm25」是必填项。", "“pm25” is required.")), drafts: if held { vec![draft] } else { Vec::new() } }
}

pub(crate) fn gaps() -> GapsView {
    let base = resource_detail(true).summary;
    let gap = |department: (&str, &str, &str), lack: Lack, days: Option<i64>| {
        let mut resource = base.clone();
        resource.department = department.0.into();
        resource.department_title = Text::new(department.1, department.2);
        resource.period = UpdatePeriod::Daily;
        resource.rows = Rows::default();
        resource.freshness = Freshness::Never;
        Gap { resource, lack, since: days.map(|days| ago(days * 1440)), error: (lack == Lack::Failing).then(|| Text::new("连不上来源数据库。", "The source database cannot be reached.")), last_run: Some("019a-3".into()) }
    };
    let ecology = ("ecology", "市生态环境局", "Bureau of Ecology and Environment");
    let police = ("police", "市公安局", "Public Security Bureau");
    let gaps = vec![gap(police, Lack::Failing, Some(3)), gap(police, Lack::Never, None), gap(ecology, Lack::Empty, Some(0)), gap(ecology, Lack::Stale, Some(12))];
    GapsView { gaps, counts: Lack::ALL.map(|lack| (lack, 1)).into(), resources: 50 }
}

pub(crate) fn no_gaps() -> GapsView {
    GapsView { gaps: Vec::new(), counts: Lack::ALL.map(|lack| (lack, 0)).into(), resources: 50 }
}

pub(crate) fn subject() -> Subject {
    let resource = resource();
    let items = resource.items.iter().map(|item| (item.name.clone(), item.title.clone())).collect();
    Subject { id: resource.id, name: resource.title, items }
}

pub(crate) fn batches() -> Vec<Batch> {
    (1..=3).map(|seq| Batch { seq, run: format!("019a-{seq}"), rows: 100, time: ago(3000 - seq * 900) }).collect()
}

fn version(batch: i64, pm25: &str) -> Version {
    let cell = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    Version {
        batch,
        run: format!("019a-{batch}"),
        file: "daily-11.csv".into(),
        line: 12,
        time: ago(300),
        removed: false,
        refused: false,
        cells: vec![cell("station", "S<1>"), cell("day", "2026-11-23"), cell("pm25", pm25)],
    }
}

pub(crate) fn changes(any: bool) -> Changes {
    let key = vec![("station".to_owned(), "S<1>".to_owned()), ("day".to_owned(), "2026-11-23".to_owned())];
    let cell = |before: Option<&str>, now: Option<&str>| vec![("pm25".to_owned(), before.map(str::to_owned), now.map(str::to_owned))];
    let change = |change, before: Option<&str>, now: Option<&str>| RowChange {
        change,
        key: key.clone(),
        before: before.map(|value| version(1, value)),
        now: now.map(|value| version(2, value)),
        cells: cell(before, now),
    };
    let entries = vec![
        change(Change::Corrected, Some("35"), Some("53")),
        change(Change::Added, None, Some("<41>")),
        change(Change::Removed, Some("12"), None),
        RowChange { key: Vec::new(), ..change(Change::Added, None, Some("8")) },
    ];
    Changes { from: 1, to: 3, entries: if any { entries } else { Vec::new() }, next: any.then(|| "0f".into()) }
}

pub(crate) fn versions() -> Vec<RowVersion> {
    let told = |version: Version, cells: Vec<(String, Option<String>, Option<String>)>| RowVersion { version, cells };
    vec![
        told(Version { removed: true, ..version(3, "53") }, vec![("pm25".into(), Some("53".into()), None)]),
        told(Version { refused: true, ..version(2, "x") }, Vec::new()),
        told(version(1, "53"), vec![("pm25".into(), None, Some("53".into()))]),
    ]
}

fn proposal() -> desk::grading::GradeProposal {
    desk::grading::GradeProposal {
        resource: "air_daily".into(),
        resource_title: Text::new("空气质量日报", "Daily air quality"),
        item: "name".into(),
        item_title: Text::new("姓名<b>", "Name <b>"),
        class: data::declare::ItemClass::Personal,
        grade: data::declare::Grade::L3,
        declared_class: data::declare::ItemClass::Business,
        declared_grade: data::declare::Grade::L1,
        confidence: 0.98,
        why: Text::new("名称像是姓名", "the name says: name of a person"),
    }
}

pub(crate) fn grading(f: crate::frame::Frame, any: bool) -> crate::grading::GradingPage {
    let decided = desk::grading::GradeDecided {
        id: "019f".into(),
        resource: "air_daily".into(),
        item: "phone".into(),
        proposed: "personal L3".into(),
        decided: "business L2".into(),
        state: "chosen".into(),
        who: "陈静<i>".into(),
        why: "单位电话".into(),
        time: ago(60),
        change: None,
    };
    let some = |any: bool| if any { vec![proposal()] } else { Vec::new() };
    crate::grading::GradingPage { f, proposals: some(any), decided: if any { vec![decided] } else { Vec::new() } }
}

pub(crate) fn grade(f: crate::frame::Frame) -> crate::grading::GradePage {
    let line = |mark, text: &str| desk::amend::DiffLine { mark, text: text.into() };
    let draft = desk::amend::Draft {
        path: "resources/eco/air_daily.toml".into(),
        text: String::new(),
        base: "0f".into(),
        lines: vec![line(' ', "name = \"name\""), line('+', "grade = \"L3\"")],
    };
    crate::grading::GradePage { f, p: proposal(), draft: Some(draft), blocked: Some(Text::new("请先改开放类型。", "Change how it is opened first.")) }
}

/// Two columns as another department sees them.
pub(crate) fn seen() -> desk::view::Seen {
    let masked = |name: &str, grade| desk::view::MaskedColumn {
        table: "standard.air_daily".into(),
        name: name.into(),
        title: Text::new("姓名<b>", "Name <b>"),
        grade,
        mask: "keep(1, 0, 1)".into(),
        mask_title: Text::new("保留首尾", "first and last characters kept"),
    };
    desk::view::Seen {
        masked: vec![masked("name", data::declare::Grade::L3), masked("id", data::declare::Grade::L4)],
        whole: Vec::new(),
        why: Text::new("您可看其他部门 L2 及以下的数据", "of other departments you see data up to L2"),
    }
}
