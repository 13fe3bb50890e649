//! A file never seen before: what it seems to be, as a declaration that a steward can read and mend.

use std::fs;
use std::path::{Path, PathBuf};

use ::collect::CollectError;
use ::collect::propose::Part;
use ::collect::source::Decision;
use data::grade::{Column, detect_table};
use data::declare::{Grade, OpenType, Resource, ResourceClass, ShareType, UpdatePeriod, write_resource};

/// What the person already knows about the file.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    pub table: Option<String>,
    pub records: Option<String>,
}

/// A proposal with its reasons.
#[derive(Clone, Debug)]
pub struct Adopted {
    pub resource: Resource,
    /// The declaration as it would be written.
    pub declaration: String,
    pub decisions: Vec<Decision>,
}

/// Where files given on the command line are kept and declared.
const SYSTEM: &str = "handed_in";

/// What a file with several tables gives: a proposal for each, and the tables that could not be read, with the reason.
#[derive(Debug, Default)]
pub struct Tables {
    pub adopted: Vec<Adopted>,
    pub refused: Vec<(String, CollectError)>,
}

/// Looks at the file and proposes a declaration for each table in it, the main one first; nothing is written.
pub fn propose(file: &Path, id: &str, hints: &Hints) -> Result<Tables, CollectError> {
    let hints = ::collect::propose::Hints { table: hints.table.clone(), records: hints.records.clone() };
    let mut tables = Tables::default();
    for part in ::collect::propose::parts(file, id, &hints)? {
        match propose_part(file, &part) {
            Ok(adopted) => tables.adopted.push(adopted),
            // The main table must be there; the others may be notes that somebody packed with it.
            Err(error) if part.id == id => return Err(error),
            Err(error) => tables.refused.push((part.table, error)),
        }
    }
    Ok(tables)
}

fn propose_part(file: &Path, part: &Part) -> Result<Adopted, CollectError> {
    let id = part.id.as_str();
    let mut proposed = ::collect::propose::propose(file, id, &part.hints)?;
    grade_together(&mut proposed);
    if proposed.items.is_empty() {
        return Err(CollectError::new(
            "propose.nothing",
            file.display().to_string(),
            "读不出任何一列，无法拟定声明；请核对文件",
            "no column can be read from it, so nothing can be declared; check the file",
        ));
    }
    let name = file.file_name().map_or_else(|| id.to_owned(), |n| n.to_string_lossy().into_owned());
    let stem = stem(&name);
    let (title, from, from_en) = match part.table.as_str() {
        "" => (stem, format!("文件 {name} "), format!("the file {name}")),
        table => (format!("{stem} {table}"), format!("文件 {name} 中的 {table} "), format!("`{table}` in the file {name}")),
    };
    let grade = proposed.items.iter().filter_map(|item| item.grade).max().unwrap_or(Grade::L2).max(Grade::L2);
    let resource = Resource {
        id: id.to_owned(),
        title,
        title_en: String::new(),
        code: format!("399000000/{}", sequence(id)),
        summary: format!("由{from}归集。"),
        summary_en: format!("Collected from {from_en}."),
        system: SYSTEM.to_owned(),
        office: String::new(),
        class: ResourceClass::Department,
        keywords: Vec::new(),
        share: ShareType::Conditional,
        share_condition: "尚未核定，暂按申请共享。".to_owned(),
        share_keys: Vec::new(),
        open: OpenType::None,
        open_condition: String::new(),
        grade,
        period: UpdatePeriod::Irregular,
        issued: None,
        related: Vec::new(),
        collect: proposed.collection,
        contract: Default::default(),
        schedule: None,
        rules: Vec::new(),
        operations: Vec::new(),
        items: proposed.items,
    };
    Ok(Adopted { declaration: write_resource(&resource), resource, decisions: proposed.decisions })
}

/// What columns tell together: beside an id or a name, the others are about a person. It only raises.
fn grade_together(proposed: &mut ::collect::propose::Proposed) {
    let values: Vec<Vec<&str>> = (0..proposed.fields.len())
        .map(|at| proposed.preview.iter().filter_map(|row| row.get(at)?.as_deref()).collect())
        .collect();
    let column = |item: &data::declare::Item| {
        let source = item.source.as_ref().unwrap_or(&item.name);
        proposed.fields.iter().position(|field| field == source).and_then(|at| values.get(at)).map_or(&[][..], Vec::as_slice)
    };
    let columns: Vec<Column<'_>> =
        proposed.items.iter().map(|item| Column { name: &item.name, title: &item.title, values: column(item) }).collect();
    let found: Vec<_> = detect_table(&columns, None).iter().map(|one| one.is_known().then(|| (one.class(), one.grade()))).collect();
    for (item, (class, grade)) in proposed.items.iter_mut().zip(found).filter_map(|(item, found)| Some((item, found?))) {
        item.class = item.class.max(class);
        item.grade = item.grade.max(Some(grade));
    }
}

/// A file's name without the suffixes that say how it is written and packed.
fn stem(name: &str) -> String {
    let mut stem = name;
    while let Some((before, suffix)) = stem.rsplit_once('.') {
        let known = (1..=7).contains(&suffix.len()) && suffix.bytes().all(|b| b.is_ascii_alphanumeric()) && !before.is_empty();
        if !known || suffix.bytes().all(|b| b.is_ascii_digit()) {
            break;
        }
        stem = before;
    }
    stem.to_owned()
}

/// Copies the file into the city folder and writes the declaration beside the others.
/// A declaration of that name that is there already is kept: the person has mended it.
pub fn declare(city_dir: &Path, file: &Path, adopted: &Adopted) -> std::io::Result<PathBuf> {
    let sources = city_dir.join("sources").join(SYSTEM);
    fs::create_dir_all(&sources)?;
    if let Some(name) = file.file_name() {
        fs::copy(file, sources.join(name))?;
    }
    write_new(&city_dir.join("city.toml"), "title = \"我的城市\"\ntitle_en = \"My city\"\ndivision = \"330200\"\n")?;
    write_new(
        &city_dir.join("departments").join(format!("{SYSTEM}.toml")),
        "# 直接交来的文件先归在这里，核定后请改到所属部门。\ntitle = \"待归属部门\"\ntitle_en = \"Department to be named\"\nuscc = \"113302000029290324\"\n",
    )?;
    write_new(
        &city_dir.join("systems").join(format!("{SYSTEM}.toml")),
        &format!("title = \"直接交来的文件\"\ntitle_en = \"Files handed in\"\ndepartment = \"{SYSTEM}\"\n\n[connector]\nkind = \"files\"\npath = \"sources/{SYSTEM}\"\n"),
    )?;
    let path = city_dir.join("resources").join(SYSTEM).join(format!("{}.toml", adopted.resource.id));
    write_new(&path, &adopted.declaration)?;
    Ok(path)
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    if path.exists() { Ok(()) } else { fs::write(path, text) }
}

/// Six digits that differ from name to name.
fn sequence(id: &str) -> String {
    let sum = id.bytes().fold(7u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000);
    format!("{sum:06}")
}
