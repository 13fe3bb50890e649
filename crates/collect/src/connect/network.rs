//! The network as connectors may use it. A name is resolved once, every address it stands for is checked, and the
//! connection is made to just those; addresses that were written out are checked before anything is sent.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use data::network::{AllowList, Zone, zone};
use kernel::Text;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::CollectError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// More addresses than this are not looked at for one name.
const ADDRESS_LIMIT: usize = 64;

/// Looks up a name, in place of the operating system.
pub type Names = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// What connectors may reach, and how they get there.
#[derive(Clone, Default)]
pub struct Network {
    allow: Arc<AllowList>,
    names: Option<Names>,
}

/// An address that the city does not let connectors reach.
#[derive(Clone, Debug)]
pub struct Forbidden {
    host: String,
    address: IpAddr,
    zone: Zone,
}

/// Why a server is not connected to.
#[derive(Debug)]
pub(crate) enum Unreached {
    /// Its name stands for nothing.
    Name(io::Error),
    Forbidden(Forbidden),
}

impl Network {
    /// The open internet and what the list allows besides.
    pub fn new(allow: AllowList) -> Network {
        Network { allow: Arc::new(allow), names: None }
    }

    /// The same with names looked up so.
    pub fn with_names(self, names: Names) -> Network {
        Network { names: Some(names), ..self }
    }

    /// The same with another list.
    pub fn allowing(&self, allow: AllowList) -> Network {
        Network { allow: Arc::new(allow), names: self.names.clone() }
    }

    /// A client for this network. It follows no redirect by itself, as only the connector knows which are allowed, and
    /// takes no proxy from the environment: through one, the addresses that are reached could not be checked.
    pub fn client(&self) -> Result<reqwest::Client, CollectError> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("sanjiang/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(Arc::new(self.clone()))
            .no_proxy()
            .build();
        client.map_err(|error| {
            CollectError::new(
                "http.client",
                "http",
                format!("无法准备网络连接：{error}"),
                format!("The network client cannot be made: {error}"),
            )
        })
    }

    /// Refuses an address that is written out in a URL and must not be reached. Names are checked when they are resolved.
    pub fn check(&self, url: &Url) -> Result<(), Forbidden> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(&address.to_string(), address.into()),
            Some(Host::Ipv6(address)) => self.check_address(&address.to_string(), address.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    /// What a database server's name stands for, if every address of it may be reached.
    pub(crate) async fn server(&self, host: &str) -> Result<Vec<IpAddr>, Unreached> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let addresses = match bare.parse() {
            Ok(address) => vec![address],
            Err(_) => self.addresses(bare).await.map_err(Unreached::Name)?,
        };
        for address in &addresses {
            self.check_address(bare, *address).map_err(Unreached::Forbidden)?;
        }
        match addresses.is_empty() {
            true => Err(Unreached::Name(io::Error::new(io::ErrorKind::NotFound, format!("{bare}: no address")))),
            false => Ok(addresses),
        }
    }

    /// A server behind a socket in the file system is on this machine.
    pub(crate) fn check_this_machine(&self) -> Result<(), Forbidden> {
        self.check_address("127.0.0.1", IpAddr::from([127, 0, 0, 1]))
    }

    fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Forbidden> {
        match zone(address) {
            Some(zone) if !self.allow.allows(host, address) => Err(Forbidden { host: host.to_owned(), address, zone }),
            _ => Ok(()),
        }
    }

    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match &self.names {
            Some(names) => names(host),
            None => {
                Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).take(ADDRESS_LIMIT).collect())
            }
        }
    }
}

impl Resolve for Network {
    /// One forbidden address among several refuses them all: which of them is used is not ours to choose.
    fn resolve(&self, name: Name) -> Resolving {
        let network = self.clone();
        Box::pin(async move {
            let addresses = network.addresses(name.as_str()).await?;
            for address in &addresses {
                network.check_address(name.as_str(), *address)?;
            }
            let found: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok::<Addrs, Box<dyn Error + Send + Sync>>(found)
        })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("allow", &self.allow).finish_non_exhaustive()
    }
}

impl Forbidden {
    /// The refusal that caused another error, if one did.
    pub fn behind<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Forbidden> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
                return Some(forbidden);
            }
            cause = error.source();
        }
        None
    }

    /// Why, and what to write where it is meant.
    pub fn text(&self) -> Text {
        let (place, host, address) = (self.zone.name(), &self.host, self.address);
        let stands_for = *host != address.to_string();
        let (zh, en) = match stands_for {
            true => (format!("「{host}」解析为 {address}，"), format!("“{host}” stands for {address}, which lies in ")),
            false => (format!("{address} "), format!("{address} lies in ")),
        };
        Text::new(
            format!("{zh}属于{}，城市没有允许连接：如确需连接，请写入 city.toml 的 [network] allow", place.zh),
            format!(
                "{en}{}: the city does not allow it. If it is meant, add it to [network] allow in city.toml",
                place.en
            ),
        )
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl Error for Forbidden {}
