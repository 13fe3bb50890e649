//! OpenAPI 3 documents, as far as lending a service needs them: its operations, what each is asked with, and what it answers.
//! References are followed within the document only, and no further than is sensible.

mod given;
mod propose;
mod schema;

use std::collections::BTreeMap;

use kernel::Text;
use serde_json::Value;

pub use given::{Given, Place};
pub use propose::propose;
pub use schema::{Known, at, leaves};

use schema::expanded;

/// Operations of one document at most.
const OPERATIONS_MAX: usize = 2_000;
/// Parameters of one operation at most.
const PARAMETERS_MAX: usize = 200;

/// How an operation is asked. Others change things, and nothing that changes things is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// What a service can be asked.
#[derive(Clone, Debug)]
pub struct Api {
    pub title: String,
    /// By `operationId`.
    pub operations: BTreeMap<String, Described>,
    /// Operations that are asked in another way than by GET and POST: their ids.
    pub others: Vec<String>,
}

/// An operation as the document describes it.
#[derive(Clone, Debug)]
pub struct Described {
    pub method: Method,
    /// Below the base address: `/companies/{id}`.
    pub path: String,
    pub summary: String,
    pub given: Vec<Given>,
    /// Whether it takes a JSON body.
    pub has_body: bool,
    /// The schema of what it answers; `Null` where the document does not say.
    pub answer: Value,
    /// Whether 404 is described: there is no such record.
    pub none: bool,
}

impl Api {
    /// Reads a document; says what is wrong with it as a whole.
    pub fn read(text: &str) -> Result<Api, Text> {
        let root: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| Text::new(format!("不是 JSON：{error}（YAML 请先转为 JSON）"), format!("it is not JSON: {error} (turn YAML into JSON first)")))?;
        let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
        if !version.starts_with("3.") {
            return Err(Text::new("不是 OpenAPI 3 文档：缺少 `openapi: \"3.…\"`", "it is no OpenAPI 3 document: `openapi: \"3.…\"` is missing"));
        }
        let mut api = Api { title: text_of(root.get("info"), "title"), operations: BTreeMap::new(), others: Vec::new() };
        for (path, item) in root.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let item = schema::resolved(&root, item);
            for (word, operation) in item.as_object().into_iter().flatten() {
                let id = operation.get("operationId").and_then(Value::as_str).map_or_else(|| made_id(word, path), str::to_owned);
                let method = match word.as_str() {
                    "get" => Method::Get,
                    "post" => Method::Post,
                    "put" | "patch" | "delete" | "head" | "options" | "trace" => {
                        api.others.push(id);
                        continue;
                    }
                    _ => continue,
                };
                if api.operations.len() >= OPERATIONS_MAX {
                    return Err(Text::new(format!("操作超过 {OPERATIONS_MAX} 个"), format!("there are more than {OPERATIONS_MAX} operations")));
                }
                api.operations.insert(id, described(&root, method, path, item, operation));
            }
        }
        match api.operations.is_empty() && api.others.is_empty() {
            true => Err(Text::new("文档里没有操作（`paths` 是空的）", "the document has no operations (`paths` is empty)")),
            false => Ok(api),
        }
    }
}

impl Described {
    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.name == name)
    }
}

/// `get_companies_id` of `GET /companies/{id}`, where the document gives no id.
fn made_id(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn described(root: &Value, method: Method, path: &str, item: &Value, operation: &Value) -> Described {
    let mut given: Vec<Given> = Vec::new();
    // An operation's own parameters take the place of those of its path.
    for one in [operation, item].into_iter().flat_map(|of| of.get("parameters").and_then(Value::as_array).into_iter().flatten()) {
        let Some(one) = Given::read(root, schema::resolved(root, one)) else { continue };
        if given.len() < PARAMETERS_MAX && !given.iter().any(|known| (&known.name, known.place) == (&one.name, one.place)) {
            given.push(one);
        }
    }
    let body = operation.get("requestBody").map(|body| schema::resolved(root, body));
    let media = body.and_then(|body| json_media(body));
    if let (Method::Post, Some(media)) = (method, media) {
        let whole = expanded(root, media.get("schema").unwrap_or(&Value::Null));
        Given::of_body(&whole, &mut given, PARAMETERS_MAX);
    }
    let responses = operation.get("responses").and_then(Value::as_object);
    let answered = responses.and_then(|all| ["200", "2XX", "default"].iter().find_map(|status| all.get(*status)));
    let answer = answered.map(|answered| schema::resolved(root, answered)).and_then(json_media).and_then(|media| media.get("schema"));
    Described {
        method,
        path: path.to_owned(),
        summary: text_of(Some(operation), "summary"),
        given,
        has_body: method == Method::Post && media.is_some(),
        answer: answer.map_or(Value::Null, |schema| expanded(root, schema)),
        none: responses.is_some_and(|all| all.contains_key("404")),
    }
}

/// What is said of JSON among the media types of a body.
fn json_media(of: &Value) -> Option<&Value> {
    let all = of.get("content").and_then(Value::as_object)?;
    let json = |media: &&String| {
        let kind = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == "application/json" || kind.ends_with("+json") || kind == "*/*"
    };
    all.keys().find(json).and_then(|media| all.get(media))
}

fn text_of(of: Option<&Value>, key: &str) -> String {
    of.and_then(|of| of.get(key)).and_then(Value::as_str).unwrap_or_default().chars().take(200).collect()
}
