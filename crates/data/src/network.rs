//! Which network addresses a connector may reach. The open internet may be; what lies inside (this machine, private
//! networks, the cloud's own services) only where the city declares it, or an address given by somebody else
//! (a redirect, a name that resolves elsewhere) would turn a connector into a way in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::Text;

/// `[network] allow` of city.toml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    ranges: Vec<Range>,
    hosts: Vec<Host>,
}

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    network: IpAddr,
    prefix: u8,
}

/// A host name, and whether the names below it are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    name: String,
    below: bool,
}

/// What kind of place an address is that is not on the open internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// This machine.
    Loopback,
    /// A private network, carrier-grade NAT included.
    Private,
    /// Only this wire.
    LinkLocal,
    /// A cloud's service that hands out credentials to whoever asks.
    Metadata,
    /// An IPv4 address dressed as another kind: mapped, translated, tunnelled.
    Disguised,
    /// Of no single host: unspecified, multicast, broadcast, reserved, documentation.
    Special,
}

/// Services of clouds that answer with credentials. Some of them lie in ranges that are private or even public.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Where an address lies; `None` on the open internet.
pub fn zone(address: IpAddr) -> Option<Zone> {
    if METADATA.contains(&address) {
        return Some(Zone::Metadata);
    }
    match address {
        IpAddr::V4(address) => zone_v4(address.octets()),
        IpAddr::V6(address) => zone_v6(&address),
    }
}

fn zone_v4(octets: [u8; 4]) -> Option<Zone> {
    Some(match octets {
        [127, ..] => Zone::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Zone::Private,
        [169, 254, ..] => Zone::LinkLocal,
        [0, ..] | [224..=255, ..] => Zone::Special,
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Zone::Special
        }
        _ => return None,
    })
}

fn zone_v6(address: &Ipv6Addr) -> Option<Zone> {
    if address.is_loopback() {
        return Some(Zone::Loopback);
    }
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Zone::Special,
        // Compatible, mapped and translated.
        [0, 0, 0, 0, 0 | 0xffff, 0 | 0xffff, ..] | [0x64, 0xff9b, ..] => Zone::Disguised,
        // Teredo and 6to4.
        [0x2001, 0, ..] | [0x2002, ..] => Zone::Disguised,
        [0x2001, 0x0db8, ..] | [0x2001, 1..=0x1ff, ..] | [0x3fff, 0..=0xfff, ..] => Zone::Special,
        [0xfc00..=0xfdff, ..] => Zone::Private,
        [0xfe80..=0xfeff, ..] => Zone::LinkLocal,
        // All that is in use for single hosts.
        [0x2000..=0x3fff, ..] => return None,
        _ => Zone::Special,
    })
}

impl Zone {
    /// What the place is called.
    pub fn name(self) -> Text {
        match self {
            Zone::Loopback => Text::new("本机", "this machine"),
            Zone::Private => Text::new("内部网络", "a private network"),
            Zone::LinkLocal => Text::new("本地链路", "the local link"),
            Zone::Metadata => Text::new("云平台元数据服务", "a cloud's metadata service"),
            Zone::Disguised => Text::new("以其他形式书写的 IPv4 地址", "an IPv4 address in disguise"),
            Zone::Special => Text::new("保留地址", "a reserved address"),
        }
    }
}

impl AllowList {
    /// Reads the entries: ranges (`10.20.0.0/16`), addresses, host names (`api.example.gov.cn`, `*.example.gov.cn`).
    pub fn read(entries: &[String]) -> Result<AllowList, Text> {
        let mut list = AllowList::default();
        for entry in entries {
            list.add(entry)?;
        }
        Ok(list)
    }

    /// Adds one entry, or says what is wrong with it.
    pub fn add(&mut self, entry: &str) -> Result<(), Text> {
        let entry = entry.trim();
        let address = entry.split('/').next().unwrap_or(entry);
        let looks_numeric = address.contains(':') || address.chars().all(|c| c.is_ascii_digit() || c == '.');
        match looks_numeric && !entry.contains("://") {
            true => self.ranges.push(range(entry)?),
            false => self.hosts.push(host(entry)?),
        }
        Ok(())
    }

