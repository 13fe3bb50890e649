//! `sanjiang read FILE`: what would land, value by value, without landing it.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use collect::propose::{Hints, propose};
use collect::read::ReadOptions;
use collect::show::{Form, ShowError, Shown, show};
use kernel::Lang;

use super::Speak;
use crate::show::say;

/// Refusals told one by one; the rest is only counted.
const TOLD: u64 = 1000;

#[derive(Args)]
pub struct Read {
    /// 文件；- 表示标准输入 / File; - is the standard input.
    file: PathBuf,
    /// 第几张表（从 1 数起），或表、工作表、压缩包成员的名称 / Which table: its number from 1, or its name.
    #[arg(long)]
    table: Option<String>,
    /// 输出形式 / Form of the output.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// JSON 中记录所在的路径 / Where the records are in JSON.
    #[arg(long)]
    records: Option<String>,
    /// 编码，不声明则自动判断 / Encoding; told from the content when absent.
    #[arg(long)]
    encoding: Option<String>,
    /// 分隔符，不声明则自动判断 / Delimiter; told from the content when absent.
    #[arg(long)]
    delimiter: Option<String>,
    /// 表头所在行，0 表示没有表头 / Line of the header; 0 when there is none.
    #[arg(long)]
    header: Option<u32>,
    /// 把判断、理由、拒绝的行和建议的类型写到标准错误 / Tell decisions, reasons, refused rows and proposed types on the standard error.
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    speak: Speak,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Json,
}

impl Read {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let spooled = if self.file == Path::new("-") { Some(spool()?) } else { None };
        let path = spooled.as_ref().map_or(self.file.as_path(), |file| file.path());
        match self.print(path, lang) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            // Whoever read the output has had enough of it.
            Err(ShowError::Out(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            Err(ShowError::Out(error)) => Err(error.into()),
            // Nothing in it is nothing to print.
            Err(ShowError::Source(error)) if error.code == "file.empty" => {
                eprintln!("{}", error.message.get(lang));
                Ok(ExitCode::SUCCESS)
            }
            Err(ShowError::Source(error)) => {
                eprintln!("{}：{}", error.source_name, error.message.get(lang));
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn print(&self, path: &Path, lang: Lang) -> Result<(), ShowError> {
        let name = match self.file.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => "stdin".to_owned(),
        };
        let form = match self.format {
            Format::Csv => Form::Csv,
            Format::Json => Form::Json,
        };
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let mut told = 0;
        let shown = show(path, &name, &self.options(), form, &mut out, &mut |refusal| {
            told += 1;
            if self.explain && told <= TOLD {
                let fate = if refusal.shown { say(lang, "拒绝，但已照原样列出", "refused, shown as it is") } else { say(lang, "不是记录", "no record") };
                eprintln!("{}:{} [{}] {}: {}", refusal.file, refusal.line, refusal.fault.code, fate, refusal.fault.message.get(lang));
            }
        })?;
        out.flush()?;
        if self.explain {
            self.explain(path, &shown, lang);
        }
        Ok(())
    }

    fn explain(&self, path: &Path, shown: &Shown, lang: Lang) {
        for decision in &shown.decisions {
            eprintln!("{:<10} {:<24} {}\n             {}", decision.what, decision.about, decision.chosen, decision.why.get(lang));
        }
        let hints = Hints { table: self.table.clone(), records: self.records.clone() };
        if let Ok(proposed) = propose(path, "table", &hints) {
            for item in &proposed.items {
                let source = item.source.as_deref().unwrap_or(&item.name);
                eprintln!("{:<10} {:<24} {}", "item", source, item.standard);
            }
        }
        let (records, refused) = (shown.records, shown.refused);
        eprintln!("{}", match lang {
            Lang::Zh => format!("列出 {records} 条记录；归集时会拒绝 {refused} 行。"),
            Lang::En => format!("{records} records shown; collecting would refuse {refused} rows."),
        });
    }

    fn options(&self) -> ReadOptions {
        ReadOptions {
            table: self.table.clone(),
            records: self.records.clone(),
            encoding: self.encoding.clone(),
            delimiter: self.delimiter.clone(),
            header: self.header,
            ..ReadOptions::default()
        }
    }
}

/// The standard input in a file, because what a file is can only be told by looking at it more than once.
fn spool() -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    io::copy(&mut io::stdin().lock(), file.as_file_mut())?;
    Ok(file)
}
