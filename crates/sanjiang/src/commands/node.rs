//! `sanjiang node show|list|ping`: this node's own key, as other cities declare it, and the nodes that this city knows.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use desk::exchange::{LinkState, NodeView};
use kernel::Lang;

use super::{Speak, Where};
use crate::show::{refusal, say};
use crate::wire::now;

#[derive(Args)]
pub struct Node {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    speak: Speak,
    #[command(flatten)]
    place: Where,
}

#[derive(Subcommand)]
enum Act {
    /// 本节点的公钥：交给对方写入 nodes/<编号>.toml / This node's key, for the other city's nodes/<id>.toml.
    Show {
        /// 只要 JWK / The JSON Web Key alone.
        #[arg(long)]
        json: bool,
    },
    /// 已声明的节点、链路和队列 / Declared nodes, their links and queues.
    List {
        #[arg(long)]
        json: bool,
    },
    /// 立即联络一个节点并发送等待的信封；没有联络上，退出码为 1 / Call a node and send what waits; exit code 1 if it is away.
    Ping { id: String },
}

impl Node {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let lang = self.speak.lang();
        let desk = crate::wire::open_desk(&self.place.city(), &self.place.data, Default::default()).await?;
        let who = super::operator();
        match self.act {
            Act::Show { json } => {
                let (key, city) = (desk.node_key(), desk.city());
                let jwk = serde_json::json!({ "kty": key.kty, "crv": key.crv, "x": key.x });
                if json {
                    println!("{jwk}");
                    return Ok(ExitCode::SUCCESS);
                }
                println!("# {} {}，keyid {}", city.info.title, city.info.division, key.kid);
                println!("division = \"{}\"\n\n[[key]]\nkty = \"{}\"\ncrv = \"{}\"\nx = \"{}\"", city.info.division, key.kty, key.crv, key.x);
                Ok(ExitCode::SUCCESS)
            }
            Act::List { json } => {
                let nodes = desk.neighbours(&who, now()).await.map_err(refusal)?;
                for node in &nodes {
                    match json {
                        true => println!("{}", serde_json::to_string(node)?),
                        false => println!("{}", line(node, lang)),
                    }
                }
                if nodes.is_empty() && !json {
                    println!("{}", say(lang, "没有声明其他城市的节点（nodes/<编号>.toml）。", "No nodes of other cities are declared (nodes/<id>.toml)."));
                }
                Ok(ExitCode::SUCCESS)
            }
            Act::Ping { id } => {
                let heard = desk.call_neighbour(&who, &id, now()).await.map_err(refusal)?;
                let sent = desk.send_envelopes(now()).await.map_err(refusal)?;
                match (&heard, lang) {
                    (Ok(offer), Lang::Zh) => println!("{} 已应答，可申请 {} 个资源；送达 {} 封。", offer.title.zh, offer.resources.len(), sent.taken),
                    (Ok(offer), Lang::En) => println!("{} answered: {} resources may be asked for; {} envelopes taken.", offer.title.get(lang), offer.resources.len(), sent.taken),
                    (Err(why), lang) => println!("{}", why.get(lang)),
                }
                Ok(if heard.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
        }
    }
}

fn line(node: &NodeView, lang: Lang) -> String {
    let state = match node.state {
        LinkState::Up => say(lang, "畅通", "up"),
        LinkState::Down => say(lang, "不通", "down"),
        LinkState::Unknown => say(lang, "未联络", "not called yet"),
        LinkState::Closed => say(lang, "协议无效", "agreement over"),
    };
    let waiting = match lang {
        Lang::Zh => format!("{} 封待送", node.waiting),
        Lang::En => format!("{} waiting", node.waiting),
    };
    let error = node.error.as_ref().map(|error| format!("  ! {}", error.get(lang))).unwrap_or_default();
    format!("{}  {}  {}  {}  {waiting}  {} – {}{error}", node.id, node.title.get(lang), node.host, state, node.from, node.until)
}
