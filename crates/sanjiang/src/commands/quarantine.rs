//! `sanjiang quarantine`: refused rows, mended one by one or as the department's own file, and corrections taken back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use data::standard::Fault;
use desk::Desk;
use desk::correct::{Corrected, Mended, RowPlace};
use desk::corrections::CorrectionView;
use desk::edit::{Edited, row_name, row_named};
use desk::view::{Account, QuarantineFilter};
use kernel::{Lang, Text};

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Quarantine {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 列出问题数据，默认按原因汇总 / List refused rows, by cause unless --rows.
    List {
        /// 信息资源 / The resource.
        resource: Option<String>,
        /// 原因代码 / Code of the cause.
        #[arg(long)]
        cause: Option<String>,
        /// 信息项 / The item.
        #[arg(long)]
        item: Option<String>,
        /// 逐行列出 / Row by row.
        #[arg(long)]
        rows: bool,
    },
    /// 一行的原值和问题（编号如 person/17-204；入库的行用 person/标识） / One row, field by field; named like person/17-204, a landed one by its _hash.
    Show { id: String },
    /// 更正一行问题数据或入库的行：--set 信息项=值 / Mend one refused or landed row: --set ITEM=VALUE.
    Mend {
        id: String,
        /// 信息项=值，值为空表示改为空 / ITEM=VALUE; nothing behind the sign makes the field empty.
        #[arg(long = "set", required = true)]
        values: Vec<String>,
        /// 更正依据 / On what ground.
        #[arg(long)]
        why: String,
    },
    /// 导出为部门原来文件的样子，多两列 / Write a file like the department's own, with two more columns.
    Export {
        resource: String,
        #[arg(long)]
        out: PathBuf,
        #[arg(long)]
        cause: Option<String>,
        #[arg(long)]
        item: Option<String>,
    },
    /// 收回改好的文件 / Take the mended file back.
    Correct {
        file: PathBuf,
        #[arg(long)]
        resource: String,
        /// 更正依据 / On what ground.
        #[arg(long)]
        why: String,
    },
    /// 列出更正 / List corrections that were made.
    Corrections { resource: Option<String> },
    /// 撤销一次更正，或其中一行 / Undo a correction, or one row of it.
    Undo {
        /// 更正编号 / Id of the correction.
        id: String,
        /// 只撤销这一行，如 17-204 / Only this row, e.g. 17-204.
        #[arg(long)]
        row: Option<String>,
    },
}

/// Most entries listed.
const LISTED: u64 = 200;

impl Quarantine {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let who = super::operator();
        let done = match self.act {
            Act::List { resource, cause, item, rows } => {
                let filter = QuarantineFilter { resource, code: cause, item, ..QuarantineFilter::default() };
                if rows { list_rows(&desk, &who, &filter, lang).await } else { list_causes(&desk, &who, &filter, lang).await }
            }
            Act::Show { id } if landed(&id).is_some() => show_landed(&desk, &who, &id, lang).await,
            Act::Mend { id, values, why } if landed(&id).is_some() => edit(&desk, &who, &id, &values, &why, lang).await,
            Act::Show { id } => show(&desk, &who, &id, lang).await,
            Act::Mend { id, values, why } => {
                let (resource, place) = named(&id)?;
                let values = values.iter().map(|text| assignment(text)).collect::<anyhow::Result<_>>()?;
                let done = desk.correct(&who, &resource, vec![Mended { place, values }], &why, "command").await.map_err(refusal)?;
                Ok(told(&done, &HashMap::new(), lang))
            }
            Act::Export { resource, out, cause, item } => {
                let filter = QuarantineFilter { resource: Some(resource), code: cause, item, ..QuarantineFilter::default() };
                export(&desk, &who, &filter, &out, lang).await
            }
            Act::Correct { file, resource, why } => correct(&desk, &who, &resource, &file, &why, lang).await,
            Act::Corrections { resource } => {
                let filter = QuarantineFilter { resource, ..QuarantineFilter::default() };
                let found = desk.corrections(&who, &filter, 1, LISTED).await.map_err(refusal)?;
                if found.is_empty() {
                    println!("{}", say(lang, "还没有更正过。", "Nothing has been corrected yet."));
                }
                found.iter().for_each(|one| println!("{}", line_of(one, lang)));
                Ok(ExitCode::SUCCESS)
            }
            Act::Undo { id, row } => undo(&desk, &who, &id, row.as_deref(), lang).await,
        };
        desk.measure_pending().await;
        done
    }
}

/// `person/17-204`.
fn named(id: &str) -> anyhow::Result<(String, RowPlace)> {
    let parts = id.rsplit_once('/').and_then(|(resource, place)| Some((resource.to_owned(), place.parse::<RowPlace>().ok()?)));
    parts.with_context(|| format!("编号应如 person/17-204 / a row is named like person/17-204: {id}"))
}

/// `person/` and the hash of a row.
fn landed(id: &str) -> Option<(&str, [u8; 16])> {
    let (resource, row) = id.rsplit_once('/')?;
    Some((resource, row_named(row).ok()?))
}

