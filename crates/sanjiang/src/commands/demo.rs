//! `sanjiang demo`: a city from nothing: generated, collected, shown. The second start takes seconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use super::serve::{Listen, serve};

#[derive(Args)]
pub struct Demo {
    /// 数据目录 / Data directory.
    #[arg(long, env = "SANJIANG_DATA", default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    listen: Listen,
    /// 规模，1 约三百万行 / Scale; 1 is about three million rows.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    #[arg(long, default_value_t = 20_261_124)]
    seed: u64,
}

impl Demo {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let listeners = self.listen.bind().await?;
        let city = self.data.join("city");
        let sources = city.join("sources");
        self.prepare(&city, &sources).await?;
        // The sample's API systems answer on loopback, as departments' servers would.
        let api = TcpListener::bind("127.0.0.1:0").await?;
        let mut variables = self.listen.variables(&listeners);
        variables.insert("SAMPLE_API".to_owned(), format!("http://{}", api.local_addr()?));
        tokio::spawn(async move {
            if let Err(error) = sample::api::serve(api, sources).await {
                tracing::error!(%error, "the sample API ended");
            }
        });
        let (desk, lake) = crate::wire::open(&city, &self.data, variables).await?;
        tokio::spawn(crate::upkeep::run(lake, city));
        serve(desk, listeners, &self.listen, Some("demo")).await
    }

    /// Writes and generates once; a marker written last tells a finished city from one that was cut off.
    async fn prepare(&self, city: &Path, sources: &Path) -> anyhow::Result<()> {
        let marker = city.join(".sample");
        let wanted = format!("scale {} seed {} version {}\n", self.scale, self.seed, env!("CARGO_PKG_VERSION"));
        match fs::read_to_string(&marker) {
            Ok(made) if made == wanted => return Ok(()),
            Ok(made) => anyhow::bail!(
                "{} 中已有另一规模的示例城市（{}）。请换一个数据目录，或先删除它。\n{} holds another sample city ({}): use another directory or remove it.",
                city.display(), made.trim(), city.display(), made.trim()
            ),
            Err(_) if city.join("city.toml").exists() && !sources.exists() => anyhow::bail!(
                "{} 不是示例城市，demo 不会覆盖它。请用 serve。/ {} is not the sample city; demo will not overwrite it. Use serve.",
                city.display(), city.display()
            ),
            Err(_) => {}
        }
        crate::wire::write_declarations(city)?;
        let summary = crate::wire::generate(sources.to_owned(), self.scale, self.seed).await?;
        println!("示例城市已生成：{} 行 / sample city made: {} rows", summary.rows, summary.rows);
        fs::write(&marker, wanted).with_context(|| marker.display().to_string())
    }
}
