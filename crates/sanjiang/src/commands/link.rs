//! `sanjiang link A [B]`: which records of one file, or of two, are of one entity, without any declaration.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use arrow_array::Array;
use clap::Args;
use collect::read::{ReadOptions, open};
use kernel::Lang;
use link::{Builder, LinkError, Linkage, Linked, Options, Pair, Records, Side};

use super::Speak;
use crate::show::say;

/// Records read at once.
const BATCH: usize = 8192;
/// Pairs whose evidence is told: those nearest to the threshold.
const EXPLAINED: usize = 5;

#[derive(Args)]
pub struct Link {
    /// 文件 / File.
    left: PathBuf,
    /// 第二个文件；没有则在一个文件内查重 / A second file; without it the first is searched for duplicates.
    right: Option<PathBuf>,
    /// 标识列：不作证据，只用来指明记录 / Column that names records; it is no evidence.
    #[arg(long)]
    id: String,
    /// 结果文件（CSV：left_id、right_id、probability） / File for the pairs (CSV: left_id, right_id, probability).
    #[arg(long)]
    out: PathBuf,
    /// 只写概率不低于此数的对 / Pairs with less are left out.
    #[arg(long, default_value_t = 0.5)]
    threshold: f64,
    /// 不参加比对的列，可重复 / Columns to leave out; may be repeated.
    #[arg(long)]
    ignore: Vec<String>,
    /// 分组规则，如 姓名+出生日期:year，可重复；不声明则由数据学得 / Blocking rules such as name+dob:year; learnt when absent.
    #[arg(long)]
    block: Vec<String>,
    /// 列出最难判定的几对及其证据 / Show the pairs hardest to decide with their evidence.
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    speak: Speak,
}

impl Link {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        if !(self.threshold > 0.0 && self.threshold < 1.0) {
            bail!("{}", say(lang, "--threshold 应在 0 与 1 之间", "--threshold should be between 0 and 1"));
        }
        let mut builder = Records::builder();
        self.read(&mut builder, &self.left, Side::Left, lang)?;
        if let Some(right) = &self.right {
            self.read(&mut builder, right, Side::Right, lang)?;
        }
        let mut records = builder.build();
        records.complete();
        records.gather_former();
        let options = Options { threshold: self.threshold, ..Options::default() };
        let linkage = Linkage::learn(&records, &[], &self.block, &options).map_err(|text| anyhow::anyhow!(text.get(lang).to_owned()))?;
        tell_choices(&linkage, lang);
        let linked = linkage.link();
        self.write(&records, &linked).with_context(|| self.out.display().to_string())?;
        if self.explain {
            explain(&records, &linkage, &linked, self.threshold, lang);
        }
        let (all, compared, pairs, entities) = (records.len(), linked.compared, linked.pairs.len(), linked.entities.len());
        eprintln!("{}", match lang {
            Lang::Zh => format!("{all} 条记录，比对 {compared} 对，{pairs} 对属于同一实体；含两条以上记录的实体 {entities} 个。"),
            Lang::En => format!("{all} records, {compared} pairs compared, {pairs} of one entity; {entities} entities of two or more records."),
        });
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self, builder: &mut Builder, path: &Path, side: Side, lang: Lang) -> anyhow::Result<()> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let told = |error: collect::CollectError| anyhow::anyhow!("{}：{}", error.source_name, error.message.get(lang));
        let refused = |error: LinkError| anyhow::anyhow!("{name}：{}", error.text().get(lang));
        let mut source = open(path, &name, &ReadOptions::default()).map_err(told)?;
        let mut unread = 0;
        while let Some(batch) = source.next(BATCH).map_err(told)? {
            let names: Vec<&str> = batch.fields.iter().map(|field| field.trim()).collect();
            let Some(id) = names.iter().position(|field| *field == self.id) else {
                bail!("{}", match lang {
                    Lang::Zh => format!("{name}：没有列 `{}`；有 {}", self.id, names.join("、")),
                    Lang::En => format!("{name}: no column `{}`; there are {}", self.id, names.join(", ")),
                });
            };
            let mut places = Vec::new();
            for (at, field) in names.iter().enumerate() {
                if at != id && !self.ignore.iter().any(|ignored| ignored == field) {
                    places.push((at, builder.column(field).map_err(&refused)?));
                }
            }
            let mut faults = batch.faults.iter().map(|(row, _)| *row).peekable();
            for row in 0..batch.rows() {
                if faults.next_if_eq(&row).is_some() {
                    unread += 1;
                    continue;
                }
                let cell = |at: usize| batch.columns.get(at).filter(|column| column.is_valid(row)).map(|column| column.value(row));
                let values = places.iter().filter_map(|(at, place)| cell(*at).map(|value| (*place, value)));
                builder.push(side, cell(id).unwrap_or_default().trim(), values).map_err(&refused)?;
            }
        }
        if unread > 0 {
            eprintln!("{}", match lang {
                Lang::Zh => format!("{name}：{unread} 行读不成记录，没有参加比对；`sanjiang read --explain` 可列出原因。"),
                Lang::En => format!("{name}: {unread} rows cannot be read as records and are left out; `sanjiang read --explain` tells why."),
            });
        }
        Ok(())
    }

    /// Pairs in the order of their ids; of one file the smaller id stands left.
    fn write(&self, records: &Records, linked: &Linked) -> std::io::Result<()> {
        let mut rows: Vec<(&str, &str, f64)> = linked.pairs.iter().map(|pair| sides(records, pair)).collect();
        rows.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut out = BufWriter::new(File::create(&self.out)?);
        out.write_all(b"left_id,right_id,probability\n")?;
        for (left, right, probability) in rows {
            writeln!(out, "{},{},{probability:.6}", quoted(left), quoted(right))?;
        }
        out.flush()
    }
}

fn sides<'r>(records: &'r Records, pair: &Pair) -> (&'r str, &'r str, f64) {
    let (a, b) = (records.id(pair.a), records.id(pair.b));
    let as_is = match (records.side(pair.a), records.side(pair.b)) {
        (Side::Left, Side::Right) => true,
        (Side::Right, Side::Left) => false,
        _ => a <= b,
    };
    if as_is { (a, b, pair.probability) } else { (b, a, pair.probability) }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn tell_choices(linkage: &Linkage, lang: Lang) {
    for choice in linkage.choices() {
        eprintln!("{:<10} {:<20} {}\n             {}", choice.what.get(lang), choice.about, choice.chosen.get(lang), choice.why.get(lang));
    }
}

fn explain(records: &Records, linkage: &Linkage, linked: &Linked, threshold: f64, lang: Lang) {
    let mut doubtful: Vec<&Pair> = linked.pairs.iter().collect();
    doubtful.sort_by(|a, b| (a.probability - threshold).abs().total_cmp(&(b.probability - threshold).abs()));
    for pair in doubtful.into_iter().take(EXPLAINED) {
        let (left, right, probability) = sides(records, pair);
        let waterfall = linkage.explain(pair.a, pair.b);
        eprintln!("\n{left} — {right}  {probability:.4}");
        eprintln!("{:>+7.1}  {}", waterfall.prior_bits, say(lang, "先验", "prior"));
        for piece in waterfall.evidence {
            let value = |value: Option<String>| value.unwrap_or_else(|| "—".to_owned());
            eprintln!("{:>+7.1}  {}: {} | {} — {}", piece.bits, piece.column, value(piece.left), value(piece.right), piece.level.get(lang));
        }
    }
}
