//! `sanjiang grade`: classes and grades that names and values speak for and declarations do not; --apply writes them.

use std::process::ExitCode;

use clap::Args;
use desk::catalog::word;
use desk::grading::{GradeProposal, GradeVerdict};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Grade {
    /// 只看一个信息资源 / One resource only.
    #[arg(long)]
    resource: Option<String>,
    /// 只看一个信息项 / One item only.
    #[arg(long, requires = "resource")]
    item: Option<String>,
    /// 全部写入声明 / Write all of them into the declarations.
    #[arg(long)]
    apply: bool,
    /// 列出已作的决定 / List what was decided.
    #[arg(long, conflicts_with = "apply")]
    decided: bool,
    /// 撤销一个决定 / Take a decision back.
    #[arg(long, value_name = "ID", conflicts_with_all = ["apply", "decided"])]
    undo: Option<String>,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Grade {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), self.place.data(), Default::default()).await?;
        let who = super::operator();
        if let Some(id) = &self.undo {
            desk.undo_grade(&who, id).await.map_err(refusal)?;
            println!("{}", say(lang, "已撤销。", "Taken back."));
            return Ok(ExitCode::SUCCESS);
        }
        if self.decided {
            for one in desk.grade_decisions(&who).await.map_err(refusal)? {
                println!("{}  {}  {}.{}  {} → {}  {}", one.id, one.state, one.resource, one.item, one.proposed, one.decided, one.who);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut found = desk.grade_proposals(&who, self.resource.as_deref()).await.map_err(refusal)?;
        found.retain(|one| self.item.as_ref().is_none_or(|item| one.item == *item));
        if found.is_empty() {
            println!("{}", say(lang, "没有建议。", "Nothing is proposed."));
        }
        for one in &found {
            println!("{}", line(one, lang));
            if self.apply {
                desk.settle_grade(&who, (&one.resource, &one.item), GradeVerdict::Confirm, "", None).await.map_err(refusal)?;
            }
        }
        if self.apply {
            println!("{}", say(lang, "已写入声明。", "Written into the declarations."));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(one: &GradeProposal, lang: Lang) -> String {
    format!(
        "{}.{}  {} {} → {} {}  {:.2}  {}",
        one.resource,
        one.item,
        word(&one.declared_class),
        word(&one.declared_grade),
        word(&one.class),
        word(&one.grade),
        one.confidence,
        one.why.get(lang)
    )
}
