//! The invented city's registers, for drawing their pages in tests and previews.

use data::declare::Grade;
use desk::register::*;
use desk::view::Page;
use kernel::Text;

use crate::register::Head;
use crate::sample::ago;

const ENTITY: &str = "019e1b2c3d4e5f60718293a4b5c6d7e8";
const OTHER: &str = "019e<other>";

fn resource() -> Text {
    Text::new("户籍人口 <一>", "Resident persons & more")
}

fn outcome() -> Outcome {
    Outcome { changed: 12_345, compared: 99_000, created: 4_000, merged: 12, split: 1, ended: 2, whole: true, learnt: true, ..Outcome::default() }
}

fn run(minutes: i64, failed: bool) -> Run {
    Run {
        started: ago(minutes),
        ended: ago(minutes - 1),
        trigger: if failed { "person" } else { "collection" }.into(),
        outcome: if failed { Outcome::default() } else { outcome() },
        error: failed.then(|| Text::new("来源 <表> 不见了。", "A source is gone.")),
    }
}

fn view(state: RegisterState) -> RegisterView {
    let never = matches!(state, RegisterState::Never | RegisterState::Waiting(_));
    RegisterView {
        id: "persons".into(),
        title: Text::new("人口基础库", "Register of persons"),
        summary: Text::new("每个实体是一个人 <活着的>。", "An entity is a person & nobody else."),
        department: "public_security".into(),
        department_title: Text::new("市公安局", "Public security"),
        totals: if never { Totals::default() } else { Totals { records: 1_234_567, entities: 987_654, joined: 34_567, merged: 12, conflicts: 345, doubts: 67, changes: 9 } },
        last: (!never).then(|| run(30, matches!(state, RegisterState::Failed(_)))),
        state,
    }
}

pub(crate) fn states() -> Vec<RegisterState> {
    vec![
        RegisterState::Waiting(vec!["migrants".into(), "library_cards".into()]),
        RegisterState::Never,
        RegisterState::Running(Text::new("比对记录", "comparing records")),
        RegisterState::Failed(Text::new("来源 <表> 不见了。", "A source is gone.")),
        RegisterState::Changed,
        RegisterState::Fresh,
    ]
}

pub(crate) fn registers() -> Vec<RegisterView> {
    states().into_iter().map(view).collect()
}

pub(crate) fn head() -> Head {
    let fields = [("citizen_id", "公民身份号码"), ("person_name", "姓名"), ("birth_date", "出生日期"), ("phone", "联系电话")];
    Head { id: "persons".into(), title: "人口基础库".into(), fields: fields.map(|(name, title)| (name.to_owned(), title.to_owned())).into(), codes: vec![Default::default(), Default::default(), [("1990-01-01".to_owned(), Text::new("元旦 <1>", "New Year"))].into()], seen: crate::sample_river::seen() }
}

pub(crate) fn conflict_count(count: u64) -> ConflictCount {
    ConflictCount { resource: "migrants".into(), resource_title: resource(), field: "birth_date".into(), field_title: Text::new("出生日期", "Date of birth"), count }
}

pub(crate) fn conflicts() -> Vec<ConflictView> {
    let one = |key: &str, value: &str| ConflictView {
        entity: ENTITY.into(),
        key: key.into(),
        value: value.into(),
        believed_title: resource(),
        believed_key: "H-7".into(),
        believed: "1980-01-02".into(),
    };
    vec![one("M-1", "1980-02-01"), one("M-<2>", "一九八〇")]
}

fn changes() -> Vec<Change> {
    let change = |seq: i64, kind: ChangeKind, other: bool| Change {
        seq,
        at: ago(seq * 10),
        kind,
        entity: ENTITY.into(),
        other: other.then(|| OTHER.into()),
        records: (0..seq * 2).map(|n| ("migrants".to_owned(), format!("M-<{n}>"))).collect(),
        cause: if seq % 2 == 0 { "decision" } else { "collect" }.into(),
    };
    ChangeKind::ALL.into_iter().zip(1..).map(|(kind, seq)| change(seq, kind, !matches!(kind, ChangeKind::Created | ChangeKind::Ended))).collect()
}

