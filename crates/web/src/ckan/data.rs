//! CKAN's datastore: rows of our open datasets. A resource is a file of a dataset, or the dataset itself.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use desk::open::{Kind, SodaQuery, SodaRows, Value as Cell};
use opendata::soda::{Operator, Term};
use serde_json::{Map, Value, json};

use super::Call;
use super::package::packages;
use super::told::{Refused, Told};
use crate::app::App;
use crate::frame::Visit;
use crate::link;

const ROWS: u64 = 100;
const ROWS_MAX: u64 = 32_000;
const OFFSET_MAX: u64 = 100_000_000;
/// What lists all tables.
const TABLES: &str = "_table_metadata";

/// The dataset that a resource is of: `car_parks`, `car_parks.csv`.
async fn dataset(call: &Call<'_>, resource: &str) -> Result<String, Refused> {
    let found = call.visit.app.desk.ckan_dataset(resource, call.visit.now).await;
    found.map_err(|error| match error {
        desk::DeskError::NotFound => Refused::NotFound(format!("Not found: Resource \"{resource}\" was not found.")),
        other => other.into(),
    })
}

pub(super) async fn search(call: &Call<'_>) -> Told {
    let asked = &call.asked;
    let resource = asked.text("resource_id").or(asked.text("id")).filter(|id| !id.is_empty());
    let resource = resource.ok_or_else(|| Refused::Validation([("resource_id".to_owned(), vec!["Missing value".to_owned()])].into()))?;
    let (limit, offset) = (asked.number("limit", ROWS, ROWS_MAX)?, asked.number("offset", 0, OFFSET_MAX)?);
    if resource == TABLES {
        return tables(call, limit, offset).await;
    }
    let id = dataset(call, resource).await?;
    let fields = asked.list("fields");
    let name = |name: &String| (Term::Name(name.clone()), None);
    let mut query = SodaQuery { select: fields.iter().map(name).collect(), limit: Some(limit), offset: Some(offset), ..SodaQuery::default() };
    filtered(call, &mut query)?;
    if let Some(sort) = asked.text("sort").filter(|sort| !sort.trim().is_empty()) {
        query.order = order(sort)?;
    }
    let distinct = asked.yes("distinct", false);
    let desk = &call.visit.app.desk;
    if distinct {
        if fields.is_empty() {
            let all = desk.open_soda(&id, &SodaQuery { limit: Some(0), ..SodaQuery::default() }, call.visit.now).await?;
            query.select = all.columns.iter().map(|column| name(&column.name)).collect();
        }
        query.group = query.select.iter().map(|(term, _)| term.clone()).collect();
    }
    let total = match asked.yes("include_total", true) {
        false => None,
        true if distinct => {
            let all = SodaQuery { limit: Some(opendata::soda::LIMIT_MAX), offset: None, order: Vec::new(), ..query.clone() };
            Some(desk.open_soda(&id, &all, call.visit.now).await?.rows.len() as u64)
        }
        true => Some(counted(call, &id, &query).await?),
    };
    let rows = match limit {
        // Some ask for the columns only.
        0 => SodaRows { rows: Vec::new(), ..desk.open_soda(&id, &SodaQuery { limit: Some(1), ..query.clone() }, call.visit.now).await? },
        _ => desk.open_soda(&id, &query, call.visit.now).await?,
    };
    let mut told = Map::from_iter([
        ("resource_id".to_owned(), json!(resource)),
        ("include_total".to_owned(), json!(total.is_some())),
        ("limit".to_owned(), json!(limit)),
        ("records_format".to_owned(), json!(asked.text("records_format").unwrap_or("objects"))),
        ("fields".to_owned(), columns(&rows)),
        ("records".to_owned(), records(&rows, asked.text("records_format").unwrap_or("objects"))?),
        ("_links".to_owned(), links(call, offset, limit)),
    ]);
    if let Some(total) = total {
        told.insert("total".to_owned(), json!(total));
        told.insert("total_was_estimated".to_owned(), json!(false));
    }
    Ok(Value::Object(told))
}

