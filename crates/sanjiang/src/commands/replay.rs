//! `sanjiang replay`: the standard layer made once more from raw, under the declaration as it is now.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;
use desk::replay::Replayed;
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Replay {
    /// 信息资源 / The resource.
    resource: String,
    /// 同时说明此任务的各行如何 / Also tell what becomes of the records of this run.
    #[arg(long)]
    run: Option<String>,
    /// 只比对贴源层与标准层，不改写 / Only compare raw with standard; write nothing. Exit code 1 if they differ.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Replay {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let done = desk.replay(&self.resource, self.run.as_deref(), !self.check).await.map_err(refusal)?;
        print!("{}", told(&done, lang));
        Ok(if self.check && !done.agrees() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn told(done: &Replayed, lang: Lang) -> String {
    let Replayed { raw, refused_then, refused_now, standard, derived, not_in_raw, not_in_standard, .. } = done;
    let mut text = match lang {
        Lang::Zh => format!("贴源层 {raw} 条记录：当时 {refused_then} 条是问题数据，按现在的声明 {refused_now} 条。\n标准层 {standard} 行，由贴源层得出 {derived} 行；标准层多出 {not_in_raw} 行，缺少 {not_in_standard} 行。\n"),
        Lang::En => format!("raw: {raw} records, {refused_then} refused then, {refused_now} under the declaration as it is now.\nstandard: {standard} rows, raw gives {derived}; {not_in_raw} too many, {not_in_standard} missing.\n"),
    };
    if let Some(run) = &done.run {
        text += &match lang {
            Lang::Zh => format!("该任务 {} 条记录：当时 {} 条是问题数据，现在 {} 条；{} 条是当前行。\n", run.raw, run.refused_then, run.refused_now, run.current),
            Lang::En => format!("that run: {} records, {} refused then, {} now; {} are current rows.\n", run.raw, run.refused_then, run.refused_now, run.current),
        };
    }
    text + match (done.written, done.agrees()) {
        (true, _) => say(lang, "标准层和问题数据已重新得出。\n", "The standard layer and the quarantine were made anew.\n"),
        (false, true) => say(lang, "两层一致。\n", "Both layers agree.\n"),
        (false, false) => say(lang, "两层不一致：去掉 --check 即可由贴源层重新得出。\n", "The layers differ: without --check standard is made anew from raw.\n"),
    }
}
