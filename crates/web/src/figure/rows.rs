//! `/figures/{id}/rows`: the rows that a figure counts, as far as the reader's rights go.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::figure::FigureRows;

use super::period_name;
use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::Html;
use crate::link;
use crate::paging::Paging;

pub(super) async fn show(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    visit.answer(page(&visit, &id).await)
}

async fn page(visit: &Visit, id: &str) -> Answered<FigureRowsPage> {
    let who = visit.staff()?;
    let desk = &visit.app.desk;
    let start = visit.chosen("period");
    let city = desk.city();
    let by = city.figures.get(id).map(|figure| figure.by.as_slice()).unwrap_or_default();
    let only: Vec<(String, String)> = by.iter().filter_map(|name| Some((name.clone(), visit.chosen(name)?))).collect();
    let mut rows = desk.figure_rows(who, id, start.as_deref(), &only, visit.page()).await?;
    // Districts are called as on the map.
    let districts = visit.app.districts();
    for ((_, key), (_, said)) in only.iter().zip(&mut rows.only) {
        if let Some(district) = districts.get(key) {
            *said = district.name.clone();
        }
    }
    let f = visit.frame(Place::Figures, |say| say.t1("figure-rows-of", &("figure", say.text(&rows.title))));
    Ok(FigureRowsPage::new(f, id, rows, start.as_deref()))
}

#[derive(Template)]
#[template(path = "figure/rows.html")]
pub(crate) struct FigureRowsPage {
    f: Frame,
    title: String,
    figure: String,
    /// Which of its rows, as (what, value).
    only: Vec<(String, String)>,
    seen: Html,
    heads: Vec<(String, String)>,
    rows: Vec<Vec<String>>,
    paging: Paging,
    console: String,
}

impl FigureRowsPage {
    pub(crate) fn new(f: Frame, id: &str, rows: FigureRows, start: Option<&str>) -> FigureRowsPage {
        let period = start.zip(rows.period).map(|(start, period)| (f.t("figure-period"), period_name(&f, start, period)));
        let parts = rows.only.iter().map(|(column, value)| (f.text(column).to_owned(), f.text(value).to_owned()));
        let only = period.into_iter().chain(parts).collect();
        let cell = |(value, labels): (&serde_json::Value, &std::collections::BTreeMap<String, kernel::Text>)| {
            let title = value.as_str().and_then(|code| labels.get(code));
            title.map_or_else(|| f.cell(&f.value(value)), |title| f.text(title).to_owned())
        };
        let cells = |row: &Vec<serde_json::Value>| row.iter().zip(&rows.labels).map(cell).collect();
        FigureRowsPage {
            title: f.text(&rows.title).to_owned(),
            figure: link::figure(id),
            only,
            seen: crate::seen::note(&f, &rows.seen),
            heads: rows.columns.iter().map(|(name, title)| (name.clone(), f.text(title).to_owned())).collect(),
            rows: rows.rows.iter().map(cells).collect(),
            paging: Paging::open(&f, rows.page, rows.more),
            console: link::sql(&rows.sql),
            f,
        }
    }
}
