//! Requests, grants and readings of the invented city, for drawing the pages of sharing in tests and previews.


use data::declare::{Grade, ShareType};
use data::share::{Channel, Daily, Left, Lent, Purpose, RequestState, Terms};
use desk::authority::Role;
use desk::share::{AboutView, ApplicationView, Concern, Counts, Draft, GrantDetail, GrantState, GrantUsage, GrantView, LentItem, Named, OperationView, ParameterView, ReadView, ReportDue, ReportView, RequestAct, RequestDetail, RequestView, ServiceState, ServiceView, SubscriptionView, Usage, UsageView, Verdict};
use desk::view::{Account, Page};
use kernel::Text;

use crate::frame::Frame;
use crate::sample::ago;
use crate::sample_account::reader;
use crate::share::{ApplicationsPage, AskPage, Fields, Found, GrantPage, GrantsPage, Issued, ReadsPage, RequestPage, RequestsPage, Rows, UsagePage, Used};

pub(crate) fn named(id: &str, zh: &str, en: &str) -> Named {
    Named { id: id.into(), title: Text::new(zh, en) }
}

fn police() -> Named {
    named("police", "市公安局", "Public Security Bureau")
}

pub(crate) fn hrss() -> Named {
    named("hrss", "市人力资源和社会保障局", "Human Resources and Social Security")
}

pub(crate) fn residents() -> Named {
    named("residents", "常住人口登记 <甲>", "Register of residents <A>")
}

/// The frame, read by somebody of a department in one of the roles; by nobody where nobody is logged in.
pub(crate) fn read_by(mut f: Frame, role: Role, department: &str) -> Frame {
    f.account = f.account.map(|_| Account { department: Some(department.into()), ..reader(role) });
    f
}

pub(crate) fn terms() -> Terms {
    let lent = |name: &str, whole| Lent { name: name.into(), whole };
    Terms {
        items: vec![lent("name", true), lent("address", false), lent("phone", false)],
        keys: vec!["citizen_id".into()],
        condition: "district_code = '330212' AND name <> '<b>'".into(),
        channels: Channel::ALL.iter().copied().collect(),
        purpose: Purpose::Service,
        until: "2026-12-15".into(),
        per_minute: 600,
        told_after: 30,
        told_ground: "《监察法》<第四十九条>".into(),
        daily: Daily { calls: Some(5_000), rows: None },
    }
}

pub(crate) fn items() -> Vec<LentItem> {
    let item = |name: &str, zh: &str, en: &str, grade, whole, mask: (&str, &str), key| LentItem {
        name: name.into(),
        title: Text::new(zh, en),
        grade,
        whole,
        mask: Text::new(mask.0, mask.1),
        key,
    };
    vec![
        item("citizen_id", "公民身份号码", "Identity number", Grade::L4, false, ("前六后四", "first six and last four"), true),
        item("name", "姓名", "Name", Grade::L2, true, ("只留姓", "the family name"), false),
        item("address", "户籍地址 \"<", "Address \"<", Grade::L3, false, ("到街道", "down to the street"), false),
        item("phone", "联系电话", "Telephone", Grade::L3, false, ("前三后四", "first three and last four"), false),
    ]
}

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn wrong() -> Text {
    Text::new("address 是 <L3> 数据。", "address is of grade <L3>.")
}

fn grant_view(state: GrantState) -> GrantView {
    let ended = state == GrantState::Withdrawn;
    GrantView {
        id: "019f-g1".into(),
        request: "019f-r1".into(),
        resource: residents(),
        provider: police(),
        department: hrss(),
        terms: terms(),
        since: ago(60 * 24 * 40),
        until: ago(-60 * 24 * 20),
        state,
        ended: ended.then(|| ago(50)),
        ended_by: ended.then(|| "王<芳>".into()),
        ended_why: ended.then(|| "专项工作已结束。".into()),
    }
}

pub(crate) fn request_view(state: RequestState, late: bool) -> RequestView {
    RequestView {
        id: "019f-r1".into(),
        resource: residents(),
        provider: police(),
        department: hrss(),
        terms: terms(),
        reason: "办理社保资格认证，依据《社会保险法》第五十七条 <一>。".into(),
        state,
        asked: ago(60 * 24 * 3),
        due: match (state.waits(), late) {
            (true, true) => "2026-11-20".into(),
            (true, false) => "2026-12-01".into(),
            _ => String::new(),
        },
        late,
        renews: late.then(|| "019f-g0".into()),
        grant: (state == RequestState::Granted).then(|| "019f-g1".into()),
    }
}

