//! Rules on `[[rule]]`: each says one thing, about items that exist, in words the engine can carry out.

use std::collections::BTreeSet;

use kernel::Text;

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Item, Kind, Reference, Resource, Rule};
use super::{item, titles, unknown};
use crate::rule::clock::DAYS_MAX;
use crate::rule::measure::{duration_micros, typed};
use crate::rule::{Columns, Fault, Type, parse};

/// Most rules of one resource: all of them go into one statement.
const MOST: usize = 200;
/// Most items of a key or a reference.
const ITEMS_MOST: usize = 16;

pub(super) fn check_all(draft: &Draft<'_>, declared: &Declared<'_, Resource>) {
    let (document, resource) = (&declared.document, &declared.value);
    if !check_forms(document, &resource.rules) {
        return;
    }
    let columns = columns(draft, resource);
    for (n, rule) in resource.rules.iter().enumerate() {
        let place = format!("rule.{n}");
        if rule.holds {
            let note = Note::error("`holds` 只用于模型", "`holds` is for models only");
            document.put(&format!("{place}.holds"), note.help("信息资源的行按 `[contract]` 暂不入库", "deliveries of a resource are held by `[contract]`"));
        }
        check(draft, document, resource, rule, &place, &columns);
    }
}

/// What can be told of rules without knowing the columns; `false`: there are too many to go on.
pub(super) fn check_forms(document: &Document<'_>, rules: &[Rule]) -> bool {
    if rules.len() > MOST {
        let count = rules.len();
        document.put(
            "rule",
            Note::error(
                format!("有 {count} 条质量规则，最多 {MOST} 条"),
                format!("there are {count} rules, at most {MOST} are allowed"),
            ),
        );
        return false;
    }
    let mut names = BTreeSet::new();
    for (n, rule) in rules.iter().enumerate() {
        let place = format!("rule.{n}");
        if !names.insert(rule.name.as_str()) {
            let note = Note::error(
                format!("已有一条规则叫 `{}`", rule.name),
                format!("there is a rule `{}` already", rule.name),
            );
            document.put(&format!("{place}.name"), note);
        }
        form(document, rule, &place);
    }
    true
}

fn form(document: &Document<'_>, rule: &Rule, place: &str) {
    if !item::good_name(&rule.name) {
        let note = Note::error(
            format!("`{}` 不能作规则名", rule.name),
            format!("`{}` cannot be the name of a rule", rule.name),
        );
        document.put(
            &format!("{place}.name"),
            note.help(
                "小写字母开头，只用小写字母、数字、`_`，最多 63 个",
                "start with a lower-case letter; use lower-case letters, digits and `_`, at most 63",
            ),
        );
    }
    titles(document, place, &rule.title, &rule.title_en);
    one_form(document, rule, place);
    if !(0.0..=1.0).contains(&rule.allowed) {
        let note = Note::error("`allowed` 是 0 到 1 的比例", "`allowed` is a share from 0 to 1");
        document.put(
            &format!("{place}.allowed"),
            note.help("百分之一写 `0.01`", "write `0.01` for one in a hundred"),
        );
    }
    if rule.days.is_some_and(|days| days == 0 || days > DAYS_MAX) {
        let note = Note::error(
            format!("整改期限是 1 到 {DAYS_MAX} 个工作日"),
            format!("`days` is from 1 to {DAYS_MAX} working days"),
        );
        document.put(&format!("{place}.days"), note);
    }
    if let Some(fresh) = rule.fresh.as_ref().filter(|fresh| duration_micros(&fresh.within).is_none()) {
        let note = Note::error(format!("`{}` 不是时长", fresh.within), format!("`{}` is no duration", fresh.within));
        document.put(
            &format!("{place}.fresh.within"),
            note.help(
                "如 `P2D`（两天）、`P1W`（一周）、`PT6H`（六小时）",
                "e.g. `P2D` (two days), `P1W` (a week), `PT6H` (six hours)",
            ),
        );
    }
}

/// What needs the columns.
fn check(draft: &Draft<'_>, document: &Document<'_>, resource: &Resource, rule: &Rule, place: &str, columns: &Columns) {
    if let Some(text) = &rule.expression {
        if let Err(fault) = parse(text, columns) {
            document.put_inside(&format!("{place}.expression"), text, fault.span.clone(), note(fault));
        }
    }
    items(document, resource, &rule.unique, &format!("{place}.unique"));
    if let Some(reference) = &rule.references {
        references(draft, document, resource, reference, &format!("{place}.references"), columns);
    }
    if let Some(fresh) = &rule.fresh {
        let dates = columns
            .iter()
            .filter(|(_, kind)| matches!(kind, Type::Date | Type::Datetime))
            .map(|(name, _)| name.as_str());
        if !dates.clone().any(|name| name == fresh.item) {
            document.put(
                &format!("{place}.fresh.item"),
                unknown(&Text::new("日期信息项", "item that is a date"), &fresh.item, dates),
            );
        }
    }
}

