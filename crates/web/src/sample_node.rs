//! Nodes of other cities of the invented city, for drawing their pages in tests and previews.

use std::collections::BTreeSet;

use data::declare::{Grade, Jwk, Neighbour, ShareType};
use data::share::{Channel, Purpose, RequestState};
use desk::authority::Role;
use desk::exchange::{
    EnvelopeView, GrantWord, LinkState, NodeDetail, NodeReadView, NodeRequestDetail, NodeRequestState, NodeRequestView, NodeView, Offer, OfferedItem, OfferedResource, RequestWord, WordAct,
};
use desk::share::Verdict;
use desk::view::Page;
use kernel::Text;

use crate::frame::Frame;
use crate::node::{NodePage, NodeRequestPage, NodesPage, Shown};
use crate::sample::ago;
use crate::sample_share::{fields, hrss, items, named, read_by, request_view, residents, terms};
use crate::share::{Fields, Found, Rows};

fn node(state: LinkState) -> NodeView {
    let down = state == LinkState::Down;
    NodeView {
        id: "taizhou".into(),
        title: Text::new("台州市 <甲>", "Taizhou <A>"),
        division: "331000".into(),
        host: "brain.taizhou.example.gov.cn".into(),
        agreement: "浙东城市数据互通协议〔2026〕17 号".into(),
        contact: "市大数据局数据资源处 0576-8888".into(),
        from: "2026-01-01".into(),
        until: "2027-12-31".into(),
        state,
        answered: (state != LinkState::Unknown).then(|| ago(if down { 90 } else { 1 })),
        called: (state == LinkState::Up).then(|| ago(3)),
        tried: Some(ago(1)),
        error: down.then(|| Text::new("无法连接对方。", "The other side cannot be reached.")),
        waiting: if down { 2 } else { 0 },
        keys: vec!["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".into()],
    }
}

pub(crate) fn nodes(f: Frame, any: bool) -> NodesPage {
    let nodes = if any { vec![node(LinkState::Up), node(LinkState::Down), node(LinkState::Unknown), node(LinkState::Closed)] } else { Vec::new() };
    NodesPage { f: read_by(f, Role::Officer, "hrss"), nodes }
}

fn offer() -> Offer {
    let item = |name: &str, zh: &str, en: &str, grade| OfferedItem { name: name.into(), title: Text::new(zh, en), grade, mask: Text::new("只留姓", "the family name") };
    Offer {
        title: Text::new("台州市", "Taizhou"),
        division: "331000".into(),
        agreement: "浙东城市数据互通协议〔2026〕17 号".into(),
        from: "2026-01-01".into(),
        until: "2027-12-31".into(),
        channels: BTreeSet::from([Channel::Query, Channel::Verify, Channel::Batch]),
        purposes: BTreeSet::from([Purpose::Service]),
        resources: vec![OfferedResource {
            id: "insured".into(),
            title: Text::new("参保人员 <乙>", "Insured persons <B>"),
            provider: Text::new("市医疗保障局", "Healthcare Security"),
            share: ShareType::Conditional,
            condition: String::new(),
            decide_days: 10,
            items: vec![item("citizen_id", "公民身份号码", "Identity number", Grade::L3), item("name", "姓名", "Name", Grade::L2)],
            terms: terms(),
        }],
    }
}

fn envelope(kind: &str, waits: bool) -> EnvelopeView {
    EnvelopeView {
        id: "019f-n1".into(),
        kind: kind.into(),
        subject: "019f-n1".into(),
        time: ago(30),
        taken: (!waits).then(|| ago(29)),
        tries: if waits { 4 } else { 1 },
        next: waits.then(|| ago(-1)),
        error: waits.then(|| Text::new("无法连接对方 <x>。", "The other side cannot be reached <x>.")),
    }
}

fn page<T>(entries: Vec<T>) -> Page<T> {
    Page { total: entries.len() as u64, entries, page: 1, size: 50 }
}

