//! `sanjiang quality`: measures the rules of resources now, and tells what they found.

use std::collections::HashMap;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use desk::Desk;
use desk::quality::{ResourceQuality, RuleState};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Quality {
    /// 信息资源 / The resource.
    #[arg(required_unless_present = "all")]
    resource: Option<String>,
    /// 全部有规则的资源 / Every resource that has rules.
    #[arg(long)]
    all: bool,
    /// 列出某条规则不合格的行（CSV） / The rows that fail a rule, as CSV.
    #[arg(long, value_name = "RULE", requires = "resource")]
    rows: Option<String>,
    /// 以 JSON 输出 / Print as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

impl Quality {
    /// Exit code 1 when a rule of severity `error` fails or something could not be measured.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        if let (Some(resource), Some(rule)) = (&self.resource, &self.rows) {
            return rows(&desk, resource, rule).await;
        }
        let resources: Vec<String> = match &self.resource {
            Some(resource) => vec![resource.clone()],
            None => {
                let city = desk.city();
                let resources = city.resources.values().filter(|one| !one.rules.is_empty()).map(|one| one.id.clone());
                resources.chain(city.models.values().filter(|one| !one.rules.is_empty()).map(|one| one.id.clone())).collect()
            }
        };
        let mut code = ExitCode::SUCCESS;
        let mut out = std::io::stdout().lock();
        for resource in resources {
            let found = desk.measure_now(&super::operator(), &resource, "command").await.map_err(refusal)?;
            let grave =
                |rule: &desk::quality::RuleView| rule.state == RuleState::Failed && rule.severity == data::declare::RuleSeverity::Error;
            if found.error.is_some() || found.rules.iter().any(grave) {
                code = ExitCode::FAILURE;
            }
            match self.json {
                true => writeln!(out, "{}", serde_json::to_string(&found)?)?,
                false => write!(out, "{}", told(&found, lang))?,
            }
        }
        desk.escalate_defects(crate::wire::now()).await.map_err(refusal)?;
        Ok(code)
    }
}

/// A line for the resource, and one for each rule.
fn told(found: &ResourceQuality, lang: Lang) -> String {
    let score = found
        .score
        .map_or_else(|| say(lang, "未测", "not measured").to_owned(), |score| format!("{score:.1}"));
    let rows = match lang {
        Lang::Zh => format!("{} 行", found.rows),
        Lang::En => format!("{} rows", found.rows),
    };
    let mut text = format!("{}  {}  {score}  {rows}\n", found.resource, found.title.get(lang));
    if let Some(error) = &found.error {
        text += &format!("  ! {}\n", error.get(lang));
    }
    for rule in &found.rules {
        let mark = match rule.state {
            RuleState::Passed => "✓",
            RuleState::Failed => "✗",
            RuleState::Unmeasured => "·",
        };
        text += &format!(
            "  {mark} {:<28} {:>9} / {:<9} {}\n",
            rule.name,
            rule.failed,
            rule.checked,
            rule.title.get(lang)
        );
    }
    text
}

/// All rows that fail, page after page.
async fn rows(desk: &Desk, resource: &str, rule: &str) -> anyhow::Result<ExitCode> {
    let who = super::operator();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after: Option<String> = None;
    loop {
        let page = desk
            .failing_rows_step(&who, resource, rule, after.as_deref())
            .await
            .map_err(refusal)?;
        if after.is_none() {
            writeln!(out, "_hash,{}", page.columns.join(","))?;
        }
        for row in &page.rows {
            let cells: Vec<String> = row.cells.iter().map(|cell| quoted(cell.as_deref().unwrap_or_default())).collect();
            writeln!(out, "{},{}", row.hash, cells.join(","))?;
        }
        after = page.next;
        if after.is_none() {
            out.flush()?;
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
