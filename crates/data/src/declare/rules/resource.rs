//! Rules on resources: the elements of the catalogue and their references.

use std::collections::HashMap;

use kernel::Text;

use super::super::document::Note;
use super::super::read::{Declared, Draft};
use super::super::{Grade, OpenType, Resource, ResourceClass, ShareType};
use super::{collection, flawed, item, quality, schedule, service, titles, unknown, word};
use crate::standard::date;

pub(super) fn check_all(draft: &Draft<'_>) {
    let mut codes: HashMap<&str, &str> = HashMap::new();
    for declared in draft.resources.values() {
        check(draft, declared);
        let resource = &declared.value;
        if let Some(other) = codes.insert(&resource.code, declared.document.path) {
            declared.document.put(
                "code",
                Note::error(
                    format!("信息资源代码 `{}` 已被 {other} 使用", resource.code),
                    format!("the resource code `{}` is already used by {other}", resource.code),
                )
                .help("换一个顺序号", "take another sequence number"),
            );
        }
    }
}

fn check(draft: &Draft<'_>, declared: &Declared<'_, Resource>) {
    let (document, resource) = (&declared.document, &declared.value);
    titles(document, "", &resource.title, &resource.title_en);
    code(declared);
    if resource.summary.trim().is_empty() {
        let note = Note::warning("摘要是空的", "the summary is empty");
        document.put(
            "summary",
            note.help(
                "写一两句：有什么，一行是什么，适合谁用",
                "say in a sentence or two what it holds, what one row is, for whom it is good",
            ),
        );
    }
    if !draft.systems.contains_key(&resource.system) {
        document.put(
            "system",
            unknown(&Text::new("系统", "system"), &resource.system, draft.systems.keys().map(String::as_str)),
        );
    }
    conditions(declared);
    if let Some(Err(flaw)) = resource.issued.as_deref().map(date::declared) {
        document.put("issued", flawed("issued", &flaw.message));
    }
    related(draft, declared);
    match service::is(draft, resource) {
        true => service::check(draft, declared),
        false => collection::check(draft, declared),
    }
    schedule::check(draft, document, resource.schedule.as_ref());
    item::check_all(draft, declared);
    quality::check_all(draft, declared);
}

/// `3330200001/000012`: a digit for the class, more digits, a slash, a sequence.
fn code(declared: &Declared<'_, Resource>) {
    let resource = &declared.value;
    let digits = |text: &str| !text.is_empty() && text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_digit());
    let right = resource
        .code
        .split_once('/')
        .is_some_and(|(path, sequence)| path.len() >= 2 && digits(path) && digits(sequence));
    let digit = match resource.class {
        ResourceClass::Base => '1',
        ResourceClass::Topic => '2',
        ResourceClass::Department => '3',
    };
    if !right {
        let note = Note::error(
            format!("`{}` 不是信息资源代码", resource.code),
            format!("`{}` is not a resource code", resource.code),
        );
        let help = note.help(
            format!("应为类别数字 {digit}、若干位数字、`/`、顺序号，如 `{digit}330200001/000012`"),
            format!(
                "write the digit of the class, {digit}, more digits, `/` and a sequence, e.g. `{digit}330200001/000012`"
            ),
        );
        declared.document.put("code", help);
    } else if !resource.code.starts_with(digit) {
        let class = word(resource.class);
        let note = Note::error(
            format!("信息资源代码的第一位与类别 `{class}` 不符"),
            format!("the first digit of the resource code does not agree with the class `{class}`"),
        );
        declared.document.put(
            "code",
            note.help(
                "1 是基础（base），2 是主题（topic），3 是部门（department）",
                "1 is base, 2 is topic, 3 is department",
            ),
        );
    }
}

/// What sharing and opening ask for.
fn conditions(declared: &Declared<'_, Resource>) {
    let (document, resource) = (&declared.document, &declared.value);
    if resource.share_condition.trim().is_empty() {
        match resource.share {
            ShareType::Unconditional => {}
            ShareType::Conditional => document.put(
                "share",
                Note::error("有条件共享要写明条件", "a conditional share needs its conditions")
                    .help("加上 `share_condition = \"…\"`", "add `share_condition = \"…\"`"),
            ),
            ShareType::None => document.put(
                "share",
                Note::error("不予共享要写明依据", "not sharing needs its legal ground").help(
                    "加上 `share_condition = \"…\"`，写明法律、法规依据",
                    "add `share_condition = \"…\"` with the law that forbids it",
                ),
            ),
        }
    }
    for (n, name) in resource.share_keys.iter().enumerate() {
        if !resource.items.iter().any(|item| item.name == *name) {
            let names = resource.items.iter().map(|item| item.name.as_str());
            document.put(&format!("share_keys.{n}"), unknown(&Text::new("信息项", "item"), name, names));
        }
    }
    if resource.open == OpenType::Conditional && resource.open_condition.trim().is_empty() {
        document.put(
            "open",
            Note::error("有条件开放要写明条件", "conditional opening needs its conditions")
                .help("加上 `open_condition = \"…\"`", "add `open_condition = \"…\"`"),
        );
    }
    if resource.open == OpenType::Unconditional && resource.grade != Grade::L1 {
        let grade = word(resource.grade);
        document.put(
            "open",
            Note::error(
                format!("只有 L1 的数据可以无条件开放，这里是 {grade}"),
                format!("only data of grade L1 may be opened unconditionally, this is {grade}"),
            )
            .help(
                "改为 `open = \"conditional\"` 或 `\"none\"`，或核对分级",
                "make it `open = \"conditional\"` or `\"none\"`, or check the grade",
            ),
        );
    }
}

fn related(draft: &Draft<'_>, declared: &Declared<'_, Resource>) {
    for (n, name) in declared.value.related.iter().enumerate() {
        let by_code = draft.resources.values().any(|other| other.value.code == *name);
        if !by_code && !draft.resources.contains_key(name) {
            let names = draft.resources.keys().map(String::as_str);
            declared.document.put(&format!("related.{n}"), unknown(&Text::new("信息资源", "resource"), name, names));
        }
    }
}
