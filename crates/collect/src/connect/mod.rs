//! Connectors: from a declared system and resource to a source of its rows.

mod ahead;
mod contact;
mod database;
pub mod files;
mod gather;
mod line;
pub mod http;
pub mod mysql;
mod network;
mod post;
pub mod postgres;
pub mod s3;
pub mod sqlite;
mod trial;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use data::declare::{CityInfo, Connector, Resource, System};
use data::network::AllowList;

use crate::{CollectError, Position, Source};

pub use contact::{Contacts, Status};
pub use line::{Asked, Heard, Line};
pub use http::{Failed, Service, Unanswered};
pub use network::{Names, Network};
pub use post::{Poster, Unposted};
pub use trial::{Seen, Trial, trial};

/// What connectors need of their surroundings.
#[derive(Clone, Debug)]
pub struct Context {
    /// Relative paths start here.
    pub city_dir: PathBuf,
    /// Values for `${NAME}`, looked up before the environment.
    pub variables: HashMap<String, String>,
    /// Where connections live that need a runtime.
    pub runtime: tokio::runtime::Handle,
    /// What may be reached over the network.
    pub network: Network,
    /// What is remembered of the systems that were contacted.
    pub contacts: Contacts,
    /// Whether young files are given time to keep still. Whoever asks for a run by hand has seen that they are whole.
    pub patient: bool,
}

impl Context {
    /// The same surroundings, with the network as this city allows it.
    pub fn within(&self, city: &CityInfo) -> Result<Context, CollectError> {
        let allow = AllowList::read(&city.network.allow)
            .map_err(|text| CollectError::new("network.allow", "city.toml", text.zh, text.en))?;
        Ok(Context { network: self.network.allowing(allow), ..self.clone() })
    }

    /// Replaces each `${NAME}`. The values never stand in messages.
    pub fn filled(&self, source_name: &str, text: &str) -> Result<String, CollectError> {
        self.filled_with(source_name, text, |value| value)
    }

    /// The same, and notes the values, so that they can be kept out of what is shown.
    pub(crate) fn filled_noting(
        &self,
        source_name: &str,
        text: &str,
        values: &mut Vec<String>,
    ) -> Result<String, CollectError> {
        self.filled_with(source_name, text, |value| {
            values.push(value.clone());
            value
        })
    }

    /// The same for a database address: a value that is only a part of it is escaped, as a password may hold any sign.
    pub(crate) fn filled_url(&self, source_name: &str, text: &str) -> Result<String, CollectError> {
        self.filled_with(source_name, text, |value| match value.contains("://") {
            true => value,
            false => escaped(&value),
        })
    }

    fn filled_with(
        &self,
        source_name: &str,
        text: &str,
        mut form: impl FnMut(String) -> String,
    ) -> Result<String, CollectError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| unclosed(source_name))?;
            let value = self.variables.get(name).cloned().or_else(|| std::env::var(name).ok());
            filled.push_str(before);
            filled.push_str(&form(value.ok_or_else(|| unset(source_name, name))?));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A declared path, from the city folder on.
    pub fn path(&self, source_name: &str, declared: &str) -> Result<PathBuf, CollectError> {
        Ok(self.city_dir.join(Path::new(&self.filled(source_name, declared)?)))
    }
}

/// Opens the source of a resource, after what `position` says was read already.
pub fn open(
    ctx: &Context,
    system: &System,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    match &system.connector {
        Connector::Sqlite { path } => sqlite::open(&ctx.path(&system.id, path)?, resource, position),
        Connector::Postgres { url } => postgres::open(ctx, &system.id, url, resource, position),
        Connector::Mysql { url } => mysql::open(ctx, &system.id, url, resource, position),
        Connector::Files { path, settle_seconds, complete, .. } => {
            let settle_seconds = if ctx.patient { *settle_seconds } else { 0 };
            let arrival = files::Arrival::new(settle_seconds, complete.clone());
            files::open(&ctx.path(&system.id, path)?, arrival, resource, position)
        }
        Connector::S3 { .. } => s3::open(ctx, system, resource, position),
        Connector::Http { .. } => http::open(ctx, system, resource, position),
        Connector::Push {} => Err(pushed(&system.id)),
        Connector::Service { .. } => Err(asked(&system.id)),
    }
}

/// Waits on this thread for something that happens in the runtime. Unlike `block_on` of the runtime it may be
/// called from any thread.
pub(crate) fn wait<F: Future>(runtime: &tokio::runtime::Handle, future: F) -> F::Output {
    let _entered = runtime.enter();
    futures::executor::block_on(future)
}

/// Percent-encodes what would end a part of an address.
fn escaped(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[],!$&'()*+;=".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn pushed(system: &str) -> CollectError {
    CollectError::new(
        "connect.push",
        system,
        "这个系统自行推送数据，不能由平台去取；请让它向 /api/v1/resources/<资源>/rows 推送。",
        "This system sends its rows itself and cannot be read; let it post them to /api/v1/resources/<resource>/rows.",
    )
}

fn asked(system: &str) -> CollectError {
    CollectError::new(
        "connect.service",
        system,
        "这是实时服务，在调用时查询，不归集；请在授权页试用。",
        "This is a service that is asked at each call and not collected; try it on a grant's page.",
    )
}

fn unclosed(source_name: &str) -> CollectError {
    CollectError::new(
        "connect.variable",
        source_name,
        "声明中的 ${ 没有对应的 }。",
        "A ${ in the declaration has no }.",
    )
}

fn unset(source_name: &str, name: &str) -> CollectError {
    CollectError::new(
        "connect.variable",
        source_name,
        format!("变量 {name} 没有设置：请在运行环境中设置它。"),
        format!("The variable {name} is not set: set it in the environment."),
    )
}

/// The error for a file or folder that is not there, naming the nearest one that is.
pub(crate) fn missing_file(path: &Path, code: &'static str) -> CollectError {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let source_name = path.display().to_string();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return CollectError::new(
            code,
            source_name,
            format!("找不到「{name}」：它所在的文件夹不存在或无法读取。"),
            format!("“{name}” is not there: its folder does not exist or cannot be read."),
        );
    };
    let present: Vec<String> =
        entries.flatten().take(10_000).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let (zh, en) = hint(&name, &present);
    CollectError::new(code, source_name, format!("找不到「{name}」。{zh}"), format!("“{name}” is not there. {en}"))
}

/// "Did you mean …?" in both languages, or what there is, when nothing is near.
pub(crate) fn hint(name: &str, present: &[String]) -> (String, String) {
    if let Some(near) = kernel::nearest(name, present.iter().map(String::as_str)) {
        return (format!("是否为「{near}」？"), format!("Did you mean “{near}”?"));
    }
    if present.is_empty() {
        return ("那里什么也没有。".to_owned(), "There is nothing there.".to_owned());
    }
    let shown: Vec<&str> = present.iter().take(20).map(String::as_str).collect();
    let more = if present.len() > shown.len() { "…" } else { "" };
    (format!("现有：{}{more}。", shown.join("、")), format!("There are: {}{more}.", shown.join(", ")))
}