pub(crate) fn ask(f: Frame, share: ShareType, refused: bool) -> AskPage {
    let similar = if refused { Vec::new() } else { vec![grant_view(GrantState::Ending), grant_view(GrantState::Expired)] };
    AskPage {
        f: read_by(f, Role::Officer, "hrss"),
        d: Draft {
            resource: residents(),
            provider: police(),
            share,
            condition: if share == ShareType::Conditional { "限政务服务 <使用>".into() } else { String::new() },
            terms: terms(),
            reason: if refused { "<x>".into() } else { String::new() },
            similar,
            items: items(),
            decide_days: 10,
            longest_delay: 180,
        },
        renews: refused.then(|| "019f-g1".into()),
        node: None,
        error: refused.then(wrong),
    }
}

pub(crate) fn requests(f: Frame, any: bool) -> RequestsPage {
    let states = RequestState::ALL.iter().map(|state| request_view(*state, false));
    let entries: Vec<RequestView> = if any { [request_view(RequestState::Asked, true)].into_iter().chain(states).collect() } else { Vec::new() };
    let filter = desk::share::RequestFilter { resource: None, state: (!any).then_some(RequestState::Asked) };
    let resource = (!any).then(|| ("residents".to_owned(), "常住人口登记 <甲>".to_owned()));
    let total = if any { 120 } else { 0 };
    RequestsPage::new(read_by(f, Role::Officer, "hrss"), &filter, resource, Page { entries, total, page: 1, size: 50 })
}

/// As who may do what there is to do: the provider decides, who asked withdraws or disputes.
pub(crate) fn request(f: Frame, state: RequestState, refused: bool) -> RequestPage {
    let act = |act: &str, who: &str, words: &str| RequestAct { act: act.into(), who: who.into(), words: words.into(), time: ago(60 * 24) };
    let decides = state.waits();
    let sent = fields(&[("as:name", "none"), ("key:phone", "1"), ("condition", "<c>"), ("until", "2026-12-31"), ("per_minute", "9"), ("words", "<w>")]);
    RequestPage {
        f: read_by(f, if state == RequestState::Disputed { Role::Steward } else { Role::Officer }, if decides { "police" } else { "hrss" }),
        d: RequestDetail {
            request: request_view(state, refused && decides),
            acts: vec![act("asked", "陈静", "<社保>"), act(state.word(), if state == RequestState::Granted { "" } else { "王芳" }, "")],
            items: if state == RequestState::Withdrawn { Vec::new() } else { items() },
            may_decide: decides,
            may_withdraw: state == RequestState::Asked,
            may_dispute: state == RequestState::Refused,
        },
        known: items().into_iter().map(|item| (item.name, item.title.zh)).collect(),
        sent: refused.then(|| (sent, wrong())),
    }
}

pub(crate) fn grants(f: Frame, any: bool) -> GrantsPage {
    let states = [GrantState::Active, GrantState::Ending, GrantState::Expired, GrantState::Withdrawn];
    let entries: Vec<GrantView> = if any { states.into_iter().map(grant_view).collect() } else { Vec::new() };
    let (total, resource) = (entries.len() as u64, (!any).then(|| ("residents".to_owned(), "常住人口登记".to_owned())));
    GrantsPage::new(read_by(f, Role::Analyst, "hrss"), resource, Page { entries, total, page: 1, size: 50 })
}

/// What somebody did with a grant before its page is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Using {
    Nothing,
    Rows,
    NoRows,
    Verdict(Verdict),
    Refused,
    /// A service, which was asked where it is well.
    Service(ServiceState),
    /// Of the provider, who ends it and did not say why.
    Ending,
}

