//! `sanjiang log`: the tamper-evident log of acts: look, verify, check a receipt, and stand witness to another node's log.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use desk::log::{LogFilter, LogVerification, Receipt};
use kernel::Lang;
use tlog::Verifier;

use super::log_witness::Witnessing;
use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Log {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 列出操作，新的在前 / List acts, the newest first.
    Show {
        /// 只看某类或某项操作，如 `read`、`grade.decide` / Only acts of a kind, or one: `read`, `grade.decide`.
        #[arg(long)]
        act: Option<String>,
        /// 只看对某对象的操作，如 `resource/bus_stops` / Only those on a subject: `resource/bus_stops`.
        #[arg(long)]
        subject: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: u64,
        #[arg(long)]
        json: bool,
    },
    /// 核验整个日志：逐条重新计算，核对签名与控制库；有任何改动，退出码为 1 / Verify the whole log: hash every leaf again, check signatures and the control store; exit code 1 if anything was changed.
    Verify {
        /// 日志的公钥（默认取自数据目录） / The log's verifier key; that of the data directory by default.
        #[arg(long)]
        key: Vec<String>,
        /// 见证方的公钥 / Verifier keys of witnesses.
        #[arg(long)]
        witness: Vec<String>,
        /// 早先留存的检查点文件，日志须由其延续而来 / Checkpoints kept from earlier, which the log must go on from.
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
    },
    /// 打印日志的公钥 / Print the log's verifier keys.
    Key,
    /// 导出一条操作的存证回执 / Write the receipt of one act.
    Receipt {
        number: u64,
        /// 写入的文件（默认标准输出） / File to write; standard output by default.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// 离线核验回执文件 / Verify the file of a receipt, offline.
    CheckReceipt {
        file: PathBuf,
        /// 日志的公钥（默认取自数据目录） / The log's verifier key; that of the data directory by default.
        #[arg(long)]
        key: Vec<String>,
        /// 见证方的公钥 / Verifier keys of witnesses.
        #[arg(long)]
        witness: Vec<String>,
        /// 至少几个见证方共签 / How many witnesses must have cosigned.
        #[arg(long, default_value_t = 0)]
        quorum: usize,
        /// 按授权取得的应答：须与回执中的摘要一致 / The answer that was given under a grant: its hash must be the receipt's.
        #[arg(long)]
        answer: Option<PathBuf>,
    },
    /// 为别的节点的日志作见证：只为由上次延续而来的检查点共签 / Stand witness to other nodes' logs: cosign only what goes on from what was seen before.
    Witness(Witnessing),
}

impl Log {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let data = self.place.data.clone();
        match self.act {
            Act::Show { act, subject, limit, json } => {
                let desk = crate::wire::open_desk(&self.place.city(), &data, HashMap::new()).await?;
                let filter = LogFilter { act, subject, ..LogFilter::default() };
                let found = desk.log_page(&super::operator(), &filter, 1, limit).await.map_err(refusal)?;
                for leaf in &found.page.entries {
                    match json {
                        true => println!("{}", serde_json::to_string(leaf)?),
                        false => println!("{:>8}  {}  {}  {}  {}", leaf.number, leaf.time.rfc3339(), leaf.actor.get(lang), leaf.act_title.get(lang), leaf.subject),
                    }
                }
                if found.page.entries.is_empty() && !json {
                    println!("{}", say(lang, "没有操作。", "No acts."));
                }
                Ok(ExitCode::SUCCESS)
            }
            Act::Verify { key, witness, checkpoint } => {
                let earlier = checkpoint.iter().map(|file| std::fs::read(file).with_context(|| file.display().to_string())).collect::<Result<_, _>>()?;
                verified(&data, LogVerification { keys: keys(&key)?, witnesses: keys(&witness)?, earlier }, lang).await
            }
            Act::Key => {
                for key in desk::log::key::verifiers(&data).with_context(|| say(lang, "日志尚无密钥，请先启动一次服务", "the log has no key yet: start the server once").to_owned())? {
                    println!("{key}");
                }
                Ok(ExitCode::SUCCESS)
            }
            Act::Receipt { number, out } => {
                let desk = crate::wire::open_desk(&self.place.city(), &data, HashMap::new()).await?;
                publish(&desk).await;
                let receipt = desk.log_receipt(&super::operator(), number).await.map_err(refusal)?.to_string();
                match out {
                    Some(file) => std::fs::write(&file, receipt).with_context(|| file.display().to_string())?,
                    None => println!("{receipt}"),
                }
                Ok(ExitCode::SUCCESS)
            }
            Act::CheckReceipt { file, key, witness, quorum, answer } => {
                let keys = (keys_or_own(&key, &data)?, keys(&witness)?);
                check_receipt(&file, answer.as_deref(), &keys.0, &keys.1, quorum, lang)
            }
            Act::Witness(witness) => witness.run(lang).await,
        }
    }
}

