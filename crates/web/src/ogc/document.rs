//! What there is: the landing page, the classes kept to, the collections and each of them.

use axum::extract::{Path, State};
use axum::response::Response;
use desk::DeskError;
use desk::open::{Collection, Crs};
use serde_json::{Value, json};

use super::page::{DocumentPage, Section};
use super::{CLASSES, Form, GEOJSON, JSON, OPENAPI, answer, form, link, only, problem, root};
use crate::app::App;
use crate::frame::{Place, Visit};
use crate::link as site;

pub(super) async fn landing(State(_): State<App>, visit: Visit) -> Response {
    let told = async {
        only(&visit, &["f"])?;
        match form(&visit)? {
            Form::Json => Ok(answer(JSON, &landing_json(&visit))),
            Form::Html => {
                let collections = visit.app.desk.open_collections(visit.now).await?;
                Ok(page(&visit, |say| say.t("ogc-title"), |f| (f.t("ogc-lead"), vec![listed(f, &collections), ways(f)])))
            }
        }
    };
    told.await.unwrap_or_else(|error| problem(&visit, error))
}

fn landing_json(visit: &Visit) -> Value {
    let (root, say) = (root(visit), visit.say());
    json!({
        "title": say.t("ogc-title"),
        "description": say.t("ogc-lead"),
        "links": [
            link("self", JSON, "JSON", format!("{root}?f=json")),
            link("alternate", "text/html", "HTML", format!("{root}?f=html")),
            link("service-desc", OPENAPI, "OpenAPI", format!("{root}/api")),
            link("service-doc", "text/html", "HTML", format!("{root}/api?f=html")),
            link("conformance", JSON, &say.t("ogc-conformance"), format!("{root}/conformance")),
            link("data", JSON, &say.t("ogc-collections"), format!("{root}/collections")),
        ],
    })
}

pub(super) async fn conformance(State(_): State<App>, visit: Visit) -> Response {
    let told = only(&visit, &["f"]).and_then(|()| form(&visit)).map(|form| match form {
        Form::Json => answer(JSON, &json!({ "conformsTo": CLASSES })),
        Form::Html => page(&visit, |say| say.t("ogc-conformance"), |f| {
            let entries = CLASSES.iter().map(|class| ((*class).to_owned(), String::new(), String::new())).collect();
            (f.t("ogc-lead"), vec![Section { title: f.t("ogc-conformance"), entries }])
        }),
    });
    told.unwrap_or_else(|error| problem(&visit, error))
}

pub(super) async fn collections(State(_): State<App>, visit: Visit) -> Response {
    let told = async {
        only(&visit, &["f"])?;
        let form = form(&visit)?;
        let collections = visit.app.desk.open_collections(visit.now).await?;
        Ok(match form {
            Form::Json => {
                let root = root(&visit);
                let links = [
                    link("self", JSON, "JSON", format!("{root}/collections?f=json")),
                    link("alternate", "text/html", "HTML", format!("{root}/collections?f=html")),
                ];
                let all: Vec<Value> = collections.iter().map(|collection| collection_json(&visit, collection)).collect();
                answer(JSON, &json!({ "links": links, "crs": Crs::ALL.map(Crs::uri), "collections": all }))
            }
            Form::Html => page(&visit, |say| say.t("ogc-collections"), |f| (f.t("ogc-lead"), vec![listed(f, &collections)])),
        })
    };
    told.await.unwrap_or_else(|error| problem(&visit, error))
}

pub(super) async fn collection(State(_): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    let told = async {
        only(&visit, &["f"])?;
        let form = form(&visit)?;
        let collection = visit.app.desk.open_collection(&id, visit.now).await?;
        Ok(match form {
            Form::Json => answer(JSON, &collection_json(&visit, &collection)),
            Form::Html => page(
                &visit,
                |say| say.text(&collection.view.title).to_owned(),
                |f| {
                    let property = |column: &desk::open::OpenColumn| (f.text(&column.title).to_owned(), String::new(), column.name.clone());
                    let rows = (f.t("ogc-items"), site::with(&site::features(&id), &[("f", "html")]), f.int(collection.view.rows));
                    let links = vec![rows, (f.t("open-dataset"), site::dataset(&id), String::new())];
                    let properties = collection.columns.iter().map(property).collect();
                    (f.text(&collection.view.summary).to_owned(), vec![Section { title: f.t("ogc-links"), entries: links }, Section { title: f.t("ogc-properties"), entries: properties }])
                },
            ),
        })
    };
    told.await.unwrap_or_else(|error: DeskError| problem(&visit, error))
}

/// A collection, as the standard tells it.
fn collection_json(visit: &Visit, collection: &Collection) -> Value {
    let (say, view) = (visit.say(), &collection.view);
    let (origin, here) = (visit.origin(), format!("{}{}", visit.origin(), site::collection(&view.id)));
    let items = format!("{origin}{}", site::features(&view.id));
    let title = say.text(&view.title);
    json!({
        "id": view.id,
        "title": title,
        "description": say.text(&view.summary),
        "itemType": "feature",
        "extent": { "spatial": { "bbox": [collection.bounds.unwrap_or([-180.0, -90.0, 180.0, 90.0])], "crs": Crs::Crs84.uri() } },
        "crs": Crs::ALL.map(Crs::uri),
        "storageCrs": Crs::Crs84.uri(),
        "links": [
            link("self", JSON, title, format!("{here}?f=json")),
            link("alternate", "text/html", title, format!("{here}?f=html")),
            link("items", GEOJSON, title, format!("{items}?f=json")),
            link("items", "text/html", title, format!("{items}?f=html")),
            link("describedby", "text/html", title, format!("{origin}{}", site::dataset(&view.id))),
            link("license", "text/html", view.licence.id, view.licence.url.to_owned()),
        ],
    })
}

fn listed(f: &crate::frame::Frame, collections: &[Collection]) -> Section {
    let entry = |collection: &Collection| {
        let view = &collection.view;
        (f.text(&view.title).to_owned(), site::with(&site::collection(&view.id), &[("f", "html")]), f.text(&view.summary).to_owned())
    };
    Section { title: f.t("ogc-collections"), entries: collections.iter().map(entry).collect() }
}

fn ways(f: &crate::frame::Frame) -> Section {
    let entries = vec![
        ("OpenAPI".to_owned(), "/ogc/api".to_owned(), String::new()),
        (f.t("ogc-conformance"), "/ogc/conformance?f=html".to_owned(), String::new()),
    ];
    Section { title: f.t("ogc-links"), entries }
}

pub(super) fn page(visit: &Visit, title: impl Fn(&crate::say::Say) -> String, content: impl FnOnce(&crate::frame::Frame) -> (String, Vec<Section>)) -> Response {
    let f = visit.frame(Place::Open, &title);
    let (lead, sections) = content(&f);
    visit.answer(Ok(DocumentPage { title: title(&visit.say()), lead, sections, f }))
}
