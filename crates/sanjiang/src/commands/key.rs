//! `sanjiang key add|list|revoke`: the keys with which systems push their rows.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Where;
use crate::show::refusal;
use crate::wire::now;

#[derive(Args)]
pub struct Key {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// 为一个系统生成密钥，只显示这一次 / Make a key for a system; it is shown this once.
    Add {
        system: String,
        /// 给谁用、做什么 / Whose it is and what for.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        place: Where,
    },
    /// 列出密钥 / List the keys.
    List {
        #[command(flatten)]
        place: Where,
    },
    /// 停用一把密钥，立即生效 / Revoke a key, at once.
    Revoke {
        id: String,
        #[command(flatten)]
        place: Where,
    },
}

impl Key {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (Act::Add { place, .. } | Act::List { place } | Act::Revoke { place, .. }) = &self.act;
        let desk = crate::wire::open_desk(&place.city(), &place.data, Default::default()).await?;
        match &self.act {
            Act::Add { system, note, .. } => {
                let secret = desk.add_push_key(&super::operator(), system, note, now()).await.map_err(refusal)?;
                println!("{secret}");
                eprintln!("请妥善保存，此后无法再看到 / keep it safe: it cannot be shown again");
            }
            Act::List { .. } => {
                for key in desk.push_keys().await.map_err(refusal)? {
                    let state = if key.revoked.is_some() { "已停用 revoked" } else { "有效 valid" };
                    let used = key.used.map_or_else(|| "—".to_owned(), |used| used.rfc3339());
                    println!("{}  {}  {state}  {used}  {}", key.id, key.system, key.note);
                }
            }
            Act::Revoke { id, .. } => {
                desk.revoke_push_key(&super::operator(), id, now()).await.map_err(refusal)?;
                println!("已停用 / revoked {id}");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