/// Puts what this and other commands have done into the log's files, unless a server does that.
pub async fn publish(desk: &desk::Desk) {
    match desk.publish_log().await {
        Ok(_) | Err(desk::DeskError::Busy(_)) => {}
        Err(error) => tracing::error!(%error, "the log was not published"),
    }
}

async fn verified(data: &Path, against: LogVerification, lang: Lang) -> anyhow::Result<ExitCode> {
    let bar = crate::show::counting();
    let told = bar.clone();
    let progress = move |done, of| {
        told.set_length(of);
        told.set_position(done);
    };
    let began = std::time::Instant::now();
    let report = desk::log::verify(data, against, progress).await.map_err(refusal)?;
    bar.finish_and_clear();
    for fault in &report.faults {
        println!("{}: {}", fault.place, fault.text.get(lang));
    }
    if report.unlisted > 0 {
        let n = report.unlisted;
        match lang {
            Lang::Zh => println!("另有 {n} 处未列出。"),
            Lang::En => println!("{n} more are not listed."),
        }
    }
    let (size, files, waiting, earlier, root) = (report.size, report.files, report.waiting, report.earlier, &report.root);
    let (count, seconds) = (report.faults.len() as u64 + report.unlisted, began.elapsed().as_secs_f64());
    match (lang, report.is_clean()) {
        (Lang::Zh, true) => println!("日志完好：{size} 条，{files} 个文件，树根 {root}；{waiting} 条待写入，延续了 {earlier} 个早先的检查点。{seconds:.1} 秒。"),
        (Lang::En, true) => println!("The log is whole: {size} leaves, {files} files, root {root}; {waiting} wait for their file, it goes on from {earlier} earlier checkpoints. {seconds:.1} s."),
        (Lang::Zh, false) => println!("日志被改动或损坏：{count} 处（共 {size} 条）。"),
        (Lang::En, false) => println!("The log was changed or damaged in {count} places (of {size} leaves)."),
    }
    if report.first > 0 {
        let first = report.first;
        match lang {
            Lang::Zh => println!("第 {first} 条以前的内容已过保存期，只留哈希。"),
            Lang::En => println!("What leaves before {first} told is no longer kept; their hashes are."),
        }
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check_receipt(file: &Path, answer: Option<&Path>, keys: &[Verifier], witnesses: &[Verifier], quorum: usize, lang: Lang) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let answer = answer.map(|file| std::fs::File::open(file).with_context(|| file.display().to_string())).transpose()?;
    let holds = Receipt::parse(&text).and_then(|receipt| receipt.verify(keys, witnesses, quorum));
    let holds = holds.and_then(|checked| answer.map_or(Ok(()), |answer| checked.is_of(answer)).map(|()| checked));
    match holds {
        Ok(checked) => {
            match lang {
                Lang::Zh => println!("回执有效：日志 {} 的第 {} 条（树的大小 {}），签名：{}", checked.origin, checked.number, checked.size, checked.signed.join("、")),
                Lang::En => println!("The receipt holds: leaf {} of the log {} (tree of {}), signed by {}", checked.number, checked.origin, checked.size, checked.signed.join(", ")),
            }
            println!("{}", serde_json::to_string_pretty(&checked.entry)?);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let error = refusal(error);
            match lang {
                Lang::Zh => println!("回执无效：{error}"),
                Lang::En => println!("The receipt does not hold: {error}"),
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

pub(super) fn keys(texts: &[String]) -> anyhow::Result<Vec<Verifier>> {
    texts.iter().map(|text| Verifier::parse(text).map_err(|error| anyhow::anyhow!("{text}: {} / {}", error.text().zh, error.text().en))).collect()
}

fn keys_or_own(texts: &[String], data: &Path) -> anyhow::Result<Vec<Verifier>> {
    match texts.is_empty() {
        true => desk::log::key::verifiers(data).context("--key"),
        false => keys(texts),
    }
}
