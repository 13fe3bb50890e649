//! Rules on how a system is reached: addresses, secrets, limits, and what the city lets connectors reach.

use std::net::IpAddr;

use url::{Host, Url};

use super::super::document::{Document, Note};
use super::super::read::Draft;
use super::super::{Complete, Connector, HttpAuth, Notify};
use crate::network::{AllowList, zone};

pub(super) fn check(draft: &Draft<'_>, document: &Document<'_>, connector: &Connector) {
    let rules = Rules { document, allowed: allowed(draft), part: "connector" };
    match connector {
        Connector::Files { path, settle_seconds, complete, .. } => {
            rules.path(path);
            rules.within("settle_seconds", f64::from(*settle_seconds), 0.0, 3600.0);
            rules.complete(complete.as_ref());
        }
        Connector::Sqlite { path } => rules.path(path),
        Connector::Postgres { url } => rules.database("PostgreSQL", &["postgres", "postgresql"], url),
        Connector::Mysql { url } => rules.database("MySQL", &["mysql", "mariadb"], url),
        Connector::Http { url, headers, auth, requests_per_second, redirect_hosts, .. } => {
            rules.address("url", url);
            headers.iter().for_each(|(name, value)| rules.header(&format!("headers.{name}"), name, value));
            rules.auth(auth.as_ref());
            if let Some(rate) = requests_per_second {
                rules.within("requests_per_second", *rate, 0.01, 1000.0);
            }
            rules.redirects(redirect_hosts);
        }
        Connector::S3 { endpoint, bucket, prefix, region, access_key, secret_key, session_token, .. } => {
            rules.address("endpoint", endpoint);
            rules.bucket(bucket, prefix);
            rules.variables("region", region);
            if region.trim().is_empty() {
                rules.put("region", Note::error("`region` 是空的", "`region` is empty"));
            }
            for (key, value) in
                [("access_key", access_key), ("secret_key", secret_key), ("session_token", session_token)]
            {
                value.iter().for_each(|value| rules.secret(key, value));
            }
            rules.both(access_key.is_some(), secret_key.is_some());
        }
        Connector::Push {} => {}
        Connector::Service { url, headers, auth, deadline_seconds, largest_kib, at_once, per_minute, failures, window_seconds, pause_seconds, .. } => {
            rules.address("url", url);
            headers.iter().for_each(|(name, value)| rules.header(&format!("headers.{name}"), name, value));
            rules.auth(auth.as_ref());
            let bounds = [
                ("deadline_seconds", *deadline_seconds, 60.0),
                ("largest_kib", *largest_kib, 65536.0),
                ("at_once", *at_once, 1000.0),
                ("per_minute", per_minute.unwrap_or(1), 600_000.0),
                ("failures", *failures, 1000.0),
                ("window_seconds", *window_seconds, 3600.0),
                ("pause_seconds", *pause_seconds, 3600.0),
            ];
            bounds.iter().for_each(|(key, value, most)| rules.within(key, f64::from(*value), 1.0, *most));
        }
    }
    rules.limits(connector);
}

/// `[notify]` of city.toml: messages go out by the rules that connectors come in by.
pub(super) fn notify(draft: &Draft<'_>, document: &Document<'_>, notify: &Notify) {
    let rules = Rules { document, allowed: allowed(draft), part: "notify" };
    rules.address("url", &notify.url);
    for (name, value) in &notify.headers {
        rules.header(&format!("headers.{name}"), name, value);
        if name.eq_ignore_ascii_case("content-type") {
            let note = Note::error("请求头 `Content-Type` 不能声明", "the header `Content-Type` cannot be declared");
            rules.put(&format!("headers.{name}"), note.help("消息的类型是固定的，请删去", "that of a message is given: remove it"));
        }
        if name.eq_ignore_ascii_case("authorization") {
            rules.secret(&format!("headers.{name}"), value);
        }
    }
    if notify.events.is_empty() {
        let note = Note::error("`events` 是空的", "`events` is empty");
        rules.put("events", note.help("删去 `events` 即全部告知；不需要告知则删去 `[notify]`", "remove `events` to tell all, or `[notify]` to tell nothing"));
    }
}

/// An address of city.toml that is written to, by the rules that connectors are held to.
pub(super) fn written_to(draft: &Draft<'_>, document: &Document<'_>, part: &'static str, key: &str, url: &str) {
    Rules { document, allowed: allowed(draft), part }.address(key, url);
}

/// A secret of city.toml, by the rules that those of connectors are held to.
pub(super) fn kept_secret(draft: &Draft<'_>, document: &Document<'_>, part: &'static str, key: &str, value: &str) {
    Rules { document, allowed: allowed(draft), part }.secret(key, value);
}

