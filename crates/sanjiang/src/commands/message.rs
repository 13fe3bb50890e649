//! `sanjiang message`: what others are told of defects, and whether they have taken it.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::message::{MessageState, MessageView};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};

#[derive(Args)]
pub struct Message {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 列出消息，新的在前 / List messages, the newest first.
    List {
        /// 只看未被接收的 / Only those not acknowledged yet.
        #[arg(long)]
        waiting: bool,
        #[arg(long)]
        json: bool,
    },
    /// 立即发送未被接收的消息；仍有未被接收的，退出码为 1 / Send what waits, at once; exit code 1 if some still waits.
    Send,
}

/// Most entries listed.
const LISTED: u64 = 200;

impl Message {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, HashMap::new()).await?;
        let who = super::operator();
        match self.act {
            Act::List { waiting, json } => {
                let state = waiting.then_some(MessageState::Waiting);
                let found = desk.messages(&who, state, 1, LISTED).await.map_err(refusal)?;
                for one in &found.page.entries {
                    match json {
                        true => println!("{}", serde_json::to_string(one)?),
                        false => println!("{}", line(one, lang)),
                    }
                }
                if found.page.entries.is_empty() && !json {
                    println!("{}", say(lang, "没有消息。", "No messages."));
                }
                Ok(ExitCode::SUCCESS)
            }
            Act::Send => {
                desk.hurry_messages(&who, crate::wire::now()).await.map_err(refusal)?;
                let sent = desk.send_messages(crate::wire::now()).await.map_err(refusal)?;
                let (taken, failed, waiting) = (sent.acknowledged, sent.failed, sent.waiting);
                match lang {
                    Lang::Zh => println!("{taken} 条已被接收，{failed} 条未被接收，还有 {waiting} 条等待发送。"),
                    Lang::En => println!("{taken} acknowledged, {failed} failed, {waiting} wait."),
                }
                if sent.unaddressed > 0 {
                    let n = sent.unaddressed;
                    match lang {
                        Lang::Zh => println!("{n} 条没有接收方：city.toml 没有为其声明 [notify]。"),
                        Lang::En => println!("{n} are for nobody: city.toml declares no [notify] for them."),
                    }
                }
                Ok(if waiting > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
            }
        }
    }
}

fn line(one: &MessageView, lang: Lang) -> String {
    let error = one.error.as_ref().map(|error| format!("  ! {}", error.get(lang))).unwrap_or_default();
    format!("{}  {}  {}  {}  {}{error}", one.id, one.time.rfc3339(), one.state.word(), one.tries, one.title.get(lang))
}
