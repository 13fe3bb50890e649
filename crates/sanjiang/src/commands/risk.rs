//! `sanjiang risk FILE`: how far a table would tell who its rows are about, alone and beside what is open; and what to do.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::risk::{Assessment, Builder, Joint, Limits, Mosaic, Opening, Options, Proposal, RiskError, Role, Table, assess, infos};
use anyhow::{Context, bail};
use arrow_array::Array;
use clap::{Args, ValueEnum};
use collect::read::{ReadOptions, open};
use kernel::{Lang, Text, nearest};

use super::Speak;
use super::risk_told::{json, text};
use crate::show::say;

/// Records read at once.
const BATCH: usize = 8192;
/// Candidates looked at when openings are put together.
const EFFORT: u64 = 2_000_000_000;
/// Groups and persons that are told one by one.
pub const TOLD: usize = 20;

#[derive(Args)]
pub struct Risk {
    /// 文件 / File.
    file: PathBuf,
    /// 准标识列，以逗号分隔；不指定则由信息类型和测量得出 / Quasi-identifiers, parted by commas; proposed when absent.
    #[arg(long, value_delimiter = ',')]
    quasi: Vec<String>,
    /// 敏感列，以逗号分隔 / Sensitive columns, parted by commas.
    #[arg(long, value_delimiter = ',')]
    sensitive: Vec<String>,
    /// 标识列：指明一行是谁的，不公开 / Column that tells whose row it is; it is not opened.
    #[arg(long)]
    id: Option<String>,
    /// 每组至少多少行 / Rows in every group.
    #[arg(short, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    k: u32,
    /// 每组的敏感列至少多少种值 / Values of each sensitive column in every group.
    #[arg(short, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1000))]
    l: u32,
    /// 每组的分布与全表至多相差多少（0 至 1） / How far a group may be from all rows, 0 to 1.
    #[arg(short)]
    t: Option<f64>,
    /// 已公开的文件，可多个；按 --id 认出同一实体 / Files that are open already; the same persons are told by --id.
    #[arg(long, num_args = 1.., requires = "id")]
    with: Vec<PathBuf>,
    /// 建议中至多略去多少行（0 至 1） / The share of rows that a proposal may leave out, 0 to 1.
    #[arg(long, default_value_t = 0.02)]
    leave_out: f64,
    /// 输出形式 / Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// 把按建议泛化后的表写成 CSV / Write the table as proposed, as CSV.
    #[arg(long)]
    write: Option<PathBuf>,
    #[command(flatten)]
    speak: Speak,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Everything that was found out.
pub struct Found<'f> {
    pub file: String,
    pub rows: usize,
    pub measured: &'f Assessment,
    pub joint: Option<Joint>,
    pub proposal: Option<Proposal>,
    /// The table as it was written, measured again.
    pub after: Option<Assessment>,
    /// Rows that could not be read.
    pub unread: u64,
}