pub(crate) fn grant(f: Frame, state: GrantState, using: Using) -> GrantPage {
    let holds = matches!(state, GrantState::Active | GrantState::Ending);
    let (provider, any) = (using == Using::Ending, using != Using::Nothing);
    let day = |n: u64| Usage { day: format!("2026-11-{n:02}"), calls: if any { n * n % 17 } else { 0 }, rows: if any { n * 3 } else { 0 } };
    let reading = |leaf, channel: &str| ReadView { leaf, channel: channel.into(), caller: Text::new("一窗受理 <系统>", "Counter <system>"), rows: 3, time: ago(30), failed: leaf == 1_280 };
    let cell = |text: &str| Some(text.to_owned());
    let rows = |rows: Vec<Vec<Option<String>>>, next| Found::Rows(Rows { heads: vec![("姓名".into(), false), ("户籍地址".into(), false), ("人数".into(), true)], rows, next });
    let found = match using {
        Using::Rows => Some(rows(vec![vec![cell("王<小>明"), cell("首南街道***"), cell("3")], vec![None, None, cell("1")]], Some(20))),
        Using::Service(ServiceState::Closed) => Some(rows(vec![vec![cell("王<小>明"), cell("甲、乙"), cell("3")]], None)),
        Using::NoRows => Some(rows(Vec::new(), None)),
        Using::Verdict(verdict) => Some(Found::Verdict(verdict)),
        _ => None,
    };
    GrantPage {
        f: read_by(f, Role::Officer, if provider { "police" } else { "hrss" }),
        d: GrantDetail {
            grant: grant_view(state),
            items: items(),
            usage: (1..=24).map(day).collect(),
            calls: if any { 212 } else { 0 },
            rows: if any { 900 } else { 0 },
            reads: if any { vec![reading(1_281, "query"), reading(1_280, "batch"), reading(1_279, "other")] } else { Vec::new() },
            copy: any.then_some((1_206_330, 17)),
            left: any.then(|| (Left { calls: Some(4_788), rows: None }, ago(-600))),
            service: if let Using::Service(state) = using { Some(service(state)) } else { None },
            reports: if any { vec![report()] } else { Vec::new() },
            report: holds.then(|| ReportDue { since: "2026-06-01".into(), due: if provider { "2026-11-20".into() } else { "2026-12-01".into() }, late: provider }),
            may_report: holds && !provider,
            subscription: (using == Using::Rows).then(|| SubscriptionView {
                url: "https://intake.example.gov.cn/<changes>".into(),
                created: ago(900),
                since: "1.17".into(),
                waiting: true,
                tries: 3,
                next: ago(0),
                taken: Some(ago(60)),
                error: Some(Text::new("对方没有接收 <503>", "not taken <503>")),
            }),
            may_end: holds && provider,
            may_read: holds && !provider,
            may_renew: !provider,
        },
        origin: "https://brain.example.gov.cn".into(),
        fields: fields(&[("csrf", "x"), ("key:citizen_id", "33021119\"<"), ("of1", "name"), ("way1", "starts"), ("value1", "王<"), ("case", "2026-<1>"), ("limit", "100"), ("claim:name", "王"), ("why", "<w>"), ("operation", "getPerson"), ("param:citizen_id", "33021119\"<")]),
        used: found.map(|found| Used { found, leaf: 1_282, batch: (!matches!(using, Using::Service(_))).then_some(17) }),
        refused: (using == Using::Refused).then(wrong),
        error: provider.then(wrong),
    }
}

/// A service with an operation for each kind of form.
pub(crate) fn service(state: ServiceState) -> (ServiceView, Vec<OperationView>) {
    let parameter = |name: &str, zh: &str, required, choices: &[&str]| ParameterView { name: name.into(), title: Text::new(zh, name), required, choices: choices.iter().map(|one| (*one).to_owned()).collect() };
    let open = state != ServiceState::Closed;
    let view = ServiceView {
        system: named("marriage", "婚姻 <服务>", "Marriage <service>"),
        state,
        until: (state == ServiceState::Open).then(|| ago(-1)),
        failures: if open { 5 } else { 0 },
        failures_most: 5,
        under_way: 1,
        at_once: 16,
        error: open.then(|| Text::new("服务答以 HTTP 500 <x>。", "HTTP 500 <x>.")),
    };
    let operation = |id: &str, parameters, refused: Option<Text>| OperationView { id: id.into(), title: Text::new("查 <一人>", "One <person>"), parameters, refused };
    let operations = vec![
        operation("getPerson", vec![parameter("citizen_id", "公民身份号码", true, &[]), parameter("form", "形式", false, &["brief", "<full>"])], None),
        operation("listAll", Vec::new(), Some(Text::new("授权要求按 citizen_id 查询。", "The grant asks for citizen_id."))),
    ];
    (view, operations)
}