/// `spaces desc, "名称"`.
fn order(text: &str) -> Result<Vec<(Term, bool)>, Refused> {
    let one = |part: &str| {
        let part = part.trim();
        let (field, down) = match part.rsplit_once(char::is_whitespace) {
            Some((field, way)) if way.eq_ignore_ascii_case("desc") => (field, true),
            Some((field, way)) if way.eq_ignore_ascii_case("asc") => (field, false),
            _ => (part, false),
        };
        let field = field.trim().trim_matches('"');
        let wrong = || Refused::Validation([("sort".to_owned(), vec!["names of columns, each with asc or desc".to_owned()])].into());
        if field.is_empty() { Err(wrong()) } else { Ok((Term::Name(field.to_owned()), down)) }
    };
    text.split(',').take(20).map(one).collect()
}

async fn counted(call: &Call<'_>, id: &str, query: &SodaQuery) -> Result<u64, Refused> {
    let count = (Term::Call("count".to_owned(), vec![Term::All]), Some("n".to_owned()));
    let asked = SodaQuery { select: vec![count], filter: query.filter.clone(), equals: query.equals.clone(), words: query.words.clone(), ..SodaQuery::default() };
    let told = call.visit.app.desk.open_soda(id, &asked, call.visit.now).await?;
    let cell = told.rows.first().and_then(|row| row.first());
    Ok(cell.and_then(|cell| cell.text().parse().ok()).unwrap_or(0))
}

/// `filters` and `q`.
fn filtered(call: &Call<'_>, query: &mut SodaQuery) -> Result<(), Refused> {
    let mut all = Vec::new();
    for (name, wanted) in call.asked.dictionary("filters")?.unwrap_or_default() {
        match wanted {
            Value::Array(list) => {
                let values = list.iter().map(|value| literal(&name, value)).collect::<Result<Vec<_>, _>>()?;
                all.push(Term::In(Box::new(Term::Name(name)), values));
            }
            Value::Object(compared) => {
                for (operator, value) in compared {
                    all.push(compared_with(&name, &operator, &value)?);
                }
            }
            Value::Null => all.push(Term::IsNull(Box::new(Term::Name(name)))),
            value => all.push(Term::Binary(Operator::Equal, Box::new(Term::Name(name.clone())), Box::new(literal(&name, &value)?))),
        }
    }
    match call.asked.get("q") {
        Some(Value::String(words)) if words.trim_start().starts_with('{') => by_field(call, &mut all)?,
        Some(Value::String(words)) if !words.trim().is_empty() => query.words = Some(words.clone()),
        Some(Value::Object(_)) => by_field(call, &mut all)?,
        _ => {}
    }
    query.filter = all.into_iter().reduce(|left, right| Term::Binary(Operator::And, Box::new(left), Box::new(right)));
    Ok(())
}

/// Words that are looked for in one column each.
fn by_field(call: &Call<'_>, all: &mut Vec<Term>) -> Result<(), Refused> {
    for (name, words) in call.asked.dictionary("q")?.unwrap_or_default() {
        let words = words.as_str().unwrap_or_default().trim_end_matches(":*").to_owned();
        let pattern: String = words.chars().filter(|c| !matches!(c, '%' | '_')).collect();
        all.push(Term::Like(Box::new(Term::Name(name)), Box::new(Term::Text(format!("%{pattern}%")))));
    }
    Ok(())
}

