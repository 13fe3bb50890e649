//! Applications of open data and of restricted data in the invented city, for drawing their pages in tests and previews.

use data::open::{AccessState, AppState, VoiceAuthor};
use desk::authority::Role;
use desk::open::{AccessTerms, AccessUse, AccessView, AppDetail, AppView, Applying, Kind, OpenColumn, OpenRows, Telling, Value};
use desk::share::Named;
use desk::view::{Account, Page};
use kernel::Text;

use crate::frame::Frame;
use crate::open::{AccessPage, AccessesPage, AppFormPage, AppPage, AppsPage, ApplyPage};
use crate::sample::ago;
use crate::sample_account::reader;
use crate::share::Fields;

fn named(id: &str, zh: &str, en: &str) -> Named {
    Named { id: id.into(), title: Text::new(zh, en) }
}

fn app(id: &str, state: AppState, fault: bool) -> AppView {
    AppView {
        id: id.into(),
        name: "找桩 <地图>".into(),
        summary: "附近的充电桩 <一>。".repeat(20),
        address: "https://app.example.org/<a>".into(),
        author: VoiceAuthor::Company,
        state,
        registered: ago(86_400),
        reason: (state == AppState::Refused).then(|| "网址 <打不开>".into()),
        checked: (state != AppState::Waiting).then(|| ago(3_600)),
        since: (state != AppState::Waiting).then(|| ago(7_200)),
        fault: fault.then(|| Text::new("应答为 HTTP <404>", "it answers with HTTP <404>")),
        own: false,
    }
}

/// What stands on a dataset's page.
pub(crate) fn shown() -> Vec<AppView> {
    vec![app("a1", AppState::Shown, false), app("a2", AppState::Shown, true)]
}

pub(crate) fn apps(f: Frame, any: bool) -> AppsPage {
    let entries = if any { shown() } else { Vec::new() };
    let own = if any && f.staff() { vec![app("a3", AppState::Refused, false)] } else { Vec::new() };
    let waiting = if any && f.staff() { vec![app("a4", AppState::Waiting, false)] } else { Vec::new() };
    let total = if any { 60 } else { 0 };
    AppsPage::new(f, Page { entries, total, page: 1, size: 24 }, own, waiting, if any { String::new() } else { "end".to_owned() })
}

/// For everybody; for who registered it, with a new key; for a steward who said nothing.
pub(crate) fn one(mut f: Frame, own: bool, refused: bool) -> AppPage {
    if refused {
        f.account = f.account.map(|_| reader(Role::Steward));
    }
    let inside = own || refused;
    AppPage {
        d: AppDetail {
            view: AppView { own, ..app("a1", if inside { AppState::Waiting } else { AppState::Shown }, !inside) },
            uses: vec![(named("air_by_month", "空气 <甲>", "Air <A>"), "pm25,month".into()), (named("gone", "gone", "gone"), String::new())],
            probe: inside.then(|| "https://app.example.org/<up>".into()),
            calls: if own { vec![("2026-11-20".into(), 12_000), ("2026-11-21".into(), 1)] } else { Vec::new() },
            per_day: 1_000_000,
        },
        key: own.then(|| "sjopen_<key>".into()),
        refused: refused.then(|| Text::new("请写明 <理由>。", "Say <why>.")),
        origin: "https://data.example.gov.cn".into(),
        f,
    }
}

pub(crate) fn form(f: Frame, changed: bool) -> AppFormPage {
    let telling = Telling { name: "找\"桩".into(), summary: "<s>".into(), address: "https://x/\"".into(), probe: "<p>".into(), uses: vec!["<u>".into()] };
    AppFormPage {
        f,
        id: changed.then(|| "a1".to_owned()),
        telling: if changed { telling } else { Telling::default() },
        datasets: vec![("air_by_month".into(), Text::new("空气 <甲>", "Air <A>"))],
        refused: changed.then(|| Text::new("没有列 <x>", "no column <x>")),
    }
}

