//! Calls of a service under a grant: what of a caller's question goes on, and what of the answer is given. Whatever is not
//! declared is neither sent nor given.

use kernel::{Text, nearest};
use serde_json::Value;

use super::field::{Field, records};
use super::terms::Terms;
use crate::City;
use crate::declare::{Operation, Resource};
use crate::openapi::{Described, Given, Method, Place};
use crate::standard::Checker;

/// Longest value of a parameter, in bytes.
const VALUE_MAX: usize = 1_000;

/// What goes on to a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub method: Method,
    /// Below the base address, each value escaped.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

/// A question under a grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub sent: Sent,
    /// The items that it was asked by, with their values: whom it is about.
    pub named: Vec<(String, String)>,
}

/// Whether an operation can be asked under terms: it is asked by all keys, and whatever it needs may be asked by.
pub fn callable(operation: &Operation, terms: &Terms) -> Result<(), Text> {
    if let Some(key) = terms.keys.iter().find(|key| operation.carries(key).is_none()) {
        return Err(Text::new(
            format!("授权要求按 {key} 查询，操作 {} 没有这个参数", operation.id),
            format!("the grant asks for the key {key}, which the operation {} does not take", operation.id),
        ));
    }
    let items = operation.parameters.iter().filter(|one| one.required && one.value.is_none()).filter_map(|one| one.item.as_deref());
    items.map(|item| may_ask_by(terms, item)).collect()
}

/// Only keys, and what is lent as it stands: else answers would tell what a mask hides.
fn may_ask_by(terms: &Terms, item: &str) -> Result<(), Text> {
    let lent = terms.items.iter().find(|one| one.name == item);
    match (terms.keys.iter().any(|key| key == item), lent.map(|one| one.whole)) {
        (true, _) | (_, Some(true)) => Ok(()),
        (false, Some(false)) => Err(Text::new(format!("{item} 以脱敏值提供，不能作为查询条件"), format!("{item} is lent masked and cannot be asked by"))),
        (false, None) => Err(Text::new(format!("授权不含 {item}，不能按它查询"), format!("the grant does not have {item} to ask by"))),
    }
}

/// From what a caller gives to what is sent.
pub fn asked(city: &City, resource: &Resource, operation: &Operation, described: &Described, terms: &Terms, parameters: &[(String, String)]) -> Result<Asked, Text> {
    callable(operation, terms)?;
    known(operation, parameters)?;
    let mut asked = Asked {
        sent: Sent { method: described.method, path: described.path.clone(), query: Vec::new(), headers: Vec::new(), body: described.has_body.then(|| Value::Object(Default::default())) },
        named: Vec::new(),
    };
    for one in &operation.parameters {
        let name = one.given().unwrap_or_default();
        let given = parameters.iter().find(|(known, _)| known == name && !name.is_empty()).map(|(_, value)| value.trim());
        let key = one.item.as_ref().is_some_and(|item| terms.keys.contains(item));
        let value = match (one.value.as_deref(), given.filter(|value| !value.is_empty())) {
            (Some(always), _) => always,
            (None, Some(value)) => value,
            (None, None) if one.required || key => return Err(Text::new(format!("缺少参数 {name}"), format!("the parameter {name} is missing"))),
            (None, None) => continue,
        };
        if let (Some(item), None) = (&one.item, &one.value) {
            may_ask_by(terms, item)?;
            fits(city, resource, item, value)?;
            asked.named.push((item.clone(), value.to_owned()));
        }
        let Some(place) = described.parameter(&one.name) else {
            return Err(Text::new(format!("服务没有参数 {}", one.name), format!("the service has no parameter {}", one.name)));
        };
        put(&mut asked.sent, place, value)?;
    }
    let dots = |part: &str| matches!(part, "." | ".." | "%2e" | "%2e%2e");
    if asked.sent.path.contains('{') || asked.sent.path.split('/').any(|part| dots(&part.to_ascii_lowercase())) {
        return Err(Text::new("参数不能构成地址", "the parameters do not make an address"));
    }
    Ok(asked)
}

/// Each parameter is one of the operation's, once, and not too long.
fn known(operation: &Operation, parameters: &[(String, String)]) -> Result<(), Text> {
    let names = || operation.parameters.iter().filter_map(|one| one.given());
    for (n, (name, value)) in parameters.iter().enumerate() {
        if !names().any(|known| known == name) {
            let near = nearest(name, names());
            let (zh, en) = near.map(|near| (format!("，是否为 {near}？"), format!("; {near}?"))).unwrap_or_default();
            return Err(Text::new(format!("操作 {} 没有参数 {name}{zh}", operation.id), format!("the operation {} has no parameter {name}{en}", operation.id)));
        }
        if value.len() > VALUE_MAX {
            return Err(Text::new(format!("{name} 的值过长"), format!("the value of {name} is too long")));
        }
        if parameters.iter().take(n).any(|(before, _)| before == name) {
            return Err(Text::new(format!("{name} 只能出现一次"), format!("{name} stands once only")));
        }
    }
    Ok(())
}

/// Whether a value can be one of the item's.
fn fits(city: &City, resource: &Resource, item: &str, value: &str) -> Result<(), Text> {
    let Some(item) = resource.items.iter().find(|one| one.name == item) else { return Ok(()) };
    let checker = Checker::new(city, item).map_err(|fault| fault.message)?;
    let said = |fault: crate::standard::Fault| Text::new(format!("{}：{}", item.name, fault.message.zh), format!("{}: {}", item.name, fault.message.en));
    checker.check(value).map(drop).map_err(said)
}

fn put(sent: &mut Sent, place: &Given, value: &str) -> Result<(), Text> {
    let read = place.read_value(value)?;
    match place.place {
        Place::Path => sent.path = sent.path.replace(&format!("{{{}}}", place.name), &escaped(value)),
        Place::Query => sent.query.push((place.name.clone(), value.to_owned())),
        Place::Header if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => sent.headers.push((place.name.clone(), value.to_owned())),
        Place::Header | Place::Cookie => {
            return Err(Text::new(format!("{} 的值不能放在请求头里", place.name), format!("the value of {} cannot go into a header", place.name)));
        }
        Place::Body => {
            if let Some(body) = &mut sent.body {
                put_in(body, &place.name, read);
            }
        }
    }
    Ok(())
}

/// Puts a value at `/person/id`, making the objects that it lies in.
fn put_in(body: &mut Value, place: &str, value: Value) {
    let mut here = body;
    for name in place.split('/').skip(1) {
        if !here.is_object() {
            *here = Value::Object(Default::default());
        }
        let Value::Object(object) = here else { return };
        here = object.entry(name.replace("~1", "/").replace("~0", "~")).or_insert(Value::Null);
    }
    *here = value;
}

/// One segment of a path.
fn escaped(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The values of these items in each record of an answer, in their order, and whether there were more records. Nothing else of the
/// answer is looked at; what stands at no declared place, or is no single value, is not there.
pub fn pick(resource: &Resource, operation: &Operation, answer: &Value, names: &[String], most: usize) -> (Vec<Vec<Value>>, bool) {
    let places: Vec<Option<Field>> = names
        .iter()
        .map(|name| resource.items.iter().find(|item| item.name == *name).and_then(|item| Field::parse(operation.path(item)).ok()))
        .collect();
    let Ok(at) = Field::parse(&operation.records) else { return (Vec::new(), false) };
    let (found, more) = records(&at, answer, most);
    let row = |record: &Value| places.iter().map(|place| place.as_ref().map_or(Value::Null, |place| place.value(record))).collect();
    (found.into_iter().map(row).collect(), more)
}
