//! Pages for what went wrong: what happened, what was kept, what to do, and ways back.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use desk::DeskError;
use kernel::Text;

use crate::app::App;
use crate::frame::{Frame, Place, Visit};

/// What went wrong, as the reader is told.
#[derive(Clone, Debug)]
pub enum Trouble {
    NotFound,
    Login,
    Invalid(Text),
    /// Not for the reader's roles.
    Forbidden(Text),
    Busy(Text),
    Full(Text),
    Forged,
    /// With the id under which it stands in the log.
    Internal(String),
}

/// Any address that leads nowhere.
pub(crate) async fn not_found(State(_): State<App>, visit: Visit) -> Response {
    visit.answer::<ErrorPage>(Err(DeskError::NotFound.into()))
}

#[derive(Template)]
#[template(path = "error/error.html")]
pub struct ErrorPage {
    f: Frame,
    title: String,
    happened: String,
    todo: String,
    id: String,
    login: bool,
    forbidden: bool,
}

impl ErrorPage {
    pub fn new(visit: &Visit, trouble: Trouble) -> ErrorPage {
        ErrorPage::framed(visit.frame(Place::Elsewhere, |say| say.t("error-title")), trouble)
    }

    pub(crate) fn framed(mut f: Frame, trouble: Trouble) -> ErrorPage {
        let (title, happened, todo) = match &trouble {
            Trouble::NotFound => (f.t("error-404"), f.t("error-404-is"), f.t("error-404-do")),
            Trouble::Login => (f.t("error-login"), f.t("error-login-is"), f.t("error-login-do")),
            Trouble::Invalid(text) => (f.t("error-invalid"), f.text(text).to_owned(), f.t("error-invalid-do")),
            Trouble::Forbidden(text) => (f.t("error-forbidden"), f.text(text).to_owned(), f.t("error-forbidden-do")),
            Trouble::Busy(text) => (f.t("error-busy"), f.text(text).to_owned(), f.t("error-busy-do")),
            Trouble::Full(text) => (f.t("error-full"), f.text(text).to_owned(), f.t("error-full-do")),
            Trouble::Forged => (f.t("error-forged"), f.t("error-forged-is"), f.t("error-forged-do")),
            Trouble::Internal(_) => (f.t("error-internal"), f.t("error-internal-is"), f.t("error-internal-do")),
        };
        f.title = title.clone();
        let (login, forbidden) = (matches!(trouble, Trouble::Login), matches!(trouble, Trouble::Forbidden(_)));
        let id = if let Trouble::Internal(id) = trouble { id } else { String::new() };
        ErrorPage { f, title, happened, todo, id, login, forbidden }
    }
}