pub(crate) fn terms() -> AccessTerms {
    let text = |zh: &str| Text::new(zh, "Only for <science>");
    AccessTerms { condition: text("用于 <研究>"), agreement: text("不得 <转让>"), ask_by: vec!["month".into()], rows: 500, rows_per_day: 5_000, days: 365, within: 10 }
}

pub(crate) fn access(state: AccessState, holds: bool, own: bool) -> AccessView {
    AccessView {
        id: "r1".into(),
        dataset: named("energy", "企业用能 <月>", "Energy <month>"),
        department: named("ecology", "市生态环境局 <局>", "Ecology <x>"),
        author: VoiceAuthor::Company,
        purpose: "能效 <研究>".into(),
        signer: "江城 <研究院>".into(),
        agreement: Text::new("不得 <转让>", "Not to be <sold>"),
        state,
        asked: ago(86_400),
        due: if state == AccessState::Waiting { "2026-12-01".into() } else { String::new() },
        late: false,
        decided: (state != AccessState::Waiting).then(|| ago(600)),
        words: (state != AccessState::Waiting).then(|| "同意 <使用>".into()),
        until: (state == AccessState::Granted).then(|| "2027-11-28".into()),
        ended: (state == AccessState::Ended).then(|| ago(60)),
        holds,
        own,
    }
}

pub(crate) fn apply(f: Frame, before: Option<AccessState>, refused: bool) -> ApplyPage {
    let applying = Applying { dataset: "energy".into(), purpose: "<p>".into(), signer: "\"s".into(), agreed: true };
    ApplyPage {
        f,
        dataset: ("energy".into(), Text::new("企业用能 <月>", "Energy <month>")),
        terms: terms(),
        before: before.map(|state| access(state, state == AccessState::Granted, true)),
        applying: if refused { applying } else { Applying::default() },
        refused: refused.then(|| Text::new("请 <签名>", "<Sign> it")),
    }
}

pub(crate) fn accesses(mut f: Frame, role: Option<Role>, any: bool) -> AccessesPage {
    if let Some(role) = role {
        f.account = f.account.map(|_| Account { department: Some("ecology".into()), ..reader(role) });
    }
    let all = [AccessState::Waiting, AccessState::Granted, AccessState::Refused, AccessState::Ended];
    let entries: Vec<AccessView> = if any { all.map(|state| access(state, state == AccessState::Granted, false)).to_vec() } else { Vec::new() };
    let total = entries.len() as u64;
    AccessesPage::new(f, Page { entries, total, page: 1, size: 20 }, role.is_some())
}

/// Seen by its owner, with what was found; or by an officer who decides, or has decided.
pub(crate) fn one_access(mut f: Frame, state: AccessState, own: bool) -> AccessPage {
    if !own {
        f.account = f.account.map(|_| Account { department: Some("ecology".into()), ..reader(Role::Officer) });
    }
    let column = |name: &str, zh: &str| OpenColumn { name: name.into(), title: Text::new(zh, "M<x>"), unit: "吨<t>".into(), key: false, kind: Kind::Text };
    let rows = OpenRows { version: 2, updated: ago(60), columns: vec![column("month", "月<份>")], rows: vec![vec![Value::Text("2026<10>".into())]], total: 1, limit: 100, offset: 0 };
    let holds = state == AccessState::Granted;
    AccessPage {
        f,
        a: access(state, holds, own),
        used: if holds { vec![AccessUse { day: "2026-11-20".into(), calls: 3, rows: 120 }] } else { Vec::new() },
        terms: Some(terms()),
        columns: vec![column("month", "月<份>")],
        asked: Fields(vec![("by:month".into(), "\"m".into())]),
        rows: (own && holds).then_some(rows),
        refused: (state == AccessState::Waiting).then(|| Text::new("请写明 <理由>。", "Say <why>.")),
        origin: "https://data.example.gov.cn".into(),
    }
}
