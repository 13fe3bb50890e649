//! Rules on resources that are lent in real time: their operations, parameters and fields are in the service's OpenAPI document.

use kernel::Text;

use super::super::document::{Document, Note};
use super::super::read::{Declared, Draft};
use super::super::{Connector, Operation, Parameter, Resource};
use super::unknown;
use crate::openapi::{Api, Described, Known, at};
use crate::share::Field;

/// Whether a resource's system is a service.
pub(super) fn is(draft: &Draft<'_>, resource: &Resource) -> bool {
    draft.systems.get(&resource.system).is_some_and(|system| matches!(system.value.connector, Connector::Service { .. }))
}

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Resource>) {
    let (document, resource) = (&declared.document, &declared.value);
    if document.root().is_some_and(|root| root.contains_key("collect")) {
        let note = Note::error("服务在调用时才查询，不归集", "a service is asked at each call, not collected");
        document.put("collect", note.help("删去 `[collect]`", "remove `[collect]`"));
    }
    if !resource.rules.is_empty() {
        let note = Note::error("这里不存服务的数据，没有可测量的行", "nothing of a service is kept here: there are no rows to measure");
        document.put("rule", note.help("删去 `[[rule]]`", "remove `[[rule]]`"));
    }
    if resource.operations.is_empty() {
        let note = Note::error("一个操作也没有", "there is not a single operation");
        document.put("system", note.help("用 `[[operation]]` 声明要提供的操作", "declare what is lent with `[[operation]]`"));
    }
    let api = draft.apis.get(&resource.system);
    for (n, operation) in resource.operations.iter().enumerate() {
        if resource.operations.iter().take(n).any(|before| before.id == operation.id) {
            document.put(&format!("operation.{n}.id"), Note::error(format!("`{}` 出现两次", operation.id), format!("`{}` stands twice", operation.id)));
        }
        let described = api.and_then(|api| known(document, api, operation, n));
        parameters(document, resource, operation, described, n);
        fields(document, resource, operation, described, n);
    }
    keys(document, resource);
}

/// The operation in the document.
fn known<'d>(document: &Document<'_>, api: &'d Api, operation: &Operation, n: usize) -> Option<&'d Described> {
    let found = api.operations.get(&operation.id);
    if found.is_none() {
        let place = format!("operation.{n}.id");
        if api.others.contains(&operation.id) {
            let note = Note::error(format!("操作 `{}` 会改变数据", operation.id), format!("the operation `{}` changes things", operation.id));
            document.put(&place, note.help("只能提供 GET 和 POST 的查询", "only what asks by GET or POST can be lent"));
        } else {
            document.put(&place, unknown(&Text::new("操作", "operation"), &operation.id, api.operations.keys().map(String::as_str)));
        }
    }
    found
}

fn parameters(document: &Document<'_>, resource: &Resource, operation: &Operation, described: Option<&Described>, n: usize) {
    for (p, parameter) in operation.parameters.iter().enumerate() {
        let place = |key: &str| format!("operation.{n}.parameter.{p}.{key}");
        if let Some(item) = parameter.item.as_ref().filter(|item| !resource.items.iter().any(|one| one.name == **item)) {
            document.put(&place("item"), unknown(&Text::new("信息项", "item"), item, resource.items.iter().map(|one| one.name.as_str())));
        }
        let same = |before: &&Parameter| before.name == parameter.name || (before.given().is_some() && before.given() == parameter.given());
        if operation.parameters.iter().take(p).any(|before| same(&before)) {
            document.put(&place("name"), Note::error(format!("参数 `{}` 出现两次", parameter.name), format!("the parameter `{}` stands twice", parameter.name)));
        }
        if let Some(described) = described {
            sent(document, parameter, described, &place);
        }
    }
    let Some(described) = described else { return };
    for missing in described.given.iter().filter(|given| given.required && !operation.parameters.iter().any(|one| one.name == given.name)) {
        let note = Note::error(
            format!("服务的必填参数 `{}` 没有声明", missing.name),
            format!("the service needs the parameter `{}`, which is not declared", missing.name),
        );
        document.put(&format!("operation.{n}.id"), note.help(
            format!("加上 `[[operation.parameter]]` `name = \"{}\"` `required = true`，或用 `value` 固定它", missing.name),
            format!("add `[[operation.parameter]]` `name = \"{}\"` `required = true`, or give it a `value`", missing.name),
        ));
    }
}

