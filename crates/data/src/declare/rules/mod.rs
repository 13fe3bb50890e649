//! What the shape of a single file cannot tell: rules over the whole city.

mod board;
mod catalogue;
mod city;
mod code_list;
mod collection;
mod connector;
mod figure;
mod holder;
mod identity;
mod log;
pub(crate) mod item;
mod quality;
mod model;
mod open;
mod node;
mod register;
mod resource;
mod schedule;
mod sensitivity;
mod service;
pub(super) mod sql;
mod standard;

use kernel::{Text, nearest};
use serde::Serialize;

use super::document::{Document, Note};
use super::read::Draft;

/// Checks every declaration against the others; mistakes go to the documents.
pub(super) fn check(draft: &Draft<'_>) {
    city::check(draft);
    for department in draft.departments.values() {
        holder::department(department);
    }
    for system in draft.systems.values() {
        holder::system(draft, system);
    }
    resource::check_all(draft);
    for standard in draft.standards.values() {
        standard::check(draft, standard);
    }
    for list in draft.code_lists.values() {
        code_list::check(list);
    }
    for board in draft.boards.values() {
        board::check(draft, board);
    }
    for declared in draft.models.values() {
        model::check(draft, declared);
        open::check(declared);
    }
    for declared in draft.registers.values() {
        register::check(draft, declared);
    }
    for declared in draft.figures.values() {
        figure::check(draft, declared);
    }
    node::check(draft);
    for declared in draft.catalogs.values() {
        catalogue::check(draft, declared);
    }
}

/// A reference to something that is not declared.
fn unknown<'n>(what: &Text, name: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> Note {
    let note = Note::error(format!("没有{} `{name}`", what.zh), format!("there is no {} `{name}`", what.en));
    let near = nearest(name, names.clone());
    let mut all: Vec<&str> = names.into_iter().take(13).collect();
    if near.is_some() || all.is_empty() {
        return note.suggest(near);
    }
    if all.len() > 12 {
        all.truncate(12);
        all.push("…");
    }
    note.help(format!("已声明的有：{}", all.join("、")), format!("declared are: {}", all.join(", ")))
}

/// A title must not be empty, and should have an English twin.
fn titles(document: &Document<'_>, place: &str, title: &str, title_en: &str) {
    let at = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    if title.trim().is_empty() {
        document.put(
            &at("title"),
            Note::error("`title` 是空的", "`title` is empty").help("写上中文名称", "write the name in Chinese"),
        );
    } else if title_en.trim().is_empty() {
        document.put(
            &at("title"),
            Note::warning(format!("“{title}”没有英文名称"), format!("“{title}” has no English name"))
                .help("加上 `title_en = \"…\"`，英文页面才能显示", "add `title_en = \"…\"` for the English pages"),
        );
    }
}

/// The word by which a value of an enumeration stands in a file.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The flaw of a value as a mistake at a place.
fn flawed(name: &str, message: &Text) -> Note {
    Note::error(format!("`{name}` 有误：{}", message.zh), format!("`{name}` is wrong: {}", message.en))
}
