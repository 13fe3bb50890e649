//! How mistakes of shape are told: in Chinese and English, with what was expected.

use kernel::nearest;
use serde_json::{Map, Value};
use toml::de::DeValue;

use super::document::Note;
use super::glossary;

/// A key that no declaration of this kind has.
pub(super) fn unknown_key(name: &str, path: &str, known: &Map<String, Value>) -> Note {
    let (zh, en) = inside(path);
    let keys: Vec<&str> = known.keys().map(String::as_str).collect();
    Note::error(format!("{zh}没有 `{name}` 这个键"), format!("there is no key `{name}`{en}"))
        .help(format!("可用的键：{}", keys.join("、")), format!("the keys are: {}", keys.join(", ")))
}

/// Keys that must be there, each with its schema.
pub(super) fn missing_keys(keys: &[(&str, &Value)], path: &str) -> Note {
    let (zh, en) = inside(path);
    let names: Vec<String> = keys.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (noun, verb) = if keys.len() == 1 { ("key", "is") } else { ("keys", "are") };
    let note = Note::error(
        format!("{zh}缺少必填的键 {}", names.join("、")),
        format!("the {noun} {} {verb} missing{en}", names.join(", ")),
    );
    let each = |about: &dyn Fn(&str, &Value) -> String, colon: &str| {
        let lines = keys.iter().map(|(name, schema)| {
            let (key, about) = (example(name, schema, path), about(name, schema));
            if about.is_empty() { format!("`{key}`") } else { format!("`{key}`{colon}{about}") }
        });
        lines.collect::<Vec<_>>()
    };
    let zh = each(&|name, _| glossary::about(name).to_owned(), "：").join("\n");
    let en = each(&|_, schema| described_key(schema), ": ").join("\n");
    note.help(format!("写上 {zh}"), format!("write {en}"))
}

fn described_key(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).map(first_sentence).unwrap_or_default()
}

/// A value of the wrong type.
pub(super) fn wrong_type(wanted: &str, found: &DeValue<'_>, path: &str) -> Note {
    let (wanted_zh, wanted_en) = type_words(wanted);
    let (found_zh, found_en) = type_words(found.type_str());
    let name = last(path);
    let note = Note::error(
        format!("`{name}` 应为{wanted_zh}，这里写的是{found_zh}"),
        format!("`{name}` should be {wanted_en}, here it is {found_en}"),
    );
    match (wanted, found) {
        ("string", DeValue::Datetime(_)) => {
            note.help("日期也要加双引号：`\"2026-01-31\"`", "put dates in quotation marks too: `\"2026-01-31\"`")
        }
        ("string", DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_)) => note.help(
            "加上双引号，编码前面的零才不会丢",
            "put it in quotation marks, so that it is kept as written, leading zeros too",
        ),
        ("array", DeValue::Table(_)) => note.help(
            format!("每一项用双层方括号开头：`[[{name}]]`"),
            format!("start each one with double brackets: `[[{name}]]`"),
        ),
        ("array", _) => note.help("用方括号括起来，如 `[\"甲\", \"乙\"]`", "put it in brackets, e.g. `[\"a\", \"b\"]`"),
        ("object", _) => note.help(format!("写成一节：`[{name}]`"), format!("write it as a table: `[{name}]`")),
        ("integer" | "number", DeValue::String(_)) => note.help("去掉引号", "remove the quotation marks"),
        ("boolean", _) => note.help("写 true 或 false，不加引号", "write true or false without quotation marks"),
        _ => note,
    }
}

/// A word outside the list of allowed ones.
pub(super) fn wrong_word(words: &[&str], found: &DeValue<'_>, path: &str, schema: &Value) -> Note {
    let name = last(path);
    let described = words.iter().map(|word| match described(schema, word) {
        Some(about) => format!("`{word}`（{about}）"),
        None => format!("`{word}`"),
    });
    let zh = described.collect::<Vec<_>>().join("、");
    let en = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let note = match found.as_str() {
        Some(text) => Note::error(format!("`{name}` 不能是 `{text}`"), format!("`{name}` cannot be `{text}`"))
            .suggest(meant(text, words, schema)),
        None => wrong_type("string", found, path),
    };
    note.help(format!("可以是：{zh}"), format!("it can be: {en}"))
}

/// A number outside its range.
pub(super) fn wrong_number(least: f64, most: f64) -> Note {
    let note = Note::error("数字超出范围", "the number is out of range");
    match (least.is_finite(), most.is_finite()) {
        (true, true) => {
            note.help(format!("应在 {least} 到 {most} 之间"), format!("it should be from {least} to {most}"))
        }
        (true, false) => note.help(format!("不应小于 {least}"), format!("it should not be below {least}")),
        _ => note.help("应为有限的数", "it should be a finite number"),
    }
}

