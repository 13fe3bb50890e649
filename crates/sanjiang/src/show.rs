//! What the commands print: tables, progress bars, refusals.

use std::collections::HashMap;
use std::io::IsTerminal;

use arrow_array::RecordBatch;
use desk::collect::Outcome;
use desk::view::{RunState, RunView, SqlError};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use kernel::{Lang, Text};
use tokio::sync::broadcast;

pub fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SANJIANG_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()).compact().init();
}

/// Who reads what we print may have had enough (`| head`): that is an end, and no failure.
pub fn end_with_the_reader() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if text.contains("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(BROKEN_PIPE);
        }
        told(panic);
    }));
}

/// As shells tell of a program that was ended by a pipe nobody reads.
const BROKEN_PIPE: i32 = 141;

pub fn say<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A refusal of the desk, for the command line.
pub fn refusal(error: desk::DeskError) -> anyhow::Error {
    let both = |text: &Text| anyhow::anyhow!("{} / {}", text.zh, text.en);
    match &error {
        desk::DeskError::Invalid(text) | desk::DeskError::Busy(text) | desk::DeskError::Forbidden(text) => both(text),
        desk::DeskError::Conflict(text) | desk::DeskError::Full(text) | desk::DeskError::TooMany { text, .. } => both(text),
        desk::DeskError::Away { text, .. } | desk::DeskError::Upstream(text) | desk::DeskError::Late(text) => both(text),
        desk::DeskError::NotFound => anyhow::anyhow!("没有这个系统或资源 / no such system or resource"),
        desk::DeskError::Sql(error) => both(&error.message),
        other => anyhow::anyhow!("{other}"),
    }
}

pub fn check_summary(city: Option<&data::City>, errors: usize, warnings: usize, files: usize, lang: Lang) -> String {
    let counts = city.map(|city| (city.departments.len(), city.systems.len(), city.resources.len()));
    match (counts, lang) {
        (Some((d, s, r)), Lang::Zh) => format!("{files} 个文件：{d} 个部门，{s} 个系统，{r} 项信息资源。{errors} 处错误，{warnings} 处提醒。"),
        (Some((d, s, r)), Lang::En) => format!("{files} files: {d} departments, {s} systems, {r} resources. {errors} errors, {warnings} warnings."),
        (None, Lang::Zh) => format!("{files} 个文件：{errors} 处错误，{warnings} 处提醒。请按上面的提示修改。"),
        (None, Lang::En) => format!("{files} files: {errors} errors, {warnings} warnings. Mend them as shown above."),
    }
}

pub fn sql_error(error: lake::SqlError) -> SqlError {
    SqlError { message: error.message, line: error.line, column: error.column, length: error.length, suggestion: error.suggestion }
}

pub fn plain_sql_error(message: Text) -> SqlError {
    SqlError { message, line: 0, column: 0, length: 0, suggestion: None }
}

/// The message with the line and carets under the word.
pub fn sql_error_text(sql: &str, error: &SqlError, lang: Lang) -> String {
    let mut text = error.message.get(lang).to_owned();
    let line = (error.line as usize).checked_sub(1).and_then(|line| sql.lines().nth(line));
    if let Some(line) = line {
        let lead: String = line.chars().take((error.column as usize).saturating_sub(1)).map(blank).collect();
        let carets = "^".repeat((error.length as usize).max(1));
        text += &format!("\n  |\n{:>2}| {line}\n  | {lead}{carets}", error.line);
    }
    if let Some(suggestion) = &error.suggestion {
        text += &format!("\n{} `{suggestion}`?", say(lang, "你是不是想写", "did you mean"));
    }
    text
}

/// As wide a blank as the character it stands under.
fn blank(c: char) -> &'static str {
    if (c as u32) >= 0x1100 { "  " } else { " " }
}

/// A batch as rows of JSON values. Numbers beyond 2^53 and decimals become text, so that no reader rounds them.
pub fn json_rows(batch: &RecordBatch) -> Result<Vec<Vec<serde_json::Value>>, Text> {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    use arrow_cast::display::{ArrayFormatter, FormatOptions};
    use arrow_schema::DataType;
    use serde_json::{Value, json};
    const EXACT: i64 = 1 << 53;
    let options = FormatOptions::default();
    let wrong = |e: arrow_schema::ArrowError| Text::new(format!("结果无法显示：{e}"), format!("cannot show the result: {e}"));
    let texts: Vec<_> = batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options)).collect::<Result<_, _>>().map_err(wrong)?;
    let cell = |row: usize, column: usize| -> Value {
        let array = batch.column(column);
        if array.is_null(row) {
            return Value::Null;
        }
        match array.data_type() {
            DataType::Int64 if (-EXACT..=EXACT).contains(&array.as_primitive::<Int64Type>().value(row)) => json!(array.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
            DataType::Boolean => json!(array.as_boolean().value(row)),
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => {
                texts[column].value(row).to_string().parse::<i64>().map_or(Value::Null, |n| json!(n))
            }
            _ => Value::String(texts[column].value(row).to_string()),
        }
    };
    Ok((0..batch.num_rows()).map(|row| (0..batch.num_columns()).map(|column| cell(row, column)).collect()).collect())
}

