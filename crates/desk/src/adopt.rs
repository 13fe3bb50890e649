//! A file never seen before: what it seems to be, as a declaration that a steward can read and mend.

use std::fs;
use std::path::{Path, PathBuf};

use ::collect::CollectError;
use ::collect::source::Decision;
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

/// Looks at the file and proposes a declaration; nothing is written.
pub fn propose(file: &Path, id: &str, hints: &Hints) -> Result<Adopted, CollectError> {
    let options = ::collect::propose::Hints { table: hints.table.clone(), records: hints.records.clone() };
    let proposed = ::collect::propose::propose(file, id, &options)?;
    let name = file.file_name().map_or_else(|| id.to_owned(), |n| n.to_string_lossy().into_owned());
    let stem = file.file_stem().map_or_else(|| id.to_owned(), |n| n.to_string_lossy().into_owned());
    let grade = proposed.items.iter().filter_map(|item| item.grade).max().unwrap_or(Grade::L2).max(Grade::L2);
    let resource = Resource {
        id: id.to_owned(),
        title: stem,
        title_en: String::new(),
        code: format!("399000000/{}", sequence(id)),
        summary: format!("由文件 {name} 归集。"),
        summary_en: format!("Collected from the file {name}."),
        system: SYSTEM.to_owned(),
        office: String::new(),
        class: ResourceClass::Department,
        keywords: Vec::new(),
        share: ShareType::Conditional,
        share_condition: "尚未核定，暂按申请共享。".to_owned(),
        open: OpenType::None,
        open_condition: String::new(),
        grade,
        period: UpdatePeriod::Irregular,
        issued: None,
        related: Vec::new(),
        collect: proposed.collection,
        schedule: None,
        items: proposed.items,
    };
    Ok(Adopted { declaration: write_resource(&resource), resource, decisions: proposed.decisions })
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
