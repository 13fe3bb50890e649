//! `sanjiang sample`: the sample city's systems, generated.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

#[derive(Args)]
pub struct Sample {
    /// 写到此目录（即城市目录下的 sources） / Write into this directory (the city folder's `sources`).
    #[arg(long)]
    out: Option<PathBuf>,
    /// 规模，1 约三百万行 / Scale; 1 is about three million rows.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// 随机种子：同一种子，同一数据 / Seed: the same seed gives the same data.
    #[arg(long, default_value_t = 20_261_124)]
    seed: u64,
    /// 写出示例城市的声明 / Write the sample city's declarations into this folder.
    #[arg(long)]
    declarations: Option<PathBuf>,
    /// 在此地址提供其中的接口系统 / Serve the generated systems that are APIs at this address.
    #[arg(long)]
    serve: Option<String>,
}

impl Sample {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(dir) = &self.declarations {
            crate::wire::write_declarations(dir)?;
            println!("{}", dir.display());
        }
        if let Some(out) = &self.out {
            crate::wire::generate(out.clone(), self.scale, self.seed).await?;
            if let Some(address) = &self.serve {
                let listener = tokio::net::TcpListener::bind(address).await?;
                println!("SAMPLE_API=http://{}", listener.local_addr()?);
                sample::api::serve(listener, out.clone()).await?;
            }
        }
        if self.out.is_none() && self.declarations.is_none() {
            anyhow::bail!("请给出 --out 或 --declarations / give --out or --declarations");
        }
        Ok(ExitCode::SUCCESS)
    }
}
