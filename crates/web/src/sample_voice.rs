//! What the public of the invented city says, for drawing its pages in tests and previews.

use data::open::{VoiceAuthor, VoiceKind, VoiceState, WishOutcome};
use desk::authority::Role;
use desk::open::{Indicator, OpenGroup, OpenStatistics, OpenTotals, Saying, SelfScore, Used, VoiceTotal, VoiceView};
use desk::share::Named;
use desk::view::{Account, Page};
use kernel::Text;

use crate::frame::Frame;
use crate::open::{FrontPage, GuidePage, OpenAskPage, OpenRequestsPage, ScorePage, StatisticsPage, VoicesPage};
use crate::sample::ago;
use crate::sample_account::reader;

fn voice(id: &str, kind: VoiceKind, state: VoiceState) -> VoiceView {
    let wish = kind == VoiceKind::Wish;
    let named = |id: &str, zh: &str, en: &str| Named { id: id.into(), title: Text::new(zh, en) };
    VoiceView {
        id: id.into(),
        kind,
        dataset: (!wish).then(|| named("air_by_month", "各区县空气质量逐月 <甲>", "Air quality by month <A>")),
        department: Some(named("ecology", "市生态环境局", "Ecology and Environment")),
        author: VoiceAuthor::Citizen,
        stars: (kind == VoiceKind::Praise).then_some(4),
        title: if wish { "充电桩 <实时>".into() } else { String::new() },
        words: "为什么缺 <十月>？".into(),
        purpose: if wish { "做一个 <地图>".into() } else { String::new() },
        state,
        asked: ago(86_400),
        due: if state == VoiceState::Refused { String::new() } else { "2026-12-01".into() },
        late: false,
        reason: (state == VoiceState::Refused).then(|| "含电话 <号>".into()),
        answer: None,
        outcome: None,
        answered: None,
        supports: 3,
        supported: false,
        own: false,
    }
}

fn answered(mut voice: VoiceView) -> VoiceView {
    voice.outcome = (voice.kind == VoiceKind::Wish).then_some(WishOutcome::Planned);
    VoiceView { due: String::new(), answer: Some("已补 <齐>。".into()), answered: Some(ago(600)), ..voice }
}

/// What stands on a dataset's page.
pub(crate) fn voices() -> Vec<VoiceView> {
    vec![
        voice("q1", VoiceKind::Question, VoiceState::Released),
        answered(voice("q2", VoiceKind::Error, VoiceState::Released)),
        VoiceView { due: String::new(), author: VoiceAuthor::Company, ..voice("q3", VoiceKind::Praise, VoiceState::Released) },
    ]
}

fn wishes() -> Vec<VoiceView> {
    let wish = |id: &str| voice(id, VoiceKind::Wish, VoiceState::Released);
    vec![wish("w1"), VoiceView { late: true, supported: true, department: None, ..wish("w2") }, answered(wish("w3"))]
}

fn page(entries: Vec<VoiceView>) -> Page<VoiceView> {
    Page { total: if entries.is_empty() { 0 } else { 60 }, entries, page: 1, size: 20 }
}

pub(crate) fn requests(f: Frame, any: bool, of_dataset: bool) -> OpenRequestsPage {
    let about = of_dataset.then(|| ("air_by_month".to_owned(), Text::new("空气 <甲>", "Air <A>")));
    let shown = match (any, of_dataset) {
        (false, _) => Vec::new(),
        (true, true) => voices(),
        (true, false) => wishes(),
    };
    let own = if f.staff() && any { vec![voice("o1", VoiceKind::Wish, VoiceState::Waiting), voice("o2", VoiceKind::Question, VoiceState::Refused)] } else { Vec::new() };
    OpenRequestsPage::new(f, about, page(shown), own, if any { "asked" } else { "support" }.to_owned())
}

