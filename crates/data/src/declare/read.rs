//! From the files of a city folder to a city: which file is what, its shape, then the rules over the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{Text, nearest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{Document, Note};
use super::schema::schema;
use super::{Board, Catalogue, CityInfo, CodeList, Connector, Department, Figure, Model, ModelLayer, Neighbour, Register, Resource, Standard, System, model};
use super::{code_csv, rules, shape, words};
use crate::city::{City, SourceFile};
use crate::diagnostic::{Diagnostic, Severity};
use crate::openapi::Api;

/// The largest declaration, in bytes; people write them, and editors must open them.
const LARGEST_DECLARATION: usize = 4 << 20;
/// The largest file of a model, in bytes.
const LARGEST_MODEL: usize = 64 << 10;
/// The largest GeoJSON of district outlines, in bytes.
const LARGEST_OUTLINES: usize = 64 << 20;

/// A declaration and the document it stands in.
pub(super) struct Declared<'a, T> {
    pub document: Document<'a>,
    pub value: T,
}

/// A city being read: each declaration still with its file, mistakes repaired as far as possible.
#[derive(Default)]
pub(super) struct Draft<'a> {
    pub info: Option<Declared<'a, CityInfo>>,
    pub departments: BTreeMap<String, Declared<'a, Department>>,
    pub systems: BTreeMap<String, Declared<'a, System>>,
    pub resources: BTreeMap<String, Declared<'a, Resource>>,
    pub standards: BTreeMap<String, Declared<'a, Standard>>,
    pub code_lists: BTreeMap<String, Declared<'a, CodeList>>,
    pub boards: BTreeMap<String, Declared<'a, Board>>,
    pub models: BTreeMap<String, Declared<'a, Model>>,
    pub registers: BTreeMap<String, Declared<'a, Register>>,
    pub figures: BTreeMap<String, Declared<'a, Figure>>,
    pub nodes: BTreeMap<String, Declared<'a, Neighbour>>,
    pub catalogs: BTreeMap<String, Declared<'a, Catalogue>>,
    /// The outlines of the districts, where city.toml names them and the file is there.
    pub districts: Option<Document<'a>>,
    /// What services can be asked, by system, where the file is there and can be read.
    pub apis: BTreeMap<String, Arc<Api>>,
    /// Files that bring nothing but mistakes: misplaced, doubled, too large.
    rest: Vec<Document<'a>>,
}

/// Reads all files of a city folder and reports every mistake at once. The city is `None` if one of them is an error.
pub fn read(files: &[SourceFile]) -> (Option<City>, Vec<Diagnostic>) {
    let heads: Vec<Option<String>> = files.iter().map(model_head).collect();
    let mut draft = Draft::default();
    for (file, head) in files.iter().zip(&heads) {
        match head {
            Some(head) => draft.add_model(file, head),
            None => draft.add(file),
        }
    }
    draft.find_districts(files);
    draft.find_apis(files);
    rules::check(&draft);
    draft.finish()
}

impl<'a> Draft<'a> {
    fn add(&mut self, file: &'a SourceFile) {
        let Some((folder, rest)) = file.path.split_once('/') else {
            return self.add_top(file);
        };
        if folder == "models" {
            return self.misplaced_model(file);
        }
        let (inner, name) = rest.rsplit_once('/').map_or(("", rest), |(inner, name)| (inner, name));
        // Editors leave files such as `.#x.toml` behind.
        let Some((id, ending)) = name.rsplit_once('.').filter(|(id, _)| !id.starts_with('.')) else { return };
        let mut document = Document::new(&file.path, &file.text);
        let csv = folder == "codes" && ending == "csv";
        if !(ending == "toml" || csv) || !self.belongs(&mut document, folder, inner) {
            return self.keep(document);
        }
        if file.text.len() > LARGEST_DECLARATION {
            document.put_at(0..0, too_large(LARGEST_DECLARATION));
            return self.keep(document);
        }
        check_id(&document, folder, id);
        if matches!(folder, "resources" | "registers") && rules::sql::needs_quotes(id) {
            document.put_at(0..0, rules::sql::reserved(id));
        }
        match folder {
            "departments" => {
                let made = load(document, "department", |d: &mut Department| d.id = id.to_owned());
                insert(&mut self.departments, &mut self.rest, id, made);
            }
            "systems" => {
                let made = load(document, "system", |s: &mut System| s.id = id.to_owned());
                insert(&mut self.systems, &mut self.rest, id, made);
            }
            "resources" => {
                let made = load(document, "resource", |r: &mut Resource| r.id = id.to_owned());
                insert(&mut self.resources, &mut self.rest, id, made);
            }
            "standards" => {
                let made = load(document, "standard", |s: &mut Standard| s.id = id.to_owned());
                insert(&mut self.standards, &mut self.rest, id, made);
            }
            "codes" => {
                let name = |c: &mut CodeList| c.id = id.to_owned();
                let made = if csv { Ok(code_csv::read(document, id)) } else { load(document, "code_list", name) };
                insert(&mut self.code_lists, &mut self.rest, id, made);
            }
            "registers" => {
                let made = load(document, "register", |r: &mut Register| r.id = id.to_owned());
                insert(&mut self.registers, &mut self.rest, id, made);
            }
            "figures" => {
                let named = |figure: &mut Figure| {
                    figure.id = id.to_owned();
                    figure.path = file.path.clone();
                    figure.text = file.text.clone();
                };
                let made = load(document, "figure", named);
                insert(&mut self.figures, &mut self.rest, id, made);
            }
            "nodes" => {
                let made = load(document, "node", |n: &mut Neighbour| n.id = id.to_owned());
                insert(&mut self.nodes, &mut self.rest, id, made);
            }
            "catalogs" => {
                let made = load(document, "catalogue", |c: &mut Catalogue| c.id = id.to_owned());
                insert(&mut self.catalogs, &mut self.rest, id, made);
            }
            _ => {
                let made = load(document, "board", |b: &mut Board| b.id = id.to_owned());
                insert(&mut self.boards, &mut self.rest, id, made);
            }
        }
    }

