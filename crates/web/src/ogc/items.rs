//! Features of a collection, found by box, time and properties, page by page; and each by its number.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use desk::DeskError;
use desk::open::{Collection, Crs, Feature, FeatureQuestion, View, ogc};
use kernel::Text;
use serde_json::{Map, Value, json};

use super::page::{ItemPage, ItemsPage};
use super::{Form, GEOJSON, answer, form, link, only, problem};
use crate::app::App;
use crate::frame::{Place, Visit};
use crate::link as site;

const LIMIT: u64 = 10;
pub(super) const LIMIT_MAX: u64 = 10_000;
pub(super) const OFFSET_MAX: u64 = 100_000_000;
/// Rows on a page for people.
const HTML_MAX: u64 = 100;
/// Parameters that are no properties.
const WORDS: [&str; 7] = ["bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "f"];
const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

pub(super) async fn items(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    let told = async {
        let form = form(&visit)?;
        let crs = crs(&visit, "crs")?;
        let mut question = question(&visit)?;
        if form == Form::Html {
            question.limit = if visit.parameter("limit").is_empty() { HTML_MAX / 2 } else { question.limit.min(HTML_MAX) };
        }
        let found = visit.app.desk.open_features(&id, &question, visit.now).await?;
        let seen = question.offset.saturating_add(found.features.len() as u64);
        let next = (seen < found.matched && !found.features.is_empty()).then(|| turned(&visit, &id, &question, seen));
        let previous = (question.offset > 0).then(|| turned(&visit, &id, &question, question.offset.saturating_sub(question.limit)));
        Ok(match form {
            Form::Html => html(&visit, &found.collection, found.features, found.matched, previous, next),
            Form::Json => {
                let features: Vec<Value> = found.features.iter().map(|feature| feature_json(&visit, &found.collection, feature, crs, false)).collect();
                let origin = visit.origin();
                let mut links = vec![
                    link("self", GEOJSON, "GeoJSON", format!("{origin}{}", visit.address)),
                    link("alternate", "text/html", "HTML", format!("{origin}{}", other_form(&visit, "html"))),
                    link("collection", "application/json", visit.say().text(&found.collection.view.title), format!("{origin}{}", site::collection(&id))),
                ];
                links.extend(next.map(|href| link("next", GEOJSON, "next", format!("{origin}{href}"))));
                links.extend(previous.map(|href| link("prev", GEOJSON, "prev", format!("{origin}{href}"))));
                let body = json!({
                    "type": "FeatureCollection",
                    "timeStamp": found.collection.view.updated.rfc3339(),
                    "numberMatched": found.matched,
                    "numberReturned": features.len(),
                    "links": links,
                    "features": features,
                });
                in_crs(answer(GEOJSON, &body), crs)
            }
        })
    };
    told.await.unwrap_or_else(|error| problem(&visit, error))
}

pub(super) async fn item(State(_): State<App>, visit: Visit, Path((id, number)): Path<(String, String)>) -> Response {
    let told = async {
        only(&visit, &["f", "crs"])?;
        let (form, crs) = (form(&visit)?, crs(&visit, "crs")?);
        let number: u64 = number.parse().map_err(|_| DeskError::NotFound)?;
        let (collection, feature) = visit.app.desk.open_feature(&id, number, visit.now).await?;
        Ok(match form {
            Form::Json => in_crs(answer(GEOJSON, &feature_json(&visit, &collection, &feature, crs, true)), crs),
            Form::Html => one(&visit, &collection, &feature),
        })
    };
    told.await.unwrap_or_else(|error: DeskError| problem(&visit, error))
}

fn crs(visit: &Visit, name: &str) -> Result<Crs, DeskError> {
    match visit.parameter(name) {
        "" => Ok(Crs::default()),
        text => Crs::read(text).map_err(DeskError::Invalid),
    }
}

fn question(visit: &Visit) -> Result<FeatureQuestion, DeskError> {
    let mut seen = std::collections::BTreeSet::new();
    let own = || visit.query.iter().filter(|(name, _)| name != "lang" && name != "mode");
    if let Some((twice, _)) = own().find(|(name, _)| !seen.insert(name)) {
        return Err(DeskError::Invalid(Text::new(format!("参数 {twice} 只能出现一次"), format!("{twice} stands once only"))));
    }
    let given = |name: &str| own().find(|(known, _)| known == name).map(|(_, value)| value.trim());
    let number = |name: &str, default: u64, least: u64| match given(name) {
        None => Ok(default),
        Some(text) => text.parse::<u64>().ok().filter(|number| *number >= least).ok_or_else(|| {
            DeskError::Invalid(Text::new(format!("{name} 应为不小于 {least} 的整数"), format!("{name} is a whole number from {least}")))
        }),
    };
    let box_crs = crs(visit, "bbox-crs")?;
    Ok(FeatureQuestion {
        bounds: given("bbox").map(|text| ogc::bounds(text, box_crs)).transpose().map_err(DeskError::Invalid)?,
        interval: given("datetime").map(ogc::interval).transpose().map_err(DeskError::Invalid)?,
        equals: own().filter(|(name, _)| !WORDS.contains(&name.as_str())).cloned().collect(),
        limit: number("limit", LIMIT, 1)?.min(LIMIT_MAX),
        offset: number("offset", 0, 0)?.min(OFFSET_MAX),
    })
}

/// The same question from another row on.
fn turned(visit: &Visit, id: &str, question: &FeatureQuestion, offset: u64) -> String {
    let (limit, offset) = (question.limit.to_string(), offset.to_string());
    let mut parameters: Vec<(&str, &str)> =
        visit.query.iter().filter(|(name, _)| !matches!(name.as_str(), "limit" | "offset" | "lang" | "mode")).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    parameters.extend([("limit", limit.as_str()), ("offset", offset.as_str())]);
    site::with(&site::features(id), &parameters)
}

/// The same address in another form.
fn other_form(visit: &Visit, form: &str) -> String {
    let (path, query) = visit.address.split_once('?').unwrap_or((&visit.address, ""));
    let pairs = site::pairs(query);
    let mut parameters: Vec<(&str, &str)> = pairs.iter().filter(|(name, _)| name != "f").map(|(name, value)| (name.as_str(), value.as_str())).collect();
    parameters.push(("f", form));
    site::with(path, &parameters)
}

fn in_crs(mut response: Response, crs: Crs) -> Response {
    if let Ok(value) = HeaderValue::try_from(format!("<{}>", crs.uri())) {
        response.headers_mut().insert(CONTENT_CRS, value);
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

fn feature_json(visit: &Visit, collection: &Collection, feature: &Feature, crs: Crs, alone: bool) -> Value {
    let id = &collection.view.id;
    let property = |(column, value): (&desk::open::OpenColumn, &desk::open::Value)| {
        let told = match value {
            // A number to whoever draws it.
            desk::open::Value::Decimal { .. } => value.text().parse::<f64>().map_or(Value::Null, Value::from),
            other => serde_json::to_value(other).unwrap_or_default(),
        };
        (column.name.clone(), told)
    };
    let properties: Map<String, Value> =
        collection.columns.iter().zip(&feature.values).filter(|(column, _)| !collection.position.contains(&column.name)).map(property).collect();
    let geometry = feature.at.map(|at| json!({ "type": "Point", "coordinates": crs.of(at) }));
    let mut body = json!({ "type": "Feature", "id": feature.number, "geometry": geometry, "properties": properties });
    if let Some(body) = body.as_object_mut().filter(|_| alone) {
        let here = format!("{}{}", visit.origin(), site::feature(id, feature.number));
        let links = [
            link("self", GEOJSON, "GeoJSON", format!("{here}?f=json")),
            link("alternate", "text/html", "HTML", format!("{here}?f=html")),
            link("collection", "application/json", visit.say().text(&collection.view.title), format!("{}{}", visit.origin(), site::collection(id))),
        ];
        body.insert("links".to_owned(), json!(links));
    }
    body
}

fn html(visit: &Visit, collection: &Collection, features: Vec<Feature>, matched: u64, previous: Option<String>, next: Option<String>) -> Response {
    let view = &collection.view;
    let f = visit.frame(Place::Open, |say| say.text(&view.title).to_owned());
    let row = |feature: Feature| (feature.number, feature.values.iter().map(|value| f.cell(&value.text())).collect());
    visit.answer(Ok(ItemsPage {
        id: view.id.clone(),
        title: f.text(&view.title).to_owned(),
        matched,
        heads: collection.columns.iter().map(|column| f.text(&column.title).to_owned()).collect(),
        rows: features.into_iter().map(row).collect(),
        previous,
        next,
        json: other_form(visit, "json"),
        f,
    }))
}

fn one(visit: &Visit, collection: &Collection, feature: &Feature) -> Response {
    let view = &collection.view;
    let f = visit.frame(Place::Open, |say| say.text(&view.title).to_owned());
    let fact = |(column, value): (&desk::open::OpenColumn, &desk::open::Value)| (f.text(&column.title).to_owned(), f.cell(&value.text()));
    let around = |[x, y]: [f64; 2]| {
        let near = View::of([x - 0.01, y - 0.01, x + 0.01, y + 0.01]);
        format!("{}#map", site::with(&site::dataset(&view.id), &[("bbox", &near.text())]))
    };
    visit.answer(Ok(ItemPage {
        id: view.id.clone(),
        title: f.text(&view.title).to_owned(),
        number: feature.number,
        facts: collection.columns.iter().zip(&feature.values).map(fact).collect(),
        json: other_form(visit, "json"),
        map: feature.at.map(around),
        f,
    }))
}
