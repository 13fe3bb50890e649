//! Headers: those that are declared to be sent, and what an answer's say: the next page, how long to wait, how many requests
//! are left.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LINK, RETRY_AFTER};

use crate::CollectError;

/// Seconds beyond this are a moment since 1970, not a span.
const EPOCH: u64 = 1_000_000_000;

/// Declared headers with their variables filled in; `owner` is what errors call the declaration.
pub fn filled(
    owner: &str,
    declared: &BTreeMap<String, String>,
    mut fill: impl FnMut(&str) -> Result<String, CollectError>,
) -> Result<HeaderMap, CollectError> {
    let mut headers = HeaderMap::new();
    for (name, value) in declared {
        let name = HeaderName::from_str(name).map_err(|_| bad(owner, name))?;
        let mut value = HeaderValue::from_str(&fill(value)?).map_err(|_| bad(owner, name.as_str()))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

pub(super) fn bad(owner: &str, name: &str) -> CollectError {
    CollectError::new(
        "http.header",
        owner,
        format!("请求头「{name}」的名称或内容无效。"),
        format!("The name or value of the header “{name}” is not valid."),
    )
}

/// The address of `rel="next"` in `Link` headers (RFC 8288).
pub fn next_link(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_of)
}

fn next_of(value: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let (parameters, behind) = parameters(after);
        let is_next = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("rel")
                && value.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
        };
        if parameters.iter().any(is_next) {
            return Some(target.trim().to_owned());
        }
        rest = behind;
    }
    None
}

/// The parameters of one link, and what stands behind its comma. Commas and semicolons in quotes do not count.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    let mut behind = "";
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => {
                escaped = true;
                continue;
            }
            '"' => {
                quoted = !quoted;
                continue;
            }
            ';' if !quoted => {
                parts.push(String::new());
                continue;
            }
            ',' if !quoted => {
                behind = text.get(at + 1..).unwrap_or_default();
                break;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let pair =
        |part: &String| part.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    (parts.iter().filter_map(pair).collect(), behind)
}

/// How long the server asks to be left alone: `Retry-After`, or a limit that is used up.
pub fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    text(headers, RETRY_AFTER.as_str()).and_then(retry_after).or_else(|| used_up(headers))
}

/// The pause until the limit is renewed, when no request is left of it.
pub fn used_up(headers: &HeaderMap) -> Option<Duration> {
    ["x-ratelimit", "x-rate-limit", "ratelimit"].iter().find_map(|family| {
        let number = |part: &str| text(headers, &format!("{family}-{part}"))?.parse::<f64>().ok();
        let reset = number("reset").filter(|_| number("remaining").is_some_and(|remaining| remaining <= 0.0))?;
        let seconds = reset.clamp(0.0, 1e12) as u64;
        Some(match seconds {
            span if span < EPOCH => Duration::from_secs(span),
            moment => until(jiff::Timestamp::from_second(i64::try_from(moment).ok()?).ok()?),
        })
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some(until(jiff::fmt::rfc2822::parse(value).ok()?.timestamp())),
    }
}

fn until(moment: jiff::Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(jiff::Timestamp::now())).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        for (value, expected) in [
            (r#"<https://h/a?p=2>; rel="next""#, Some("https://h/a?p=2")),
            (
                r#"<https://h/a?p=1>; rel=prev, <https://h/a?x=1,2;3&p=3>; title="a, \"b\"; rel=x"; rel="last next""#,
                Some("https://h/a?x=1,2;3&p=3"),
            ),
            (r#"</a?p=2>;REL=Next"#, Some("/a?p=2")),
            (r#"<a>; rel="nextish", <b>; rev="next""#, None),
            (r#"<a"#, None),
            ("", None),
        ] {
            assert_eq!(next_of(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn pauses_are_understood_in_each_form() {
        let pause = |pairs: &[(&'static str, String)]| {
            let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            asked_pause(&headers).map(|pause| pause.as_secs())
        };
        let now = jiff::Timestamp::now().as_second();
        assert_eq!(pause(&[("retry-after", "7".to_owned())]), Some(7));
        assert_eq!(pause(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT".to_owned())]), Some(0));
        let left = |left: u32, reset: i64| {
            [("x-ratelimit-remaining", left.to_string()), ("x-ratelimit-reset", reset.to_string())]
        };
        assert_eq!(pause(&left(0, 30)), Some(30));
        assert_eq!(pause(&left(1, 30)), None);
        assert!(pause(&left(0, now + 100)).is_some_and(|pause| (90..=100).contains(&pause)));
        assert_eq!(pause(&[("retry-after", "soon".to_owned())]), None);
    }
}
