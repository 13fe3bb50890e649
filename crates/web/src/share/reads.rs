//! `/reads`, for the audit officer: who read what is kept of a person or company, asked at the counter. The number is sent as a
//! form, so that it stands in no address.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::share::AboutView;
use desk::view::Page;
use kernel::Text;

use super::Fields;
use crate::app::App;
use crate::form::Sent;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};

/// Readings on one page.
const SIZE: u64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/reads", get(show).post(find))
}

#[derive(Template)]
#[template(path = "share/reads.html")]
pub(crate) struct ReadsPage {
    pub f: Frame,
    /// The number that was asked about.
    pub asked: String,
    pub found: Option<Page<AboutView>>,
    pub error: Option<Text>,
}

impl ReadsPage {
    /// The pages beside this one.
    fn before(&self) -> Option<u64> {
        self.found.as_ref().map(|found| found.page - 1).filter(|page| *page > 0)
    }

    fn after(&self) -> Option<u64> {
        self.found.as_ref().filter(|found| found.page * found.size < found.total).map(|found| found.page + 1)
    }

    /// Which of a reading's items, in words.
    fn items(&self, read: &AboutView) -> String {
        read.items.iter().map(|item| self.f.text(item)).collect::<Vec<_>>().join(&self.f.t("comma"))
    }
}

fn empty(visit: &Visit, asked: String, error: Option<Text>) -> Answered<ReadsPage> {
    if !visit.staff()?.may("see.reads") {
        return Err(forbidden());
    }
    Ok(ReadsPage { f: visit.frame(Place::Log, |say| say.t("reads-title")), asked, found: None, error })
}

/// Who may not look anything up is told so before typing.
fn forbidden() -> Refusal {
    Refusal::Desk(desk::DeskError::Forbidden(Text::new("只有审计管理员可以查询。", "Only the audit officer may look this up.")))
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(empty(&visit, String::new(), None))
}

async fn find(State(_): State<App>, Sent(visit, fields): Sent<Fields>) -> Response {
    match found(&visit, &fields).await {
        Ok(page) => visit.answer(Ok(page)),
        Err(refusal) => visit.again(refusal, |text| async { empty(&visit, fields.get("id").to_owned(), Some(text)) }).await,
    }
}

async fn found(visit: &Visit, fields: &Fields) -> Answered<ReadsPage> {
    let who = visit.staff_form(fields.get("csrf"))?;
    let page = u64::from(fields.number("page")).max(1);
    let found = visit.app.desk.reads_about(who, fields.get("id"), page, SIZE).await?;
    Ok(ReadsPage { found: Some(found), ..empty(visit, fields.get("id").to_owned(), None)? })
}
