//! Addresses in networks: e-mail, web, IP, MAC.

use std::borrow::Cow;
use std::net::IpAddr;

use super::flaw::Flaw;
use super::tidy::{all_digits, narrow};

/// `name@domain`, the domain in lower case.
pub(super) fn email(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let narrow = narrow(text);
    if narrow.matches('@').count() > 1 && narrow.contains([';', ',', '、', ' ']) {
        return Err(Flaw::new(
            "several",
            "一格里有不止一个地址；请只留一个，或声明为文字",
            "more than one address in a cell; keep one, or declare the item as text",
        ));
    }
    let (name, domain) = narrow.rsplit_once('@').ok_or_else(email_form)?;
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let name_fits = name.len() <= 64 && name.split('.').all(|part| !part.is_empty() && part.chars().all(plain));
    if !name_fits || !domain.contains('.') || !is_host(domain) || narrow.len() > 254 {
        return Err(email_form());
    }
    let address = format!("{name}@{}", domain.to_lowercase());
    Ok(if address == text { Cow::Borrowed(text) } else { Cow::Owned(address) })
}

fn email_form() -> Flaw {
    Flaw::new("form", "应为电子邮件地址，如 name@example.com", "expected an e-mail address such as name@example.com")
}

/// An absolute address; scheme and host in lower case, the rest as found.
pub(super) fn url(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let Some((scheme, rest)) = text.split_once("://") else {
        let host = text.split(['/', '?', '#', ':']).next().unwrap_or("");
        if host.contains('.') && is_host(host) {
            return Err(Flaw::new(
                "scheme",
                format!("缺少协议；是不是“https://{text}”？"),
                format!("the scheme is missing; perhaps “https://{text}”?"),
            ));
        }
        return Err(url_form());
    };
    let scheme = scheme.to_ascii_lowercase();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (place, "80"),
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let known_host = bracketed.map_or_else(|| is_host(host), |host| host.parse::<std::net::Ipv6Addr>().is_ok());
    let known_port = all_digits(port) && port.parse::<u16>().is_ok();
    let blank = text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !matches!(scheme.as_str(), "http" | "https" | "ftp") || !known_host || !known_port || blank {
        return Err(url_form());
    }
    let user = authority.get(..authority.len() - place.len()).unwrap_or("");
    let address = format!("{scheme}://{user}{}{path}", place.to_lowercase());
    Ok(if address == text { Cow::Borrowed(text) } else { Cow::Owned(address) })
}

fn url_form() -> Flaw {
    Flaw::new(
        "form",
        "应为完整网址，如 https://www.example.com/a",
        "expected a whole web address such as https://www.example.com/a",
    )
}

/// Labels of letters (of any script), digits and inner dashes.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

/// IPv4 in four numbers, IPv6 in its shortest form (RFC 5952).
pub(super) fn ip(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let narrow = narrow(text);
    if let Ok(address) = narrow.parse::<IpAddr>() {
        return Ok(Cow::Owned(address.to_string()));
    }
    let flaw = if narrow.split_once('/').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok()) {
        Flaw::new(
            "network",
            "是网段，不是一个地址；如需保存，请声明为文字",
            "is a network, not one address; declare the item as text to keep it",
        )
    } else if narrow.rsplit_once(':').is_some_and(|(address, _)| address.parse::<std::net::Ipv4Addr>().is_ok()) {
        Flaw::new("port", "带有端口；请只给地址", "has a port; give the address alone")
    } else if narrow.split('.').count() == 4 && narrow.split('.').all(all_digits) {
        Flaw::new(
            "range",
            "每段应为 0–255，且前面不补 0（补 0 的写法有的系统当八进制读）",
            "each part is from 0 to 255, without leading zeros, which some programs read as octal",
        )
    } else {
        Flaw::new(
            "form",
            "应为 IPv4 或 IPv6 地址，如 192.0.2.1、2001:db8::1",
            "expected an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1",
        )
    };
    Err(flaw)
}

/// Six pairs of capitals with dashes (IEEE 802).
pub(super) fn mac(text: &str) -> Result<Cow<'_, str>, Flaw> {
    let narrow = narrow(text);
    let signs: Vec<char> = narrow.chars().filter(|c| !matches!(c, ':' | '-' | '.' | ' ')).take(13).collect();
    if signs.len() != 12 || !signs.iter().all(char::is_ascii_hexdigit) || !even(&narrow) {
        return Err(Flaw::new(
            "form",
            "应为 12 位十六进制数，如 00-1A-2B-3C-4D-5E",
            "expected twelve hexadecimal digits such as 00-1A-2B-3C-4D-5E",
        ));
    }
    let pairs: Vec<String> = signs.chunks(2).map(|pair| pair.iter().collect::<String>().to_ascii_uppercase()).collect();
    let address = pairs.join("-");
    Ok(if address == text { Cow::Borrowed(text) } else { Cow::Owned(address) })
}

/// Groups of equal length: `0:1a:…` with a digit left out is not guessed at.
fn even(text: &str) -> bool {
    let groups: Vec<usize> = text.split([':', '-', '.', ' ']).map(str::len).collect();
    groups.first().is_some_and(|first| groups.iter().all(|length| length == first))
}
