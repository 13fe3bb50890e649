//! Declared screens of figures, charts and maps, with their latest results.

use axum::Json;
use axum::extract::Path;
use desk::view::PanelView;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Answered;
use super::problem::{ForReader, Problem};
use super::shape::{PanelKind, Time, Words, words};
use crate::frame::Visit;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Board {
    id: String,
    title: Words,
    panels: Vec<Panel>,
}

/// One figure, chart, table or map.
#[derive(Debug, Serialize, ToSchema)]
struct Panel {
    id: String,
    title: Words,
    kind: PanelKind,
    unit: Words,
    summary: Words,
    /// The declared figure that it shows; absent where it has a SELECT of its own.
    figure: Option<String>,
    /// How it is computed.
    sql: String,
    /// Resources it reads.
    sources: Vec<String>,
    columns: Vec<String>,
    /// At most 200.
    rows: Vec<Vec<Value>>,
    /// Absent before it was first computed.
    as_of: Option<Time>,
    /// Why it could not be computed.
    error: Option<Words>,
}

impl From<PanelView> for Panel {
    fn from(view: PanelView) -> Panel {
        Panel {
            id: view.id,
            title: view.title.into(),
            kind: view.kind.into(),
            unit: view.unit.into(),
            summary: view.summary.into(),
            figure: view.figure,
            sql: view.sql,
            sources: view.sources,
            columns: view.columns,
            rows: view.rows,
            as_of: view.as_of.map(Time::from),
            error: view.error.map(Words::from),
        }
    }
}

/// 驾驶舱 / A board
///
/// 各面板及其最新结果；`home` 是首页的驾驶舱。 Panels with their latest results; `home` is the board of the home page.
#[utoipa::path(get, path = "/api/v1/boards/{id}", tag = "city",
    params(("id" = String, Path, description = "驾驶舱编号 / id of the board", max_length = 200, example = "home")),
    responses((status = 200, body = Board), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn board(Path(id): Path<String>, visit: Visit) -> Answered<Board> {
    let city = visit.app.desk.city();
    let declared = city.boards.get(&id).ok_or(Problem::not_found()).told(&visit)?;
    let panels = visit.app.desk.board(visit.account.as_ref(), &id).await.told(&visit)?;
    let title = words(&declared.title, &declared.title_en);
    Ok(Json(Board { id, title, panels: panels.into_iter().map(Panel::from).collect() }))
}