pub(crate) fn detail(state: RegisterState) -> RegisterDetail {
    let any = !matches!(state, RegisterState::Never | RegisterState::Waiting(_));
    let field = |name: &str, compare: bool| FieldView {
        name: name.into(),
        title: Text::new("出生日期", "Date of birth"),
        compare: compare.then(|| Text::new("日期", "date")),
        order: vec![resource(), Text::new("流动人口", "Migrants")],
        grade: Grade::L3,
    };
    let source = SourceView { resource: "migrants".into(), title: resource(), department_title: Text::new("市公安局", "Public security") };
    RegisterDetail {
        view: view(state),
        threshold: 0.95,
        fields: vec![field("birth_date", true), field("education_level", false)],
        sources: vec![source.clone(), source],
        conflicts: if any { vec![conflict_count(345)] } else { Vec::new() },
        changes: if any { changes() } else { Vec::new() },
        runs: if any { vec![run(30, false), run(90, true)] } else { Vec::new() },
    }
}

fn member(n: u8) -> MemberView {
    let values = [
        Some(format!("33020319800102001{n}")),
        Some(if n == 1 { "张三丰" } else { "张三豐 <子>" }.to_owned()),
        (n == 1).then(|| "1980-01-02".to_owned()),
        (n != 1).then(|| "13800000000".to_owned()),
    ];
    MemberView { identity: format!("{n:032x}"), resource: "migrants".into(), resource_title: resource(), key: format!("M-<{n}>"), values: values.into() }
}

pub(crate) fn entity(state: EntityState) -> EntityView {
    let live = state == EntityState::Live;
    let field = |name: &str, value: Option<&str>, against: bool| FieldValue {
        name: name.into(),
        title: Text::new("姓名", "Name"),
        value: value.map(str::to_owned),
        from: value.map(|_| resource()),
        against: if against { vec![(resource(), "M-2".into(), "张三豐 <子>".into())] } else { Vec::new() },
    };
    EntityView {
        id: ENTITY.into(),
        state,
        into: (state == EntityState::Merged).then(|| OTHER.into()),
        since: ago(9_000),
        changed: ago(60),
        records: if live { 700 } else { 0 },
        fields: vec![field("citizen_id", Some("330203198001020011"), false), field("person_name", Some("张三丰"), true), field("birth_date", None, false), field("phone", Some("13800000000"), false)],
        members: if live { vec![member(1), member(2)] } else { Vec::new() },
        changes: if state == EntityState::Ended { Vec::new() } else { changes() },
    }
}

pub(crate) fn doubts(any: bool) -> Page<DoubtView> {
    let doubt = |joined, probability| DoubtView { left: member(1), right: member(2), joined, probability };
    let all = vec![doubt(true, 0.9512), doubt(false, 0.94), doubt(false, 0.000_01)];
    Page { entries: if any { all } else { Vec::new() }, total: if any { 120 } else { 0 }, page: 1, size: 50 }
}

pub(crate) fn pair(decided: Option<bool>) -> PairView {
    let evidence = |bits: f64, frequency_bits: f64| Evidence {
        field: "person_name".into(),
        title: Text::new("姓名", "Name"),
        left: Some("张三丰 <父>".into()),
        right: (bits != 0.0).then(|| "张三豐".into()),
        level: Text::new("异体字", "variant character"),
        bits,
        frequency_bits,
    };
    PairView {
        left: member(1),
        right: member(2),
        fields: head().fields.iter().map(|(_, title)| Text::new(title, title)).collect(),
        prior_bits: -19.3,
        threshold_bits: 4.25,
        evidence: vec![evidence(12.4, 3.2), evidence(9.9, 0.0), evidence(-4.1, 0.0), evidence(0.0, 0.0), evidence(f64::INFINITY, f64::NAN)],
        probability: 0.9512,
        decided,
    }
}

pub(crate) fn decisions() -> Vec<Decision> {
    let decision = |act: i64, same: bool, undone: bool, reason: &str| Decision {
        act,
        at: ago(act * 10),
        account: "陈静 <处长>".into(),
        reason: reason.into(),
        same,
        pairs: act.unsigned_abs() * 700,
        example: [("migrants".into(), "M-1".into()), ("volunteer_roll".into(), "V-<2>".into())],
        undone,
    };
    vec![decision(3, true, false, "电话<核实>"), decision(2, false, false, "undo 12"), decision(1, true, true, "")]
}
