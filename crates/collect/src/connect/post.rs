//! Posting to an address outside, or asking it, by the rules that connectors ask by: only what the city allows, no redirect, no secret in
//! what is told of it.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use url::Url;

use super::http::address::{shown, whole};
use super::http::header::{asked_pause, filled};
use super::network::{Forbidden, Network};
use super::Context;
use crate::CollectError;

/// How long whoever is told may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longest answer that is read.
const ANSWER_MAX: usize = 64 * 1024;

/// An address that things are posted to, ready to be used many times.
pub struct Poster {
    client: reqwest::Client,
    network: Network,
    url: Url,
    headers: HeaderMap,
    /// Values that no message may show.
    secrets: Vec<String>,
}

/// Why something posted was not taken.
#[derive(Debug)]
pub struct Unposted {
    pub error: CollectError,
    /// How long the other side asks to be left alone.
    pub pause: Option<Duration>,
}

impl Poster {
    /// Fills in the variables of a declared address and its headers; `name` is what errors call the declaration.
    pub fn new(ctx: &Context, name: &str, url: &str, headers: &BTreeMap<String, String>) -> Result<Poster, CollectError> {
        let mut secrets = Vec::new();
        let mut fill = |text: &str| ctx.filled_noting(name, text, &mut secrets);
        let url = whole(&fill(url)?).ok_or_else(|| {
            let zh = "地址无效，应为 http:// 或 https:// 开头的完整地址。";
            CollectError::new("http.url", name, zh, "The address is not valid; it should be a whole one that begins with http:// or https://.")
        })?;
        let headers = filled(name, headers, &mut fill)?;
        Ok(Poster { client: ctx.network.client()?, network: ctx.network.clone(), url, headers, secrets })
    }

    /// The same for an address that somebody else gave: nothing of it stands for a variable. `authorization` is no word of a message.
    pub fn given(ctx: &Context, name: &str, url: &str, authorization: Option<&str>) -> Result<Poster, CollectError> {
        let unfit = || CollectError::new("http.url", name, "地址无效。", "The address is not valid.");
        let url = whole(url).ok_or_else(unfit)?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        if let Some(value) = authorization {
            let mut value = HeaderValue::from_str(value).map_err(|_| unfit())?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Poster { client: ctx.network.client()?, network: ctx.network.clone(), url, headers, secrets: Vec::new() })
    }

    /// Posts; taken is what is answered with 2xx.
    pub async fn post(&self, kind: &'static str, body: String) -> Result<(), Unposted> {
        let response = self.send(kind, body).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let word = if status.is_redirection() { ("要求转到别处，消息不随之转发", "redirects, which messages do not follow") } else { ("没有接收", "did not take it") };
        let unposted = self.unposted("http.status", &format!("对方{}（HTTP {}）", word.0, status.as_u16()), &format!("the receiver {} (HTTP {})", word.1, status.as_u16()));
        Err(Unposted { pause: asked_pause(response.headers()), ..unposted })
    }

    /// Posts, and gives the answer whatever its status: that and its bytes, at most [`ANSWER_MAX`].
    pub async fn ask(&self, kind: &'static str, body: String) -> Result<(u16, Vec<u8>), Unposted> {
        self.whole(self.send(kind, body).await?).await
    }

    /// Asks for what is there, and gives the answer whatever its status.
    pub async fn get(&self) -> Result<(u16, Vec<u8>), Unposted> {
        self.whole(self.begin(self.client.get(self.url.clone())).await?).await
    }

    /// The status of an answer and its bytes, at most [`ANSWER_MAX`].
    async fn whole(&self, mut response: reqwest::Response) -> Result<(u16, Vec<u8>), Unposted> {
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        let reading = async {
            while let Some(chunk) = response.chunk().await? {
                if bytes.len() + chunk.len() > ANSWER_MAX {
                    return Ok(false);
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(true)
        };
        match tokio::time::timeout(TIMEOUT, reading).await {
            Ok(Ok(true)) => Ok((status, bytes)),
            Ok(Ok(false)) => Err(self.unposted("http.size", "对方的回应过长", "the receiver's answer is too long")),
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => Err(self.late()),
        }
    }

    async fn send(&self, kind: &'static str, body: String) -> Result<reqwest::Response, Unposted> {
        self.begin(self.client.post(self.url.clone()).header(CONTENT_TYPE, kind).body(body)).await
    }

    async fn begin(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Unposted> {
        if let Err(forbidden) = self.network.check(&self.url) {
            return Err(self.forbidden(&forbidden));
        }
        match tokio::time::timeout(TIMEOUT, request.headers(self.headers.clone()).send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => Err(self.late()),
        }
    }

    fn broken(&self, error: &reqwest::Error) -> Unposted {
        if let Some(forbidden) = Forbidden::behind(error) {
            return self.forbidden(forbidden);
        }
        let (code, zh, en) = match error {
            error if error.is_connect() => ("http.connect", "无法连接对方", "the receiver cannot be reached"),
            error if error.is_timeout() => return self.late(),
            _ => ("http.network", "传输中断", "the transfer broke off"),
        };
        self.unposted(code, zh, en)
    }

    fn late(&self) -> Unposted {
        let seconds = TIMEOUT.as_secs();
        self.unposted("http.timeout", &format!("对方 {seconds} 秒内没有回应"), &format!("the receiver did not answer within {seconds} seconds"))
    }

    fn forbidden(&self, forbidden: &Forbidden) -> Unposted {
        let text = forbidden.text();
        self.unposted("network.forbidden", &text.zh, &text.en)
    }

    fn unposted(&self, code: &'static str, zh: &str, en: &str) -> Unposted {
        Unposted { error: CollectError::new(code, shown(&self.url, &self.secrets), format!("{zh}。"), format!("{en}.")), pause: None }
    }
}
