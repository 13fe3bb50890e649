//! `sanjiang client add|list|secret|revoke|key`: the applications that log people in with us.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use data::oidc::Scope;
use desk::oidc::{Issued, NewClient};

use super::Where;
use crate::show::refusal;
use crate::wire::now;

#[derive(Args)]
pub struct Client {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 登记一个应用；密钥只显示这一次 / Register an application; its secret is shown this once.
    Add {
        name: String,
        /// 登录后的回跳地址，可写多次 / Address returned to after a login; may be given more than once.
        #[arg(long, required = true)]
        redirect: Vec<String>,
        /// 退出后的回跳地址，可写多次 / Address returned to after a logout; may be given more than once.
        #[arg(long)]
        logout: Vec<String>,
        /// 可以请求：profile、sanjiang、offline_access / What it may ask besides openid; may be given more than once.
        #[arg(long, value_parser = scope)]
        scope: Vec<Scope>,
        /// 公开客户端：保存不了密钥 / It can keep no secret.
        #[arg(long)]
        public: bool,
    },
    /// 列出应用 / List the applications.
    List,
    /// 更换一个应用的密钥 / Another secret for an application.
    Secret { id: String },
    /// 停用一个应用，立即生效 / Revoke an application, at once.
    Revoke { id: String },
    /// 更换登录凭证的签名密钥；旧公钥再公布一天 / Renew the key of ID tokens; the old one is published for a day more.
    Key,
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::of(word).ok_or_else(|| format!("应为 / one of: {}", Scope::ALL.map(Scope::word).join(", ")))
}

impl Client {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, Default::default()).await?;
        let who = super::operator();
        match self.act {
            Act::Add { name, redirect, logout, scope, public } => {
                let new = NewClient { name, redirects: redirect, logouts: logout, scopes: scope, public };
                show(&desk.register_client(&who, new, now()).await.map_err(refusal)?);
            }
            Act::List => {
                for client in desk.clients(&who).await.map_err(refusal)? {
                    let state = if client.revoked.is_some() { "已停用 revoked" } else { "有效 valid" };
                    println!("{}  {}  {state}  {}  {}", client.id, client.name, data::oidc::words(&client.scopes), client.redirects.join(" "));
                }
            }
            Act::Secret { id } => show(&desk.renew_client(&who, &id).await.map_err(refusal)?),
            Act::Revoke { id } => {
                desk.revoke_client(&who, &id, now()).await.map_err(refusal)?;
                println!("已停用 / revoked {id}");
            }
            Act::Key => {
                desk.renew_oidc_key(&who, now()).await.map_err(refusal)?;
                println!("已更换签名密钥 / the signing key is renewed");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(issued: &Issued) {
    println!("client_id={}", issued.id);
    if let Some(secret) = &issued.secret {
        println!("client_secret={secret}");
        eprintln!("请妥善保存，此后无法再看到 / keep it safe: it cannot be shown again");
    }
}
