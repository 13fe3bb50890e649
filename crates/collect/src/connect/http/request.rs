//! One page over the network: retries with growing pauses, few redirects, a limit on its size.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use data::declare::HttpAuth;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::address::{same_place, shown};
use crate::CollectError;

/// Largest body of one page.
const BODY_LIMIT: usize = 64 << 20;
const REDIRECTS: usize = 3;
/// The first pause between attempts; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How pages are asked for.
pub struct Caller {
    pub client: Client,
    pub headers: HeaderMap,
    pub auth: Option<HttpAuth>,
    /// Attempts for one page.
    pub attempts: u32,
    /// Longest wait for one answer, body included.
    pub timeout: Duration,
    /// Values that no message may show.
    pub secrets: Vec<String>,
}

/// What a server answered.
pub struct Page {
    pub body: Vec<u8>,
    pub content_type: String,
}

/// Why an attempt gave no page.
enum Failure {
    /// Worth another attempt, after the pause the server asked for.
    Passing(CollectError, Option<Duration>),
    Final(CollectError),
}

impl Caller {
    /// Fetches a page; `None` when the server says there is no such page (404).
    pub async fn fetch(&self, url: &Url) -> Result<Option<Page>, CollectError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let tried = tokio::time::timeout(self.timeout, self.attempt(url)).await;
            let failure = match tried.unwrap_or_else(|_| Err(self.late(url))) {
                Ok(page) => return Ok(page),
                Err(failure) => failure,
            };
            match failure {
                Failure::Final(error) => return Err(error),
                Failure::Passing(error, _) if attempt >= self.attempts => return Err(error.transient()),
                Failure::Passing(error, asked) => {
                    let pause = asked.map_or_else(|| growing(attempt), |asked| asked.min(LONGEST_PAUSE));
                    tracing::info!(attempt, pause_ms = pause.as_millis() as u64, %error, "page failed, trying again");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn attempt(&self, url: &Url) -> Result<Option<Page>, Failure> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.send(&url).await?;
            match response.status() {
                status if status.is_redirection() && response.headers().contains_key(LOCATION) => {
                    url = self.redirected(&url, &response)?;
                }
                StatusCode::NOT_FOUND => return Ok(None),
                status if status.is_success() => return self.page(&url, response).await.map(Some),
                _ => return Err(self.refused(&url, response).await),
            }
        }
        let error = self.error(
            "http.redirect",
            &url,
            &format!("重定向超过 {REDIRECTS} 次"),
            &format!("more than {REDIRECTS} redirects"),
        );
        Err(Failure::Final(error))
    }

    async fn send(&self, url: &Url) -> Result<Response, Failure> {
        let request = self.client.get(url.clone()).headers(self.headers.clone());
        let request = match &self.auth {
            None => request,
            Some(HttpAuth::Bearer { token }) => request.bearer_auth(token),
            Some(HttpAuth::Basic { user, password }) => request.basic_auth(user, Some(password)),
        };
        request.send().await.map_err(|error| self.network(url, &error))
    }

    fn redirected(&self, url: &Url, response: &Response) -> Result<Url, Failure> {
        let target = response
            .headers()
            .get(LOCATION)
            .and_then(|target| target.to_str().ok())
            .and_then(|target| url.join(target).ok());
        target.filter(|target| same_place(url, target)).ok_or_else(|| {
            Failure::Final(self.error(
                "http.redirect",
                url,
                "被重定向到另一台主机，已拒绝",
                "a redirect to another host was refused",
            ))
        })
    }

    async fn page(&self, url: &Url, mut response: Response) -> Result<Page, Failure> {
        let content_type =
            response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.network(url, &error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                let error = self.error(
                    "http.too_large",
                    url,
                    "一页超过 64 MiB，请改小每页行数",
                    "a page is larger than 64 MiB: ask for smaller pages",
                );
                return Err(Failure::Final(error));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Page { body, content_type })
    }

    async fn refused(&self, url: &Url, response: Response) -> Failure {
        let status = response.status();
        let pause = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(asked_pause);
        let (code, zh, en) = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ("http.login", "服务器不接受所给的凭据", "the server does not accept the credentials")
            }
            StatusCode::TOO_MANY_REQUESTS => ("http.busy", "请求过于频繁", "too many requests"),
            _ => ("http.status", "服务器没有给出数据", "the server gave no data"),
        };
        let error = self.error(
            code,
            url,
            &format!("{zh}（HTTP {}）", status.as_u16()),
            &format!("{en} (HTTP {})", status.as_u16()),
        );
        let may_pass = status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT;
        if may_pass { Failure::Passing(error, pause) } else { Failure::Final(error) }
    }

    fn network(&self, url: &Url, error: &reqwest::Error) -> Failure {
        let (code, zh, en) = match error {
            error if error.is_connect() => ("http.connect", "无法连接服务器", "the server cannot be reached"),
            error if error.is_timeout() => ("http.timeout", "服务器没有及时回应", "the server did not answer in time"),
            _ => ("http.network", "传输中断", "the transfer broke off"),
        };
        Failure::Passing(self.error(code, url, zh, en), None)
    }

    fn late(&self, url: &Url) -> Failure {
        let seconds = self.timeout.as_secs();
        let error = self.error(
            "http.timeout",
            url,
            &format!("服务器 {seconds} 秒内没有答完"),
            &format!("the server did not answer within {seconds} seconds"),
        );
        Failure::Passing(error, None)
    }

    pub fn error(&self, code: &'static str, url: &Url, zh: &str, en: &str) -> CollectError {
        CollectError::new(code, self.shown(url), format!("{zh}。"), format!("{en}."))
    }

    pub fn shown(&self, url: &Url) -> String {
        shown(url, &self.secrets)
    }
}

/// Twice as long each time, and a random half more, so that many callers do not come back at once.
fn growing(attempt: u32) -> Duration {
    let pause = PAUSE.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST_PAUSE);
    let chance = RandomState::new().hash_one(attempt) % 1000;
    pause + pause.mul_f64(chance as f64 / 2000.0)
}

/// `Retry-After`: seconds, or a date.
fn asked_pause(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp();
    let wait = until.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}
