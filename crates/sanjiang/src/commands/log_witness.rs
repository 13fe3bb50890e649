//! `sanjiang log witness`: a process of its own, best on another machine, that cosigns what goes on from what it saw before.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use clap::Args;
use kernel::Lang;
use tlog::{Algorithm, Signer, Verifier, Witness};

use crate::show::say;

#[derive(Args)]
pub struct Witnessing {
    /// 监听地址 / Address to listen at.
    #[arg(long, default_value = "127.0.0.1:8390")]
    listen: std::net::SocketAddr,
    /// 存放见证方密钥与所见状态的文件夹 / Folder of the witness's key and of what it has seen.
    #[arg(long)]
    state: PathBuf,
    /// 见证方的名称，首次启动时写入密钥 / What it is called; written into its key at the first start.
    #[arg(long, default_value = "witness")]
    name: String,
    /// 所见证的日志的公钥，每个签名一项 / Verifier keys of the logs that it stands witness to, one for each signature.
    #[arg(long, required = true)]
    log: Vec<String>,
}

impl Witnessing {
    pub async fn run(self, lang: Lang) -> anyhow::Result<ExitCode> {
        let logs = super::log::keys(&self.log)?;
        let mut known: Vec<(String, Vec<Verifier>)> = Vec::new();
        for key in logs {
            match known.iter_mut().find(|(origin, _)| origin == key.name()) {
                Some((_, keys)) => keys.push(key),
                None => known.push((key.name().to_owned(), vec![key])),
            }
        }
        std::fs::create_dir_all(&self.state).with_context(|| self.state.display().to_string())?;
        let signer = signer(&self.state, &self.name)?;
        let key = signer.verifier().to_string();
        let witness = Witness::open(&self.state, signer, known).map_err(|error| anyhow::anyhow!("{} / {}", error.text().zh, error.text().en))?;
        let witness = Arc::new(Mutex::new(witness));
        let answer: web::witness::Answering = Arc::new(move |body: &[u8]| {
            let now = u64::try_from(crate::wire::now().0 / 1_000_000).unwrap_or(0);
            let answered = witness.lock().unwrap_or_else(|e| e.into_inner()).add_checkpoint(body, now);
            match answered {
                Ok(line) => (200, "text/plain; charset=utf-8", line),
                Err(refusal) => {
                    tracing::warn!(status = refusal.status(), why = refusal.text().en, "not cosigned");
                    (refusal.status(), refusal.content_type(), refusal.body())
                }
            }
        });
        let listener = tokio::net::TcpListener::bind(self.listen).await.with_context(|| self.listen.to_string())?;
        let at = listener.local_addr()?;
        println!("{}", say(lang, "见证方的公钥，写入 city.toml 的 [[log.witness]]：", "The witness's key, for [[log.witness]] of city.toml:"));
        println!("  url = \"http://{at}\"\n  key = \"{key}\"");
        web::server::serve(vec![listener], web::witness::router(answer), Box::pin(super::serve::stop_asked())).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The witness's key, made at the first start.
fn signer(state: &Path, name: &str) -> anyhow::Result<Signer> {
    let path = state.join("witness.key");
    let said = |error: tlog::NoteError| anyhow::anyhow!("{}: {} / {}", path.display(), error.text().zh, error.text().en);
    match std::fs::read_to_string(&path) {
        Ok(text) => return Signer::parse(text.trim()).map_err(said),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).with_context(|| path.display().to_string()),
        Err(_) => {}
    }
    let mut secret = [0; 32];
    crate::wire::chance(&mut secret);
    let signer = Signer::new(Algorithm::Cosignature, name, &secret).map_err(said)?;
    desk::secret::keep(&path, format!("{}\n", signer.to_secret_text()).as_bytes()).with_context(|| path.display().to_string())?;
    Ok(signer)
}
