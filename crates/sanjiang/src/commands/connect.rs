//! `sanjiang connect SYSTEM`: tries a system's connector and says in words what happened. Nothing lands.

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use collect::connect::{Contacts, Context, Network, Trial, trial};
use data::declare::{Grade, Item, ItemClass, Mode, Resource};
use data::{City, Severity};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::say;

/// Longer values are cut on the screen.
const SHOWN: usize = 40;

#[derive(Args)]
pub struct Connect {
    /// 系统编号 / Id of the system.
    system: String,
    /// 只试这一项资源 / Only this resource.
    #[arg(long)]
    resource: Option<String>,
    /// 看前几行 / How many first rows to show.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=100))]
    rows: u16,
    /// 每项资源最多等几秒 / Longest wait for each resource, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    seconds: u16,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Connect {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || self.try_all(runtime)).await?
    }

    fn try_all(self, runtime: tokio::runtime::Handle) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let city = self.city(lang)?;
        let Some(system) = city.systems.get(&self.system) else {
            let near = kernel::nearest(&self.system, city.systems.keys().map(String::as_str));
            let near = near.map(|near| format!("{} `{near}`?", say(lang, "是否为", "did you mean"))).unwrap_or_default();
            anyhow::bail!("{} `{}`。{near}", say(lang, "没有系统", "there is no system"), self.system);
        };
        let of_system = |resource: &&Resource| resource.system == system.id;
        let wanted = |resource: &&Resource| self.resource.as_ref().is_none_or(|wanted| *wanted == resource.id);
        let resources: Vec<&Resource> = city.resources.values().filter(of_system).filter(wanted).collect();
        if resources.is_empty() {
            anyhow::bail!("{}", say(lang, "这个系统没有这样的信息资源", "the system has no such resource"));
        }
        let ctx = Context { city_dir: self.place.city(), variables: HashMap::new(), runtime, network: Network::default(), contacts: Contacts::default(), patient: false };
        let ctx = ctx.within(&city.info).map_err(|error| anyhow::anyhow!("{}", error.message.get(lang)))?;
        let mut failed = 0;
        for resource in &resources {
            let tried = trial(&ctx, system, &harmless(resource), usize::from(self.rows), Duration::from_secs(u64::from(self.seconds)));
            failed += usize::from(tried.first.is_err());
            print!("{}", told(resource, &tried, lang));
        }
        let (all, good) = (resources.len(), resources.len() - failed);
        println!("{}", match lang {
            Lang::Zh => format!("{all} 项信息资源，{good} 项读通，{failed} 项没有。没有写入任何数据。"),
            Lang::En => format!("{all} resources: {good} could be read, {failed} could not. Nothing was landed."),
        });
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn city(&self, lang: Lang) -> anyhow::Result<City> {
        let dir = self.place.city();
        let files = desk::folder::read(&dir).map_err(|e| anyhow::anyhow!("{}: {e}", dir.display()))?;
        let (city, diagnostics) = City::read(&files);
        city.ok_or_else(|| {
            let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.render(lang));
            anyhow::anyhow!("{}", errors.collect::<Vec<_>>().join("\n\n"))
        })
    }
}

/// The resource as it is tried: a stream of changes would leave a slot at the source that keeps its log for ever, so its
/// table is looked at instead.
fn harmless(resource: &Resource) -> Resource {
    let mut tried = resource.clone();
    if tried.collect.mode == Mode::Replication {
        tried.collect.mode = Mode::Full;
    }
    tried
}

/// What happened with one resource.
fn told(resource: &Resource, tried: &Trial, lang: Lang) -> String {
    let title = match lang {
        Lang::En if !resource.title_en.is_empty() => &resource.title_en,
        _ => &resource.title,
    };
    let milliseconds = tried.elapsed.as_millis();
    let mut text = format!("{} {title}（{}）  {milliseconds} ms", if tried.first.is_ok() { "✓" } else { "✗" }, resource.id);
    if let Some(latency) = tried.latency {
        text += &format!("  {} {} ms", say(lang, "应答", "answered in"), latency.as_millis());
    }
    text.push('\n');
    match &tried.first {
        Err(error) => text += &format!("  {}\n  {}\n", error.source_name, error.message.get(lang)),
        Ok(seen) if seen.rows.is_empty() => {
            text += &format!("  {}\n", say(lang, "连通了，但没有一行", "it answers, but there is no row"));
        }
        Ok(seen) => {
            if let Some(total) = seen.rows_total {
                text += &format!("  {} {total}\n", say(lang, "来源自报行数", "rows, as the source says"));
            }
            for (index, field) in seen.fields.iter().enumerate() {
                let item = resource.items.iter().find(|item| names(item, field));
                let value = |row: &Vec<Option<String>>| value(resource, item, row.get(index).and_then(Option::as_deref));
                let values: Vec<String> = seen.rows.iter().map(value).collect();
                let unknown = if item.is_none() { say(lang, "（未声明）", " (not declared)") } else { "" };
                text += &format!("  {field}{unknown}: {}\n", values.join(" | "));
            }
        }
    }
    if let Ok(seen) = &tried.first {
        for decision in &seen.decisions {
            text += &format!("  · {} {} {} {}\n", decision.what, decision.about, decision.chosen, decision.why.get(lang));
        }
    }
    text
}

fn names(item: &Item, field: &str) -> bool {
    item.name == field || item.source.as_deref() == Some(field) || item.aliases.iter().any(|alias| alias == field)
}

/// A value for the screen; what is about persons, or graded above L2, is not shown.
fn value(resource: &Resource, item: Option<&Item>, value: Option<&str>) -> String {
    let Some(value) = value else { return "∅".to_owned() };
    let grade = item.and_then(|item| item.grade).unwrap_or(resource.grade);
    let personal = item.is_some_and(|item| matches!(item.class, ItemClass::Personal | ItemClass::Sensitive));
    if personal || grade >= Grade::L3 {
        return format!("●×{}", value.chars().count());
    }
    let plain: String = value.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().count() > SHOWN { format!("{plain}…") } else { plain }
}
