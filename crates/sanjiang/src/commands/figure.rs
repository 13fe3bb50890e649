//! `sanjiang figure`: declared numbers with their values, and what one stands on.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::figure::{FigureView, Point, change, number};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Figure {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 各指标的当前值 / All figures with their values now.
    List,
    /// 一个指标：口径、各期的值、细分、来源的时效与质量 / One figure: its definition, values, parts, and how fresh and good its sources are.
    Show {
        id: String,
    },
    /// 重算有变化的指标 / Work out what was declared or changed since.
    Refresh,
}

impl Figure {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        // Who reads the files can see all anyway.
        let who = super::operator();
        match self.act {
            Act::Refresh => desk.figures_due().await.map_err(refusal)?,
            Act::List => desk.figures(Some(&who)).await.map_err(refusal)?.iter().for_each(|view| println!("{}", line(view, lang))),
            Act::Show { id } => {
                let detail = desk.figure(Some(&who), &id).await.map_err(|error| match error {
                    desk::DeskError::NotFound => anyhow::anyhow!(say(lang, "没有这个指标", "there is no such figure")),
                    other => refusal(other),
                })?;
                println!("{}\n{}\n", line(&detail.view, lang), detail.view.summary.get(lang));
                println!("{}", detail.sql);
                for point in detail.view.series.iter().take(24) {
                    println!("  {:<12} {}", point.start, cell(&point.value));
                }
                for breakdown in &detail.breakdowns {
                    println!("\n{} ({})", breakdown.title.get(lang), breakdown.by);
                    for part in &breakdown.parts {
                        println!("  {:<16} {:<20} {}", part.key, part.title.get(lang), cell(&part.value));
                    }
                }
                println!();
                for source in &detail.grounds.sources {
                    let score = source.score.map_or_else(|| say(lang, "未测评", "not measured").to_owned(), |score| format!("{score:.1}"));
                    let collected = source.last_collected.map_or_else(|| say(lang, "从未", "never").to_owned(), |moment| moment.rfc3339());
                    println!("{} {} · {} {collected} · {} {score}", source.title.get(lang), source.resource, say(lang, "最近归集", "collected"), say(lang, "质量", "quality"));
                    for rule in &source.failing {
                        let mark = if rule.touches { "!" } else { " " };
                        println!("  {mark} {} {}/{}", rule.title.get(lang), rule.failed, rule.checked);
                    }
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(view: &FigureView, lang: Lang) -> String {
    let value = view.headline.value.as_ref().map_or_else(|| "—".to_owned(), cell);
    let beside = |point: &Option<Point>, zh: &str, en: &str| {
        let share = point.as_ref().zip(view.headline.value.as_ref()).and_then(|(point, now)| change(&point.value, now));
        share.map(|share| format!(" {} {:+.1}%", say(lang, zh, en), share * 100.0)).unwrap_or_default()
    };
    let of = view.headline.start.as_deref().unwrap_or("");
    let compared = format!("{}{}", beside(&view.headline.before, "环比", "before"), beside(&view.headline.year_before, "同比", "a year"));
    let error = view.error.as_ref().map(|error| format!(" ! {}", error.get(lang))).unwrap_or_default();
    format!("{:<24} {:<24} {value} {} {of}{compared}{error}", view.id, view.title.get(lang), view.unit.get(lang))
}

fn cell(value: &serde_json::Value) -> String {
    match (value, number(value)) {
        (serde_json::Value::String(text), _) => text.clone(),
        (_, Some(number)) if number.fract() == 0.0 => format!("{number:.0}"),
        _ => value.to_string(),
    }
}
