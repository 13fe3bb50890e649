//! `sanjiang drift`: deliveries that differ from what was agreed, and decisions about those that are held.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::drift::{DriftFilter, DriftState, DriftView, Verdict};
use desk::view::Account;
use desk::{CollectScope, Desk};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{outcome, refusal, say};

#[derive(Args)]
pub struct Drift {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 列出待确认的交付 / List deliveries that wait; --all lists all that differed.
    List {
        #[arg(long)]
        all: bool,
    },
    /// 前后对比 / Both sides of one delivery.
    Show { id: String },
    /// 接受并立即归集；--update 同时更新声明 / Accept and collect; --update changes the declaration first.
    Accept {
        id: String,
        /// 理由 / Why.
        #[arg(long)]
        why: String,
        #[arg(long)]
        update: bool,
    },
    /// 退回 / Refuse.
    Refuse {
        id: String,
        /// 理由 / Why.
        #[arg(long)]
        why: String,
    },
}

/// Most entries listed.
const LISTED: u64 = 200;

impl Drift {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let who = super::operator();
        match self.act {
            Act::List { all } => list(&desk, &who, all, lang).await,
            Act::Show { id } => show(&desk, &who, &id, lang).await,
            Act::Accept { id, why, update } => accept(&desk, &who, &id, &why, update, lang).await,
            Act::Refuse { id, why } => {
                desk.decide_drift(&who, &id, Verdict::Refuse, &why, crate::wire::now()).await.map_err(refusal)?;
                println!("{}", say(lang, "已退回。", "Refused."));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn list(desk: &Desk, who: &Account, all: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    let filter = DriftFilter { state: (!all).then_some(DriftState::Held), ..DriftFilter::default() };
    let found = desk.drifts(who, &filter, 1, LISTED).await.map_err(refusal)?;
    if found.entries.is_empty() {
        println!("{}", say(lang, "没有待确认的交付。", "No delivery waits for a decision."));
    }
    found.entries.iter().for_each(|drift| print!("{}", head(drift, lang)));
    Ok(ExitCode::SUCCESS)
}

fn head(drift: &DriftView, lang: Lang) -> String {
    let mut text = format!("{}  {}  {}  {}\n", drift.id, drift.time.rfc3339(), drift.state.word(), drift.resource);
    for difference in &drift.differences {
        let mark = if difference.holds { "!" } else { " " };
        text += &format!("  {mark} {}\n", difference.message.get(lang));
    }
    text
}

async fn show(desk: &Desk, who: &Account, id: &str, lang: Lang) -> anyhow::Result<ExitCode> {
    let detail = desk.drift(who, id).await.map_err(refusal)?;
    print!("{}", head(&detail.drift, lang));
    for difference in &detail.drift.differences {
        println!("\n{}\n  {}: {}\n  {}: {}", difference.about, say(lang, "以前", "before"), difference.before.join(" | "), say(lang, "现在", "now"), difference.now.join(" | "));
    }
    for draft in &detail.drafts {
        println!("\n{}", draft.path);
        draft.lines.iter().for_each(|line| println!("{} {}", line.mark, line.text));
    }
    if let Some(blocked) = &detail.blocked {
        println!("\n{}", blocked.get(lang));
    }
    Ok(ExitCode::SUCCESS)
}

async fn accept(desk: &Desk, who: &Account, id: &str, why: &str, update: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    let verdict = match update {
        true => Verdict::Update { base: desk.drift(who, id).await.map_err(refusal)?.base() },
        false => Verdict::Accept,
    };
    let now = crate::wire::now();
    let Some(resource) = desk.decide_drift(who, id, verdict, why, now).await.map_err(refusal)? else { return Ok(ExitCode::SUCCESS) };
    let done = desk.collect_now(CollectScope::Resource(resource), "command", now).await.map_err(refusal)?;
    print!("{}", outcome(&done, lang));
    Ok(if done.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