/// A parameter as the document has it.
fn sent(document: &Document<'_>, parameter: &Parameter, described: &Described, place: &dyn Fn(&str) -> String) {
    let Some(given) = described.parameter(&parameter.name) else {
        let names = described.given.iter().map(|given| given.name.as_str());
        return document.put(&place("name"), unknown(&Text::new("参数", "parameter"), &parameter.name, names));
    };
    if !given.is_open() {
        let note = Note::error(
            format!("参数 `{}` 不能由调用方给出", given.name),
            format!("callers cannot give the parameter `{}`", given.name),
        );
        document.put(&place("name"), note.help(
            "只能给出地址、查询、一般请求头和 JSON 内容中的单个值；凭据写在系统的 `[connector.auth]`",
            "only single values of path, query, plain headers and JSON body; credentials stand in the system's `[connector.auth]`",
        ));
    }
    if given.required && !parameter.required && parameter.value.is_none() {
        let note = Note::error(format!("服务必须要有 `{}`", given.name), format!("the service needs `{}`", given.name));
        document.put(&place("name"), note.help("加上 `required = true`", "add `required = true`"));
    }
    if let Some(Err(text)) = parameter.value.as_deref().map(|value| given.read_value(value)) {
        document.put(&place("value"), Note::error(text.zh, text.en));
    }
}

/// Where the records and the items are.
fn fields(document: &Document<'_>, resource: &Resource, operation: &Operation, described: Option<&Described>, n: usize) {
    let place = format!("operation.{n}.records");
    let records = match Field::parse(&operation.records) {
        Ok(records) => records,
        Err(text) => return document.put(&place, Note::error(text.zh, text.en)),
    };
    for name in operation.fields.keys().filter(|name| !resource.items.iter().any(|item| item.name == **name)) {
        document.put(&format!("operation.{n}.fields.{name}"), unknown(&Text::new("信息项", "item"), name, resource.items.iter().map(|item| item.name.as_str())));
    }
    let answer = described.map(|described| &described.answer);
    if let Some(Known::Absent(names)) = answer.map(|answer| at(answer, &records)) {
        return document.put(&place, absent(&operation.records, &names));
    }
    let listed = |schema: &serde_json::Value| schema.get("items").is_some();
    // A list that the place does not go into is gone into: so are its records found.
    let inside = match answer.map(|answer| at(answer, &records)) {
        Some(Known::There(schema)) if listed(schema) => Field::parse("[*]").map(|each| each.below(&records)).unwrap_or_default(),
        _ => records,
    };
    let mut there = 0;
    for (i, item) in resource.items.iter().enumerate() {
        let own = operation.fields.contains_key(&item.name);
        let at_item = if own { format!("operation.{n}.fields.{}", item.name) } else { format!("item.{i}.{}", if item.source.is_some() { "source" } else { "name" }) };
        let field = match Field::parse(operation.path(item)) {
            Ok(field) => field,
            Err(text) => {
                document.put(&at_item, Note::error(text.zh, text.en));
                continue;
            }
        };
        match answer.map(|answer| at(answer, &field.below(&inside))) {
            // An item that is only asked by need not be answered, nor one that other operations answer.
            Some(Known::Absent(names)) if own || (operation.carries(&item.name).is_none() && resource.operations.len() == 1) => {
                document.put(&at_item, absent(operation.path(item), &names));
            }
            Some(Known::Absent(_)) => {}
            Some(Known::There(schema)) if schema.get("properties").is_some() || (listed(schema) && !field.is_list()) => {
                let note = Note::error(format!("`{}` 不是单个值", operation.path(item)), format!("`{}` is no single value", operation.path(item)));
                document.put(&at_item, note.help("写到其中的一个字段；列表写作 `[*]`", "name one of the fields in it; write `[*]` for a list"));
            }
            _ => there += 1,
        }
    }
    if there == 0 && answer.is_some() && !document.is_broken(&format!("operation.{n}")) {
        let note = Note::error("这个操作的应答里一个信息项也没有", "the answer of this operation has none of the items");
        document.put(&format!("operation.{n}.id"), note.help("用 `records`、`source` 或 `fields` 指明位置", "say where they are with `records`, `source` or `fields`"));
    }
}

fn absent(path: &str, names: &[&str]) -> Note {
    let last = path.rsplit('.').next().unwrap_or(path).trim_end_matches("[*]");
    match names.is_empty() {
        true => Note::error(format!("应答里没有 `{path}`"), format!("the answer has no `{path}`")),
        false => unknown(&Text::new("字段", "field"), last, names.iter().copied()),
    }
}

/// What requests begin with as keys can be asked by.
fn keys(document: &Document<'_>, resource: &Resource) {
    for (n, key) in resource.share_keys.iter().enumerate() {
        if resource.items.iter().any(|item| item.name == *key) && !resource.operations.iter().any(|operation| operation.carries(key).is_some()) {
            let note = Note::error(format!("没有操作能按 `{key}` 查询"), format!("no operation can be asked by `{key}`"));
            document.put(&format!("share_keys.{n}"), note.help("加上 `[[operation.parameter]]`，其 `item` 为它", "add an `[[operation.parameter]]` with it as `item`"));
        }
    }
}
