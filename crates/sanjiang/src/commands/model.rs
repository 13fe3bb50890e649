//! `sanjiang model`: the tables made from SELECTs: made, listed, shown.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::model::{ModelOutcome, ModelRunView, ModelScope, ModelState, ModelView};
use desk::port::How;
use kernel::{Lang, Text};

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Model {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 运行有变化的、指定的或全部模型 / Make what changed, one model, or all. Exit code 1 if one failed.
    Run {
        /// 只运行此模型，不论有无变化 / Only this one, changed or not.
        name: Option<String>,
        /// 全部，不论有无变化 / All of them, changed or not.
        #[arg(long, conflicts_with = "name")]
        all: bool,
        /// 增量模型整表重做 / Make incremental models anew as a whole.
        #[arg(long)]
        backfill: bool,
    },
    /// 各模型的状态 / How each model stands.
    List,
    /// 一个模型：各列、来源、最近运行 / One model: columns, where they come from, its runs.
    Show { name: String },
}

impl Model {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        match self.act {
            Act::Run { name, all, backfill } => {
                let scope = match (name, all) {
                    (Some(name), _) => ModelScope::One(name),
                    (None, true) => ModelScope::All,
                    (None, false) => ModelScope::Changed,
                };
                let outcome = desk.run_models(scope, backfill, "command").await.map_err(missing)?;
                print!("{}", told(&outcome, lang));
                let broken = outcome.skipped.iter().any(|skipped| skipped.state == ModelState::Broken);
                Ok(if outcome.failed() == 0 && !broken {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                })
            }
            Act::List => {
                for view in desk.models().await.map_err(refusal)? {
                    println!("{}", line(&view, lang));
                }
                Ok(ExitCode::SUCCESS)
            }
            Act::Show { name } => {
                let detail = desk.model(&name, 1).await.map_err(missing)?;
                println!("{}\n{}\n", line(&detail.view, lang), detail.view.summary.get(lang));
                for column in &detail.columns {
                    let mark = |how: &How| match how {
                        How::Copied => "",
                        How::Computed => "~",
                        How::Folded => "Σ",
                    };
                    let from: Vec<String> = column.value.iter().map(|(source, how)| format!("{}{source}", mark(how))).collect();
                    println!(
                        "  {:<24} {:<28} {:?}  ← {}",
                        column.name,
                        column.kind,
                        column.grade,
                        from.join(", ")
                    );
                }
                let rows: Vec<String> = detail.rows.iter().map(ToString::to_string).collect();
                println!("  {} {}\n", say(lang, "决定有哪些行：", "rows are decided by:"), rows.join(", "));
                detail.mistakes.iter().for_each(|mistake| println!("{}\n", mistake.render(lang)));
                detail.runs.iter().for_each(|run| println!("  {}", run_line(run, lang)));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn missing(error: desk::DeskError) -> anyhow::Error {
    match error {
        desk::DeskError::NotFound => anyhow::anyhow!("没有这个模型 / no such model"),
        other => refusal(other),
    }
}

pub fn told(outcome: &ModelOutcome, lang: Lang) -> String {
    let mut out = String::new();
    for run in &outcome.runs {
        out += &format!("{}\n", run_line(run, lang));
    }
    for skipped in &outcome.skipped {
        out += &format!("{:<32} {}\n", skipped.model, state(&skipped.state).get(lang));
    }
    if out.is_empty() {
        out += say(lang, "模型都是最新的。\n", "All models are fresh.\n");
    }
    out
}

fn run_line(run: &ModelRunView, lang: Lang) -> String {
    let seconds = run.ended.map_or(0.0, |ended| (ended.0 - run.started.0) as f64 / 1e6);
    let what = match (run.state.as_str(), &run.error) {
        ("done", _) if run.added => match lang {
            Lang::Zh => format!("新增或替换 {} 行，共 {} 行", run.given, run.rows),
            Lang::En => format!("{} rows added or replaced, {} in all", run.given, run.rows),
        },
        ("done", _) => match lang {
            Lang::Zh => format!("{} 行", run.rows),
            Lang::En => format!("{} rows", run.rows),
        },
        ("failed", Some(error)) => format!("{}{}", say(lang, "失败：", "failed: "), error.get(lang)),
        ("running", _) => say(lang, "运行中", "running").to_owned(),
        ("interrupted", _) => say(lang, "中断", "interrupted").to_owned(),
        (other, _) => other.to_owned(),
    };
    format!("{:<32} {what}  ({seconds:.1} s)", run.model)
}

fn line(view: &ModelView, lang: Lang) -> String {
    let rows = view
        .last_good
        .as_ref()
        .map(|run| run.rows.to_string())
        .unwrap_or_else(|| "-".to_owned());
    format!(
        "{:<32} {:>12}  {}  {}",
        view.id,
        rows,
        state(&view.state).get(lang),
        view.title.get(lang)
    )
}

/// How a model stands, in words.
pub fn state(state: &ModelState) -> Text {
    match state {
        ModelState::Broken => Text::new("文件有误，见 sanjiang check", "its file has mistakes, see sanjiang check"),
        ModelState::Waiting(tables) => Text::new(
            format!("等待数据：{}", tables.join("、")),
            format!("waits for rows of {}", tables.join(", ")),
        ),
        ModelState::Blocked(by) => Text::new(
            format!("未运行：上游 {by} 失败，保留上一版本"),
            format!("not run: {by} above it failed; the last good version stays"),
        ),
        ModelState::Running => Text::new("运行中", "running"),
        ModelState::Failed => Text::new("上次失败，保留上一版本", "the last run failed; the last good version stays"),
        ModelState::Never => Text::new("尚未运行", "never made"),
        ModelState::Changed => Text::new("有变化，待运行", "changed, to be made"),
        ModelState::Fresh => Text::new("最新", "fresh"),
    }
}