/// What the TOML parser found wrong, in both languages.
pub(super) fn syntax(message: &str) -> Note {
    let zh = [
        ("duplicate key", "键重复了：同一节里每个键只能写一次"),
        ("string values must be quoted", "文字要加双引号"),
        ("key with no value", "键后面没有值，应写成 `键 = 值`"),
        ("missing value", "等号后面缺少值"),
        ("missing assignment", "缺少等号，应写成 `键 = 值`"),
        ("extra `=`", "多了一个等号"),
        ("missing opening quote", "缺少开头的引号"),
        ("invalid basic string", "引号没有配对，或文字中有不允许的字符"),
        ("invalid literal string", "单引号没有配对"),
        ("unclosed array", "方括号没有配对"),
        ("unclosed table", "节的方括号没有配对，应写成 `[名称]`"),
        ("unclosed inline table", "花括号没有配对"),
        ("missing comma", "缺少逗号"),
        ("extra comma", "多了一个逗号"),
        ("invalid unquoted key", "键只能用字母、数字、`_`、`-`，其他字符要加引号"),
        ("unexpected leading zero", "数字不能以 0 开头；如果是编码，请加双引号"),
        ("unexpected key or value", "这里多了内容，一行只能写一个 `键 = 值`"),
        ("carriage return", "换行符不完整"),
        ("recursion", "嵌套太深"),
        ("cannot recurse", "嵌套太深"),
    ];
    let meaning = zh.iter().find(|(start, _)| message.starts_with(start)).map(|(_, zh)| *zh);
    match meaning {
        Some(zh) => Note::error(format!("TOML 语法错误：{zh}"), format!("TOML syntax: {message}")),
        None => Note::error(format!("TOML 语法错误：{message}"), format!("TOML syntax: {message}")),
    }
}

/// "in [collect]", for the start or end of a sentence.
fn inside(path: &str) -> (String, String) {
    if path.is_empty() {
        return ("此文件".to_owned(), String::new());
    }
    let table: Vec<&str> = path.split('.').filter(|step| step.parse::<usize>().is_err()).collect();
    let name = table.join(".");
    (format!("[{name}] "), format!(" in [{name}]"))
}

fn last(path: &str) -> &str {
    path.rsplit('.').find(|step| step.parse::<usize>().is_err()).unwrap_or(path)
}

/// The first sentence of a description, its lines joined. A full stop ends it only before a capital letter (not "e.g. this").
fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ends = |at: usize| text.get(at + 2..).is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()));
    let end = text.match_indices(". ").map(|(at, _)| at).find(|at| ends(*at));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default().trim_end_matches('.').to_owned()
}

/// How a key is begun: `title = "…"`, `[collect]`, `[[item]]`.
fn example(name: &str, schema: &Value, path: &str) -> String {
    let objects = schema.pointer("/items/type").or(schema.pointer("/items/$ref")).is_some_and(|kind| kind != "string");
    match schema.get("type").and_then(Value::as_str) {
        Some("array") if objects && path.is_empty() => format!("[[{name}]]"),
        Some("array") => format!("{name} = […]"),
        Some("integer" | "number") => format!("{name} = 0"),
        Some("boolean") => format!("{name} = true"),
        Some("object") if path.is_empty() => format!("[{name}]"),
        None if path.is_empty() && name == "connector" => format!("[{name}]"),
        _ => format!("{name} = \"…\""),
    }
}

/// What the schema says of one word of an enumeration.
fn described(schema: &Value, word: &str) -> Option<String> {
    let branches = schema.get("oneOf").and_then(Value::as_array)?;
    let branch = branches.iter().find(|branch| branch.get("const").and_then(Value::as_str) == Some(word))?;
    branch.get("description").and_then(Value::as_str).map(first_sentence)
}

/// The word meant: the nearest in spelling, or the one whose description begins with what was written (每日 → daily).
fn meant<'w>(text: &str, words: &[&'w str], schema: &Value) -> Option<&'w str> {
    let by_title = words
        .iter()
        .find(|word| described(schema, word).is_some_and(|about| !text.is_empty() && about.starts_with(text)));
    by_title.copied().or_else(|| nearest(text, words.iter().copied()))
}

fn type_words(name: &str) -> (&'static str, &'static str) {
    match name {
        "string" => ("带引号的文字", "text in quotation marks"),
        "integer" => ("整数", "a whole number"),
        "number" | "float" => ("数字", "a number"),
        "boolean" => (" true 或 false", "true or false"),
        "datetime" => ("未加引号的日期", "a bare date"),
        "array" => ("列表", "a list"),
        "object" | "table" => ("一节（表）", "a table"),
        _ => ("其他类型", "something else"),
    }
}
