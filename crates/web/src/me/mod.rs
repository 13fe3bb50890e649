//! `/me`, for citizens and companies: who read about me (谁看过我), what I have to say of it, and all of it to take away.

mod list;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data::share::Channel;
use desk::share::{AboutView, Me, MyFilter, MyReads, Named};
use jiff::civil::Date;
use kernel::Text;

use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::link;
use crate::paging::Paging;
use crate::share::Fields;

/// Readings on one page.
const SIZE: u64 = 20;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/me", get(show)).route("/me/challenge", post(challenge)).merge(list::router())
}

#[derive(Template)]
#[template(path = "me/me.html")]
pub(crate) struct MePage {
    f: Frame,
    me: Me,
    /// `None` before the identity is confirmed.
    reads: Option<MyReads>,
    paging: Paging,
    /// What was filtered by: department, first day, last day; empty: by nothing.
    filter: [String; 3],
    /// What was done: `challenge`.
    done: String,
    /// The reading whose challenge was refused, what was entered, and what was wrong with it.
    refused: Option<(u64, String, Text)>,
}

impl MePage {
    pub(crate) fn new(f: Frame, me: Me, reads: Option<MyReads>, filter: [String; 3], done: String, refused: Option<(u64, String, Text)>) -> MePage {
        let (page, size, total) = reads.as_ref().map_or((1, SIZE, 0), |reads| (reads.page.page, reads.page.size, reads.page.total));
        MePage { paging: Paging::new(&f, page, size, total), f, me, reads, filter, done, refused }
    }

    fn filtered(&self) -> bool {
        self.filter.iter().any(|one| !one.is_empty())
    }

    /// Whether those by this department alone are shown.
    fn by(&self, department: &Named) -> bool {
        self.filter.first().is_some_and(|chosen| *chosen == department.id)
    }

    /// The same readings as a file of this form.
    fn file(&self, form: &str) -> String {
        let [department, from, to] = &self.filter;
        link::with(&format!("/me/reads.{form}"), &[("department", department), ("from", from), ("to", to)])
    }

    fn items(&self, read: &AboutView) -> String {
        read.items.iter().map(|item| self.f.text(item)).collect::<Vec<_>>().join(&self.f.t("comma"))
    }

    /// What was done with the rows, in a sentence that needs no word of the trade.
    fn way(&self, read: &AboutView) -> String {
        match (Channel::of(&read.channel), read.rows) {
            (Some(Channel::Query | Channel::Verify), Some(0)) => self.f.t("me-way-none"),
            (Some(Channel::Query), _) => self.f.t("me-way-query"),
            (Some(Channel::Verify), _) => self.f.t("me-way-verify"),
            (Some(Channel::Batch), _) => self.f.t("me-way-batch"),
            (Some(Channel::Subscribe), _) => self.f.t("me-way-subscribe"),
            (None, _) => read.channel.clone(),
        }
    }

    fn entered(&self, read: &AboutView) -> &str {
        self.refused.as_ref().filter(|(leaf, ..)| *leaf == read.leaf).map(|(_, words, _)| words.as_str()).unwrap_or_default()
    }

    fn is_refused(&self, read: &AboutView) -> bool {
        self.refused.as_ref().is_some_and(|(leaf, ..)| *leaf == read.leaf)
    }
}

/// What the address asks for. A day that is none filters by nothing.
fn filter(visit: &Visit) -> (MyFilter, [String; 3]) {
    let day = |name: &str| visit.parameter(name).parse::<Date>().ok();
    let wanted = MyFilter { department: visit.chosen("department"), from: day("from"), to: day("to") };
    let shown = [wanted.department.clone(), wanted.from.map(|day| day.to_string()), wanted.to.map(|day| day.to_string())].map(Option::unwrap_or_default);
    (wanted, shown)
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit, None).await)
}

async fn page(visit: &Visit, refused: Option<(u64, String, Text)>) -> Answered<MePage> {
    let who = visit.staff()?;
    let me = visit.app.desk.me(who).await?;
    let (wanted, shown) = filter(visit);
    let reads = match me.person.confirmed {
        Some(_) => Some(visit.app.desk.my_reads(who, &wanted, visit.page(), SIZE, visit.now).await?),
        None => None,
    };
    Ok(MePage::new(visit.frame(Place::Me, |say| say.t("me-title")), me, reads, shown, visit.parameter("done").to_owned(), refused))
}

async fn challenge(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    let leaf = fields.get("leaf").parse::<u64>().unwrap_or(u64::MAX);
    let done = async {
        let who = visit.staff_form(fields.get("csrf"))?;
        Ok(visit.app.desk.challenge(who, leaf, fields.get("words"), visit.now).await?)
    };
    match done.await {
        Ok(()) => Redirect::to("/me?done=challenge").into_response(),
        Err(refusal) => visit.again(refusal, |text| page(&visit, Some((leaf, fields.get("words").to_owned(), text)))).await,
    }
}
