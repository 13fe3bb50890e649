//! A line to another node: requests with headers of their own, answers with theirs, whole or into a file. By the rules that
//! connectors ask by: only what the city allows, no redirect, a limit on every size and a deadline on every wait.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use tokio::io::AsyncWriteExt;
use url::Url;

use super::http::address::{shown, whole};
use super::http::header::asked_pause;
use super::network::{Forbidden, Network};
use super::post::Unposted;
use super::Context;
use crate::CollectError;

/// How long the other side may take until it begins to answer, and between two pieces of its answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longest answer that is held in memory.
const ANSWER_MAX: usize = 4 << 20;

/// Asks other nodes.
pub struct Line {
    client: reqwest::Client,
    network: Network,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// What was answered, whatever its status.
#[derive(Clone, Debug)]
pub struct Heard {
    pub status: u16,
    /// By name in lower case; of repeated ones the values joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// Empty where the answer went into a file.
    pub body: Vec<u8>,
    /// How long the other side asks to be left alone.
    pub pause: Option<Duration>,
}

impl Line {
    pub fn new(ctx: &Context) -> Result<Line, CollectError> {
        Ok(Line { client: ctx.network.client()?, network: ctx.network.clone() })
    }

    /// Asks, and holds the answer in memory.
    pub async fn ask(&self, asked: &Asked) -> Result<Heard, Unposted> {
        let (mut response, mut heard, url) = self.send(asked).await?;
        while let Some(piece) = next(&mut response, &url).await? {
            if heard.body.len() + piece.len() > ANSWER_MAX {
                return Err(unheard(&url, "http.size", "对方的回应过长", "the answer is too long"));
            }
            heard.body.extend_from_slice(&piece);
        }
        Ok(heard)
    }

    /// Asks, and reads no more than how the answer begins.
    pub async fn begin(&self, asked: &Asked) -> Result<Heard, Unposted> {
        let (_, heard, _) = self.send(asked).await?;
        Ok(heard)
    }

    /// Asks, and writes an answer of 200 into a new file of at most so many bytes; any other answer is held in memory.
    pub async fn fetch(&self, asked: &Asked, into: &Path, most: u64) -> Result<Heard, Unposted> {
        let (mut response, mut heard, url) = self.send(asked).await?;
        let failed = |_| unheard(&url, "file.write", "文件无法写入", "the file cannot be written");
        let mut file = match heard.status {
            200 => Some(tokio::fs::File::create(into).await.map_err(failed)?),
            _ => None,
        };
        let mut bytes = 0;
        while let Some(piece) = next(&mut response, &url).await? {
            bytes += piece.len() as u64;
            if bytes > if file.is_some() { most } else { ANSWER_MAX as u64 } {
                return Err(unheard(&url, "http.size", "对方的回应过长", "the answer is too long"));
            }
            match &mut file {
                Some(file) => file.write_all(&piece).await.map_err(failed)?,
                None => heard.body.extend_from_slice(&piece),
            }
        }
        if let Some(mut file) = file {
            file.flush().await.map_err(failed)?;
            file.sync_all().await.map_err(failed)?;
        }
        Ok(heard)
    }

    async fn send(&self, asked: &Asked) -> Result<(reqwest::Response, Heard, Url), Unposted> {
        let wrong = || Unposted { error: CollectError::new("http.url", "node", "地址无效。", "The address is not valid."), pause: None };
        let url = whole(&asked.url).ok_or_else(wrong)?;
        self.network.check(&url).map_err(|forbidden| forbidden_at(&url, &forbidden))?;
        let method = reqwest::Method::from_bytes(asked.method.as_bytes()).map_err(|_| wrong())?;
        let mut request = self.client.request(method, url.clone());
        for (name, value) in &asked.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else { return Err(wrong()) };
            request = request.header(name, value);
        }
        if let Some(body) = &asked.body {
            request = request.body(body.clone());
        }
        let response = match tokio::time::timeout(TIMEOUT, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(broken(&url, &error)),
            Err(_) => return Err(late(&url)),
        };
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in response.headers() {
            let Ok(value) = value.to_str() else { continue };
            let known = headers.entry(name.as_str().to_owned()).or_default();
            if !known.is_empty() {
                known.push_str(", ");
            }
            known.push_str(value.trim());
        }
        let heard = Heard { status: response.status().as_u16(), headers, body: Vec::new(), pause: asked_pause(response.headers()) };
        Ok((response, heard, url))
    }
}

async fn next(response: &mut reqwest::Response, url: &Url) -> Result<Option<bytes::Bytes>, Unposted> {
    match tokio::time::timeout(TIMEOUT, response.chunk()).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(error)) => Err(broken(url, &error)),
        Err(_) => Err(late(url)),
    }
}

fn broken(url: &Url, error: &reqwest::Error) -> Unposted {
    if let Some(forbidden) = Forbidden::behind(error) {
        return forbidden_at(url, forbidden);
    }
    match error {
        error if error.is_connect() => unheard(url, "http.connect", "无法连接对方", "the other side cannot be reached"),
        error if error.is_timeout() => late(url),
        _ => unheard(url, "http.network", "传输中断", "the transfer broke off"),
    }
}

fn late(url: &Url) -> Unposted {
    let seconds = TIMEOUT.as_secs();
    unheard(url, "http.timeout", &format!("对方 {seconds} 秒内没有回应"), &format!("the other side did not answer within {seconds} seconds"))
}

fn forbidden_at(url: &Url, forbidden: &Forbidden) -> Unposted {
    let text = forbidden.text();
    unheard(url, "network.forbidden", &text.zh, &text.en)
}

fn unheard(url: &Url, code: &'static str, zh: &str, en: &str) -> Unposted {
    Unposted { error: CollectError::new(code, shown(url, &[]), format!("{zh}。"), format!("{en}.")), pause: None }
}