fn compared_with(name: &str, operator: &str, value: &Value) -> Result<Term, Refused> {
    let wrong = |why: String| Refused::Validation([("filters".to_owned(), vec![why])].into());
    let operator = match operator {
        "eq" => Operator::Equal,
        "ne" => Operator::Unequal,
        "lt" => Operator::Less,
        "lte" => Operator::LessEqual,
        "gt" => Operator::Greater,
        "gte" => Operator::GreaterEqual,
        "in" => {
            let list = value.as_array().ok_or_else(|| wrong(format!("{name}: `in` takes a list")))?;
            let values = list.iter().map(|value| literal(name, value)).collect::<Result<Vec<_>, _>>()?;
            return Ok(Term::In(Box::new(Term::Name(name.to_owned())), values));
        }
        other => return Err(wrong(format!("{name}: no operator is called {other}; there are eq, ne, lt, lte, gt, gte, in"))),
    };
    Ok(Term::Binary(operator, Box::new(Term::Name(name.to_owned())), Box::new(literal(name, value)?)))
}

fn literal(name: &str, value: &Value) -> Result<Term, Refused> {
    Ok(match value {
        Value::String(text) => Term::Text(text.clone()),
        Value::Number(number) => Term::Number(number.to_string()),
        Value::Bool(yes) => Term::Boolean(*yes),
        _ => return Err(Refused::Validation([("filters".to_owned(), vec![format!("{name}: a text, a number or a truth value is compared")])].into())),
    })
}

fn columns(rows: &SodaRows) -> Value {
    rows.columns.iter().map(|column| json!({ "id": column.name, "type": word(column.kind) })).collect()
}

/// What PostgreSQL calls it, as clients expect.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Hash => "text",
        Kind::Integer => "int8",
        Kind::Number => "float8",
        Kind::Decimal { .. } => "numeric",
        Kind::Boolean => "bool",
        Kind::Date => "date",
        Kind::Moment { zoned: false } => "timestamp",
        Kind::Moment { zoned: true } => "timestamptz",
    }
}

fn records(rows: &SodaRows, format: &str) -> Result<Value, Refused> {
    let value = |cell: &Cell| serde_json::to_value(cell).unwrap_or_default();
    Ok(match format {
        "objects" => {
            let object = |row: &Vec<Cell>| Value::Object(rows.columns.iter().map(|column| column.name.clone()).zip(row.iter().map(value)).collect());
            rows.rows.iter().map(object).collect()
        }
        "lists" => rows.rows.iter().map(|row| Value::Array(row.iter().map(value).collect())).collect(),
        "csv" => json!(rows.rows.iter().map(|row| line(row, ',')).collect::<String>()),
        "tsv" => json!(rows.rows.iter().map(|row| line(row, '\t')).collect::<String>()),
        _ => return Err(Refused::Validation([("records_format".to_owned(), vec!["Value must be one of ['objects', 'lists', 'csv', 'tsv']".to_owned()])].into())),
    })
}

fn line(row: &[Cell], between: char) -> String {
    let cells: Vec<String> = row.iter().map(Cell::text).collect();
    match between {
        ',' => crate::csv::line(cells.iter().map(String::as_str)),
        _ => cells.iter().map(|cell| cell.replace(['\t', '\n', '\r'], " ")).collect::<Vec<_>>().join("\t") + "\n",
    }
}

fn links(call: &Call<'_>, offset: u64, limit: u64) -> Value {
    let address = |offset: u64| {
        let kept = call.visit.query.iter().filter(|(name, _)| name != "offset").map(|(name, value)| (name.as_str(), value.as_str()));
        let offset = offset.to_string();
        link::with("/api/3/action/datastore_search", &kept.chain([("offset", offset.as_str())]).collect::<Vec<_>>())
    };
    json!({ "start": address(0), "next": address(offset.saturating_add(limit)) })
}

/// The tables that there are.
async fn tables(call: &Call<'_>, limit: u64, offset: u64) -> Told {
    let all = packages(call).await?;
    let active = |package: &Value| package["resources"].as_array().into_iter().flatten().filter(|one| one["datastore_active"] == true).map(|one| one["id"].clone()).collect::<Vec<_>>();
    let names: Vec<Value> = all.iter().flat_map(active).collect();
    let total = names.len();
    let records: Vec<Value> = names.into_iter().skip(offset as usize).take(limit as usize).map(|name| json!({ "name": name, "alias_of": null, "oid": 0 })).collect();
    Ok(json!({ "resource_id": TABLES, "fields": [{ "id": "name", "type": "name" }, { "id": "alias_of", "type": "name" }], "records": records, "total": total,
        "total_was_estimated": false, "limit": limit, "include_total": true, "records_format": "objects", "_links": links(call, offset, limit) }))
}

