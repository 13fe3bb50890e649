//! `sanjiang schema`: JSON Schemas, so that editors complete and check declarations.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

#[derive(Args)]
pub struct Schema {
    /// 写到此目录 / Write into this directory.
    #[arg(long, default_value = "schemas")]
    out: PathBuf,
}

impl Schema {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        for (kind, schema) in data::declare::schemas() {
            let path = self.out.join(format!("{kind}.schema.json"));
            fs::write(&path, serde_json::to_string_pretty(&schema)? + "\n").with_context(|| path.display().to_string())?;
            println!("{}", path.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}
