//! What the connectors of database servers share: how a server is named in messages, and errors they all have.

use std::time::{Duration, Instant};

use data::declare::Resource;
use kernel::Text;

use super::gather::Gather;
use super::network::{Network, Unreached};
use super::{Context, hex, hint};
use crate::CollectError;
use crate::names::field_of;
use crate::source::Decision;

/// How long reaching a server may take.
pub const CONNECT: Duration = Duration::from_secs(10);
/// How long looking at a table and counting its rows may take.
pub const PLAN: Duration = Duration::from_secs(300);
/// How long counting the rows may take, in seconds. Of a view, or of a table whose size the server does not know, it
/// may cost as much as reading them; then they are read uncounted.
pub const COUNT_SECONDS: u32 = 60;
/// How long a server may be silent while it sends rows (it may have to sort first).
pub const IDLE: Duration = Duration::from_secs(300);
/// Above so many rows by the server's estimate, counting them first would cost more than it tells.
pub const COUNT_LIMIT: f64 = 20_000_000.0;

/// The server as messages name it, and what must never stand in one.
#[derive(Clone, Debug)]
pub struct Target {
    pub shown: String,
    password: Option<String>,
}

impl Target {
    /// `url` is the filled address: what is secret in it is kept out of messages.
    pub fn new(shown: String, url: &str) -> Target {
        let url = url::Url::parse(url).ok();
        let password = url.as_ref().and_then(url::Url::password).map(str::to_owned);
        Target { shown, password: password.filter(|password| !password.is_empty()) }
    }

    pub fn error(&self, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> CollectError {
        CollectError::new(code, &self.shown, zh, en)
    }

    /// What the server or the network said, without secrets, behind what it means.
    pub fn failed(&self, code: &'static str, error: &sqlx::Error, zh: &str, en: &str) -> CollectError {
        let said = match &self.password {
            Some(password) => error.to_string().replace(password.as_str(), "…"),
            None => error.to_string(),
        };
        self.error(code, format!("{zh}：{said}"), format!("{en}: {said}"))
    }

    /// The server may not be reached, or its name stands for nothing.
    pub fn unreached(&self, unreached: Unreached, failed: impl FnOnce(&Target, &sqlx::Error) -> CollectError) -> CollectError {
        match unreached {
            Unreached::Name(error) => failed(self, &sqlx::Error::Io(error)),
            Unreached::Forbidden(forbidden) => {
                let text = forbidden.text();
                self.error("network.forbidden", format!("{}。", text.zh), format!("{}.", text.en))
            }
        }
    }

    /// The server did not answer in time.
    pub fn late(&self, code: &'static str, waited: Duration) -> CollectError {
        let seconds = waited.as_secs();
        self.error(
            code,
            format!("数据库 {seconds} 秒没有回应，请检查网络和服务器。"),
            format!("The database did not answer for {seconds} seconds: check the network and the server."),
        )
        .transient()
    }

    /// There is no table that a resource wants; `present` are those that there are.
    pub fn no_table(&self, code: &'static str, wanted: &str, present: &[String]) -> CollectError {
        let (zh, en) = hint(wanted, present);
        self.error(
            code,
            format!("数据库中没有表「{wanted}」，或账号看不到它。{zh}"),
            format!("The database has no table “{wanted}” that this account can see. {en}"),
        )
    }

    /// The index of the column that holds the cursor of an incremental resource.
    pub fn cursor(&self, code: &'static str, resource: &Resource, fields: &[String]) -> Result<usize, CollectError> {
        let cursor = resource.collect.cursor.as_deref().unwrap_or_default();
        let field = field_of(resource, cursor, fields);
        field.and_then(|field| fields.iter().position(|name| name == field)).ok_or_else(|| {
            let (zh, en) = hint(cursor, fields);
            self.error(
                code,
                format!("表中没有游标信息项「{cursor}」的列。{zh}"),
                format!("The table has no column for the cursor item “{cursor}”. {en}"),
            )
        })
    }
}

/// A server as an address names it.
pub struct Server<'a> {
    pub host: &'a str,
    /// It is reached by a socket in the file system.
    pub by_socket: bool,
    /// Its certificate is held against its name, so that it must be called by it.
    pub by_name: bool,
}

/// What to connect to, one after the other: the addresses of the server, if the city allows each of them. A server that
/// must be called by its name is: whoever else answered for the name later could not show that certificate.
pub async fn hosts(network: &Network, server: Server<'_>) -> Result<Vec<String>, Unreached> {
    if server.by_socket {
        network.check_this_machine().map_err(Unreached::Forbidden)?;
        return Ok(vec![server.host.to_owned()]);
    }
    let addresses = network.server(server.host).await?;
    Ok(match server.by_name {
        true => vec![server.host.to_owned()],
        false => addresses.iter().map(ToString::to_string).collect(),
    })
}

/// Remembers how long a server let wait, or why it could not be asked.
pub fn noted<T>(ctx: &Context, system: &str, ask: impl FnOnce() -> Result<T, CollectError>) -> Result<T, CollectError> {
    let contact = ctx.contacts.of(system);
    contact.turn(None);
    let start = Instant::now();
    let answer = ask();
    match &answer {
        Ok(_) => contact.answered(start.elapsed()),
        Err(error) => contact.failed(&error.message),
    }
    answer
}

/// A table as it is declared, among (schema, table) pairs in order of preference: by its name alone or with its
/// schema before it, in its very letters first.
pub fn find_table(tables: &[(String, String)], wanted: &str) -> Option<usize> {
    let named = |same: fn(&str, &str) -> bool| {
        tables.iter().position(|(schema, name)| same(name, wanted) || same(&format!("{schema}.{name}"), wanted))
    };
    named(|a, b| a == b).or_else(|| named(str::eq_ignore_ascii_case))
}

/// The tables as a message names them: with their schemas if the wanted one was written so.
pub fn present(tables: &[(String, String)], wanted: &str) -> Vec<String> {
    let qualified = wanted.contains('.');
    let shown = |(schema, name): &(String, String)| if qualified { format!("{schema}.{name}") } else { name.clone() };
    tables.iter().map(shown).collect()
}

/// The last cursor value does not fit its column any more: the decision to read from the start.
pub fn from_the_start(column: &str) -> Decision {
    Decision {
        what: "cursor".to_owned(),
        about: column.to_owned(),
        chosen: "start".to_owned(),
        why: Text::new(
            "上次的游标值已不符合该列的类型，从头读取。",
            "The last cursor value does not fit the column's type any more: reading from the start.",
        ),
    }
}

/// A text that the server sent as text and that is not UTF-8 all the same: kept in hex, and refused.
pub fn append_text(gather: &mut Gather, field: usize, name: &str, bytes: &[u8], code: &str) {
    let Err(_) = std::str::from_utf8(bytes).map(|text| gather.append(field, Some(text))) else { return };
    let hex = hex(bytes);
    let message = Text::new(
        format!("列「{name}」的文本不是 UTF-8 编码，已按十六进制保留：请在来源改正。"),
        format!("The text in column “{name}” is not UTF-8; it is kept in hex: correct it at the source."),
    );
    gather.fault(code, &hex, message);
    gather.append(field, Some(&hex));
}
