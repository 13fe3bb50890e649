//! One request over the network: its turn, retries with growing pauses, few redirects, limits on size and time.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use data::network::AllowList;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE,
};
use reqwest::{Client, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::address::{same_place, set, shown};
use super::ask::Ask;
use super::header::{asked_pause, used_up};
use super::login::Login;
use super::page::{Arriving, Page, Version, header};
use crate::CollectError;
use crate::connect::contact::Contact;
use crate::connect::network::{Forbidden, Network};

const REDIRECTS: usize = 3;
/// The first pause between attempts; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A server that wants to be left alone for longer ends the run; a later one asks again.
const LONGEST_HOLD: Duration = Duration::from_secs(15 * 60);
/// Of an answer that says what went wrong, no more is read.
const REFUSAL_LIMIT: usize = 16 << 10;

/// How a system is asked.
pub struct Caller {
    pub client: Client,
    pub network: Network,
    pub headers: HeaderMap,
    pub login: Login,
    /// Attempts for one answer.
    pub attempts: u32,
    /// Longest wait for an answer to begin, and between its parts.
    pub timeout: Duration,
    /// When all must be over.
    pub deadline: Instant,
    /// How long that was from the start, for people.
    pub minutes: u32,
    pub per_second: Option<f64>,
    /// Largest answer in bytes, expanded.
    pub largest: u64,
    /// Hosts besides the declared one that may be redirected to.
    pub redirects: AllowList,
    pub contact: Arc<Contact>,
    /// Values that no message may show.
    pub secrets: Vec<String>,
}

/// What came of a request.
pub enum Answer {
    Page(Page),
    /// It is still the version that was asked about.
    Unchanged,
    /// There is nothing at this address.
    Missing,
}

/// Why an attempt gave no answer.
pub enum Failure {
    /// Worth another attempt, after the pause the server asked for.
    Passing(CollectError, Option<Duration>),
    /// The token was not taken.
    Expired(CollectError, String),
    Final(CollectError),
}

impl Caller {
    /// Asks, and again when it fails for a passing reason. With a known version, an unchanged content is not sent again.
    pub async fn fetch(&self, ask: &Ask, known: Option<&Version>) -> Result<Answer, CollectError> {
        let fetched = tokio::time::timeout_at(self.deadline, self.attempts(ask, known)).await;
        let fetched = fetched.unwrap_or_else(|_| Err(self.over(&ask.url)));
        if let Err(error) = &fetched {
            self.contact.failed(&error.message);
        }
        fetched
    }

    async fn attempts(&self, ask: &Ask, known: Option<&Version>) -> Result<Answer, CollectError> {
        let (mut attempt, mut refused, mut arriving): (u32, Option<String>, Option<Arriving>) = (0, None, None);
        loop {
            self.turn(&ask.url).await?;
            attempt += 1;
            match self.attempt(ask, known, refused.as_deref(), &mut arriving).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Expired(_, token)) if refused.is_none() => refused = Some(token),
                Err(Failure::Final(error) | Failure::Expired(error, _)) => return Err(error),
                Err(Failure::Passing(error, _)) if attempt >= self.attempts => return Err(error.transient()),
                Err(Failure::Passing(error, Some(asked))) => {
                    tracing::info!(attempt, pause_ms = asked.as_millis() as u64, %error, "asked to wait");
                    self.contact.hold(asked);
                }
                Err(Failure::Passing(error, None)) => {
                    let pause = growing(attempt);
                    tracing::info!(attempt, pause_ms = pause.as_millis() as u64, %error, "request failed, trying again");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// Waits until the system may be asked.
    async fn turn(&self, url: &Url) -> Result<(), CollectError> {
        let held = self.contact.held();
        if held > LONGEST_HOLD || Instant::now() + held > self.deadline {
            let minutes = held.as_secs().div_ceil(60);
            let zh = format!("服务器要求 {minutes} 分钟后再来，届时会再试");
            let en = format!("the server asks to come back in {minutes} minutes; it will be tried again");
            return Err(self.error("http.busy", url, &zh, &en).transient());
        }
        tokio::time::sleep(self.contact.turn(self.per_second)).await;
        Ok(())
    }

    async fn attempt(
        &self,
        ask: &Ask,
        known: Option<&Version>,
        refused: Option<&str>,
        arriving: &mut Option<Arriving>,
    ) -> Result<Answer, Failure> {
        let mut ask = ask.clone();
        let mut at_home = true;
        let conditions = conditions(known, arriving.as_ref());
        for _ in 0..=REDIRECTS {
            let (response, token) = self.send(&ask, at_home, refused, &conditions).await?;
            match response.status() {
                StatusCode::NOT_MODIFIED if known.is_some() => return Ok(Answer::Unchanged),
                status if status.is_redirection() && response.headers().contains_key(LOCATION) => {
                    ask.url = self.redirected(&ask, &response, &mut at_home)?;
                }
                StatusCode::NOT_FOUND => return Ok(Answer::Missing),
                status if status.is_success() => return self.page(&ask.url, response, arriving).await.map(Answer::Page),
                StatusCode::UNAUTHORIZED if token.is_some() => {
                    return match self.refused(&ask.url, response).await {
                        Failure::Final(error) => Err(Failure::Expired(error, token.unwrap_or_default())),
                        failure => Err(failure),
                    };
                }
                _ => return Err(self.refused(&ask.url, response).await),
            }
        }
        let (zh, en) = (format!("重定向超过 {REDIRECTS} 次"), format!("more than {REDIRECTS} redirects"));
        Err(Failure::Final(self.error("http.redirect", &ask.url, &zh, &en)))
    }

    /// Sends one request; with the answer comes the token that it was sent with. Hosts that were redirected to get no
    /// credentials and no declared headers.
    pub(super) async fn send(
        &self,
        ask: &Ask,
        at_home: bool,
        refused: Option<&str>,
        conditions: &HeaderMap,
    ) -> Result<(Response, Option<String>), Failure> {
        self.network.check(&ask.url).map_err(|forbidden| Failure::Final(self.forbidden(&ask.url, &forbidden)))?;
        let mut url = ask.url.clone();
        let mut headers = if at_home { self.headers.clone() } else { HeaderMap::new() };
        let mut token = None;
        match &self.login {
            Login::Header(name, value) if at_home => {
                headers.insert(name.clone(), value.clone());
            }
            Login::Query { name, value } if at_home => set(&mut url, name, value),
            Login::Token(oauth) if at_home => {
                let value = self.token(oauth, refused).await?;
                headers.insert(AUTHORIZATION, self.bearer(&ask.url, &value)?);
                token = Some(value);
            }
            Login::Signed(signer) => signer.sign(&url, &mut headers, jiff::Timestamp::now()),
            _ => {}
        }
        headers.extend(conditions.clone());
        let request = match &ask.body {
            None => self.client.get(url),
            Some(body) => self.client.post(url).header(CONTENT_TYPE, "application/json").body(body.to_string()),
        };
        let sent = std::time::Instant::now();
        let response = tokio::time::timeout(self.timeout, request.headers(headers).send()).await;
        let response = response.map_err(|_| self.late(&ask.url))?.map_err(|error| self.network(&ask.url, &error))?;
        self.contact.answered(sent.elapsed());
        if let Some(pause) = used_up(response.headers()) {
            self.contact.hold(pause);
        }
        Ok((response, token))
    }

    fn bearer(&self, url: &Url, token: &str) -> Result<HeaderValue, Failure> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
            Failure::Final(self.error("http.token", url, "令牌含有不能发送的字符", "the token holds what cannot be sent"))
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn redirected(&self, ask: &Ask, response: &Response, at_home: &mut bool) -> Result<Url, Failure> {
        let refuse = |zh: &str, en: &str| Failure::Final(self.error("http.redirect", &ask.url, zh, en));
        let keeps_body = matches!(response.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
        if ask.body.is_some() && !keeps_body {
            return Err(refuse("带请求体的请求被重定向，请核对地址", "a request with a body was redirected: check the address"));
        }
        let target = header(response.headers(), LOCATION).and_then(|target| ask.url.join(target).ok());
        let target = target.filter(|target| matches!(target.scheme(), "http" | "https") && target.has_host());
        let Some(target) = target else {
            return Err(refuse("重定向的地址无效", "the address of a redirect is not valid"));
        };
        if same_place(&ask.url, &target) {
            return Ok(target);
        }
        let declared = target.host_str().is_some_and(|host| self.redirects.names(host));
        if !declared || ask.body.is_some() || target.scheme() < ask.url.scheme() {
            return Err(refuse(
                "被重定向到另一台主机，已拒绝：如确需前往，请写入 redirect_hosts",
                "a redirect to another host was refused: if it is meant, add it to redirect_hosts",
            ));
        }
        *at_home = false;
        Ok(target)
    }

    async fn page(&self, url: &Url, mut response: Response, kept: &mut Option<Arriving>) -> Result<Page, Failure> {
        let goes_on = |arriving: &Arriving| response.status() == StatusCode::PARTIAL_CONTENT && arriving.goes_on(response.headers());
        let mut arriving = match kept.take().filter(goes_on) {
            Some(arriving) => arriving,
            None if response.status() == StatusCode::PARTIAL_CONTENT => {
                return Err(Failure::Passing(self.error("http.network", url, "传输中断", "the transfer broke off"), None));
            }
            None => Arriving::new(response.headers()).map_err(|error| self.spool(url, &error))?,
        };
        loop {
            let failure = match tokio::time::timeout(self.timeout, response.chunk()).await {
                Ok(Ok(None)) => return arriving.finish().map_err(|error| self.spool(url, &error)),
                Ok(Ok(Some(chunk))) if arriving.length + chunk.len() as u64 > self.largest => return Err(self.too_large(url)),
                Ok(Ok(Some(chunk))) => match arriving.push(&chunk) {
                    Ok(()) => continue,
                    Err(error) => return Err(self.spool(url, &error)),
                },
                Ok(Err(error)) => self.network(url, &error),
                Err(_) => self.late(url),
            };
            *kept = Some(arriving);
            return Err(failure);
        }
    }

    async fn refused(&self, url: &Url, mut response: Response) -> Failure {
        let status = response.status();
        let pause = asked_pause(response.headers());
        let may_pass = status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT
            // Some services answer so when a limit is used up.
            || status == StatusCode::FORBIDDEN && pause.is_some();
        let (code, zh, en) = match status {
            StatusCode::TOO_MANY_REQUESTS => ("http.busy", "请求过于频繁", "too many requests"),
            _ if may_pass => ("http.status", "服务器没有给出数据", "the server gave no data"),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ("http.login", "服务器不接受所给的凭据", "the server does not accept the credentials")
            }
            StatusCode::PRECONDITION_FAILED => ("files.changed", "读取期间被改写", "it was changed while it was read"),
            _ => ("http.status", "服务器没有给出数据", "the server gave no data"),
        };
        let word = if matches!(self.login, Login::Signed(_)) { self.word(&mut response).await } else { None };
        let told = word.map_or_else(|| status.as_str().to_owned(), |word| format!("{} {word}", status.as_str()));
        let error = self.error(code, url, &format!("{zh}（HTTP {told}）"), &format!("{en} (HTTP {told})"));
        if may_pass { Failure::Passing(error, pause) } else { Failure::Final(error) }
    }

    /// The word by which an object store says what is wrong, such as `SignatureDoesNotMatch`.
    async fn word(&self, response: &mut Response) -> Option<String> {
        let mut body = Vec::new();
        let read = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > REFUSAL_LIMIT {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(self.timeout, read).await;
        let text = String::from_utf8_lossy(&body);
        let word = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
        (word.len() <= 64 && word.chars().all(|c| c.is_ascii_alphanumeric())).then(|| word.to_owned())
    }
}

/// Words for what went wrong.
impl Caller {
    pub(super) fn network(&self, url: &Url, error: &reqwest::Error) -> Failure {
        if let Some(forbidden) = Forbidden::behind(error) {
            return Failure::Final(self.forbidden(url, forbidden));
        }
        let (code, zh, en) = match error {
            error if error.is_connect() => ("http.connect", "无法连接服务器", "the server cannot be reached"),
            error if error.is_timeout() => ("http.timeout", "服务器没有及时回应", "the server did not answer in time"),
            error if error.is_decode() => ("http.damaged", "回答的压缩内容已损坏", "the compressed answer is damaged"),
            _ => ("http.network", "传输中断", "the transfer broke off"),
        };
        Failure::Passing(self.error(code, url, zh, en), None)
    }

    pub(super) fn forbidden(&self, url: &Url, forbidden: &Forbidden) -> CollectError {
        let text = forbidden.text();
        self.error("network.forbidden", url, &text.zh, &text.en)
    }

    pub(super) fn late(&self, url: &Url) -> Failure {
        let seconds = self.timeout.as_secs();
        let zh = format!("服务器 {seconds} 秒内没有回应");
        let en = format!("the server did not answer within {seconds} seconds");
        Failure::Passing(self.error("http.timeout", url, &zh, &en), None)
    }

    fn over(&self, url: &Url) -> CollectError {
        let minutes = self.minutes;
        let zh = format!("{minutes} 分钟内没有取完（deadline_minutes），已停止");
        let en = format!("it was not done within {minutes} minutes (deadline_minutes): stopped");
        self.error("http.deadline", url, &zh, &en).transient()
    }

    fn too_large(&self, url: &Url) -> Failure {
        let mib = self.largest >> 20;
        let zh = format!("内容超过 {mib} MiB，请改小每页行数，或调高 largest_mib");
        let en = format!("the content is larger than {mib} MiB: ask for smaller pages, or raise largest_mib");
        Failure::Final(self.error("http.too_large", url, &zh, &en))
    }

    pub(super) fn spool(&self, url: &Url, error: &std::io::Error) -> Failure {
        let zh = format!("无法写入临时文件：{error}");
        let en = format!("the temporary file cannot be written: {error}");
        Failure::Final(self.error("http.spool", url, &zh, &en).transient())
    }

    pub fn error(&self, code: &'static str, url: &Url, zh: &str, en: &str) -> CollectError {
        CollectError::new(code, self.shown(url), format!("{zh}。"), format!("{en}."))
    }

    pub fn shown(&self, url: &Url) -> String {
        shown(url, &self.secrets)
    }
}

/// What is asked besides: not what is known already, and only the rest of what had begun to come.
fn conditions(known: Option<&Version>, arriving: Option<&Arriving>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    };
    if let Some((arriving, etag)) = arriving.and_then(|arriving| Some((arriving, arriving.resumable()?))) {
        put(RANGE, Some(&format!("bytes={}-", arriving.length)));
        put(IF_RANGE, Some(etag));
    }
    put(IF_NONE_MATCH, known.and_then(|known| known.etag.as_deref()));
    put(IF_MODIFIED_SINCE, known.and_then(|known| known.modified.as_deref()));
    headers
}

/// Twice as long each time, and a random half more, so that many callers do not come back at once.
fn growing(attempt: u32) -> Duration {
    let pause = PAUSE.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST_PAUSE);
    let chance = RandomState::new().hash_one(attempt) % 1000;
    pause + pause.mul_f64(chance as f64 / 2000.0)
}
