//! `/boards/{board}/{panel}`: a panel that brings a SELECT of its own, put to question. Panels of declared figures lead to
//! the figure.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::figure::PanelQuestion;

use super::Grounded;
use crate::app::App;
use crate::chart::Districts;
use crate::frame::{Answered, Frame, Place, Refusal, Visit};
use crate::home::{self, source_title};
use crate::link;

pub(super) async fn show(State(_): State<App>, visit: Visit, Path((board, panel)): Path<(String, String)>) -> Response {
    visit.answer(page(&visit, &board, &panel).await)
}

async fn page(visit: &Visit, board: &str, panel: &str) -> Answered<PanelPage> {
    let question = visit.app.desk.question_panel(visit.account.as_ref(), board, panel).await?;
    if let Some(figure) = &question.panel.figure {
        return Err(Refusal::To(link::figure(figure)));
    }
    let f = visit.frame(Place::Figures, |say| say.text(&question.panel.title).to_owned());
    let sources = |id: &str| source_title(visit, id);
    Ok(PanelPage::new(f, question, &visit.app.districts(), &sources))
}

#[derive(Template)]
#[template(path = "figure/panel.html")]
pub(crate) struct PanelPage {
    f: Frame,
    p: home::Panel,
    board: String,
    sql: String,
    console: String,
    grounds: Grounded,
}

impl PanelPage {
    pub(crate) fn new(f: Frame, question: PanelQuestion, districts: &Districts, sources: &dyn Fn(&str) -> String) -> PanelPage {
        PanelPage {
            p: home::drawn(&f, &question.panel, districts, sources),
            board: f.text(&question.board_title).to_owned(),
            console: link::sql(&question.panel.sql),
            sql: question.panel.sql,
            grounds: Grounded::new(&f, question.grounds),
            f,
        }
    }
}