impl Risk {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        if !(0.0..1.0).contains(&self.leave_out) || self.t.is_some_and(|t| !(0.0..=1.0).contains(&t)) {
            bail!("{}", say(lang, "--leave-out 与 -t 应在 0 与 1 之间", "--leave-out and -t should be between 0 and 1"));
        }
        let file = Input::read(&self.file, self.id.as_deref(), lang)?;
        let days = i32::try_from(jiff::Timestamp::now().as_second().div_euclid(86_400)).ok();
        let others: Vec<Input> = self.with.iter().map(|path| Input::read(path, self.id.as_deref(), lang)).collect::<Result<_, _>>()?;
        self.check_names(&file.table, &others, lang)?;
        let measured = assess(&file.table, &infos(&file.table, days), &self.options(&file.table));
        let proposal = if measured.passes() { None } else { measured.propose(&file.table, self.leave_out) };
        let written = match (&self.write, &proposal) {
            (Some(path), Some(proposal)) => Some(self.write(path, &measured, proposal, &file.entities, lang)?),
            (Some(_), None) if measured.passes() => bail!("{}", say(lang, "可以原样公开，没有要泛化的", "it may be opened as it is; there is nothing to make coarser")),
            (Some(_), None) => bail!("{}", say(lang, "没有达到要求的办法；请减少列，或放宽 --leave-out", "no way reaches the limits; leave columns away, or raise --leave-out")),
            (None, _) => None,
        };
        // What is put together with others is what would be opened.
        let joint = match &written {
            _ if self.with.is_empty() => None,
            Some(written) => Some(self.mosaic(written.table.clone(), written.entities.clone(), &written.measured, others, days)),
            None => Some(self.mosaic(file.table.clone(), file.entities.clone(), &measured, others, days)),
        };
        let (rows, unread) = (file.table.rows(), file.unread);
        let after = written.map(|written| written.measured);
        let found = Found { file: named(&self.file), rows, measured: &measured, joint, proposal, after, unread };
        let mut out = BufWriter::new(std::io::stdout().lock());
        match self.format {
            Format::Text => text(&mut out, &found, lang)?,
            Format::Json => json(&mut out, &found, lang)?,
        }
        out.flush()?;
        let alone = found.after.as_ref().unwrap_or(&measured).passes();
        let together = found.joint.as_ref().is_none_or(|joint| joint.exposed.is_empty() && joint.left == 0);
        Ok(if alone && together { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn said(&self) -> impl Iterator<Item = (&str, Role)> {
        let quasi = self.quasi.iter().map(|name| (name.trim(), Role::Quasi));
        quasi.chain(self.sensitive.iter().map(|name| (name.trim(), Role::Sensitive)))
    }

    /// Each column that was named must be in one of the files.
    fn check_names(&self, table: &Table, others: &[Input], lang: Lang) -> anyhow::Result<()> {
        let tables = || [table].into_iter().chain(others.iter().map(|other| &other.table));
        match self.said().find(|(name, _)| tables().all(|table| table.place(name).is_none())) {
            Some((name, _)) => bail!("{}", no_column(name, tables().flat_map(|table| &table.columns).map(|column| column.name.as_str())).get(lang)),
            None => Ok(()),
        }
    }

    /// The roles that were said of a table's columns.
    fn options(&self, table: &Table) -> Options {
        let roles: Vec<(usize, Role)> = self.said().filter_map(|(name, role)| Some((table.place(name)?, role))).collect();
        let limits = Limits { k: self.k, l: self.l, t: self.t };
        let persons = (!roles.is_empty()).then_some(true);
        Options { limits, closed: roles.iter().any(|(_, role)| *role == Role::Quasi), roles, persons, named: TOLD, ..Options::default() }
    }

    /// The table put together with those that are open.
    fn mosaic(&self, table: Table, entities: Vec<u64>, measured: &Assessment, others: Vec<Input>, days: Option<i32>) -> Joint {
        let of = |measured: &Assessment, role| measured.of(role).collect::<Vec<_>>();
        let first = Opening { name: named(&self.file), quasi: of(measured, Role::Quasi), sensitive: of(measured, Role::Sensitive), table, entities };
        let mut openings = vec![first];
        for (path, file) in self.with.iter().zip(others) {
            let measured = assess(&file.table, &infos(&file.table, days), &self.options(&file.table));
            let (quasi, sensitive) = (of(&measured, Role::Quasi), of(&measured, Role::Sensitive));
            openings.push(Opening { name: named(path), table: file.table, entities: file.entities, quasi, sensitive });
        }
        Mosaic::new(openings).measure(self.k, self.l, EFFORT, TOLD)
    }

    /// Writes what the proposal leaves of each row, and measures that.
    fn write(&self, path: &Path, measured: &Assessment, proposal: &Proposal, entities: &[u64], lang: Lang) -> anyhow::Result<Written> {
        if same_file(path, &self.file) {
            bail!("{}", say(lang, "不能写到原文件上；请换一个文件名", "the file itself cannot be written over; name another"));
        }
        let names: Vec<&str> = measured.parts.iter().map(|part| part.name.as_str()).collect();
        let mut after = Table::builder(&names).map_err(|error| anyhow::anyhow!(error.text().get(lang).to_owned()))?;
        let mut out = BufWriter::with_capacity(1 << 16, File::create(path).with_context(|| path.display().to_string())?);
        // By the mark spreadsheets recognise UTF-8.
        write!(out, "\u{feff}")?;
        line(&mut out, names.iter().map(|name| Some(*name)))?;
        let applier = proposal.applier();
        let (mut read, mut kept) = (0usize, Vec::new());
        each(&self.file, self.id.as_deref(), lang, |fields, cells| {
            let mut row: Vec<Option<&str>> = vec![None; names.len()];
            for (field, cell) in fields.iter().zip(cells) {
                if let Some(place) = names.iter().position(|name| name == field).and_then(|at| row.get_mut(at)) {
                    *place = *cell;
                }
            }
            read += 1;
            if let Some(told) = applier.apply(&row) {
                kept.extend(entities.get(read - 1));
                after.push(told.iter().map(|value| value.as_deref())).map_err(|error| anyhow::anyhow!(error.text().get(lang).to_owned()))?;
                line(&mut out, told.iter().map(|value| value.as_deref()))?;
            }
            Ok(())
        })?;
        out.flush()?;
        // What was hidden names nobody any more.
        let hidden = |column: usize| proposal.changes.iter().any(|change| change.column == column && change.step == ::risk::Step::Hide);
        let role = |part: &::risk::Part| if part.role == Role::Direct && hidden(part.column) { Role::Other } else { part.role };
        let roles = measured.parts.iter().map(|part| (part.column, role(part))).collect();
        let options = Options { limits: measured.limits, roles, closed: true, persons: Some(true), named: TOLD, ..Options::default() };
        let table = after.build();
        let measured = assess(&table, &vec![None; table.columns.len()], &options);
        Ok(Written { table, entities: kept, measured })
    }
}

/// The table as it was written.
struct Written {
    table: Table,
    entities: Vec<u64>,
    measured: Assessment,
}

/// A file that was read.
struct Input {
    table: Table,
    /// Who each row is about; empty without a column that tells.
    entities: Vec<u64>,
    unread: u64,
}

impl Input {
    fn read(path: &Path, id: Option<&str>, lang: Lang) -> anyhow::Result<Input> {
        let refused = |error: RiskError| anyhow::anyhow!("{}：{}", named(path), error.text().get(lang));
        let mut builder: Option<Builder> = None;
        let (mut places, mut known): (Vec<usize>, Vec<String>) = (Vec::new(), Vec::new());
        let mut entities = Vec::new();
        let unread = each(path, None, lang, |fields, cells| {
            let builder = match &mut builder {
                Some(builder) => builder,
                None => builder.insert(Table::builder::<&str>(&[]).map_err(refused)?),
            };
            if known.len() != fields.len() || known.iter().zip(fields).any(|(known, field)| known != field) {
                let shown = |field: &&&str| id != Some(**field);
                if let Some(id) = id.filter(|id| !fields.contains(id)) {
                    bail!("{}：{}", named(path), no_column(id, fields.iter().copied()).get(lang));
                }
                known = fields.iter().map(|field| (*field).to_owned()).collect();
                places = fields.iter().filter(shown).map(|field| builder.column(field)).collect::<Result<_, _>>().map_err(refused)?;
            }
            let shown = fields.iter().zip(cells).filter(|(field, _)| id != Some(**field)).map(|(_, cell)| *cell);
            if let Some(cell) = id.and_then(|id| fields.iter().position(|field| *field == id)).and_then(|at| cells.get(at)) {
                entities.push(entity(*cell, entities.len()));
            }
            builder.put(places.iter().copied().zip(shown)).map_err(refused)
        })?;
        let Some(builder) = builder else {
            bail!("{}：{}", named(path), say(lang, "没有记录", "no records"));
        };
        Ok(Input { table: builder.build(), entities, unread })
    }
}

/// A number for whom an id names; rows without one are each somebody else.
fn entity(id: Option<&str>, row: usize) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    match id.map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id.hash(&mut hasher),
        None => (row, "").hash(&mut hasher),
    }
    hasher.finish()
}

