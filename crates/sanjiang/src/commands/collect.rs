//! `sanjiang collect`: what is due, one system, or a file never seen before.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use desk::model::ModelScope;
use desk::{CollectScope, Desk};

use super::{Speak, Where};

#[derive(Args)]
pub struct Collect {
    /// 一个从未见过的文件 / A file never seen before.
    #[arg(requires = "into")]
    file: Option<PathBuf>,
    /// 新资源的名称（小写字母、数字、下划线） / Name of the new resource.
    #[arg(long)]
    into: Option<String>,
    /// 只归集此系统 / Only this system.
    #[arg(long)]
    system: Option<String>,
    /// 只归集此资源 / Only this resource.
    #[arg(long, conflicts_with = "system")]
    resource: Option<String>,
    /// 不论是否到期，全部归集 / Everything, due or not.
    #[arg(long)]
    all: bool,
    /// 工作表、表名或压缩包成员 / Sheet, table, or member of an archive.
    #[arg(long)]
    table: Option<String>,
    /// JSON 中记录所在的路径 / Where the records are in JSON.
    #[arg(long)]
    records: Option<String>,
    /// 只看识别结果，不入库 / Only show what was decided; land nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Collect {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let scopes = match (&self.file, &self.into) {
            (Some(file), Some(name)) => match self.adopt(file, name, lang)? {
                scopes if scopes.is_empty() => return Ok(ExitCode::SUCCESS),
                scopes => scopes,
            },
            _ => vec![self.scope()],
        };
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let mut code = ExitCode::SUCCESS;
        for scope in scopes {
            if self.collect(&desk, scope, lang).await? > 0 {
                code = ExitCode::FAILURE;
            }
        }
        // What the server would do by itself a moment later.
        for resolved in desk.resolve_due("collection").await.map_err(crate::show::refusal)? {
            println!("{}", super::resolve::told(&resolved, lang));
        }
        match desk.run_models(ModelScope::Due, false, "collection").await {
            Ok(outcome) if outcome.runs.is_empty() => {}
            Ok(outcome) => print!("{}", super::model::told(&outcome, lang)),
            Err(desk::DeskError::Busy(_)) => {}
            Err(error) => return Err(crate::show::refusal(error)),
        }
        Ok(code)
    }

    /// Declares every table of the file; what is to be collected of it, nothing on a dry run.
    fn adopt(&self, file: &Path, name: &str, lang: kernel::Lang) -> anyhow::Result<Vec<CollectScope>> {
        let hints = desk::adopt::Hints { table: self.table.clone(), records: self.records.clone() };
        let tables = desk::adopt::propose(file, name, &hints).map_err(|e| anyhow::anyhow!(e.message.get(lang).to_owned()))?;
        for (table, error) in &tables.refused {
            println!("{} {table}: {}", crate::show::say(lang, "未声明", "not declared"), error.message.get(lang));
        }
        let mut scopes = Vec::new();
        for adopted in &tables.adopted {
            print!("{}", crate::show::proposal(adopted, lang));
            if self.dry_run {
                continue;
            }
            let written = desk::adopt::declare(&self.place.city(), file, adopted)?;
            println!("{} {}", crate::show::say(lang, "声明已写入", "declaration written to"), written.display());
            scopes.push(CollectScope::Resource(adopted.resource.id.clone()));
        }
        Ok(scopes)
    }

    fn scope(&self) -> CollectScope {
        match (&self.system, &self.resource) {
            (Some(system), _) => CollectScope::System(system.clone()),
            (_, Some(resource)) => CollectScope::Resource(resource.clone()),
            _ if self.all => CollectScope::All,
            _ => CollectScope::Due,
        }
    }

    /// Collects and shows the outcome; how many resources failed.
    async fn collect(&self, desk: &Desk, scope: CollectScope, lang: kernel::Lang) -> anyhow::Result<usize> {
        let bars = tokio::spawn(crate::show::run_bars(desk.watch_runs(), lang));
        let outcome = desk.collect_now(scope, "command", crate::wire::now()).await.map_err(crate::show::refusal);
        bars.abort();
        let outcome = outcome?;
        print!("{}", crate::show::outcome(&outcome, lang));
        Ok(outcome.failed())
    }
}