fn report() -> ReportView {
    ReportView { id: "019f-p1".into(), since: "2026-05-01".into(), until: "2026-10-31".into(), calls: 1_200, rows: 3_400, words: "核验 <1200> 户。".into(), who: "陈<静>".into(), time: ago(60 * 24) }
}

pub(crate) fn usage(f: Frame, any: bool) -> UsagePage {
    let counts = |n: u64| Counts { calls: n * 7, rows: n * 20, refused: n % 3, errors: n % 2 };
    let day = |n: u64| (format!("2026-11-{n:02}"), if any { counts(n) } else { Counts::default() });
    let grant = |id: &str| GrantUsage { grant: id.into(), resource: residents(), provider: police(), department: hrss(), purpose: Purpose::Service, counts: counts(9) };
    let due = (grant_view(GrantState::Active), ReportDue { since: "2026-05-01".into(), due: "2026-11-20".into(), late: true });
    UsagePage {
        f: read_by(f, Role::Officer, "hrss"),
        d: UsageView {
            from: "2026-11-01".into(),
            to: "2026-11-24".into(),
            total: if any { counts(300) } else { Counts::default() },
            days: (1..=24).map(day).collect(),
            channels: if any { vec![(Channel::Query, counts(200)), (Channel::Verify, counts(100))] } else { Vec::new() },
            purposes: if any { vec![(Purpose::Service, counts(300))] } else { Vec::new() },
            grants: if any { vec![grant("019f-g1"), grant("019f-g2")] } else { Vec::new() },
            p50: any.then_some(20),
            p95: any.then_some(200),
        },
        concern: if any { Concern::Both } else { Concern::Given },
        days: if any { 30 } else { 7 },
        due: if any { vec![due] } else { Vec::new() },
    }
}

pub(crate) fn applications(f: Frame, role: Role, issued: bool) -> ApplicationsPage {
    let one = |id: &str, revoked: bool| ApplicationView { id: id.into(), department: hrss(), name: format!("一窗受理 <{id}>"), signs: None, created: ago(900), used: (!revoked).then(|| ago(2)), revoked: revoked.then(|| ago(10)) };
    let departments = vec![("hrss".to_owned(), "市人力资源和社会保障局".to_owned())];
    ApplicationsPage {
        f: read_by(f, role, "hrss"),
        applications: if role == Role::Steward { Vec::new() } else { vec![one("a1", false), one("a2", true)] },
        departments: if role == Role::Steward { Vec::new() } else { departments },
        issued: issued.then(|| Issued { name: "一窗受理 <新>".into(), key: "sjapp_00".into(), signs: false }),
        done: if role == Role::Steward { "revoke".into() } else { String::new() },
        sent: (role == Role::Officer && !issued).then(|| (fields(&[("name", "<x>"), ("department", "hrss")]), Text::new("请填写应用名称。", "Give it a name."))),
    }
}

pub(crate) fn reads(f: Frame, found: Option<u64>) -> ReadsPage {
    let read = |leaf| AboutView {
        leaf,
        time: ago(60 * 24),
        caller: Text::new("一窗受理 <系统>", "Counter <system>"),
        department: hrss(),
        resource: residents(),
        purpose: Purpose::Service,
        provider: police(),
        case: Some("立案-<7>".into()),
        channel: "verify".into(),
        items: vec![Text::new("姓名", "Name"), Text::new("户籍地址", "Address")],
        rows: Some(1),
        grant: "019f-g1".into(),
        held: (leaf == 0).then(|| ago(-60 * 24 * 20)),
        challenge: None,
    };
    ReadsPage {
        f: read_by(f, Role::Audit, "audit"),
        asked: if found.is_some() { "33021119900101\"<".into() } else { String::new() },
        found: found.map(|n| Page { entries: (0..n.min(2)).map(read).collect(), total: n, page: if n > 100 { 2 } else { 1 }, size: 50 }),
        error: found.is_none().then(|| Text::new("请输入身份证号。", "Enter the number.")),
    }
}
