//! Rules of models, checked against the columns that the SELECT gives.

use data::Diagnostic;
use data::declare::{Model, Rule};
use data::rule::{Columns, Fault, Type, parse};
use kernel::{Text, nearest};

use super::mistake::File;
use crate::port::Planned;
use crate::quality;

/// What is wrong with the rules of a model, at its place in the head.
pub(super) fn mistakes(model: &Model, planned: &Planned) -> Vec<Diagnostic> {
    let head = File { path: &model.path, text: &model.head };
    let columns = quality::columns(&planned.schema);
    model.rules.iter().flat_map(|rule| of_rule(head, rule, &columns)).collect()
}

fn of_rule(head: File<'_>, rule: &Rule, columns: &Columns) -> Vec<Diagnostic> {
    if let Some(text) = &rule.expression {
        return parse(text, columns).err().map(|fault| expression(head, text, fault)).into_iter().collect();
    }
    let named = rule.unique.iter().chain(rule.references.iter().flat_map(|reference| &reference.items));
    let mut found: Vec<Diagnostic> = named.filter(|name| !columns.contains_key(*name)).map(|name| no_column(head, name, columns)).collect();
    if let Some(fresh) = rule.fresh.as_ref().filter(|fresh| !matches!(columns.get(&fresh.item), Some(Type::Date | Type::Datetime))) {
        let item = &fresh.item;
        let message = Text::new(format!("`{item}` 不是日期列"), format!("`{item}` is no column that is a date"));
        found.push(head.at_word(item, message));
    }
    found
}

fn no_column(head: File<'_>, name: &str, columns: &Columns) -> Diagnostic {
    let message = Text::new(format!("SELECT 中没有列 `{name}`"), format!("the SELECT gives no column `{name}`"));
    let near = nearest(name, columns.keys().map(String::as_str));
    Diagnostic { suggestion: near.map(str::to_owned), ..head.at_word(name, message) }
}

/// A mistake inside an expression, at the word.
fn expression(head: File<'_>, text: &str, fault: Fault) -> Diagnostic {
    let before = text.get(..fault.span.start).unwrap_or_default();
    let length = text.get(fault.span.clone()).map_or(0, |part| part.lines().next().unwrap_or_default().chars().count());
    let down = before.matches('\n').count();
    let along = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let (line, column) = head.find_passage(text).unwrap_or((1, 1));
    let span = (line + down, if down == 0 { column + along } else { along + 1 }, length);
    Diagnostic { help: fault.help, ..head.at(span, fault.message, fault.suggestion) }
}
