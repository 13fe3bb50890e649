//! OpenID Connect, as far as it is rules over texts: which addresses may be trusted with a login, and what applications may ask.

use std::net::IpAddr;

use kernel::Text;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longest address, in bytes.
pub const ADDRESS_MAX: usize = 2_000;
/// Addresses of one kind that an application has at most.
pub const ADDRESSES_MAX: usize = 20;

/// What an application that logs people in with us may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// That it is the same person again: an opaque name, another for each application.
    Openid,
    /// The login name and the person's name.
    Profile,
    /// The department and the roles.
    Sanjiang,
    /// To ask again while the person is away.
    OfflineAccess,
}

impl Scope {
    pub const ALL: [Scope; 4] = [Scope::Openid, Scope::Profile, Scope::Sanjiang, Scope::OfflineAccess];

    /// The word in addresses and records.
    pub fn word(self) -> &'static str {
        match self {
            Scope::Openid => "openid",
            Scope::Profile => "profile",
            Scope::Sanjiang => "sanjiang",
            Scope::OfflineAccess => "offline_access",
        }
    }

    pub fn of(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// What the application gets, for the person who is asked.
    pub fn title(self) -> Text {
        match self {
            Scope::Openid => Text::new("确认您是同一个人（一个只给它的代号，不是用户名）", "To know you again, by a name made for it alone, not your user name"),
            Scope::Profile => Text::new("您的用户名和姓名", "Your user name and your name"),
            Scope::Sanjiang => Text::new("您的部门和角色", "Your department and your roles"),
            Scope::OfflineAccess => Text::new("您不在时也能再次查询以上内容（三十天内使用则顺延）", "To ask for the same again while you are away, for thirty days after each use"),
        }
    }
}

/// The scopes among the words of a list; what is not known is passed over, as the standard asks.
pub fn scopes(words: &str) -> Vec<Scope> {
    Scope::ALL.into_iter().filter(|scope| words.split_ascii_whitespace().any(|word| word == scope.word())).collect()
}

/// `openid profile`.
pub fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(" ")
}

/// An address that logins may pass through: by https, or on this machine, where nobody listens in between.
pub fn guarded(address: &str) -> bool {
    plain(address).is_some_and(|url| url.scheme() == "https" || url.scheme() == "http" && on_this_machine(&url))
}

/// Whether this may be the name of an identity provider.
pub fn issuer(address: &str) -> Result<(), Text> {
    let bare = plain(address).is_some_and(|url| url.query().is_none());
    if bare && guarded(address) {
        return Ok(());
    }
    Err(Text::new("应是 https:// 开头的地址，不带 ? 和 #（只有本机地址可用 http://）", "it is an address that begins with https://, without ? and # (http:// only on this machine)"))
}

/// Whether a browser may be sent back here from a login: whole, without a fragment. Programs on a telephone or a desk, which
/// keep no secret, have schemes of their own.
pub fn returning(address: &str, public: bool) -> Result<(), Text> {
    let own_scheme = || public && plain(address).is_some_and(|url| url.scheme().contains('.'));
    if guarded(address) || own_scheme() {
        return Ok(());
    }
    let shown: String = address.chars().take(100).collect();
    Err(Text::new(
        format!("`{shown}` 不能作回跳地址：须是完整的 https:// 地址，不带 #；本机可用 http://，公开客户端可用 `cn.gov.app:/back` 这样的自有协议"),
        format!("`{shown}` cannot be returned to: it is a whole address that begins with https://, without #; http:// only on this machine, and public clients may have a scheme like `cn.gov.app:/back`"),
    ))
}

/// Where a site is, without its path: `https://brain.example.gov.cn`.
pub fn origin(address: &str) -> Option<String> {
    let url = plain(address).filter(|_| guarded(address))?;
    Some(url.origin().ascii_serialization())
}

/// Read, of a bearable length, without blanks, user names and fragments, and not a pattern.
fn plain(address: &str) -> Option<Url> {
    let whole = address.len() <= ADDRESS_MAX && address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.contains(['#', '*', '\\', '"', '<', '>']);
    let url = Url::parse(address).ok().filter(|_| whole)?;
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_pass_through_guarded_addresses_only() {
        for (address, public, fine) in [
            ("https://app.example.gov.cn/back", false, true),
            ("http://127.0.0.1:9000/back?x=1", false, true),
            ("http://app.example.gov.cn/back", false, false),
            ("https://app.example.gov.cn/back#part", false, false),
            ("https://*.example.gov.cn/back", false, false),
            ("https://user@app.example.gov.cn/", false, false),
            ("cn.gov.app:/back", true, true),
            ("cn.gov.app:/back", false, false),
            ("javascript:alert(1)", true, false),
            ("/back", true, false),
            ("", true, false),
        ] {
            assert_eq!(returning(address, public).is_ok(), fine, "{address}");
        }
        assert!(issuer("https://id.example.gov.cn/realms/city").is_ok());
        assert!(issuer("https://id.example.gov.cn?x").is_err() && issuer("http://id.example.gov.cn").is_err());
        assert_eq!(origin("https://brain.example.gov.cn/").as_deref(), Some("https://brain.example.gov.cn"));
        assert_eq!(scopes("email sanjiang openid openid"), [Scope::Openid, Scope::Sanjiang]);
    }
}
