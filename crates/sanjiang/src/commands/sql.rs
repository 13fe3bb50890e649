//! `sanjiang sql "select …"`: asks the lake from the command line.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Speak, Where};
use crate::past::Past;

#[derive(Args)]
pub struct Sql {
    /// 一条 SELECT；省略或为 - 时从标准输入读取 / One SELECT; from standard input when absent or `-`.
    text: Option<String>,
    /// 输出格式 / Output format.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// 最长秒数 / Longest time in seconds.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// 内存上限（MiB） / Memory limit in MiB.
    #[arg(long, default_value_t = 1024)]
    memory: u64,
    #[command(flatten)]
    speak: Speak,
    /// 按某个时间点的数据回答：日期、时刻、任务编号或批次号 / Answer from the tables as of a day, a moment, a run, or a batch.
    #[arg(long)]
    as_of: Option<String>,
    #[command(flatten)]
    place: Where,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
    Ndjson,
    Parquet,
}

impl Sql {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let text = self.statement()?;
        let mut out = std::io::stdout();
        if matches!(self.format, Format::Parquet) && out.is_terminal() {
            anyhow::bail!("Parquet 是二进制格式，请重定向到文件 / Parquet is binary: redirect it into a file");
        }
        let past = match &self.as_of {
            Some(at) => Some(Past::open(&self.place, &text, at, lang).await?),
            None => None,
        };
        let lake = match &past {
            Some(past) => crate::wire::keyed(past.lake.clone(), &self.place.data),
            None => crate::wire::open_lake(&self.place.data).await,
        };
        let lake = lake.map_err(|text| anyhow::anyhow!(text.get(lang).to_owned()))?;
        let limits = lake::Limits {
            max_rows: None,
            deadline: Duration::from_secs(self.seconds.clamp(1, 86_400)),
            memory_bytes: self.memory.clamp(16, 1 << 20) << 20,
            ..lake::Limits::default()
        };
        let format = match self.format {
            Format::Table => lake::Format::Table,
            Format::Csv => lake::Format::Csv,
            Format::Json => lake::Format::Json,
            Format::Ndjson => lake::Format::Ndjson,
            Format::Parquet => lake::Format::Parquet,
        };
        let done = match lake.query(&text, &limits).await {
            Ok(answer) => lake::write(format, answer, &mut out).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(_) => Ok(ExitCode::SUCCESS),
            Err(error) => {
                eprintln!("{}", crate::show::sql_error_text(&text, &crate::show::sql_error(error), lang));
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn statement(&self) -> anyhow::Result<String> {
        match self.text.as_deref() {
            Some(text) if text != "-" => Ok(text.to_owned()),
            _ => {
                let mut text = String::new();
                std::io::stdin().take(1 << 20).read_to_string(&mut text)?;
                Ok(text)
            }
        }
    }
}