    /// A file `models/<layer>/<id>.sql` with its head.
    fn add_model(&mut self, file: &'a SourceFile, head: &'a str) {
        let mut document = Document::new(&file.path, &file.text);
        let Some((layer, name)) = model_place(&file.path) else { return self.misplaced_model(file) };
        if file.text.len() > LARGEST_MODEL {
            let kib = LARGEST_MODEL >> 10;
            document.put_at(0..0, Note::error(format!("文件太大，最多 {kib} KiB"), format!("the file is too large; at most {kib} KiB")));
            return self.keep(document);
        }
        check_id(&document, "resources", name);
        let errors = document.parse_head(head);
        let sql = model::head(&file.text).map_or_else(String::new, |(_, whole)| model::blank(&file.text, whole, true));
        let id = format!("{}.{name}", layer.word());
        let named = |model: &mut Model| {
            model.id = id.clone();
            model.layer = layer;
            model.sql = sql;
            model.head = head.to_owned();
            model.path = file.path.clone();
        };
        let made = shaped(document, "model", errors, named);
        insert(&mut self.models, &mut self.rest, &id, made);
    }

    fn misplaced_model(&mut self, file: &'a SourceFile) {
        let document = Document::new(&file.path, &file.text);
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if name.starts_with('.') || !name.ends_with(".sql") {
            return;
        }
        let note = match model_place(&file.path) {
            None => Note::error("模型应放在 `models/master/`、`models/topic/` 或 `models/open/` 下", "a model lies in `models/master/`, `models/topic/` or `models/open/`"),
            Some(_) => Note::error("模型文件应以说明开头", "a model begins with its head").help(
                "文件以 `/*` 开头，其中按 TOML 写 `title`、`summary`、`department`，以 `*/` 结束，之后是一条 SELECT",
                "begin the file with `/*`, write `title`, `summary` and `department` as TOML, end with `*/`, then the SELECT",
            ),
        };
        document.put_at(0..0, note);
        self.keep(document);
    }

    fn add_top(&mut self, file: &'a SourceFile) {
        if file.path != "city.toml" {
            return;
        }
        let document = Document::new(&file.path, &file.text);
        match load(document, "city", |_: &mut CityInfo| ()) {
            Ok(info) => self.info = Some(info),
            Err(document) => self.rest.push(document),
        }
    }

    /// Whether a file lies in one of the folders that are read; says so if it seems meant to.
    fn belongs(&self, document: &mut Document<'a>, folder: &str, inner: &str) -> bool {
        if !FOLDERS.contains(&folder) {
            if let Some(meant) = nearest(folder, FOLDERS).filter(|_| document.path.ends_with(".toml")) {
                let note = Note::warning(
                    format!("没有读取此文件：不认识文件夹 `{folder}`"),
                    format!("this file is not read: the folder `{folder}` is not known"),
                );
                document.put_at(0..0, note.suggest(Some(meant)));
            }
            return false;
        }
        if folder != "resources" && !inner.is_empty() {
            let note = Note::warning(
                format!("没有读取此文件：应直接放在 `{folder}/` 下"),
                format!("this file is not read: it should lie directly in `{folder}/`"),
            );
            document.put_at(0..0, note);
            return false;
        }
        true
    }