pub(crate) fn detail(f: Frame, state: LinkState) -> NodePage {
    let (known, role) = (state != LinkState::Unknown, if state == LinkState::Down { Role::Steward } else { Role::Officer });
    NodePage {
        f: read_by(f, role, "hrss"),
        called: state == LinkState::Down,
        d: NodeDetail {
            departments: if known { vec![hrss()] } else { Vec::new() },
            resources: Vec::new(),
            terms: Neighbour {
                id: "taizhou".into(),
                title: "台州市".into(),
                title_en: "Taizhou".into(),
                division: "331000".into(),
                url: "https://brain.taizhou.example.gov.cn".into(),
                agreement: "协议".into(),
                contact: String::new(),
                from: "2026-01-01".into(),
                until: "2027-12-31".into(),
                departments: Vec::new(),
                resources: Vec::new(),
                channels: BTreeSet::from([Channel::Query, Channel::Verify]),
                purposes: BTreeSet::from([Purpose::Service]),
                keys: vec![Jwk { kty: "OKP".into(), crv: "Ed25519".into(), x: String::new() }],
            },
            offer: known.then(offer),
            offered: known.then(|| ago(9)),
            ours: page(if known { vec![request_of(NodeRequestState::There(RequestState::Granted)), request_of(NodeRequestState::Queued)] } else { Vec::new() }),
            theirs: page(if known { vec![request_view(RequestState::Asked, false)] } else { Vec::new() }),
            out: page(match state {
                LinkState::Down => vec![envelope("request.ask", true), envelope("request.state", true)],
                LinkState::Up => vec![envelope("request.withdraw", false), envelope("request.dispute", false)],
                _ => Vec::new(),
            }),
            inward: page(if known { vec![envelope("request.state", false)] } else { Vec::new() }),
            may_ask: role == Role::Officer,
            may_call: role == Role::Steward,
            node: node(state),
        },
    }
}

fn request_of(state: NodeRequestState) -> NodeRequestView {
    let act = |act: &str, who: &str, words: &str| WordAct { act: act.into(), who: who.into(), words: words.into(), time: "2026-11-20T03:00:00Z".into() };
    let granted = matches!(state, NodeRequestState::There(RequestState::Granted) | NodeRequestState::Ended);
    let ended = state == NodeRequestState::Ended;
    let grant = granted.then(|| GrantWord {
        id: "019f-g9".into(),
        terms: terms(),
        since: "2026-11-20T03:00:00Z".into(),
        until: "2027-11-20T03:00:00Z".into(),
        ended: ended.then(|| "2026-11-23T03:00:00Z".into()),
        ended_why: ended.then(|| "协议调整 <x>".into()),
    });
    let acts = match state {
        NodeRequestState::Queued => Vec::new(),
        NodeRequestState::Rejected => vec![act("rejected", "", "协议不包括这个资源。 / Not in the agreement.")],
        NodeRequestState::There(RequestState::Refused) => vec![act("asked", "宁波 · 王芳", "依据"), act("refused", "李<四>", "《条例》第九条")],
        _ => vec![act("asked", "宁波 · 王芳", "依据"), act("granted", "李<四>", "同意")],
    };
    NodeRequestView {
        id: "019f-n1".into(),
        node: named("taizhou", "台州市", "Taizhou"),
        resource: residents(),
        department: hrss(),
        who: "王芳".into(),
        terms: terms(),
        reason: "异地参保核验，依据《社会保险法》<一>。".into(),
        asked: ago(600),
        word: (!acts.is_empty()).then(|| RequestWord { state: state.word().into(), number: acts.len() as u64 * 2, due: String::new(), acts, grant }),
        state,
    }
}

/// What a reader of a granted request has just done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Nothing,
    Rows,
    Verdict,
    Refused,
}

pub(crate) fn request(f: Frame, state: NodeRequestState, reading: Reading) -> NodeRequestPage {
    let read = |leaf: u64, channel: &str, bytes: Option<u64>| NodeReadView {
        leaf,
        theirs: leaf + 4_000,
        channel: channel.into(),
        caller: Text::new("王<芳>", "Wang <Fang>"),
        time: ago(5),
        digest: "ab".repeat(32),
        bytes,
        next: bytes.map(|_| "1.7".into()),
    };
    let granted = state == NodeRequestState::There(RequestState::Granted);
    let found = match reading {
        Reading::Rows => Some(Found::Rows(Rows { heads: vec![("姓名".into(), false), ("年龄".into(), true)], rows: vec![vec![Some("王<".into()), None]], next: None })),
        Reading::Verdict => Some(Found::Verdict(Verdict::Yes)),
        _ => None,
    };
    NodeRequestPage {
        f: read_by(f, Role::Officer, "hrss"),
        d: NodeRequestDetail {
            items: if state == NodeRequestState::Rejected { Vec::new() } else { items() },
            reads: if granted { vec![read(31, "query", None), read(30, "batch", Some(120_000))] } else { Vec::new() },
            may_withdraw: state.waits(),
            may_dispute: state == NodeRequestState::There(RequestState::Refused),
            may_read: granted,
            request: request_of(state),
        },
        fields: if reading == Reading::Refused { fields(&[("key:citizen_id", "3302<"), ("claim:name", "王<"), ("words", "<w>"), ("case", "办件<1>")]) } else { Fields::default() },
        shown: found.map(|found| Shown { found, leaf: 31, theirs: 4_031 }),
        refused: (reading == Reading::Refused).then(|| Text::new("对方答复：授权不含“<批量>”方式。", "The other node says: <no>.")),
    }
}