pub(crate) fn ask(f: Frame, of_dataset: bool, refused: bool) -> OpenAskPage {
    let saying = Saying { kind: "error".into(), department: "ecology".into(), stars: Some(3), title: "充\"电".into(), words: "<w>".into(), purpose: "<p>".into(), ..Saying::default() };
    OpenAskPage {
        f,
        dataset: of_dataset.then(|| ("air_by_month".to_owned(), Text::new("空气 <甲>", "Air <A>"))),
        departments: departments(),
        saying: if refused { saying } else { Saying::default() },
        refused: refused.then(|| Text::new("请写明 <内容>。", "Say <it>.")),
    }
}

fn departments() -> Vec<(String, Text)> {
    vec![("ecology".into(), Text::new("市生态环境局 <局>", "Ecology <x>")), ("civil".into(), Text::new("市民政局", ""))]
}

pub(crate) fn desk(mut f: Frame, role: Role, any: bool) -> VoicesPage {
    f.account = f.account.map(|_| Account { department: (role == Role::Officer).then(|| "ecology".into()), ..reader(role) });
    let waits = |id: &str, kind| voice(id, kind, VoiceState::Waiting);
    let mut shown = if any { wishes() } else { Vec::new() };
    if any && role == Role::Steward {
        shown.extend([waits("m1", VoiceKind::Wish), waits("m2", VoiceKind::Question)]);
    }
    let refused = any.then(|| (if role == Role::Steward { "m1" } else { "w1" }.to_owned(), Text::new("请写明 <理由>。", "Say <why>."), "<r>".to_owned()));
    VoicesPage::new(f, any, page(shown), departments(), refused)
}

pub(crate) fn statistics(f: Frame, any: bool) -> StatisticsPage {
    StatisticsPage::new(f, told(any))
}

pub(crate) fn front(f: Frame, any: bool) -> FrontPage {
    FrontPage {
        s: told(any),
        newest: if any { vec![crate::sample_open::view()] } else { Vec::new() },
        wishes: if any { wishes() } else { Vec::new() },
        others: if any { 731 } else { 0 },
        origin: "https://data.example.gov.cn".into(),
        ld: crate::html::Html("{}".into()),
        f,
    }
}

fn told(any: bool) -> OpenStatistics {
    let used = Used { views: 1_000, calls: 20, downloads: 7 };
    let group = |id: &str, zh: &str| OpenGroup { id: id.into(), title: Text::new(zh, "Ecology <x>"), datasets: 3, items: 24, rows: 12_345, used };
    let some = |groups: Vec<OpenGroup>| if any { groups } else { Vec::new() };
    let kinds = VoiceKind::ALL.into_iter();
    OpenStatistics {
        totals: OpenTotals { datasets: 12, items: 96, rows: 1_234_567, departments: 5, used },
        departments: some(vec![group("ecology", "市生态环境局 <局>"), group("civil", "市民政局")]),
        themes: some(vec![group("environment", "生态 <环境>")]),
        most: if any { vec![crate::sample_open::view()] } else { Vec::new() },
        days: if any { vec![("2026-11-23".into(), used)] } else { Vec::new() },
        voices: kinds.map(|kind| VoiceTotal { kind, total: 4, answered: 3 }).collect(),
    }
}

pub(crate) fn guide(f: Frame, any: bool) -> GuidePage {
    GuidePage { f, origin: "https://data.example.gov.cn".into(), example: any.then(|| ("air_by_month".into(), "空气 <甲>".into(), true)) }
}

pub(crate) fn score(f: Frame, any: bool) -> ScorePage {
    let record = opendata::Record { id: "air_by_month".into(), title: Text::new("空气 <甲>", "Air <A>"), ..opendata::Record::default() };
    let records = if any { vec![record] } else { Vec::new() };
    let indicator = |value: Option<Text>| Indicator { layer: Text::new("数据层", "Data"), title: Text::new("数据 <质量>", "Quality <x>"), value };
    let indicators = vec![indicator(None), indicator(Some(Text::new("3 个 <逾期>", "3 are <late>")))];
    ScorePage::new(f, SelfScore { score: opendata::score::score(&records, |_| true), datasets: records.len() as u64, indicators })
}
