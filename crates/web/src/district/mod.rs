//! `/districts/{code}`: one district of the city. Its place on the map, its own rows of the district board, its towns.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use desk::DeskError;
use desk::view::PanelView;
use kernel::Text;
use serde_json::Value;

use crate::app::App;
use crate::chart::Districts;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::home::{Panel, drawn, source_title};
use crate::html::Html;
use crate::link;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/districts/{code}", get(show))
}

async fn show(State(_): State<App>, visit: Visit, Path(code): Path<String>) -> Response {
    visit.answer(page(&visit, &code).await)
}

async fn page(visit: &Visit, code: &str) -> Answered<DistrictPage> {
    let districts = visit.app.districts();
    let name = name(visit, &districts, code).ok_or(DeskError::NotFound)?;
    let panels = match visit.app.desk.board(visit.account.as_ref(), "district").await {
        Ok(panels) => panels,
        Err(DeskError::NotFound) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let f = visit.frame(Place::Home, |say| say.text(&name).to_owned());
    let sources = |id: &str| source_title(visit, id);
    Ok(DistrictPage::new(f, code, name, &panels, towns(visit, code), &districts, &sources))
}

/// The district's name: from its outline, else from the code list of divisions.
fn name(visit: &Visit, districts: &Districts, code: &str) -> Option<Text> {
    let city = visit.app.desk.city();
    let listed = || {
        let list = city.code_lists.get(city.info.divisions.as_ref()?)?;
        let found = list.codes.iter().find(|c| c.value == code)?;
        Some(Text::new(&found.title, &found.title_en))
    };
    districts.get(code).map(|d| d.name.clone()).or_else(listed)
}

/// The towns under a district, where the city declares a code list of divisions.
fn towns(visit: &Visit, code: &str) -> Vec<Text> {
    let city = visit.app.desk.city();
    let list = city.info.divisions.as_ref().and_then(|id| city.code_lists.get(id));
    let under = |c: &&data::declare::Code| c.value != code && (c.parent.as_deref() == Some(code) || (c.value.len() >= 9 && c.value.starts_with(code)));
    list.map(|list| list.codes.iter().filter(under).map(|c| Text::new(&c.title, &c.title_en)).collect()).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "district/district.html")]
pub(crate) struct DistrictPage {
    f: Frame,
    code: String,
    name: Text,
    place: usize,
    map: Option<Html>,
    panels: Vec<Panel>,
    towns: Vec<Text>,
    /// The other districts: (address, name, colour).
    others: Vec<(String, String, usize)>,
}

impl DistrictPage {
    pub(crate) fn new(
        f: Frame,
        code: &str,
        name: Text,
        panels: &[PanelView],
        towns: Vec<Text>,
        districts: &Districts,
        sources: &dyn Fn(&str) -> String,
    ) -> DistrictPage {
        let others = districts.all.iter().filter(|d| d.code != code);
        let title = f.t1("district-map", &("district", f.text(&name)));
        DistrictPage {
            place: districts.get(code).map(|d| d.place).unwrap_or_default(),
            map: districts.get(code).map(|_| districts.outline(&f, "district-map", &title, code)),
            panels: panels.iter().map(|panel| drawn(&f, &own_rows(panel, code), districts, sources)).collect(),
            others: others.map(|d| (link::district(&d.code), f.text(&d.name).to_owned(), d.place)).collect(),
            code: code.to_owned(),
            f,
            name,
            towns,
        }
    }
}

/// The panel with only the district's rows, whose code then needs not be said.
fn own_rows(panel: &PanelView, code: &str) -> PanelView {
    let mine = |row: &&Vec<Value>| match row.first() {
        Some(Value::String(text)) => text == code,
        Some(Value::Number(number)) => number.to_string() == code,
        _ => false,
    };
    let rest = |row: &Vec<Value>| row.iter().skip(1).cloned().collect();
    PanelView {
        rows: panel.rows.iter().filter(mine).map(rest).collect(),
        columns: panel.columns.iter().skip(1).cloned().collect(),
        ..panel.clone()
    }
}