struct Rules<'r, 'a> {
    document: &'r Document<'a>,
    /// `None` while the city's own list has mistakes: nothing can be said then.
    allowed: Option<AllowList>,
    /// Under what the keys stand.
    part: &'static str,
}

/// What the city allows, as far as it is known.
fn allowed(draft: &Draft<'_>) -> Option<AllowList> {
    let info = draft.info.as_ref()?;
    AllowList::read(&info.value.network.allow).ok()
}

impl Rules<'_, '_> {
    fn put(&self, key: &str, note: Note) {
        self.document.put(&format!("{}.{key}", self.part), note);
    }

    fn path(&self, path: &str) {
        if path.trim().is_empty() {
            self.put("path", Note::error("`path` 是空的", "`path` is empty"));
        }
        self.variables("path", path);
    }

    /// The address of a database of this make; the first scheme is the one that is advised.
    fn database(&self, make: &str, schemes: &[&str], url: &str) {
        self.variables("url", url);
        let known = |scheme: &&str| url.strip_prefix(*scheme).is_some_and(|rest| rest.starts_with("://"));
        if url.starts_with("${") || schemes.iter().any(known) {
            return;
        }
        let note = Note::error(format!("不是 {make} 地址"), format!("is not the address of a {make} database"));
        let scheme = schemes.first().copied().unwrap_or_default();
        let (zh, en) = (
            format!("应写成 `{scheme}://user:${{PASSWORD}}@host/database`"),
            format!("write it as `{scheme}://user:${{PASSWORD}}@host/database`"),
        );
        self.put("url", note.help(zh, en));
    }

