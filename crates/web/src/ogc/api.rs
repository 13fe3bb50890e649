//! The service's own description in OpenAPI 3.0, as clients of OGC API look for it.

use axum::extract::State;
use axum::response::Response;
use desk::open::{Collection, Crs, Kind};
use serde_json::{Map, Value, json};

use super::items::{LIMIT_MAX, OFFSET_MAX};
use super::{Form, GEOJSON, OPENAPI, answer, document, form, only, problem};
use super::page::Section;
use crate::app::App;
use crate::frame::Visit;
use crate::link as site;

pub(super) async fn description(State(_): State<App>, visit: Visit) -> Response {
    let told = async {
        only(&visit, &["f"])?;
        // Whoever follows the link to the description gets it, whatever the browser prefers.
        let form = if visit.parameter("f").is_empty() { Form::Json } else { form(&visit)? };
        let collections = visit.app.desk.open_collections(visit.now).await?;
        Ok(match form {
            Form::Json => answer(OPENAPI, &openapi(&visit, &collections)),
            Form::Html => {
                let paths = openapi(&visit, &collections);
                let names: Vec<String> = paths["paths"].as_object().into_iter().flatten().map(|(path, _)| format!("GET {path}")).collect();
                document::page(&visit, |_| "OpenAPI".to_owned(), |f| {
                    let entries = names.into_iter().map(|name| (name, String::new(), String::new())).collect();
                    let json = Section { title: f.t("ogc-links"), entries: vec![("OpenAPI 3.0 (JSON)".to_owned(), "/ogc/api?f=json".to_owned(), String::new())] };
                    (f.t("ogc-lead"), vec![json, Section { title: "API".to_owned(), entries }])
                })
            }
        })
    };
    told.await.unwrap_or_else(|error| problem(&visit, error))
}

fn openapi(visit: &Visit, collections: &[Collection]) -> Value {
    let say = visit.say();
    let mut paths = Map::new();
    let answers = |media: &str| {
        json!({
            "200": { "description": "OK", "content": { media: { "schema": { "type": "object" } }, "text/html": { "schema": { "type": "string" } } } },
            "400": { "description": "Bad request", "content": { "application/problem+json": { "schema": { "type": "object" } } } },
            "404": { "description": "Not found", "content": { "application/problem+json": { "schema": { "type": "object" } } } },
        })
    };
    let f = json!({ "name": "f", "in": "query", "required": false, "schema": { "type": "string", "enum": ["json", "html"] } });
    for (path, id) in [("/", "getLandingPage"), ("/conformance", "getConformance"), ("/collections", "getCollections"), ("/api", "getApi")] {
        paths.insert(path.to_owned(), json!({ "get": { "operationId": id, "parameters": [f], "responses": answers("application/json") } }));
    }
    for collection in collections {
        let (id, title) = (&collection.view.id, say.text(&collection.view.title));
        let path = format!("/collections/{}", site::encode(id));
        let get = |operation: &str, parameters: Vec<Value>, media: &str| {
            json!({ "get": { "operationId": format!("{operation}_{id}"), "summary": title, "tags": [id], "parameters": parameters, "responses": answers(media) } })
        };
        paths.insert(path.clone(), get("describe", vec![f.clone()], "application/json"));
        let mut parameters = vec![f.clone()];
        parameters.extend(common());
        parameters.extend(collection.columns.iter().map(property));
        paths.insert(format!("{path}/items"), get("getFeatures", parameters, GEOJSON));
        let number = json!({ "name": "featureId", "in": "path", "required": true, "schema": { "type": "integer" } });
        paths.insert(format!("{path}/items/{{featureId}}"), get("getFeature", vec![number, f.clone(), crs("crs")], GEOJSON));
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": say.t("ogc-title"), "description": say.t("ogc-lead"), "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": super::root(visit) }],
        "paths": paths,
    })
}

fn crs(name: &str) -> Value {
    json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string", "format": "uri", "default": Crs::Crs84.uri(), "enum": Crs::ALL.map(Crs::uri) } })
}

fn common() -> Vec<Value> {
    vec![
        json!({ "name": "bbox", "in": "query", "required": false, "style": "form", "explode": false,
            "schema": { "type": "array", "oneOf": [{ "minItems": 4, "maxItems": 4 }, { "minItems": 6, "maxItems": 6 }], "items": { "type": "number" } } }),
        crs("bbox-crs"),
        crs("crs"),
        json!({ "name": "datetime", "in": "query", "required": false, "style": "form", "explode": false, "schema": { "type": "string" } }),
        json!({ "name": "limit", "in": "query", "required": false, "style": "form", "explode": false, "schema": { "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 10 } }),
        json!({ "name": "offset", "in": "query", "required": false, "schema": { "type": "integer", "minimum": 0, "maximum": OFFSET_MAX, "default": 0 } }),
    ]
}

fn property(column: &desk::open::OpenColumn) -> Value {
    let kind = match column.kind {
        Kind::Integer => "integer",
        Kind::Number | Kind::Decimal { .. } => "number",
        Kind::Boolean => "boolean",
        Kind::Text | Kind::Date | Kind::Moment { .. } | Kind::Hash => "string",
    };
    json!({ "name": column.name, "in": "query", "required": false, "schema": { "type": kind } })
}