/// Calls back with the fields and cells of each row, without those of `hidden`; gives the number of rows that cannot be read.
fn each(
    path: &Path,
    hidden: Option<&str>,
    lang: Lang,
    mut told: impl FnMut(&[&str], &[Option<&str>]) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let refused = |error: collect::CollectError| anyhow::anyhow!("{}：{}", error.source_name, error.message.get(lang));
    let mut source = open(path, &named(path), &ReadOptions::default()).map_err(refused)?;
    let mut unread = 0;
    while let Some(batch) = source.next(BATCH).map_err(refused)? {
        let places: Vec<usize> = (0..batch.fields.len()).filter(|at| batch.fields.get(*at).is_some_and(|field| Some(field.trim()) != hidden)).collect();
        let fields: Vec<&str> = places.iter().filter_map(|at| batch.fields.get(*at)).map(|field| field.trim()).collect();
        let mut faults = batch.faults.iter().map(|(row, _)| *row).peekable();
        let mut cells = Vec::with_capacity(places.len());
        for row in 0..batch.rows() {
            if faults.next_if_eq(&row).is_some() {
                unread += 1;
                continue;
            }
            cells.clear();
            cells.extend(places.iter().map(|at| batch.columns.get(*at).filter(|column| column.is_valid(row)).map(|column| column.value(row))));
            told(&fields, &cells)?;
        }
    }
    Ok(unread)
}

fn no_column<'n>(name: &str, there: impl Iterator<Item = &'n str> + Clone) -> Text {
    match nearest(name, there.clone()) {
        Some(near) => Text::new(format!("没有列 `{name}`；是否应为 `{near}`？"), format!("no column `{name}`; did you mean `{near}`?")),
        None => {
            let all: Vec<&str> = there.collect();
            Text::new(format!("没有列 `{name}`；有 {}", all.join("、")), format!("no column `{name}`; there are {}", all.join(", ")))
        }
    }
}

fn named(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn same_file(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// A line of CSV in which no spreadsheet finds a formula.
fn line<'c>(out: &mut impl Write, cells: impl Iterator<Item = Option<&'c str>>) -> std::io::Result<()> {
    for (at, cell) in cells.enumerate() {
        let cell = cell.unwrap_or_default();
        let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']) && cell.parse::<f64>().is_err();
        let comma = if at > 0 { "," } else { "" };
        let plain = if risky { format!("'{cell}") } else { cell.to_owned() };
        let quoted = plain.contains([',', '"', '\n', '\r']);
        write!(out, "{comma}{}", if quoted { format!("\"{}\"", plain.replace('"', "\"\"")) } else { plain })?;
    }
    out.write_all(b"\r\n")
}
