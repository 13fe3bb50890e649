//! `sanjiang resolve [REGISTER]`: records of all sources become entities with permanent ids.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;
use desk::register::Resolved;
use kernel::Lang;

use super::{Speak, Where};
use crate::show::refusal;

#[derive(Args)]
pub struct Resolve {
    /// 基础库；没有则归并全部有变化的 / A register; without it all whose sources changed.
    register: Option<String>,
    /// 重新学习各项证据的分量 / Learn anew what each agreement is worth.
    #[arg(long, requires = "register")]
    relearn: bool,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Resolve {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let done = match &self.register {
            Some(register) => vec![desk.resolve(register, self.relearn, "command").await.map_err(missing)?],
            None => desk.resolve_due("command").await.map_err(refusal)?,
        };
        if done.is_empty() {
            println!("{}", crate::show::say(lang, "没有要归并的：来源没有变化，或还没有数据。", "Nothing to resolve: no source has changed, or some have no rows yet."));
        }
        done.iter().for_each(|resolved| println!("{}", told(resolved, lang)));
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) fn missing(error: desk::DeskError) -> anyhow::Error {
    match error {
        desk::DeskError::NotFound => anyhow::anyhow!("没有这个基础库、实体或记录 / no such register, entity or record"),
        other => refusal(other),
    }
}

/// What resolving did, in a line.
pub fn told(resolved: &Resolved, lang: Lang) -> String {
    let Resolved { register, outcome, published, seconds } = resolved;
    let (changed, removed) = (outcome.changed, outcome.removed);
    let (created, merged, split, ended) = (outcome.created, outcome.merged, outcome.split, outcome.ended);
    match lang {
        Lang::Zh => format!(
            "{register}：记录新增或变化 {changed}、消失 {removed}；实体新建 {created}、合并 {merged}、拆分 {split}、终止 {ended}；写入 {published} 行（{seconds:.1} 秒{}）",
            if outcome.learnt { "，含学习" } else { "" }
        ),
        Lang::En => format!(
            "{register}: records new or changed {changed}, gone {removed}; entities created {created}, merged {merged}, split {split}, ended {ended}; {published} rows written ({seconds:.1} s{})",
            if outcome.learnt { ", learning included" } else { "" }
        ),
    }
}
