//! The clerical pages (待判定): pairs that the evidence leaves in doubt, and two records side by side with the evidence.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::DeskError;
use desk::register::{DoubtView, MemberView, PairView};
use desk::view::Page;
use kernel::Text;
use serde::Deserialize;

use super::waterfall::{Bar, draw};
use super::{Head, Notice, chance};
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::link;
use crate::paging::Paging;

/// Pairs on one page, and looked through for the next one.
const SIZE: u64 = 50;

pub(super) async fn list(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(doubts(&visit, &id).await)
}

async fn doubts(visit: &Visit, id: &str) -> Answered<DoubtsPage> {
    let head = Head::of(visit, id)?;
    let doubts = visit.app.desk.doubts(visit.staff()?, id, visit.page(), SIZE).await?;
    let f = visit.frame(Place::Registers, |say| say.t("doubts-title"));
    let notice = Notice::asked(visit, &f, id).await?;
    Ok(DoubtsPage::new(f, head, &doubts, notice))
}

pub(super) async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(pair(&visit, &id).await)
}

async fn pair(visit: &Visit, id: &str) -> Answered<PairPage> {
    let (head, who) = (Head::of(visit, id)?, visit.staff()?);
    let (left, right) = (visit.parameter("left"), visit.parameter("right"));
    let pair = visit.app.desk.pair(who, id, left, right).await?;
    let doubts = visit.app.desk.doubts(who, id, 1, SIZE).await?.entries;
    let f = visit.frame(Place::Registers, |say| say.t("pair-title"));
    let notice = Notice::asked(visit, &f, id).await?;
    let next = after(&doubts, left, right).map(|next| link::pair(id, &next.left.identity, &next.right.identity));
    Ok(PairPage::new(f, head, &pair, next, notice))
}

/// The pair that comes after this one; the first where this one is not in doubt any more.
fn after<'d>(doubts: &'d [DoubtView], left: &str, right: &str) -> Option<&'d DoubtView> {
    let of = |doubt: &DoubtView| {
        let (a, b) = (doubt.left.identity.as_str(), doubt.right.identity.as_str());
        (a, b) == (left, right) || (b, a) == (left, right)
    };
    match doubts.iter().position(of) {
        Some(at) => doubts.get(at + 1),
        None => doubts.first(),
    }
}

/// The form of a decision.
#[derive(Deserialize)]
pub(super) struct Decided {
    #[serde(default)]
    csrf: String,
    left: String,
    right: String,
    /// `1`: they are of one entity; `0`: they are not.
    same: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn decide(Path(id): Path<String>, Sent(visit, form): Sent<Decided>) -> Response {
    visit.answer::<PairPage>(decided(&visit, &id, &form).await)
}

/// Decides, and goes on to the next pair in doubt.
async fn decided(visit: &Visit, id: &str, form: &Decided) -> Answered<PairPage> {
    let who = visit.staff_form(&form.csrf)?;
    let same = match form.same.as_str() {
        "1" => true,
        "0" => false,
        _ => return Err(Refusal::Desk(DeskError::Invalid(Text::new("请选“是同一个”或“不是同一个”。", "Please say whether they are the same.")))),
    };
    let acted = visit.app.desk.decide(who, id, &form.left, &form.right, same, &form.reason).await?;
    let next = visit.app.desk.doubts(who, id, 1, 1).await?.entries;
    let page = match next.first() {
        Some(next) => link::pair(id, &next.left.identity, &next.right.identity),
        None => format!("{}/doubts", link::register(id)),
    };
    Err(Refusal::To(link::with(&page, &[("decided", &acted.act.to_string())])))
}

/// One pair of the list.
struct Row {
    href: String,
    chance: String,
    joined: bool,
    /// (source, key)
    sides: [(String, String); 2],
    /// (title, left, right, differs)
    values: Vec<Compared>,
}

/// One field of both records.
struct Compared {
    title: String,
    left: Option<String>,
    right: Option<String>,
    differs: bool,
}

fn side(f: &Frame, member: &MemberView) -> (String, String) {
    (f.text(&member.resource_title).to_owned(), member.key.clone())
}

/// The fields that at least one of them has.
fn compared(f: &Frame, head: &Head, left: &MemberView, right: &MemberView) -> Vec<Compared> {
    let both = head.fields.iter().enumerate().map(|(at, (_, title))| {
        let value = |member: &MemberView| head.said(f, at, member.values.get(at).and_then(Option::as_deref));
        let (left, right) = (value(left), value(right));
        Compared { title: title.clone(), differs: left.is_some() && right.is_some() && left != right, left, right }
    });
    both.filter(|one| one.left.is_some() || one.right.is_some()).collect()
}

#[derive(Template)]
#[template(path = "register/doubts.html")]
pub(crate) struct DoubtsPage {
    f: Frame,
    head: Head,
    rows: Vec<Row>,
    /// Number of the first row.
    first: u64,
    total: u64,
    paging: Paging,
    notice: Option<Notice>,
}

impl DoubtsPage {
    pub(crate) fn new(f: Frame, head: Head, doubts: &Page<DoubtView>, notice: Option<Notice>) -> DoubtsPage {
        let row = |doubt: &DoubtView| Row {
            href: link::pair(&head.id, &doubt.left.identity, &doubt.right.identity),
            chance: chance(doubt.probability),
            joined: doubt.joined,
            sides: [side(&f, &doubt.left), side(&f, &doubt.right)],
            values: compared(&f, &head, &doubt.left, &doubt.right),
        };
        DoubtsPage {
            rows: doubts.entries.iter().map(row).collect(),
            first: (doubts.page - 1) * doubts.size,
            total: doubts.total,
            paging: Paging::new(&f, doubts.page, doubts.size, doubts.total),
            notice,
            head,
            f,
        }
    }
}

#[derive(Template)]
#[template(path = "register/pair.html")]
pub(crate) struct PairPage {
    f: Frame,
    head: Head,
    left: String,
    right: String,
    sides: [(String, String); 2],
    values: Vec<Compared>,
    bars: Vec<Bar>,
    chance: String,
    threshold: String,
    decided: Option<bool>,
    next: Option<String>,
    notice: Option<Notice>,
}

impl PairPage {
    pub(crate) fn new(f: Frame, head: Head, pair: &PairView, next: Option<String>, notice: Option<Notice>) -> PairPage {
        PairPage {
            left: pair.left.identity.clone(),
            right: pair.right.identity.clone(),
            sides: [side(&f, &pair.left), side(&f, &pair.right)],
            values: compared(&f, &head, &pair.left, &pair.right),
            bars: draw(&f, &head, pair),
            chance: chance(pair.probability),
            threshold: chance(1.0 / (1.0 + (-pair.threshold_bits).exp2())),
            decided: pair.decided,
            next,
            notice,
            head,
            f,
        }
    }

    fn action(&self) -> String {
        format!("{}/pair", self.head.href())
    }
}