/// Exactly one of the four forms.
fn one_form(document: &Document<'_>, rule: &Rule, place: &str) {
    let forms = [
        ("expression", rule.expression.is_some()),
        ("unique", !rule.unique.is_empty()),
        ("references", rule.references.is_some()),
        ("fresh", rule.fresh.is_some()),
    ];
    let there: Vec<&str> = forms
        .iter()
        .filter(|(key, there)| *there || document.is_broken(&format!("{place}.{key}")))
        .map(|(key, _)| *key)
        .collect();
    match there.as_slice() {
        [_] => {}
        [] => document.put(
            place,
            Note::error("这条规则没有说要检查什么", "this rule does not say what to check").help(
                "写上 `expression`、`unique`、`references`、`fresh` 之一",
                "write one of `expression`, `unique`, `references` and `fresh`",
            ),
        ),
        [_, second, ..] => document.put(
            &format!("{place}.{second}"),
            Note::error(
                format!("一条规则只检查一件事，这里同时有 {}", there.join("、")),
                format!("a rule checks one thing; here are {}", there.join(", ")),
            )
            .help("拆成几条规则", "make several rules of it"),
        ),
    }
}

/// Names of items, each known and only once.
fn items(document: &Document<'_>, resource: &Resource, names: &[String], place: &str) {
    let known = resource.items.iter().map(|item| item.name.as_str());
    let mut seen = BTreeSet::new();
    for (n, name) in names.iter().enumerate() {
        if !known.clone().any(|item| item == name) {
            document.put(&format!("{place}.{n}"), unknown(&Text::new("信息项", "item"), name, known.clone()));
        } else if !seen.insert(name) {
            document.put(
                &format!("{place}.{n}"),
                Note::error(format!("`{name}` 写了两次"), format!("`{name}` stands here twice")),
            );
        }
    }
    if names.len() > ITEMS_MOST {
        document.put(
            place,
            Note::error(format!("最多 {ITEMS_MOST} 个信息项"), format!("at most {ITEMS_MOST} items")),
        );
    }
}

fn references(draft: &Draft<'_>, document: &Document<'_>, resource: &Resource, reference: &Reference, place: &str, own: &Columns) {
    items(document, resource, &reference.items, &format!("{place}.items"));
    let Some(other) = draft.resources.get(&reference.resource).map(|declared| &declared.value) else {
        let names = draft.resources.keys().map(String::as_str);
        return document.put(
            &format!("{place}.resource"),
            unknown(&Text::new("信息资源", "resource"), &reference.resource, names),
        );
    };
    items(document, other, &reference.to, &format!("{place}.to"));
    if reference.items.len() != reference.to.len() || reference.items.is_empty() {
        let note = Note::error("`items` 与 `to` 应一一对应", "`items` and `to` must pair off");
        return document.put(
            &format!("{place}.to"),
            note.help(
                "两边写同样多的信息项，顺序一致",
                "name as many items on both sides, in the same order",
            ),
        );
    }
    let theirs = columns(draft, other);
    for (n, (item, to)) in reference.items.iter().zip(&reference.to).enumerate() {
        let (Some(a), Some(b)) = (own.get(item), theirs.get(to)) else {
            continue;
        };
        if a != b {
            let note = Note::error(
                format!("`{item}` 是{}，`{to}` 是{}，无法对照", a.title().zh, b.title().zh),
                format!("`{item}` is {}, `{to}` is {}: they cannot be compared", a.title().en, b.title().en),
            );
            document.put(&format!("{place}.to.{n}"), note);
        }
    }
}

/// The types of the items, as far as their standards are known.
fn columns(draft: &Draft<'_>, resource: &Resource) -> Columns {
    typed(resource, |item: &Item| {
        let declared = draft.standards.get(&item.standard).map(|declared| declared.value.kind);
        // An item of an unknown standard is told elsewhere; as text it makes no second mistake here.
        Some(
            declared
                .or_else(|| Kind::named(&item.standard))
                .map_or(Type::Null, |kind| Type::of(kind.shape())),
        )
    })
}

fn note(fault: Fault) -> Note {
    let note = Note::error(fault.message.zh, fault.message.en).suggest(fault.suggestion.as_deref());
    match fault.help {
        Some(help) => note.help(help.zh, help.en),
        None => note,
    }
}