    fn keep(&mut self, document: Document<'a>) {
        self.rest.push(document);
    }

    fn find_districts(&mut self, files: &'a [SourceFile]) {
        let Some(info) = &self.info else { return };
        let Some(wanted) = &info.value.districts else { return };
        match files.iter().find(|file| file.path == *wanted) {
            Some(file) if file.text.len() > LARGEST_OUTLINES => {
                info.document.put("districts", too_large(LARGEST_OUTLINES));
            }
            Some(file) => self.districts = Some(Document::new(&file.path, &file.text)),
            None => {
                let others = files.iter().map(|file| file.path.as_str()).filter(|path| path.ends_with("json"));
                let note = Note::error(format!("没有文件 `{wanted}`"), format!("there is no file `{wanted}`"));
                info.document.put("districts", note.suggest(nearest(wanted, others)));
            }
        }
    }

    /// The OpenAPI documents that services name.
    fn find_apis(&mut self, files: &[SourceFile]) {
        for (id, declared) in &self.systems {
            let Connector::Service { openapi, .. } = &declared.value.connector else { continue };
            let put = |note: Note| declared.document.put("connector.openapi", note);
            let inside = |path: &str| path.starts_with(&format!("{SERVICES}/"));
            match files.iter().find(|file| file.path == *openapi && inside(&file.path)) {
                None => {
                    let others = files.iter().map(|file| file.path.as_str()).filter(|path| inside(path) && path.ends_with(".json"));
                    let note = Note::error(format!("没有文件 `{openapi}`"), format!("there is no file `{openapi}`")).suggest(nearest(openapi, others));
                    put(note.help(
                        format!("把 OpenAPI 文档（JSON）放在城市目录的 `{SERVICES}/` 下"),
                        format!("put the OpenAPI document (JSON) in the city's folder `{SERVICES}/`"),
                    ));
                }
                Some(file) if file.text.len() > LARGEST_DECLARATION => put(too_large(LARGEST_DECLARATION)),
                Some(file) => match Api::read(&file.text) {
                    Ok(api) => drop(self.apis.insert(id.clone(), Arc::new(api))),
                    Err(text) => put(Note::error(format!("`{openapi}`：{}", text.zh), format!("`{openapi}`: {}", text.en))),
                },
            }
        }
    }

    fn finish(self) -> (Option<City>, Vec<Diagnostic>) {
        let mut found = Vec::new();
        if self.info.is_none() && self.rest.iter().all(|document| document.path != "city.toml") {
            found.push(no_city());
        }
        let info = self.info.map(|declared| {
            found.extend(declared.document.into_diagnostics());
            declared.value
        });
        let districts = self.districts.map(|document| {
            let text = document.text.to_owned();
            found.extend(document.into_diagnostics());
            text
        });
        found.extend(self.rest.into_iter().flat_map(Document::into_diagnostics));
        let apis = self.apis;
        let departments = settle(self.departments, &mut found);
        let systems = settle(self.systems, &mut found);
        let resources = settle(self.resources, &mut found);
        let standards = settle(self.standards, &mut found);
        let code_lists = settle(self.code_lists, &mut found);
        let boards = settle(self.boards, &mut found);
        let models = settle(self.models, &mut found);
        let registers = settle(self.registers, &mut found);
        let figures = settle(self.figures, &mut found);
        let nodes = settle(self.nodes, &mut found);
        let catalogs = settle(self.catalogs, &mut found);
        found.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        let sound = found.iter().all(|d| d.severity != Severity::Error);
        let city = info.filter(|_| sound).map(|info| City {
            info,
            departments,
            systems,
            resources,
            standards,
            code_lists,
            boards,
            models,
            registers,
            figures,
            nodes,
            catalogs,
            districts,
            apis,
        });
        (city, found)
    }
}

/// The folders of a city whose files are declarations.
pub const FOLDERS: [&str; 11] =
    ["departments", "systems", "resources", "standards", "codes", "boards", "models", "registers", "figures", "nodes", "catalogs"];

/// The folder in which services' OpenAPI documents lie.
pub const SERVICES: &str = "services";

/// Parses a file, checks its shape, and gives the declaration in it. The document comes back alone when
/// nothing can be made of it.
fn load<'a, T: DeserializeOwned>(
    mut document: Document<'a>,
    kind: &str,
    name: impl FnOnce(&mut T),
) -> Result<Declared<'a, T>, Document<'a>> {
    let errors = document.parse_toml();
    shaped(document, kind, errors, name)
}

