//! `sanjiang schedule`: when each resource is collected next, and what it waits for.

use std::process::ExitCode;

use clap::Args;
use desk::schedule::{Scheduled, Waits};
use kernel::{Lang, Moment};

use super::{Speak, Where};
use crate::show::{refusal, say};
use crate::wire::now;

#[derive(Args)]
pub struct Schedule {
    /// 只看此系统 / Only this system.
    #[arg(long)]
    system: Option<String>,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Schedule {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, Default::default()).await?;
        let zone = jiff::tz::TimeZone::get(&desk.city().info.time_zone)?;
        let clock = |moment: Moment| moment.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let schedule = desk.schedule(now()).await.map_err(refusal)?;
        if let Some(wanted) = &self.system
            && !schedule.iter().any(|system| system.system == *wanted)
        {
            return Err(refusal(desk::DeskError::NotFound));
        }
        for system in schedule.iter().filter(|s| self.system.as_ref().is_none_or(|wanted| s.system == *wanted)) {
            let paused = system.pause.as_ref().map(|p| format!("  {} {}", say(lang, "已暂停：", "paused:"), p.reason)).unwrap_or_default();
            let blackout = match system.blackout.is_empty() {
                true => String::new(),
                false => format!("  {} {}", say(lang, "忙时", "blackout"), system.blackout.join("; ")),
            };
            println!("{} {}{blackout}{paused}", system.system, system.title.get(lang));
            for resource in &system.resources {
                println!("  {:<32} {:<16} {}", resource.resource, rhythm(resource), waits(resource.waits, lang, &clock));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rhythm(resource: &Scheduled) -> String {
    let period = || serde_json::to_value(resource.period).ok().and_then(|word| word.as_str().map(str::to_owned));
    resource.cron.clone().or_else(period).unwrap_or_default()
}

fn waits(waits: Waits, lang: Lang, clock: &dyn Fn(Moment) -> String) -> String {
    match waits {
        Waits::Due => say(lang, "到期", "due").to_owned(),
        Waits::Running => say(lang, "归集中", "running").to_owned(),
        Waits::Until(moment) => clock(moment),
        Waits::Blackout(moment) => format!("{} {}", say(lang, "来源忙时，等到", "blackout until"), clock(moment)),
        Waits::Paused => say(lang, "已暂停", "paused").to_owned(),
        Waits::Pushed => say(lang, "由系统推送", "pushed by the system").to_owned(),
        Waits::Called => say(lang, "调用时查询", "asked at each call").to_owned(),
        Waits::Asked => say(lang, "按需", "on request").to_owned(),
    }
}