    /// Whether a connector may reach this address, which was given itself or as what `host` resolves to.
    ///
    /// A name opens private networks only: who answers for a name must not be able to point it at this machine or at a
    /// cloud's credentials. Those want their address written out.
    pub fn allows(&self, host: &str, address: IpAddr) -> bool {
        let Some(zone) = zone(address) else { return true };
        let named = || zone == Zone::Private && self.names(host);
        named() || self.ranges.iter().any(|range| range.holds(address) && (zone != Zone::Metadata || range.is_single()))
    }

    /// Whether a host name is in the list.
    pub fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.iter().any(|allowed| match allowed.below {
            true => host.strip_suffix(&allowed.name).is_some_and(|rest| rest.ends_with('.')),
            false => host == allowed.name,
        })
    }
}

impl Range {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                u32::from(network).checked_shr(shift) == u32::from(address).checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                u128::from(network).checked_shr(shift) == u128::from(address).checked_shr(shift)
            }
            _ => false,
        }
    }

    fn is_single(&self) -> bool {
        self.prefix == if self.network.is_ipv4() { 32 } else { 128 }
    }

    /// The first address of the range.
    fn start(&self) -> IpAddr {
        match self.network {
            IpAddr::V4(network) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from(u32::from(network) & mask))
            }
            IpAddr::V6(network) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from(u128::from(network) & mask))
            }
        }
    }
}

fn range(entry: &str) -> Result<Range, Text> {
    let (address, prefix) = entry.split_once('/').map_or((entry, None), |(address, prefix)| (address, Some(prefix)));
    let network: IpAddr = address.parse().map_err(|_| {
        Text::new(
            format!("`{entry}` 不是 IP 地址或网段，应写成 `10.20.0.0/16`、`10.20.0.7` 或 `fd00:1::/32`，不带端口"),
            format!(
                "`{entry}` is no address or range; write `10.20.0.0/16`, `10.20.0.7` or `fd00:1::/32`, without a port"
            ),
        )
    })?;
    let most = if network.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => most,
        Some(text) => {
            text.parse().ok().filter(|prefix| *prefix <= most && !text.starts_with('+')).ok_or_else(|| {
                Text::new(
                    format!("`{entry}` 的前缀长度应在 0 到 {most} 之间"),
                    format!("the prefix of `{entry}` should be from 0 to {most}"),
                )
            })?
        }
    };
    let range = Range { network, prefix };
    match range.start() {
        start if start == network => Ok(range),
        start => Err(Text::new(
            format!("`{entry}` 不是网段的起始地址，应写成 `{start}/{prefix}`"),
            format!("`{entry}` does not begin where the range does; write `{start}/{prefix}`"),
        )),
    }
}

fn host(entry: &str) -> Result<Host, Text> {
    let (name, below) = entry.strip_prefix("*.").map_or((entry, false), |name| (name, true));
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" {
        return Err(Text::new(
            "本机应写成地址 `127.0.0.1` 或 `::1`",
            "this machine must be given as an address: `127.0.0.1` or `::1`",
        ));
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && !label.starts_with('-')
    };
    // A last label of digits only would be read as an address by some programs.
    let last_is_word = name
        .rsplit('.')
        .next()
        .is_some_and(|last| !last.chars().all(|c| c.is_ascii_digit()) && !last.starts_with("0x"));
    if name.len() <= 253 && name.split('.').all(label) && last_is_word && !(below && !name.contains('.')) {
        return Ok(Host { name, below });
    }
    Err(Text::new(
        format!("`{entry}` 不是主机名，应写成 `api.example.gov.cn` 或 `*.example.gov.cn`，不带协议、端口和路径"),
        format!(
            "`{entry}` is no host name; write `api.example.gov.cn` or `*.example.gov.cn`, without scheme, port or path"
        ),
    ))
}
