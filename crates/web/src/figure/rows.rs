//! `/figures/{id}/rows`: the rows that a figure counts, as far as the reader's rights go.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::figure::{FigureRows, FigureView};

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
    let detail = desk.figure(Some(who), id).await?;
    let start = Some(visit.parameter("period")).filter(|start| !start.is_empty());
    let only: Vec<(String, String)> = detail
        .breakdowns
        .iter()
        .map(|breakdown| (breakdown.by.clone(), visit.parameter(&breakdown.by).to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let rows = desk.figure_rows(who, id, start, &only, visit.page()).await?;
    let titled = only.iter().map(|(by, key)| {
        let breakdown = detail.breakdowns.iter().find(|breakdown| breakdown.by == *by);
        let part = breakdown.and_then(|breakdown| breakdown.parts.iter().find(|part| part.key == *key));
        let say = visit.say();
        let districts = visit.app.districts();
        let district = districts.get(key).map(|district| say.text(&district.name).to_owned());
        let value = district.or_else(|| part.map(|part| say.text(&part.title).to_owned())).unwrap_or_else(|| key.clone());
        (breakdown.map(|breakdown| say.text(&breakdown.title).to_owned()).unwrap_or_default(), value)
    });
    let only = titled.collect();
    let f = visit.frame(Place::Figures, |say| say.t1("figure-rows-of", &("figure", say.text(&detail.view.title))));
    Ok(FigureRowsPage::new(f, &detail.view, rows, start, only))
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
    pub(crate) fn new(f: Frame, view: &FigureView, rows: FigureRows, start: Option<&str>, mut only: Vec<(String, String)>) -> FigureRowsPage {
        if let (Some(start), Some(period)) = (start, view.period) {
            only.insert(0, (f.t("figure-period"), period_name(&f, start, period)));
        }
        let cell = |(value, labels): (&serde_json::Value, &std::collections::BTreeMap<String, kernel::Text>)| {
            let title = value.as_str().and_then(|code| labels.get(code));
            title.map_or_else(|| f.cell(&f.value(value)), |title| f.text(title).to_owned())
        };
        let cells = |row: &Vec<serde_json::Value>| row.iter().zip(&rows.labels).map(cell).collect();
        FigureRowsPage {
            title: f.text(&view.title).to_owned(),
            figure: link::figure(&view.id),
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
