//! `sanjiang lake`: the lake under care. Compaction, vacuum, proof of every byte, repair.

use std::collections::{BTreeSet, HashMap};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use desk::CollectScope;
use kernel::{Lang, Text};
use lake::{Compaction, Damage, Layer, TableName};

use super::{Speak, Where};
use crate::show::say;

/// Readers of other makes hold no lease: below this, vacuum could take a file from under them.
const YOUNGEST_HOURS: u64 = 1;

#[derive(Args)]
pub struct LakeCommand {
    #[command(subcommand)]
    act: Act,
}

/// Which tables of which lake, and how to say it.
#[derive(Args)]
struct On {
    /// 表，如 standard.enterprise；省略则全部 / Table, e.g. standard.enterprise; all when absent.
    table: Option<String>,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 合并小文件；标准层按主键排序 / Put small files together; tables of the standard layer sorted by key.
    Compact {
        #[command(flatten)]
        on: On,
        /// 重写全部文件，不只是小的 / Write all files anew, not only the small ones.
        #[arg(long)]
        whole: bool,
    },
    /// 删除不再需要的旧文件；正在读的不会删 / Delete files no longer needed; none that somebody is reading.
    Vacuum {
        #[command(flatten)]
        on: On,
        /// 保留多少小时的历史 / Hours of history to keep.
        #[arg(long, default_value_t = crate::upkeep::HISTORY_HOURS)]
        keep_hours: u64,
    },
    /// 逐字节核对，指出每个损坏的文件；有损坏时退出码为 1 / Prove every byte, name each damaged file; exit code 1 if there is one.
    Verify {
        #[command(flatten)]
        on: On,
        /// 还解码每一行 / Also decode every row.
        #[arg(long)]
        deep: bool,
    },
    /// 修复损坏，说明哪些批次需要重新归集并安排 / Mend damage, tell which batches must be collected again, and arrange it.
    Repair {
        #[command(flatten)]
        on: On,
    },
}

impl LakeCommand {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Compact { on, whole } => on.open().await?.compact(whole).await,
            Act::Vacuum { on, keep_hours } => on.open().await?.vacuum(keep_hours).await,
            Act::Verify { on, deep } => on.open().await?.verify(deep).await,
            Act::Repair { on } => on.open().await?.repair().await,
        }
    }
}

impl On {
    async fn open(self) -> anyhow::Result<Care> {
        let root = self.place.data.join("lake");
        if !root.is_dir() {
            anyhow::bail!("{} 中没有数据湖 / there is no lake in {}", self.place.data.display(), self.place.data.display());
        }
        let lake = lake::Lake::open(&root).await.map_err(said)?;
        let lang = self.speak.lang();
        let mut care = Care { lake, lang, place: self.place, tables: Vec::new() };
        care.tables = care.asked(self.table.as_deref())?;
        Ok(care)
    }
}

fn said(error: lake::LakeError) -> anyhow::Error {
    let text = error.text();
    anyhow::anyhow!("{} / {}", text.zh, text.en)
}

/// What to do about a damaged file.
fn way_out(damage: &Damage) -> Text {
    match damage.table.layer {
        _ if damage.needs_backup() => Text::new("请从备份恢复此文件", "restore this file from a backup"),
        _ if !damage.loses_rows() => Text::new("lake repair 可修复", "lake repair mends it"),
        Layer::Raw => Text::new(
            "请从备份恢复此文件；没有备份时，lake repair 移走它并重新读取来源，来源不再有的行会丢失",
            "restore this file from a backup; without one, lake repair sets it aside and reads the source again: rows that the source no longer has are lost",
        ),
        Layer::Standard => Text::new("lake repair 将由贴源层重建此表", "lake repair makes the table again from raw"),
        Layer::Master | Layer::Topic | Layer::Open => Text::new("lake repair 移走此表，由模型或归并重新得出", "lake repair sets the table aside; its model, or resolving, makes it again"),
    }
}

struct Care {
    lake: lake::Lake,
    lang: Lang,
    place: Where,
    /// The table asked for, or all.
    tables: Vec<TableName>,
}

impl Care {
    fn asked(&self, asked: Option<&str>) -> anyhow::Result<Vec<TableName>> {
        let all = self.lake.table_names().map_err(said)?;
        let Some(asked) = asked else { return Ok(all) };
        let found: Vec<TableName> = all.iter().filter(|table| table.to_string() == asked).cloned().collect();
        if found.is_empty() {
            let names: Vec<String> = all.iter().map(TableName::to_string).collect();
            let near = kernel::nearest(asked, names.iter().map(String::as_str)).unwrap_or_default();
            anyhow::bail!("没有表 {asked}，请写成“层.表名”（最近似：{near}） / no table {asked}: write LAYER.NAME (nearest: {near})");
        }
        Ok(found)
    }

