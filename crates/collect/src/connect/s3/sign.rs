//! Signature version 4 for requests without a body: who asks, for what, when.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RANGE};
use sha2::{Digest, Sha256};
use url::Url;

use crate::connect::hex;

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Keys to a bucket.
pub struct Signer {
    access: String,
    secret: String,
    token: Option<String>,
    region: String,
}

impl Signer {
    pub fn new(access: &str, secret: String, token: Option<String>, region: &str) -> Signer {
        Signer { access: access.to_owned(), secret, token, region: region.to_owned() }
    }

    /// Adds what proves that the request is ours. Its path and query must be encoded already.
    pub fn sign(&self, url: &Url, headers: &mut HeaderMap, now: Timestamp) {
        let time = now.to_zoned(TimeZone::UTC);
        let (date, moment) = (time.strftime("%Y%m%d").to_string(), time.strftime("%Y%m%dT%H%M%SZ").to_string());
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let mut signed =
            vec![("host", host), ("x-amz-content-sha256", EMPTY.to_owned()), ("x-amz-date", moment.clone())];
        signed.extend(headers.get(RANGE).and_then(|range| Some(("range", range.to_str().ok()?.to_owned()))));
        signed.extend(self.token.clone().map(|token| ("x-amz-security-token", token)));
        signed.sort();
        let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String = signed.iter().fold(String::new(), |mut lines, (name, value)| {
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{name}:{}", value.trim());
            lines
        });
        let request = format!("GET\n{}\n{}\n{lines}\n{names}\n{EMPTY}", url.path(), sorted(url.query()));
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let key = [date.as_str(), self.region.as_str(), "s3", "aws4_request"]
            .iter()
            .fold(format!("AWS4{}", self.secret).into_bytes(), |key, part| hmac(&key, part));
        let proof = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.access,
            hex(&hmac(&key, &text)),
        );
        signed.push(("authorization", proof));
        for (name, value) in signed.into_iter().filter(|(name, _)| *name != "host") {
            if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The query in the order in which it is signed.
fn sorted(query: Option<&str>) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but what no server writes otherwise; `slashes` stay in keys.
pub fn encoded(text: &str, slashes: bool) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || slashes && byte == b'/';
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::AUTHORIZATION;

    fn signature(url: &str, range: Option<&str>) -> String {
        let signer = Signer::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            None,
            "us-east-1",
        );
        let mut headers = HeaderMap::new();
        range.map(|range| headers.insert(RANGE, range.parse().unwrap()));
        signer.sign(&Url::parse(url).unwrap(), &mut headers, "2013-05-24T00:00:00Z".parse().unwrap());
        let proof = headers[AUTHORIZATION].to_str().unwrap();
        proof.rsplit_once("Signature=").unwrap().1.to_owned()
    }

    /// The examples of the published specification.
    #[test]
    fn the_published_examples_are_met() {
        let host = "https://examplebucket.s3.amazonaws.com";
        assert_eq!(
            signature(&format!("{host}/test.txt"), Some("bytes=0-9")),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        assert_eq!(
            signature(&format!("{host}/?max-keys=2&prefix=J"), None),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
        assert_eq!(
            signature(&format!("{host}/?lifecycle="), None),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        );
    }

    #[test]
    fn keys_are_encoded_as_they_are_signed() {
        assert_eq!(encoded("人口/a b+c.csv", true), "%E4%BA%BA%E5%8F%A3/a%20b%2Bc.csv");
        assert_eq!(encoded("a/b", false), "a%2Fb");
    }
}
