//! `sanjiang defect`: what is wrong in data and who must mend it; answers, and objections.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::Desk;
use desk::defect::{DefectFilter, DefectState, DefectView};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Defect {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 列出未办结的问题 / List defects that stand; --all lists closed ones too.
    List {
        #[arg(long)]
        all: bool,
        /// 只看逾期的 / Only late ones.
        #[arg(long)]
        late: bool,
        /// 只看此部门 / Of this department.
        #[arg(long)]
        department: Option<String>,
        /// 只看此资源 / Of this resource.
        #[arg(long)]
        resource: Option<String>,
    },
    /// 一个问题的经过 / One defect and everything done about it.
    Show { id: String },
    /// 答复 / Say what has been done about it.
    Answer {
        id: String,
        /// 整改情况 / What has been done.
        #[arg(long)]
        words: String,
    },
    /// 提出异议 / Object: say that a resource, or one row of it, is wrong.
    Object {
        resource: String,
        /// 行的 `_hash` / The row's `_hash`.
        #[arg(long)]
        row: Option<String>,
        #[arg(long)]
        words: String,
    },
    /// 复核异议 / Say whether what an objection says has been put right.
    Recheck {
        id: String,
        #[arg(long)]
        words: String,
        /// 仍不正确 / It is still wrong.
        #[arg(long)]
        wrong: bool,
    },
}

/// Most entries listed.
const LISTED: u64 = 200;

impl Defect {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let (who, now) = (super::operator(), crate::wire::now());
        match self.act {
            Act::List {
                all,
                late,
                department,
                resource,
            } => {
                let filter = DefectFilter {
                    department,
                    resource,
                    late,
                    standing: !all,
                    state: None,
                };
                let found = desk.defects(&who, &filter, 1, LISTED, now).await.map_err(refusal)?;
                if found.entries.is_empty() {
                    println!("{}", say(lang, "没有未办结的问题。", "No defect stands."));
                }
                found.entries.iter().for_each(|one| println!("{}", line(one, lang)));
            }
            Act::Show { id } => show(&desk, &id, lang).await?,
            Act::Answer { id, words } => desk.answer_defect(&who, &id, &words, now).await.map_err(refusal)?,
            Act::Object { resource, row, words } => {
                println!(
                    "{}",
                    desk.object(&who, &resource, row.as_deref(), &words, now).await.map_err(refusal)?
                );
            }
            Act::Recheck { id, words, wrong } => desk.recheck_objection(&who, &id, !wrong, &words, now).await.map_err(refusal)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(one: &DefectView, lang: Lang) -> String {
    let late = match (one.late, one.state) {
        (true, _) => say(lang, "逾期", "late"),
        (false, DefectState::Closed) => say(lang, "已办结", "closed"),
        (false, _) => "",
    };
    let rule = one.rule.as_deref().unwrap_or("-");
    format!(
        "{}  {}  {}  {}  {rule}  {}/{}  {} {late}",
        one.id,
        one.state.word(),
        one.department,
        one.resource,
        one.failed,
        one.checked,
        one.due
    )
}

async fn show(desk: &Desk, id: &str, lang: Lang) -> anyhow::Result<()> {
    let found = desk.defect(&super::operator(), id, crate::wire::now()).await.map_err(refusal)?;
    println!("{}\n{}", line(&found.defect, lang), found.defect.title.get(lang));
    if let Some(rule) = &found.rule {
        println!("  {}", rule.asks);
    }
    for act in &found.acts {
        let failed = act.failed.map(|n| format!(" ({n})")).unwrap_or_default();
        println!("  {}  {}{failed}  {}  {}", act.time.rfc3339(), act.act, act.who, act.words);
    }
    Ok(())
}
