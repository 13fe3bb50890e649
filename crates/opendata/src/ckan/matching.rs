//! Whether a package is what a query asks for. Fields are those of CKAN's index; `extras_*` are extras by name.

use serde_json::Value;

use super::query::{Clause, Node, Occur, Query, What};

impl Query {
    /// `now`: as packages tell times, for `NOW` and what is reckoned from it.
    pub fn fits(&self, package: &Value, now: &dyn Fn(&str) -> Option<String>) -> bool {
        holds(&self.0, package, now)
    }
}

fn holds(node: &Node, package: &Value, now: &dyn Fn(&str) -> Option<String>) -> bool {
    match node {
        Node::All(clauses) => together(clauses, package, now),
        Node::Is { field, what } => is(field, what, package, now),
    }
}

fn together(clauses: &[Clause], package: &Value, now: &dyn Fn(&str) -> Option<String>) -> bool {
    let of = |occur: Occur| clauses.iter().filter(move |clause| clause.occur == occur);
    let holds = |clause: &Clause| holds(&clause.node, package, now);
    let required = of(Occur::Must).count() > 0;
    let any = of(Occur::Should).count() == 0 || required || of(Occur::Should).any(holds);
    any && of(Occur::Must).all(holds) && !of(Occur::Not).any(holds)
}

fn is(field: &str, what: &What, package: &Value, now: &dyn Fn(&str) -> Option<String>) -> bool {
    if field == "*" {
        return true;
    }
    let values = values(field, package);
    let is_text = matches!(field, "" | "text" | "title" | "notes" | "author" | "maintainer" | "res_name" | "res_description");
    match what {
        What::Term(term) if term == "*" => !values.is_empty() || field.is_empty(),
        What::Term(term) if is_text => values.iter().any(|value| has(value, term)),
        What::Term(term) => values.iter().any(|value| glob(&lower(term), &lower(value))),
        What::Phrase(phrase) if is_text => values.iter().any(|value| lower(value).contains(&lower(phrase))),
        What::Phrase(phrase) => values.iter().any(|value| lower(value) == lower(phrase)),
        What::Range { from, to, closed } => values.iter().any(|value| within(value, [from, to], *closed, now)),
    }
}

/// What a package has in a field of the index.
fn values(field: &str, package: &Value) -> Vec<String> {
    let of = |name: &str| text(package.get(name)).into_iter().collect::<Vec<_>>();
    let each = |list: &str, name: &str| -> Vec<String> {
        package.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(|one| text(one.get(name))).collect()
    };
    let inner = |name: &str| text(package.get("organization").and_then(|one| one.get(name))).into_iter().collect::<Vec<_>>();
    match field {
        "" | "text" => {
            let own = ["title", "notes", "name", "author", "maintainer", "url"].into_iter().flat_map(of);
            let lists = [("tags", "name"), ("tags", "display_name"), ("groups", "title"), ("groups", "name"), ("resources", "name"), ("resources", "description"), ("extras", "value")];
            own.chain(inner("title")).chain(inner("name")).chain(lists.into_iter().flat_map(|(list, name)| each(list, name))).collect()
        }
        "tags" => each("tags", "name"),
        "groups" => each("groups", "name"),
        "organization" => inner("name"),
        "res_format" => each("resources", "format"),
        "res_url" => each("resources", "url"),
        "res_name" => each("resources", "name"),
        "res_description" => each("resources", "description"),
        "dataset_type" => of("type"),
        "capacity" => vec!["public".to_owned()],
        "entity_type" => vec!["package".to_owned()],
        "owner_org" => [of("owner_org"), inner("id")].concat(),
        field => match field.strip_prefix("extras_") {
            Some(key) => extra(package, key),
            None => Some(of(field)).filter(|found| !found.is_empty()).unwrap_or_else(|| extra(package, field)),
        },
    }
}

fn extra(package: &Value, key: &str) -> Vec<String> {
    let extras = package.get("extras").and_then(Value::as_array).into_iter().flatten();
    extras.filter(|one| one.get("key").and_then(Value::as_str) == Some(key)).filter_map(|one| text(one.get("value"))).collect()
}

pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Whether a word of people is in a text: anywhere, since Chinese has no gaps between words; with `*`, in one of its words.
fn has(value: &str, term: &str) -> bool {
    let (value, term) = (lower(value), lower(term));
    if !term.contains(['*', '?']) {
        return value.contains(&term);
    }
    value.split(|c: char| !c.is_alphanumeric()).any(|word| glob(&term, word)) || glob(&term, &value)
}

/// `*` is any text, `?` any letter. Linear in the text for each star, and never worse than their product.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// A time without what does not change it: `Z`, a fraction of noughts.
fn plain(text: &str) -> &str {
    let text = text.trim_end_matches('Z');
    match text.rsplit_once('.') {
        Some((whole, fraction)) if whole.contains('T') && fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    }
}

/// Times and texts compare as texts; numbers as numbers.
fn within(value: &str, ends: [&String; 2], closed: [bool; 2], now: &dyn Fn(&str) -> Option<String>) -> bool {
    let end = |text: &str| if text.starts_with("NOW") { now(text) } else { Some(plain(text).to_owned()) };
    let compare = |left: &str, right: &str| match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.partial_cmp(&right),
        _ => Some(left.cmp(right)),
    };
    let value = plain(value);
    let [from, to] = ends;
    let above = from == "*" || end(from).and_then(|from| compare(value, &from)).is_some_and(|order| order.is_gt() || closed[0] && order.is_eq());
    let below = to == "*" || end(to).and_then(|to| compare(value, &to)).is_some_and(|order| order.is_lt() || closed[1] && order.is_eq());
    above && below
}
