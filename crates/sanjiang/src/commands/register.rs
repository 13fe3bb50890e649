//! `sanjiang register`: what registers hold, pairs in doubt and why, changes, decisions and taking them back.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::register::{Acted, EntityState, EntityView, MemberView, PairView, RegisterState};
use kernel::Lang;

use super::resolve::missing;
use super::{Speak, Where, operator};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Register {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 各基础库的状态 / How each register stands.
    List,
    /// 按实体标识、主键或取值查找实体 / Find entities by id, key or value.
    Find { register: String, text: String },
    /// 一个实体：各项取值、来源与冲突 / One entity: values, where they come from, who says otherwise.
    Show { register: String, entity: String },
    /// 证据不足以判定的记录对 / Pairs that the evidence leaves in doubt.
    Doubts {
        register: String,
        #[arg(long, default_value_t = 20)]
        limit: u64,
    },
    /// 两条记录的证据 / Two records and the evidence about them.
    Pair { register: String, left: String, right: String },
    /// 判定两条记录是（--same）或不是（--different）同一个 / Decide that two records are, or are not, of one entity.
    Decide {
        register: String,
        left: String,
        right: String,
        #[arg(long, conflicts_with = "different", required_unless_present = "different")]
        same: bool,
        #[arg(long)]
        different: bool,
        /// 理由 / Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// 撤销一次判定，或一次合并、拆分 / Take a decision back, or a merge or split.
    Undo {
        register: String,
        /// 判定的编号 / Number of a decision.
        #[arg(long, conflicts_with = "change", required_unless_present = "change")]
        decision: Option<i64>,
        /// 变更的序号 / Number of a change.
        #[arg(long)]
        change: Option<i64>,
    },
    /// 变更：每行一条 JSON，按序号 / Changes after a number, a line of JSON each.
    Changes {
        register: String,
        #[arg(long, default_value_t = 0)]
        after: i64,
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
}

impl Register {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let who = operator();
        match self.act {
            Act::List => {
                for view in desk.registers(&who).await.map_err(refusal)? {
                    let totals = &view.totals;
                    println!(
                        "{:<20} {} {:>9}  {} {:>9}  {} {:>6}  {} {:>6}  {}  {}",
                        view.id,
                        say(lang, "实体", "entities"),
                        totals.entities,
                        say(lang, "记录", "records"),
                        totals.records,
                        say(lang, "待判定", "in doubt"),
                        totals.doubts,
                        say(lang, "冲突", "conflicts"),
                        totals.conflicts,
                        state(&view.state, lang),
                        view.title.get(lang)
                    );
                }
            }
            Act::Find { register, text } => {
                let (found, cut) = desk.find_entities(&who, &register, &text).await.map_err(missing)?;
                for entity in &found {
                    let values: Vec<&str> = entity.fields.iter().filter_map(|field| field.value.as_deref()).collect();
                    println!("{}  {}", entity.id, values.join("  "));
                }
                if cut {
                    eprintln!("{}", say(lang, "可能还有更多。", "There may be more."));
                }
            }
            Act::Show { register, entity } => show(&desk.entity(&who, &register, &entity).await.map_err(missing)?, lang),
            Act::Doubts { register, limit } => {
                for doubt in desk.doubts(&who, &register, 1, limit).await.map_err(missing)?.entries {
                    println!("{:.3}  {}  {}", doubt.probability, named(&doubt.left), named(&doubt.right));
                }
            }
            Act::Pair { register, left, right } => pair(&desk.pair(&who, &register, &left, &right).await.map_err(missing)?, lang),
            Act::Decide { register, left, right, same, reason, .. } => {
                acted(&desk.decide(&who, &register, &left, &right, same, &reason).await.map_err(missing)?, lang);
            }
            Act::Undo { register, decision, change } => {
                let done = match (decision, change) {
                    (Some(act), _) => desk.undo_decision(&who, &register, act).await,
                    (None, Some(seq)) => desk.undo_change(&who, &register, seq).await,
                    (None, None) => return Ok(ExitCode::FAILURE),
                };
                acted(&done.map_err(missing)?, lang);
            }
            Act::Changes { register, after, limit } => {
                for change in desk.register_changes(&who, &register, after, limit).await.map_err(missing)? {
                    let line = serde_json::json!({
                        "seq": change.seq, "time": change.at.rfc3339(), "kind": change.kind.word(), "entity": change.entity,
                        "other": change.other, "records": change.records, "cause": change.cause,
                    });
                    println!("{line}");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn state(state: &RegisterState, lang: Lang) -> String {
    match state {
        RegisterState::Waiting(sources) => format!("{}{}", say(lang, "等待数据：", "waits for rows of "), sources.join(", ")),
        RegisterState::Never => say(lang, "尚未归并", "never resolved").to_owned(),
        RegisterState::Running(stage) => stage.get(lang).to_owned(),
        RegisterState::Failed(text) => format!("{}{}", say(lang, "上次失败：", "failed: "), text.get(lang)),
        RegisterState::Changed => say(lang, "来源有变化", "sources have changed").to_owned(),
        RegisterState::Fresh => say(lang, "最新", "fresh").to_owned(),
    }
}

fn named(member: &MemberView) -> String {
    let values: Vec<&str> = member.values.iter().flatten().map(String::as_str).collect();
    format!("{} [{} {}] {}", member.identity, member.resource, member.key, values.join(" "))
}

fn show(entity: &EntityView, lang: Lang) {
    let standing = match (&entity.state, &entity.into) {
        (EntityState::Live, _) => String::new(),
        (EntityState::Merged, Some(into)) => format!("  {} {into}", say(lang, "已并入", "merged into")),
        _ => format!("  {}", say(lang, "已终止", "ended")),
    };
    println!("{}{standing}", entity.id);
    for field in &entity.fields {
        let from = field.from.as_ref().map(|from| format!("← {}", from.get(lang))).unwrap_or_default();
        println!("  {:<14} {}  {from}", field.title.get(lang), field.value.as_deref().unwrap_or("—"));
        for (source, key, value) in &field.against {
            println!("  {:<14} ≠ {value}  ← {} {key}", "", source.get(lang));
        }
    }
    entity.members.iter().for_each(|member| println!("  {}", named(member)));
    for change in &entity.changes {
        println!("  #{} {} {} {} {}", change.seq, change.at.rfc3339(), change.kind.word(), change.entity, change.other.as_deref().unwrap_or_default());
    }
}

fn pair(pair: &PairView, lang: Lang) {
    println!("{}\n{}\n", named(&pair.left), named(&pair.right));
    println!("{:>+7.1}  {}", pair.prior_bits, say(lang, "先验", "prior"));
    for evidence in &pair.evidence {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".to_owned());
        println!("{:>+7.1}  {}: {} | {}  {}", evidence.bits, evidence.title.get(lang), value(&evidence.left), value(&evidence.right), evidence.level.get(lang));
    }
    println!("{:>7.4}  {}", pair.probability, say(lang, "同一实体的概率", "probability of one entity"));
}

fn acted(acted: &Acted, lang: Lang) {
    let (act, outcome) = (acted.act, acted.outcome);
    println!("{}", match lang {
        Lang::Zh => format!("判定 {act}：合并 {}、拆分 {}。撤销：sanjiang register undo REGISTER --decision {act}", outcome.merged, outcome.split),
        Lang::En => format!("decision {act}: {} merged, {} split. To take it back: sanjiang register undo REGISTER --decision {act}", outcome.merged, outcome.split),
    });
}
