//! `sanjiang service FILE`: how a service would be declared, from its OpenAPI document. It is printed, or written where nothing is
//! yet; `sanjiang check` verifies it against the document from then on.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use data::declare::SERVICES;
use data::openapi::{Api, propose};

#[derive(Args)]
pub struct Service {
    /// OpenAPI 3 文档（JSON） / The OpenAPI 3 document (JSON).
    file: PathBuf,
    /// 系统编号（默认取文件名） / Id of the system (default: the file's name).
    #[arg(long)]
    system: Option<String>,
    /// 提供部门的编号 / Id of the department that provides it.
    #[arg(long, default_value = "department")]
    department: String,
    /// 只要这些操作 / These operations only.
    #[arg(long = "operation")]
    operations: Vec<String>,
    /// 写入此城市目录，不覆盖已有文件 / Write into this city folder; what is there is left alone.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Service {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let text = fs::read_to_string(&self.file).with_context(|| self.file.display().to_string())?;
        let api = Api::read(&text).map_err(|text| anyhow::anyhow!("{} / {}", text.zh, text.en))?;
        let stem = self.file.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let system = self.system.unwrap_or(stem);
        let openapi = format!("{SERVICES}/{system}.json");
        let mut files = propose(&api, &system, &self.department, &openapi, &self.operations);
        let Some(out) = self.out else {
            files.iter().for_each(|(path, text)| println!("# ── {path}\n{text}"));
            return Ok(ExitCode::SUCCESS);
        };
        files.push((openapi, text));
        for (path, text) in files {
            let path = out.join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            }
            let mut file = OpenOptions::new().write(true).create_new(true).open(&path).with_context(|| path.display().to_string())?;
            file.write_all(text.as_bytes()).with_context(|| path.display().to_string())?;
            println!("{}", path.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}
