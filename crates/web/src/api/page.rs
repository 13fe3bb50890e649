//! `/api`: the description of the API as a page for people, drawn from the description itself.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use kernel::Lang;
use serde_json::Value;

use super::example::example;
use super::problem::WORDS;
use super::spec;
use crate::app::App;
use crate::frame::{Frame, Place, Visit};

pub(super) fn router() -> Router<App> {
    Router::new().route("/api", get(show)).route("/api/v1", get(show))
}

async fn show(visit: Visit) -> Response {
    let origin = visit.origin();
    let f = visit.frame(Place::Api, |say| say.t("api-title"));
    visit.answer(Ok(ApiPage::new(f, &origin)))
}

#[derive(Template)]
#[template(path = "api/page.html")]
pub(crate) struct ApiPage {
    f: Frame,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
    login: String,
    /// (word that `type` ends in, status).
    problems: Vec<(&'static str, u16)>,
}

/// Operations on one subject.
struct Group {
    id: String,
    title: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    staff: bool,
    parameters: Vec<Field>,
    /// Name of the shape of the body.
    body: Option<String>,
    /// (status, name of the shape or media type, what it means).
    answers: Vec<(String, String, String)>,
    curl: String,
    example: String,
    /// Whether it can simply be opened in the browser.
    open: bool,
}

/// A parameter, or a field of a shape.
struct Field {
    name: String,
    kind: String,
    required: bool,
    description: String,
}

struct Schema {
    name: String,
    description: String,
    fields: Vec<Field>,
    /// For a list of words.
    words: Vec<String>,
}

impl ApiPage {
    pub(crate) fn new(f: Frame, origin: &str) -> ApiPage {
        let described = serde_json::to_value(spec()).unwrap_or_default();
        let lang = f.lang;
        let tags = list(&described["tags"]);
        let groups = tags.iter().map(|tag| Group {
            id: text(&tag["name"]).to_owned(),
            title: half(text(&tag["description"]), lang).to_owned(),
            operations: operations(&described, text(&tag["name"]), origin, lang),
        });
        ApiPage {
            groups: groups.collect(),
            schemas: pairs(&described["components"]["schemas"]).map(|(name, schema)| shape(name, schema)).collect(),
            login: format!(
                "curl -c cookie.txt -H 'Content-Type: application/json' \\\n  -d '{{\"name\":\"chen\",\"password\":\"…\"}}' {origin}/api/v1/session\ncurl -b cookie.txt {origin}/api/v1/sql/tables"
            ),
            problems: WORDS.to_vec(),
            f,
        }
    }
}

fn operations(described: &Value, tag: &str, origin: &str, lang: Lang) -> Vec<Operation> {
    let all = pairs(&described["paths"]).flat_map(|(path, item)| pairs(item).map(move |(method, operation)| (path, method, operation)));
    all.filter(|(.., operation)| list(&operation["tags"]).iter().any(|t| text(t) == tag))
        .map(|(path, method, operation)| one(described, path, method, operation, origin, lang))
        .collect()
}

fn one(described: &Value, path: &str, method: &str, operation: &Value, origin: &str, lang: Lang) -> Operation {
    let json = |body: &Value| body["content"]["application/json"]["schema"].clone();
    let body = json(&operation["requestBody"]);
    let parameters = list(&operation["parameters"]);
    let staff = operation.get("security").is_some();
    let answer = pairs(&operation["responses"]).find(|(status, _)| status.starts_with('2')).map(|(_, answer)| json(answer)).unwrap_or_default();
    Operation {
        id: text(&operation["operationId"]).to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: half(text(&operation["summary"]), lang).to_owned(),
        description: half(text(&operation["description"]), lang).to_owned(),
        staff,
        parameters: parameters.iter().map(|parameter| parameter_field(parameter, lang)).collect(),
        curl: curl(described, path, method, operation, origin),
        open: method == "get" && !path.contains('{') && !path.ends_with("/events"),
        body: (!body.is_null()).then(|| kind(&body)),
        answers: pairs(&operation["responses"]).map(|(status, answer)| answer_of(status, answer, lang)).collect(),
        example: if answer.is_null() { String::new() } else { serde_json::to_string_pretty(&example(described, &answer)).unwrap_or_default() },
    }
}

fn parameter_field(parameter: &Value, lang: Lang) -> Field {
    Field {
        name: text(&parameter["name"]).to_owned(),
        kind: kind(&parameter["schema"]),
        required: parameter["required"].as_bool().unwrap_or(false),
        description: half(text(&parameter["description"]), lang).to_owned(),
    }
}

fn answer_of(status: &str, answer: &Value, lang: Lang) -> (String, String, String) {
    (status.to_owned(), answer_kind(answer), half(text(&answer["description"]), lang).to_owned())
}

fn answer_kind(answer: &Value) -> String {
    match pairs(&answer["content"]).next() {
        None => "—".to_owned(),
        Some((media, content)) if media.ends_with("json") => kind(&content["schema"]),
        Some((media, _)) => media.to_owned(),
    }
}

fn curl(described: &Value, path: &str, method: &str, operation: &Value, origin: &str) -> String {
    let mut out = String::from("curl");
    if operation.get("security").is_some() || method == "delete" {
        out.push_str(" -b cookie.txt");
    }
    if path.ends_with("/events") {
        out.push_str(" -N");
    }
    if method == "delete" {
        out.push_str(" -X DELETE");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        let sent = example(described, body).to_string().replace('\'', "'\\''");
        out.push_str(&format!(" -H 'Content-Type: application/json' \\\n  -d '{sent}' \\\n "));
    }
    let wanted = list(&operation["parameters"]).iter().find(|p| p["in"] == "query" && !p["example"].is_null());
    let query = wanted.map(|p| format!("?{}={}", text(&p["name"]), text(&p["example"]))).unwrap_or_default();
    format!("{out} '{origin}{path}{query}'")
}

fn shape(name: &str, schema: &Value) -> Schema {
    let needed = list(&schema["required"]);
    let field = |(name, of): (&str, &Value)| Field {
        name: name.to_owned(),
        kind: kind(of),
        required: needed.iter().any(|n| text(n) == name),
        description: text(&of["description"]).to_owned(),
    };
    Schema {
        name: name.to_owned(),
        description: text(&schema["description"]).to_owned(),
        fields: pairs(&schema["properties"]).map(field).collect(),
        words: list(&schema["enum"]).iter().map(|word| text(word).to_owned()).collect(),
    }
}

/// What a schema is, in a word or two: `Run`, `Run[]`, `string?`, `integer 1–200`.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let either = list(&schema["oneOf"]);
    if !either.is_empty() {
        let some: Vec<String> = either.iter().filter(|one| one["type"] != "null").map(kind).collect();
        return format!("{}{}", some.join(" | "), if some.len() < either.len() { "?" } else { "" });
    }
    let (word, optional) = match &schema["type"] {
        Value::Array(types) => (types.iter().map(text).find(|t| *t != "null").unwrap_or("any"), true),
        Value::String(word) => (word.as_str(), false),
        _ => ("any", false),
    };
    let inner = if word == "array" { format!("{}[]", kind(&schema["items"])) } else { word.to_owned() };
    let range = match (schema["minimum"].as_u64(), schema["maximum"].as_u64()) {
        (Some(least), Some(most)) => format!(" {least}–{most}"),
        _ => String::new(),
    };
    format!("{inner}{}{range}", if optional { "?" } else { "" })
}

/// Our descriptions hold both languages: `中文 / English`, or `中文。 English.`
fn half(text: &str, lang: Lang) -> &str {
    let both = text.split_once(" / ").or_else(|| {
        let at = text.find("。 ")? + "。".len();
        Some((text.get(..at)?, text.get(at + 1..)?))
    });
    match (both, lang) {
        (None, _) => text,
        (Some((zh, _)), Lang::Zh) => zh,
        (Some((_, en)), Lang::En) => en,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn pairs(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
