//! `sanjiang standard`: what the standards are, and what they make of values, a line each: the door for trying a
//! value before it is declared, and for comparing the checks with those of others.

use std::io::{BufRead, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use data::City;
use data::city::SourceFile;
use data::declare::{Item, Kind};
use data::standard::{Checker, Value};
use kernel::Lang;

use super::Speak;

#[derive(Subcommand)]
pub enum Standard {
    /// 列出内置数据元 / List the built-in standards with their norms.
    List,
    /// 逐行检查：合格的写出规范值，不合格的写出原因 / A line each: the value in its one form, or what is wrong with it.
    Check(Check),
    /// 逐行解析地址，每行写出一个 JSON / Take addresses apart, a line of JSON each.
    Address {
        /// 所在城市的行政区划代码 / Division code of the city whose addresses these are.
        #[arg(long)]
        home: Option<String>,
    },
}

#[derive(clap::Args)]
pub struct Check {
    /// 内置数据元名称，或城市目录中的数据元编号 / A built-in standard, or one that the city folder declares.
    name: String,
    /// 城市目录 / City folder.
    #[arg(long)]
    city: Option<PathBuf>,
    /// 行政区划代码可以是曾经有效的 / Division codes of any time will do.
    #[arg(long)]
    any_time: bool,
    #[command(flatten)]
    speak: Speak,
}

/// The longest line read, in bytes; the rest of a longer one is another line.
const LONGEST: u64 = 8 << 20;

impl Standard {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Standard::List => list(),
            Standard::Check(check) => check.run(),
            Standard::Address { home } => {
                each_line(|line, out| writeln!(out, "{}", serde_json::to_string(&data::address::parse(line, home.as_deref()))?).map_err(Into::into))
            }
        }
    }
}

fn list() -> anyhow::Result<ExitCode> {
    for kind in Kind::ALL {
        let title = kind.title();
        println!("{}\t{}\t{}\t{}\t{}", kind.name(), title.zh, title.en, kind.norm(), kind.form());
    }
    Ok(ExitCode::SUCCESS)
}

impl Check {
    /// Writes `ok`, tab, value or `fault`, tab, code, tab, message; exit code 1 if any line is at fault.
    fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let checker = self.checker(lang)?;
        let mut faults = 0u64;
        each_line(|line, out| {
            match checker.check(line) {
                Ok(value) => writeln!(out, "ok\t{}", shown(&value))?,
                Err(fault) => {
                    faults += 1;
                    writeln!(out, "fault\t{}\t{}", fault.code, fault.message.get(lang))?;
                }
            }
            Ok(())
        })?;
        Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn checker(&self, lang: Lang) -> anyhow::Result<Checker> {
        let files = match &self.city {
            Some(dir) => desk::folder::read(dir).map_err(|error| anyhow::anyhow!("{}: {error}", dir.display()))?,
            None => vec![SourceFile { path: "city.toml".into(), text: "title = \"-\"\ntitle_en = \"-\"\ndivision = \"110000\"".into() }],
        };
        let (city, diagnostics) = City::read(&files);
        let told = || diagnostics.iter().map(|diagnostic| diagnostic.render(lang)).collect::<Vec<_>>().join("\n\n");
        let city = city.ok_or_else(|| anyhow::anyhow!("{}", told()))?;
        let as_of = self.any_time.then_some("*");
        let item = serde_json::json!({ "name": "value", "title": "值", "standard": self.name, "as_of": as_of });
        let item: Item = serde_json::from_value(item)?;
        Checker::new(&city, &item).map_err(|fault| anyhow::anyhow!("{}", fault.message.get(lang)))
    }
}

fn each_line(mut act: impl FnMut(&str, &mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    let (mut input, mut out) = (std::io::stdin().lock(), BufWriter::new(std::io::stdout().lock()));
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            out.flush()?;
            return Ok(ExitCode::SUCCESS);
        }
        let text = String::from_utf8_lossy(&line);
        act(text.trim_end_matches(['\n', '\r']), &mut out)?;
    }
}

/// A value as one line of text.
fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.replace(['\n', '\t'], " "),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Money(fen) => format!("{}{}.{:02}", if *fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100),
        Value::Boolean(yes) => yes.to_string(),
        Value::Date(day) => {
            let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(*day));
            day.map(|day| day.to_string()).unwrap_or_default()
        }
        Value::Datetime(micros) => kernel::Moment(*micros).rfc3339(),
    }
}
