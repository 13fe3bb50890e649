//! Work done in processes of this same binary, which die alone when they eat all memory or all time: how one is asked,
//! and what it does before it answers.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::runtime::Runtime;

/// How far a worker stands behind the server.
const NICE: i32 = 10;
/// No question is larger, in bytes.
const QUESTION_MAX: u64 = 1 << 20;

/// Asks a worker (a hidden command of this binary) one question. Dropping this, on a deadline, kills it.
pub async fn ask<R: DeserializeOwned>(command: &str, data_dir: &Path, question: &impl Serialize, answer_max: u64) -> anyhow::Result<R> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(command)
        .arg("--data")
        .arg(data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .env_clear()
        .envs(crate::allocator::inherited())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().ok_or_else(|| anyhow::anyhow!("no stdin"))?;
    input.write_all(&serde_json::to_vec(question)?).await?;
    drop(input);
    let output = child.stdout.take().ok_or_else(|| anyhow::anyhow!("no stdout"))?;
    let mut bytes = Vec::new();
    output.take(answer_max).read_to_end(&mut bytes).await?;
    child.wait().await?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// The question, on the standard input.
pub fn question<Q: DeserializeOwned>() -> anyhow::Result<Q> {
    let mut text = Vec::new();
    std::io::stdin().take(QUESTION_MAX).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Says the answer, on the standard output.
pub fn answer(said: &impl Serialize) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(&serde_json::to_vec(said)?)?)
}

/// Memory and processor time end with the process, whatever the statement does.
pub fn limit(address_space: u64, cpu_seconds: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let both = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    for (resource, value) in [(Resource::As, address_space), (Resource::Cpu, cpu_seconds), (Resource::Core, 0)] {
        let _ = setrlimit(resource, both(value));
    }
    // The server answers first, and is the last that dies where memory is short.
    let _ = rustix::process::nice(NICE);
    #[cfg(target_os = "linux")]
    {
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        // Nobody would hear the answer of one whose parent is gone.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    }
}

/// Without sockets and signals: a worker has given them up.
pub fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().thread_stack_size(16 << 20).build()
}