/// The declaration in a document whose TOML has been read with these errors.
fn shaped<'a, T: DeserializeOwned>(
    document: Document<'a>,
    kind: &str,
    errors: Vec<toml::de::Error>,
    name: impl FnOnce(&mut T),
) -> Made<'a, T> {
    for error in &errors {
        document.put_at(error.span().unwrap_or(0..0), words::syntax(error.message()));
    }
    let repaired: Value = shape::check(&document, schema(kind), !errors.is_empty());
    match serde_json::from_value::<T>(repaired) {
        Ok(mut value) => {
            name(&mut value);
            Ok(Declared { document, value })
        }
        Err(error) => {
            document.put_at(0..0, Note::error(format!("无法读取：{error}"), format!("cannot be read: {error}")));
            Err(document)
        }
    }
}

/// The head of a model as a text of its own, everything else blank; `None` for other files and models without one.
fn model_head(file: &SourceFile) -> Option<String> {
    model_place(&file.path)?;
    let (inside, _) = model::head(&file.text)?;
    Some(model::blank(&file.text, inside, false))
}

/// Layer and name of `models/<layer>/<name>.sql`.
fn model_place(path: &str) -> Option<(ModelLayer, &str)> {
    let (folder, name) = path.strip_prefix("models/")?.split_once('/')?;
    let layer = ModelLayer::ALL.into_iter().find(|layer| layer.word() == folder)?;
    let name = name.strip_suffix(".sql").filter(|name| !name.starts_with('.') && !name.contains('/'))?;
    Some((layer, name))
}

type Made<'a, T> = Result<Declared<'a, T>, Document<'a>>;

fn insert<'a, T>(
    into: &mut BTreeMap<String, Declared<'a, T>>,
    rest: &mut Vec<Document<'a>>,
    id: &str,
    made: Made<'a, T>,
) {
    match made {
        Err(document) => rest.push(document),
        Ok(second) => match into.get(id) {
            Some(first) => {
                let other = first.document.path;
                let note = Note::error(
                    format!("`{id}` 已在 {other} 中声明"),
                    format!("`{id}` is already declared in {other}"),
                );
                second
                    .document
                    .put_at(0..0, note.help("文件名就是编号，请改名", "the file name is the id: rename one of them"));
                rest.push(second.document);
            }
            None => {
                into.insert(id.to_owned(), second);
            }
        },
    }
}

fn settle<T>(declared: BTreeMap<String, Declared<'_, T>>, found: &mut Vec<Diagnostic>) -> BTreeMap<String, T> {
    let each = declared.into_iter().map(|(id, declared)| {
        found.extend(declared.document.into_diagnostics());
        (id, declared.value)
    });
    each.collect()
}

/// A resource's id is a table name; the other ids stand in addresses and declarations.
fn check_id(document: &Document<'_>, folder: &str, id: &str) {
    let dashes = !matches!(folder, "resources" | "registers");
    let start = |c: char| c.is_ascii_lowercase() || (dashes && c.is_ascii_digit());
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || (dashes && c == '-');
    if id.starts_with(start) && id.chars().all(inner) && id.len() <= 63 {
        return;
    }
    let note = Note::error(format!("文件名 `{id}` 不能作编号"), format!("the file name `{id}` cannot serve as an id"));
    document.put_at(0..0, match dashes {
        true => note.help(
            "用小写字母、数字、`_`、`-`，最多 63 个",
            "use lower-case letters, digits, `_` and `-`, at most 63",
        ),
        false => note.help(
            "编号也是表名：小写字母开头，只用小写字母、数字、`_`，最多 63 个",
            "the id is also the name of a table: start with a lower-case letter, use lower-case letters, digits and `_`, at most 63",
        ),
    });
}

fn too_large(limit: usize) -> Note {
    let mib = limit >> 20;
    Note::error(format!("文件太大，最多 {mib} MiB"), format!("the file is too large; at most {mib} MiB"))
}

/// The one file that every city has.
fn no_city() -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        file: "city.toml".to_owned(),
        line: 0,
        column: 0,
        excerpt: String::new(),
        length: 0,
        message: Text::new("缺少 city.toml", "city.toml is missing"),
        help: Some(Text::new(
            "写一个 city.toml，至少有 `title = \"…\"` 和 `division = \"330200\"`",
            "write a city.toml with at least `title = \"…\"` and `division = \"330200\"`",
        )),
        suggestion: None,
    }
}
