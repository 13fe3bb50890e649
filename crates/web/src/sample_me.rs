//! A citizen of the invented city, for drawing the pages of citizens and companies in tests and previews.

use data::share::Purpose;
use desk::account::{AccountView, Binding, OwnAccount, Person, PersonKind};
use desk::authority::Role;
use desk::share::{AboutView, ChallengeView, Me, MyReads, Named, Said};
use desk::view::{Account, Page};
use kernel::Text;

use crate::account::{AccountPage, OwnPage, PeoplePage, sample_link};
use crate::frame::Frame;
use crate::me::MePage;
use crate::sample::ago;
use crate::sample_account::reader;
use crate::share::{ChallengesPage, Fields};

/// What the reader finds.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mine {
    Reads,
    Nothing,
    Filtered,
    Refused,
    Unconfirmed,
}

fn person(confirmed: bool) -> Person {
    Person { kind: PersonKind::Citizen, masked: "330*************2X".into(), confirmed: confirmed.then(|| ago(900)), digest: [0; 16] }
}

fn citizen(confirmed: bool) -> Account {
    Account { id: "c1".into(), name: "wang.fang".into(), display: "王<芳>".into(), session: "s1".into(), person: Some(person(confirmed)), ..Account::default() }
}

fn read(leaf: u64, channel: &str, said: Option<Said>) -> AboutView {
    let named = |id: &str, zh: &str, en: &str| Named { id: id.into(), title: Text::new(zh, en) };
    AboutView {
        leaf,
        time: ago(60 * i64::try_from(1_300 - leaf.min(1_300)).unwrap_or(0)),
        caller: Text::new("公租房资格审核 <系统>", "Housing <system>"),
        department: named("housing", "市住房和城乡建设局", "Housing Bureau"),
        provider: named("civil", "市民政局", "Civil Affairs"),
        resource: named("marriages", "婚姻登记 <甲>", "Marriages <A>"),
        purpose: Purpose::Service,
        case: (leaf % 2 == 1).then(|| "2026-<7>".into()),
        channel: channel.into(),
        items: vec![Text::new("登记类型", "Kind"), Text::new("登记日期", "Registered on")],
        rows: Some(u64::from(channel != "other")),
        grant: "019f-g1".into(),
        held: None,
        challenge: said,
    }
}

fn said(answered: bool) -> Said {
    Said { words: "我没有申请 <公租房>".into(), asked: ago(90), answer: answered.then(|| "系核对同住人 <b>".into()), answered: answered.then(|| ago(30)) }
}

pub(crate) fn me(mut f: Frame, state: Mine) -> MePage {
    let who = citizen(state != Mine::Unconfirmed);
    f.account = f.account.map(|_| who.clone());
    let me = Me { name: who.name, display: who.display, person: person(state != Mine::Unconfirmed) };
    let entries = match state {
        Mine::Nothing | Mine::Filtered => Vec::new(),
        _ => vec![
            read(1_281, "query", None),
            read(1_280, "verify", Some(said(false))),
            read(1_279, "batch", Some(said(true))),
            read(1_278, "subscribe", None),
            AboutView { rows: Some(0), ..read(1_277, "query", None) },
        ],
    };
    let departments = if state == Mine::Nothing { Vec::new() } else { vec![read(1, "query", None).department] };
    let total = if state == Mine::Reads { 130 } else { entries.len() as u64 };
    let reads = (state != Mine::Unconfirmed).then(|| MyReads { page: Page { total, entries, page: 1, size: 20 }, departments });
    let filter = if state == Mine::Filtered { ["housing", "2026-11-01", ""] } else { [""; 3] }.map(str::to_owned);
    let refused = (state == Mine::Refused).then(|| (1_281, "<w>".to_owned(), Text::new("请写明理由。", "Say why.")));
    MePage::new(f, me, reads, filter, if state == Mine::Reads { "challenge".into() } else { String::new() }, refused)
}

pub(crate) fn challenges(mut f: Frame, any: bool, answers: bool) -> ChallengesPage {
    let role = if answers { Role::Audit } else { Role::Officer };
    f.account = f.account.map(|_| Account { department: (!answers).then(|| "civil".into()), ..reader(role) });
    let one = |id: &str, answered: bool| ChallengeView {
        id: id.into(),
        read: read(1_281, "query", None),
        by: answers.then(|| "王<芳>".into()),
        masked: "330*************2X".into(),
        said: said(answered),
        answerer: answered.then(|| Text::new("审计 <员>", "Auditor <x>")),
    };
    let entries = if any { vec![one("c1", false), one("c2", true)] } else { Vec::new() };
    let refused = (any && answers).then(|| ("c1".to_owned(), "<a>".to_owned(), Text::new("请写明理由。", "Say why.")));
    ChallengesPage::new(f, Page { total: if any { 90 } else { 0 }, entries, page: 1, size: 20 }, refused)
}

fn view(id: &str, confirmed: bool) -> AccountView {
    AccountView {
        id: id.into(),
        name: "wang.fang".into(),
        display: "王<芳>".into(),
        roles: Default::default(),
        department: None,
        department_title: None,
        clearance: None,
        created: ago(9_000),
        last_login: confirmed.then(|| ago(30)),
        locked: None,
        second: false,
        invited: !confirmed,
        person: Some(person(confirmed)),
    }
}

pub(crate) fn people(mut f: Frame, role: Role, any: bool) -> PeoplePage {
    f.account = f.account.map(|_| reader(role));
    let entries = if any { vec![view("1", false), view("2", true)] } else { Vec::new() };
    let sent = any.then(|| {
        let fields = [("kind", "company"), ("number", "3302<"), ("display", "甲<公司>"), ("name", "jia")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        (Fields(fields.into()), Text::new("校验码不对。", "The check digit does not fit."))
    });
    PeoplePage::new(f, Page { total: entries.len() as u64, entries, page: 1, size: 50 }, any.then(sample_link), sent)
}

pub(crate) fn one(mut f: Frame, role: Role, confirmed: bool) -> AccountPage {
    f.account = f.account.map(|_| reader(role));
    AccountPage { account: view("1", confirmed), own: false, departments: Vec::new(), link: confirmed.then(sample_link), done: String::new(), error: None, f }
}

pub(crate) fn own(mut f: Frame) -> OwnPage {
    f.account = f.account.map(|_| citizen(true));
    OwnPage {
        f,
        own: OwnAccount { account: citizen(true), department_title: None, second: false, sessions: Vec::new() },
        binding: Binding { salt: "00".into(), secret: "GEZDGNBVGY3TQOJQ".into(), address: "otpauth://totp/x:wang?secret=GEZDGNBV&issuer=x".into() },
        done: String::new(),
        error: None,
        identity_title: None,
        identity: None,
        agreements: Vec::new(),
    }
}