    /// An address of the web, as far as it stands in the file: a part that comes from a variable is not known here.
    fn address(&self, key: &str, url: &str) {
        self.variables(key, url);
        if url.starts_with("${") {
            return;
        }
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            let (zh, en) = ("地址应以 http:// 或 https:// 开头", "the address should start with http:// or https://");
            return self.put(key, Note::error(zh, en));
        }
        if url.contains("${") {
            return;
        }
        let Ok(parsed) = Url::parse(url) else {
            let note = Note::error(format!("地址 `{url}` 无效"), format!("the address `{url}` is not valid"));
            return self.put(key, note.help("应写成 `https://host:port/path`", "write it as `https://host:port/path`"));
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            let note = Note::error("地址中不应有用户名和口令", "an address should hold no account and password");
            let place = if self.part == "connector" { "[connector.auth]" } else { "headers" };
            self.put(key, note.help(format!("写在 `{place}` 里"), format!("write them in `{place}`")));
        }
        self.reachable(key, &parsed);
    }

    fn reachable(&self, key: &str, url: &Url) {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            _ => return,
        };
        let Some(allowed) = &self.allowed else { return };
        let Some(place) = zone(address).filter(|_| !allowed.allows("", address)) else { return };
        let place = place.name();
        let note = Note::error(
            format!("`{address}` 属于{}，city.toml 没有允许连接", place.zh),
            format!("`{address}` lies in {}, which city.toml does not allow", place.en),
        );
        let allow = format!("[network]\nallow = [\"{address}\"]");
        self.put(
            key,
            note.help(
                format!("如确需连接，在 city.toml 中写 `{}`", allow.replace('\n', " ")),
                format!("if it is meant, write in city.toml `{}`", allow.replace('\n', " ")),
            ),
        );
    }

    /// Each `${NAME}` is closed and has a name that an environment can hold.
    fn variables(&self, key: &str, text: &str) {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("${") {
            let Some((name, behind)) = after.split_once('}') else {
                let note = Note::error("`${` 没有对应的 `}`", "a `${` has no `}`");
                return self.put(key, note.help("应写成 `${NAME}`", "write it as `${NAME}`"));
            };
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(word) || name.starts_with(|c: char| c.is_ascii_digit()) {
                let note = Note::error(
                    format!("`${{{name}}}` 不能作变量名"),
                    format!("`${{{name}}}` cannot be the name of a variable"),
                );
                self.put(
                    key,
                    note.help("只用字母、数字、`_`，不以数字开头", "use letters, digits and `_`, not a digit first"),
                );
            }
            rest = behind;
        }
    }

    /// A secret comes from the environment: a declaration is read by many and kept for ever.
    fn secret(&self, key: &str, value: &str) {
        self.variables(key, value);
        if value.trim().is_empty() {
            let note = Note::error(format!("`{key}` 是空的"), format!("`{key}` is empty"));
            return self.put(key, note.help("写成 `${NAME}`", "write `${NAME}`"));
        }
        if !value.contains("${") {
            let note = Note::warning("密钥写在了声明里", "a secret stands in the declaration");
            self.put(
                key,
                note.help(
                    "改写成 `${NAME}`，在运行环境中设置这个变量，并更换已经写出的密钥",
                    "write `${NAME}`, set that variable in the environment, and replace the secret that was shown",
                ),
            );
        }
    }

    fn header(&self, key: &str, name: &str, value: &str) {
        self.variables(key, value);
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            self.put(
                key,
                Note::error(format!("`{name}` 不能作请求头的名称"), format!("`{name}` cannot be the name of a header")),
            );
        }
        if ["host", "content-length", "transfer-encoding", "connection"].contains(&name.to_ascii_lowercase().as_str()) {
            let note =
                Note::error(format!("请求头 `{name}` 不能声明"), format!("the header `{name}` cannot be declared"));
            self.put(key, note.help("它由连接本身决定，请删去", "the connection decides it: remove it"));
        }
        if value.chars().any(|c| c.is_control()) {
            self.put(key, Note::error("请求头里有控制字符", "the header holds a control character"));
        }
    }

    fn auth(&self, auth: Option<&HttpAuth>) {
        match auth {
            None => {}
            Some(HttpAuth::Bearer { token }) => self.secret("auth.token", token),
            Some(HttpAuth::Basic { user, password }) => {
                self.variables("auth.user", user);
                self.secret("auth.password", password);
            }
            Some(HttpAuth::ApiKey { name, value, .. }) => {
                self.secret("auth.value", value);
                self.header("auth.name", name, "");
            }
            Some(HttpAuth::Oauth2 { token_url, client_id, client_secret, .. }) => {
                self.address("auth.token_url", token_url);
                self.variables("auth.client_id", client_id);
                self.secret("auth.client_secret", client_secret);
            }
        }
    }

    fn redirects(&self, hosts: &[String]) {
        for (n, host) in hosts.iter().enumerate() {
            if let Err(text) = AllowList::default().add(host) {
                self.put(&format!("redirect_hosts.{n}"), Note::error(text.zh, text.en));
            }
        }
    }

    fn bucket(&self, bucket: &str, prefix: &str) {
        self.variables("bucket", bucket);
        self.variables("prefix", prefix);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._${}".contains(c);
        if !(3..=63).contains(&bucket.len()) && !bucket.contains("${") || !bucket.chars().all(plain) {
            let note =
                Note::error(format!("`{bucket}` 不是存储桶名"), format!("`{bucket}` is not the name of a bucket"));
            self.put(
                "bucket",
                note.help("3 到 63 个小写字母、数字、`-`、`.`", "3 to 63 lower-case letters, digits, `-` and `.`"),
            );
        }
        if prefix.starts_with('/') {
            let note = Note::error("前缀不以 `/` 开头", "a prefix does not begin with `/`");
            self.put("prefix", note.suggest(Some(prefix.trim_start_matches('/'))));
        }
    }

    fn both(&self, access: bool, secret: bool) {
        let (here, missing) = match (access, secret) {
            (true, false) => ("access_key", "secret_key"),
            (false, true) => ("secret_key", "access_key"),
            _ => return,
        };
        let note =
            Note::error(format!("有 `{here}` 而没有 `{missing}`"), format!("there is `{here}` but no `{missing}`"));
        let write = format!("{missing} = \"${{NAME}}\"");
        self.put(here, note.help(format!("加上 `{write}`"), format!("add `{write}`")));
    }

    fn complete(&self, complete: Option<&Complete>) {
        let Some(Complete::Marker { ending }) = complete else { return };
        if !ending.starts_with('.') || ending.len() < 2 || ending.contains(['/', '\\', '*', '?']) {
            let note = Note::error(
                format!("`{ending}` 不能作完成标记的后缀"),
                format!("`{ending}` cannot be the ending of a marker"),
            );
            self.put("complete.ending", note.help("应写成 `.ok` 或 `.done`", "write `.ok` or `.done`"));
        }
    }

    fn limits(&self, connector: &Connector) {
        let (Connector::Http { retries, timeout_seconds, deadline_minutes, largest_mib, .. }
        | Connector::S3 { retries, timeout_seconds, deadline_minutes, largest_mib, .. }) = connector
        else {
            return;
        };
        let largest = if matches!(connector, Connector::S3 { .. }) { 1_048_576.0 } else { 65536.0 };
        self.within("retries", f64::from(*retries), 1.0, 10.0);
        self.within("timeout_seconds", f64::from(*timeout_seconds), 1.0, 600.0);
        self.within("deadline_minutes", f64::from(*deadline_minutes), 1.0, 10080.0);
        self.within("largest_mib", f64::from(*largest_mib), 1.0, largest);
    }

    fn within(&self, key: &str, value: f64, low: f64, high: f64) {
        if !(low..=high).contains(&value) {
            let note = Note::error(
                format!("`{key}` 应在 {low} 到 {high} 之间"),
                format!("`{key}` should be from {low} to {high}"),
            );
            self.put(key, note);
        }
    }
}