pub(super) async fn sql(call: &Call<'_>) -> Told {
    let wrong = |why: String| Refused::Validation([("query".to_owned(), vec![why])].into());
    let text = call.asked.text("sql").ok_or_else(|| Refused::Validation([("sql".to_owned(), vec!["Missing value".to_owned()])].into()))?;
    let select = opendata::ckan::select(text).map_err(wrong)?;
    if select.resource == TABLES {
        return tables(call, ROWS_MAX, 0).await;
    }
    let id = dataset(call, &select.resource).await?;
    let clauses = select.clauses.iter().map(|(name, text)| (*name, text.as_str()));
    let mut query = SodaQuery::read(clauses).map_err(|error| wrong(error.message.en))?;
    query.limit = Some(query.limit.unwrap_or(ROWS_MAX).min(ROWS_MAX));
    let rows = call.visit.app.desk.open_soda(&id, &query, call.visit.now).await?;
    let cut = rows.rows.len() as u64 == ROWS_MAX;
    Ok(json!({ "sql": text, "fields": columns(&rows), "records": records(&rows, "objects")?, "records_truncated": cut }))
}

pub(super) async fn info(call: &Call<'_>) -> Told {
    let resource = call.asked.id()?;
    let id = dataset(call, resource).await?;
    let desk = &call.visit.app.desk;
    let rows = desk.open_soda(&id, &SodaQuery { limit: Some(1), ..SodaQuery::default() }, call.visit.now).await?;
    let known = desk.open_dataset(&id, call.visit.now).await?;
    let field = |(at, column): (usize, &desk::open::SodaColumn)| {
        let title = known.columns.iter().find(|one| one.name == column.name).map(|one| one.title.get(call.visit.lang).to_owned());
        json!({ "id": column.name, "type": word(column.kind), "schema": { "native_type": word(column.kind), "notnull": false, "uniquekey": false, "index_name": null },
            "info": { "label": title }, "position": at })
    };
    let fields: Vec<Value> = rows.columns.iter().enumerate().map(field).collect();
    Ok(json!({ "meta": { "id": resource, "count": known.view.rows, "table_type": "BASE TABLE", "aliases": [], "size": 0, "db_size": 0, "idx_size": 0 }, "fields": fields }))
}

/// `/datastore/dump/{id}`: the whole table, as the file that lies ready.
pub(super) async fn dump(State(_): State<App>, Path(resource): Path<String>, visit: Visit) -> Response {
    let call = Call { asked: super::Asked::read(&visit, &axum::http::HeaderMap::new(), &[]).unwrap_or_else(|_| super::Asked::none()), visit: &visit, who: None };
    let found = async {
        let id = dataset(&call, &resource).await?;
        if let Some(part) = ["limit", "offset", "q", "filters", "fields", "sort"].into_iter().find(|part| call.asked.get(part).is_some()) {
            return Err(Refused::Validation([(part.to_owned(), vec!["A dump is the whole table: ask datastore_search for a part".to_owned()])].into()));
        }
        let form = match call.asked.text("format").unwrap_or("csv") {
            "csv" => "csv",
            "json" => "json",
            "xml" => "xml",
            _ => return Err(Refused::Validation([("format".to_owned(), vec!["csv, json and xml are given".to_owned()])].into())),
        };
        Ok(link::open_file(&id, form))
    };
    match found.await {
        Ok(address) => super::to(&address).into_response(),
        Err(refused) => super::told::answer(&visit, "datastore_dump", None, Err(refused)),
    }
}