pub fn generation_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.set_style(style("生成示例城市 / making the sample city [{bar:30}] {pos}/{len} {msg}  {elapsed}"));
    bar
}

/// How far something is that is counted.
pub fn counting() -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.set_style(style("[{bar:30}] {human_pos}/{human_len}  {elapsed}"));
    bar
}

pub fn generation(bar: &ProgressBar, progress: &sample::Progress) {
    bar.set_length(progress.of as u64);
    bar.set_position(progress.done as u64);
    bar.set_message(progress.table);
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─")
}

/// A bar for each run under way, until the task is aborted.
pub async fn run_bars(mut runs: broadcast::Receiver<RunView>, lang: Lang) {
    let all = MultiProgress::new();
    let mut bars: HashMap<String, ProgressBar> = HashMap::new();
    loop {
        let run = match runs.recv().await {
            Ok(run) => run,
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        let bar = bars.entry(run.id.clone()).or_insert_with(|| all.add(run_bar(&run, lang)));
        if let Some(total) = run.rows_total {
            bar.set_length(total);
        }
        bar.set_position(run.source_rows);
        if run.ended.is_some() {
            bar.finish_and_clear();
        }
    }
}

fn run_bar(run: &RunView, lang: Lang) -> ProgressBar {
    let bar = ProgressBar::no_length();
    bar.set_style(style("{msg:40!} [{bar:24}] {human_pos} 行 {per_sec:>14} {elapsed}"));
    bar.set_message(run.resource_title.get(lang).to_owned());
    bar
}

/// The runs of a collection, a line each, and their sum.
pub fn outcome(outcome: &Outcome, lang: Lang) -> String {
    if outcome.runs.is_empty() && outcome.unrecorded == 0 {
        return say(lang, "没有到期的信息资源。要全部归集请加 --all。\n", "Nothing is due. Add --all to collect everything.\n").to_owned();
    }
    let mut text = String::new();
    for run in &outcome.runs {
        let mark = match run.state {
            RunState::Done => "✓",
            RunState::Partial => "△",
            RunState::Held => "‖",
            _ => "✗",
        };
        text += &format!("{mark} {}  {}\n", run.resource, balance(std::slice::from_ref(run), lang));
        if let Some(error) = &run.error {
            text += &format!("    {}\n", error.get(lang));
        }
    }
    let (runs, failed) = (outcome.runs.len(), outcome.failed());
    let all = balance(&outcome.runs, lang);
    text + &match lang {
        Lang::Zh => format!("共 {runs} 项：{all}；失败 {failed} 项。\n"),
        Lang::En => format!("{runs} resources: {all}; {failed} failed.\n"),
    }
}

/// Where the rows of some runs went. Removals are told only where there are any.
fn balance(runs: &[RunView], lang: Lang) -> String {
    let sum = |of: fn(&RunView) -> u64| runs.iter().map(of).sum::<u64>();
    let (source, landed, removed) = (sum(|r| r.source_rows), sum(|r| r.landed), sum(|r| r.removed));
    let (quarantined, unchanged) = (sum(|r| r.quarantined), sum(|r| r.unchanged));
    let removed = match (removed, lang) {
        (0, _) => String::new(),
        (removed, Lang::Zh) => format!(" + 移除 {removed}"),
        (removed, Lang::En) => format!(" + {removed} removed"),
    };
    match lang {
        Lang::Zh => format!("来源 {source} 行 = 入库 {landed}{removed} + 问题数据 {quarantined} + 未变 {unchanged}"),
        Lang::En => format!("{source} rows = {landed} landed{removed} + {quarantined} quarantined + {unchanged} unchanged"),
    }
}

pub fn log_outcome(outcome: &Outcome) {
    let rows: u64 = outcome.runs.iter().map(|run| run.landed).sum();
    tracing::info!(runs = outcome.runs.len(), failed = outcome.failed(), landed = rows, "collected");
}

/// What was decided about a file never seen before, and why; then the first rows.
pub fn proposal(adopted: &desk::adopt::Adopted, lang: Lang) -> String {
    let mut text = String::new();
    for decision in &adopted.decisions {
        text += &format!("{:<10} {:<24} {}\n             {}\n", decision.what, decision.about, decision.chosen, decision.why.get(lang));
    }
    text += &format!("\n{}\n", adopted.declaration);
    text
}