async fn show_landed(desk: &Desk, who: &Account, id: &str, lang: Lang) -> anyhow::Result<ExitCode> {
    let (resource, row) = landed(id).context("no row is named")?;
    let form = match desk.edit_form(who, resource, &row_name(row)).await {
        Err(desk::DeskError::NotFound) => anyhow::bail!("没有这一行现行数据 / no such current row: {id}"),
        form => form.map_err(refusal)?,
    };
    println!("{id}  {}:{}", form.file, form.line);
    for field in &form.fields {
        let mark = if form.fixed.contains(&field.name) { say(lang, "（不能改）", " (fixed)") } else { "" };
        println!("  {} = {}{mark}", field.name, field.value.as_deref().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}

/// Edits a row that has landed; failure when it does not land.
async fn edit(desk: &Desk, who: &Account, id: &str, values: &[String], why: &str, lang: Lang) -> anyhow::Result<ExitCode> {
    let (resource, row) = landed(id).context("no row is named")?;
    let values = values.iter().map(|text| assignment(text)).collect::<anyhow::Result<_>>()?;
    let done = desk.edit(who, resource, vec![Edited { row, values }], why, "command").await.map_err(refusal)?;
    for (_, faults) in &done.wrong {
        println!("{}  {}", say(lang, "仍有错", "still wrong"), reasons(faults, lang));
    }
    if !done.gone.is_empty() {
        println!("{}", say(lang, "这一行已不是现行数据，没有更正。", "The row is not current any more: nothing was corrected."));
    }
    let Some(correction) = &done.correction else { return Ok(ExitCode::FAILURE) };
    let (zh, en) = (format!("已更正 1 行。更正编号 {correction}（撤销：sanjiang quarantine undo {correction}）"), format!("1 rows corrected. Correction {correction} (undo it: sanjiang quarantine undo {correction})"));
    println!("{}", say(lang, &zh, &en));
    Ok(ExitCode::SUCCESS)
}

fn assignment(text: &str) -> anyhow::Result<(String, Option<String>)> {
    let (name, value) = text.split_once('=').with_context(|| format!("应写作 信息项=值 / expected ITEM=VALUE: {text}"))?;
    Ok((name.to_owned(), Some(value.to_owned()).filter(|value| !value.is_empty())))
}

async fn list_causes(desk: &Desk, who: &Account, filter: &QuarantineFilter, lang: Lang) -> anyhow::Result<ExitCode> {
    let view = desk.quarantine(who, filter, 1, 1).await.map_err(refusal)?;
    if view.causes.is_empty() {
        println!("{}", say(lang, "没有问题数据。", "Nothing in quarantine."));
    }
    for cause in &view.causes {
        let item = if cause.item.is_empty() { say(lang, "整行", "whole row") } else { cause.item.as_str() };
        println!("{:>8}  {}  {}  {}  {}  {}", cause.rows, cause.resource, cause.code, item, cause.message.get(lang), cause.example);
    }
    Ok(ExitCode::SUCCESS)
}

async fn list_rows(desk: &Desk, who: &Account, filter: &QuarantineFilter, lang: Lang) -> anyhow::Result<ExitCode> {
    let view = desk.quarantine(who, filter, 1, LISTED).await.map_err(refusal)?;
    if view.rows.entries.is_empty() {
        println!("{}", say(lang, "没有问题数据。", "Nothing in quarantine."));
    }
    for row in &view.rows.entries {
        println!("{}/{}-{}  {}:{}  {}", row.resource, row.batch, row.row, row.file, row.line, reasons(&row.faults, lang));
    }
    if view.rows.total > view.rows.entries.len() as u64 {
        let (shown, total) = (view.rows.entries.len(), view.rows.total);
        println!("{}", Text::new(format!("只列出前 {shown} 行，共 {total} 行。"), format!("The first {shown} of {total} rows.")).get(lang));
    }
    Ok(ExitCode::SUCCESS)
}

fn reasons(faults: &[Fault], lang: Lang) -> String {
    let said = faults.iter().map(|fault| match fault.item.as_str() {
        "" => fault.message.get(lang).to_owned(),
        item => format!("{item}: {}", fault.message.get(lang)),
    });
    said.collect::<Vec<_>>().join(" | ")
}

async fn show(desk: &Desk, who: &Account, id: &str, lang: Lang) -> anyhow::Result<ExitCode> {
    let (resource, place) = named(id)?;
    let row = match desk.repair(who, &resource, place).await {
        Ok(row) => row,
        Err(desk::DeskError::NotFound) => return show_corrected(desk, who, &resource, place, lang).await,
        Err(error) => return Err(refusal(error)),
    };
    println!("{resource}/{place}  {}:{}  {}\n{}\n", row.file, row.line, row.time.rfc3339(), row.text.trim_end());
    for fault in &row.faults {
        println!("! {}", fault.message.get(lang));
    }
    for field in &row.fields {
        println!("{} {} = {}", if field.faults.is_empty() { ' ' } else { '!' }, field.name, field.value.as_deref().unwrap_or_default());
        field.faults.iter().for_each(|fault| println!("    {}", fault.message.get(lang)));
    }
    Ok(ExitCode::SUCCESS)
}

/// A row that was corrected: by whom, and what was changed.
async fn show_corrected(desk: &Desk, who: &Account, resource: &str, place: RowPlace, lang: Lang) -> anyhow::Result<ExitCode> {
    let detail = desk.correction_of(who, resource, place).await;
    let detail = detail.map_err(|_| anyhow::anyhow!("没有这一行问题数据 / no such refused row: {resource}/{place}"))?;
    println!("{}", line_of(&detail.correction, lang));
    for change in detail.rows.iter().flat_map(|row| &row.changes) {
        println!("  {}: {} → {}", change.name, change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}

fn line_of(one: &CorrectionView, lang: Lang) -> String {
    let state = Text::new(format!("{} 行，已撤销 {}", one.rows, one.undone), format!("{} rows, {} undone", one.rows, one.undone));
    let kind = if one.edits { say(lang, "  入库行", "  landed rows") } else { "" };
    format!("{}  {}  {}  {}  {}{kind}  {}", one.id, one.time.rfc3339(), one.resource, one.who, state.get(lang), one.reason)
}

async fn export(desk: &Desk, who: &Account, filter: &QuarantineFilter, out: &Path, lang: Lang) -> anyhow::Result<ExitCode> {
    let file = desk.export_quarantine(who, filter, lang).await.map_err(refusal)?;
    std::fs::write(out, &file.bytes).with_context(|| out.display().to_string())?;
    let (rows, path) = (file.rows, out.display());
    println!("{}", Text::new(format!("{rows} 行已写入 {path}"), format!("{rows} rows written to {path}")).get(lang));
    if file.more {
        println!("{}", say(lang, "还有更多：这些改好后再导出一次。", "There are more: export again when these are mended."));
    }
    Ok(ExitCode::SUCCESS)
}

async fn correct(desk: &Desk, who: &Account, resource: &str, file: &Path, why: &str, lang: Lang) -> anyhow::Result<ExitCode> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let done = desk.upload_corrections(who, resource, file, &name, why, "command").await.map_err(refusal)?;
    if !done.unknown.is_empty() {
        let lines: Vec<String> = done.unknown.iter().take(20).map(u64::to_string).collect();
        let (count, lines) = (done.unknown.len(), lines.join(", "));
        let text = Text::new(format!("{count} 行没有问题编号，未处理：第 {lines} 行"), format!("{count} rows without a number, left alone: line {lines}"));
        println!("{}", text.get(lang));
    }
    Ok(told(&done.corrected, &done.lines, lang))
}

/// What became of the rows; failure when any is still wrong.
fn told(done: &Corrected, lines: &HashMap<RowPlace, u64>, lang: Lang) -> ExitCode {
    let (right, wrong, gone) = (done.landed + done.unchanged, done.wrong.len(), done.gone.len());
    let text = Text::new(
        format!("已更正 {right} 行，仍有错 {wrong} 行，已不在问题数据中 {gone} 行。"),
        format!("{right} rows corrected, {wrong} still wrong, {gone} no longer in quarantine."),
    );
    println!("{}", text.get(lang));
    for row in &done.wrong {
        let line = lines.get(&row.place).map(|line| format!("  ({} {line})", say(lang, "文件行", "line"))).unwrap_or_default();
        println!("  {}{line}  {}", row.place, reasons(&row.faults, lang));
    }
    if let Some(id) = &done.correction {
        println!("{}", Text::new(format!("更正编号 {id}（撤销：sanjiang quarantine undo {id}）"), format!("Correction {id} (undo it: sanjiang quarantine undo {id})")).get(lang));
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn undo(desk: &Desk, who: &Account, id: &str, row: Option<&str>, lang: Lang) -> anyhow::Result<ExitCode> {
    let place = |text: &str| text.parse::<RowPlace>().map_err(|()| anyhow::anyhow!("行号应如 17-204 / a row is named like 17-204: {text}"));
    let places = row.map(place).transpose()?.map(|place| vec![place]);
    let done = match desk.undo(who, id, places.as_deref()).await {
        Err(desk::DeskError::NotFound) => anyhow::bail!("没有这次更正 / no such correction: {id}"),
        done => done.map_err(refusal)?,
    };
    let (reopened, kept, already) = (done.reopened, done.superseded.len(), done.already.len());
    if desk.correction(who, id).await.map_err(refusal)?.correction.edits {
        let text = Text::new(
            format!("已撤销，{reopened} 行恢复为来源的内容；{kept} 行已有更新的行取代，没有撤销；{already} 行此前已撤销。"),
            format!("{reopened} rows are as the source delivers them again; {kept} stay, as newer rows have their places; {already} had been undone before."),
        );
        println!("{}", text.get(lang));
        return Ok(if reopened == 0 && kept > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let text = Text::new(
        format!("已撤销，{reopened} 行回到问题数据；{kept} 行来源此后已送来数据，没有撤销；{already} 行此前已撤销。"),
        format!("{reopened} rows are in quarantine again; {kept} stay, as the source has delivered them since; {already} had been undone before."),
    );
    println!("{}", text.get(lang));
    Ok(if reopened == 0 && kept > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
