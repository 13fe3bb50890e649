//! Where the parts meet: a desk with the real lake, clock and chance.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use desk::port::Ports;
use desk::{Desk, OpenError, Place};
use kernel::{Lang, Moment, Text};

use crate::model_ports::{Engine, Makers};
use crate::ports::{LakePort, Workers};

pub fn now() -> Moment {
    Moment::from_jiff(jiff::Timestamp::now())
}

/// Random bytes from the system. Without them no secret could be made: better to stop.
pub fn chance(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        eprintln!("系统随机数不可用 / the system gives no random bytes");
        std::process::abort();
    }
}

pub async fn open_desk(city: &Path, data: &Path, variables: HashMap<String, String>) -> anyhow::Result<Desk> {
    Ok(open(city, data, variables).await?.0)
}

/// The lake of a data directory, with the keys of masks, which are made at the first start.
pub async fn open_lake(data: &Path) -> Result<lake::Lake, Text> {
    let lake = lake::Lake::open(&data.join("lake")).await.map_err(|error| error.text())?;
    keyed(lake, data)
}

/// A lake with the keys of masks of a data directory.
pub fn keyed(lake: lake::Lake, data: &Path) -> Result<lake::Lake, Text> {
    Ok(lake.keyed(mask_secret(data)?))
}

/// What the keys of masks of a data directory are made from.
pub fn mask_secret(data: &Path) -> Result<lake::Secret, Text> {
    let secret = desk::secret::open(data, &chance).map_err(|error| Text::new(error.to_string(), error.to_string()))?;
    lake::Secret::new(&secret).ok_or_else(|| Text::new("脱敏密钥太短", "the secret of masks is too short"))
}

/// The desk, and the lake it stands on.
pub async fn open(city: &Path, data: &Path, variables: HashMap<String, String>) -> anyhow::Result<(Desk, lake::Lake)> {
    fs::create_dir_all(data).with_context(|| data.display().to_string())?;
    let lake = lake::Lake::open(&data.join("lake")).await.map_err(|e| anyhow::anyhow!("{}", e.text().zh))?;
    let kept = lake.clone();
    let ports = Ports {
        lake: Arc::new(LakePort(lake)),
        sql: Arc::new(Workers::new(data.to_owned())),
        planner: Arc::new(Engine),
        maker: Arc::new(Makers::new(data.to_owned())),
        clock: now,
        chance,
    };
    let place = Place { city_dir: city.to_owned(), data_dir: data.to_owned(), variables };
    let desk = Desk::open(place, ports).await.map_err(|error| match error {
        OpenError::City(diagnostics) => {
            let all: Vec<String> = diagnostics.iter().map(|d| d.render(Lang::Zh)).collect();
            anyhow::anyhow!("{}\n\n城市目录有误，未启动 / the city folder has mistakes: {}", all.join("\n\n"), city.display())
        }
        OpenError::Other(text) => anyhow::anyhow!(text),
    })?;
    Ok((desk, kept))
}

/// Writes the sample city's declarations; files that are there already and differ are overwritten.
pub fn write_declarations(dir: &Path) -> anyhow::Result<()> {
    for (path, text) in sample::declarations() {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Generates the sample systems with a progress bar.
pub async fn generate(out: PathBuf, scale: f64, seed: u64) -> anyhow::Result<sample::Summary> {
    tokio::task::spawn_blocking(move || {
        let bar = crate::show::generation_bar();
        let options = sample::Options { scale, seed };
        let summary = sample::generate(&out, &options, &|progress| crate::show::generation(&bar, &progress))?;
        bar.finish_and_clear();
        Ok(summary)
    })
    .await?
}