    async fn compact(&self, whole: bool) -> anyhow::Result<ExitCode> {
        let keys = crate::upkeep::keys(&self.place.city());
        for table in &self.tables {
            let order = crate::upkeep::order(table, &keys);
            let wanted = Compaction { many: 1, order, whole };
            let files = self.lake.compact(table, wanted).await.map_err(said)?;
            let now = self.lake.table(table).await.map_err(said)?.map_or(0, |info| info.files);
            println!("{table}: {files} {} {now}", say(self.lang, "个文件已合并，现有文件数", "files put together, files now"));
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn vacuum(&self, keep_hours: u64) -> anyhow::Result<ExitCode> {
        let age = Duration::from_secs(keep_hours.clamp(YOUNGEST_HOURS, 24 * 36_500) * 3600);
        for table in &self.tables {
            let files = self.lake.vacuum(table, age).await.map_err(said)?;
            println!("{table}: {files} {}", say(self.lang, "个旧文件已删除", "old files deleted"));
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn verify(&self, deep: bool) -> anyhow::Result<ExitCode> {
        let (mut files, mut bytes, mut damaged) = (0, 0, 0);
        for table in &self.tables {
            let verified = self.lake.verify(table, deep).await.map_err(said)?;
            files += verified.files;
            bytes += verified.bytes;
            damaged += verified.damages.len();
            verified.damages.iter().for_each(|damage| self.show(damage));
        }
        let mib = bytes >> 20;
        println!("{}", match self.lang {
            Lang::Zh => format!("已核对 {files} 个文件、{mib} MiB；损坏 {damaged} 个。"),
            Lang::En => format!("{files} files, {mib} MiB proven; {damaged} damaged."),
        });
        if damaged > 0 {
            println!("{}", say(self.lang, "修复请运行：sanjiang lake repair", "To mend them: sanjiang lake repair"));
        }
        Ok(if damaged == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn show(&self, damage: &Damage) {
        let (what, means) = (damage.what.get(self.lang), damage.means.get(self.lang));
        let version = damage.version.map(|version| format!("{} {version}  ", say(self.lang, "版本", "version"))).unwrap_or_default();
        println!("✗ {}  {version}{}\n    {what}\n    {means}\n    {}", damage.table, damage.file.display(), way_out(damage).get(self.lang));
    }

    /// Raw first: standard tables are made from it.
    async fn repair(&self) -> anyhow::Result<ExitCode> {
        let tables = &self.tables;
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let mut held = (desk.hold_collections().map_err(crate::show::refusal)?, Vec::new());
        for resource in tables.iter().map(|table| table.name.as_str()).collect::<BTreeSet<_>>() {
            held.1.push(desk.hold_resource(resource).await.map_err(crate::show::refusal)?);
        }
        let _models = desk.hold_models().await.map_err(crate::show::refusal)?;
        let mut again = Vec::new();
        let mut left = 0;
        for table in tables.iter().filter(|table| matches!(table.layer, Layer::Master | Layer::Topic | Layer::Open)) {
            left += self.made(table).await?;
        }
        for table in tables.iter().filter(|table| table.layer == Layer::Raw) {
            let repaired = self.mend(table).await?;
            left += repaired.left.len();
            if !repaired.lost.is_empty() {
                desk.read_again(&table.name).await.map_err(crate::show::refusal)?;
                again.push(table.name.clone());
            }
        }
        for table in tables.iter().filter(|table| table.layer == Layer::Standard) {
            let verified = self.lake.verify(table, false).await.map_err(said)?;
            if verified.damages.iter().any(Damage::loses_rows) {
                verified.damages.iter().for_each(|damage| self.show(damage));
                again.push(table.name.clone());
            } else {
                left += self.mend(table).await?.left.len();
            }
        }
        again.sort();
        again.dedup();
        for resource in &again {
            self.set_standard_aside(resource).await?;
        }
        drop(held);
        let rebuilt = self.rebuild(&desk, &again).await?;
        Ok(if left == 0 && rebuilt { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// What a model made, it can make again: a table that lost rows is set aside as a whole.
    async fn made(&self, table: &TableName) -> anyhow::Result<usize> {
        let verified = self.lake.verify(table, false).await.map_err(said)?;
        if !verified.damages.iter().any(Damage::loses_rows) {
            return Ok(self.mend(table).await?.left.len());
        }
        verified.damages.iter().for_each(|damage| self.show(damage));
        let place = self.lake.set_aside(table).await.map_err(said)?;
        println!("△ {table}  {} {}", say(self.lang, "将由 sanjiang model run 重新得出，原表移到", "sanjiang model run makes it again; the old table is in"), place.display());
        Ok(0)
    }

    async fn mend(&self, table: &TableName) -> anyhow::Result<lake::Repaired> {
        let repaired = self.lake.repair(table).await.map_err(said)?;
        repaired.done.iter().for_each(|done| println!("✓ {table}  {}", done.get(self.lang)));
        for lost in &repaired.lost {
            let text = Text::new(
                format!("{} 已移到 lake/damaged：批次 {} 的 {} 行须重新归集", lost.file, lost.batches, lost.rows),
                format!("{} was moved to lake/damaged: {} rows of batches {} must be collected again", lost.file, lost.rows, lost.batches),
            );
            println!("△ {table}  {}", text.get(self.lang));
        }
        repaired.left.iter().for_each(|damage| self.show(damage));
        Ok(repaired)
    }

    async fn set_standard_aside(&self, resource: &str) -> anyhow::Result<()> {
        let table = TableName::new(Layer::Standard, resource);
        if self.lake.table_names().map_err(said)?.contains(&table) {
            let place = self.lake.set_aside(&table).await.map_err(said)?;
            println!("△ {table}  {} {}", say(self.lang, "将由贴源层重建，原表移到", "to be made again from raw; the old table is in"), place.display());
        }
        Ok(())
    }

    /// The next run makes the standard table from raw, batch by batch, and then reads the source.
    async fn rebuild(&self, desk: &desk::Desk, resources: &[String]) -> anyhow::Result<bool> {
        let mut whole = true;
        for resource in resources {
            match desk.collect_now(CollectScope::Resource(resource.clone()), "command", crate::wire::now()).await {
                Ok(outcome) => {
                    print!("{}", crate::show::outcome(&outcome, self.lang));
                    whole &= outcome.failed() == 0;
                }
                Err(error) => {
                    whole = false;
                    let error = crate::show::refusal(error);
                    println!("✗ {resource}  {error}\n    {} sanjiang collect --resource {resource}", say(self.lang, "请稍后运行", "run later:"));
                }
            }
        }
        Ok(whole)
    }
}
