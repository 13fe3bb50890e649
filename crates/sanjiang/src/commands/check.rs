//! `sanjiang check DIR`: every mistake at once, each with its place.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use data::{City, Severity};

use super::Speak;

#[derive(Args)]
pub struct Check {
    /// 城市目录 / City folder.
    dir: PathBuf,
    #[command(flatten)]
    speak: Speak,
    /// 以 JSON 输出 / Print as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let files = desk::folder::read(&self.dir).map_err(|e| anyhow::anyhow!("{}: {e}", self.dir.display()))?;
        let (city, mut diagnostics) = City::read(&files);
        if let Some(city) = &city {
            diagnostics.extend(desk::model::compile(city, &crate::model_ports::Engine).diagnostics);
        }
        let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        if self.json {
            println!("{}", serde_json::to_string_pretty(&diagnostics)?);
        } else {
            diagnostics.iter().for_each(|diagnostic| println!("{}\n", diagnostic.render(lang)));
            println!("{}", crate::show::check_summary(city.as_ref(), errors, diagnostics.len() - errors, files.len(), lang));
        }
        Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
