//! One question to a service at the moment of a call: asked once, within a deadline, and answered with JSON or not at all. No
//! redirect is followed and nothing is asked again, but for a token that has expired where asking again is safe.

use std::time::Duration;

use data::declare::{Connector, System};
use data::network::AllowList;
use data::openapi::Method;
use data::share::Sent;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::address::same_place;
use super::ask::Ask;
use super::header::{asked_pause, filled};
use super::login::Login;
use super::request::{Caller, Failure};
use crate::CollectError;
use crate::connect::Context;

/// A service, ready to be asked many times.
pub struct Service {
    caller: Caller,
    base: Url,
    deadline: Duration,
}

/// Why a service gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Not within its deadline.
    Late,
    /// It could not be reached, or may not be.
    Away,
    /// It failed, or answered with what is no answer.
    Broken,
    /// It does not know us.
    Login,
    /// It does not take the question.
    Refused,
    /// It wants to be left alone.
    Busy,
}

/// What went wrong, for whoever sees to the service.
#[derive(Debug)]
pub struct Failed {
    pub why: Unanswered,
    pub error: CollectError,
    /// How long it asks to be left alone.
    pub pause: Option<Duration>,
}

impl Service {
    /// As declared, with variables filled in.
    pub fn new(ctx: &Context, system: &System) -> Result<Service, CollectError> {
        let Connector::Service { url, headers, auth, deadline_seconds, largest_kib, .. } = &system.connector else {
            return Err(CollectError::new("connect.kind", &system.id, "这个系统不是服务。", "This system is not a service."));
        };
        let mut secrets = Vec::new();
        let mut fill = |text: &str| ctx.filled_noting(&system.id, text, &mut secrets);
        let base = super::address::first(system, &fill(url)?, "")?;
        let headers = filled(&system.id, headers, &mut fill)?;
        let login = Login::prepare(system, auth.as_ref(), &mut fill)?;
        let deadline = Duration::from_secs(u64::from((*deadline_seconds).clamp(1, 60)));
        let caller = Caller {
            client: ctx.network.client()?,
            network: ctx.network.clone(),
            headers,
            login,
            attempts: 1,
            timeout: deadline,
            deadline: super::deadline(10080),
            minutes: 0,
            per_second: None,
            largest: u64::from((*largest_kib).clamp(1, 65536)) << 10,
            redirects: AllowList::default(),
            contact: ctx.contacts.of(&system.id),
            secrets,
        };
        Ok(Service { caller, base, deadline })
    }

    /// Asks; `None` where the service says that there is no such thing (404).
    pub async fn ask(&self, sent: &Sent) -> Result<Option<Value>, Failed> {
        let ask = self.address(sent)?;
        let asked = async {
            match self.once(&ask, sent, None).await {
                // Asking again what changes nothing does no harm; whether the service takes a POST for that, we do not know.
                Err(Failure::Expired(_, token)) if sent.method == Method::Get => self.once(&ask, sent, Some(&token)).await,
                other => other,
            }
        };
        let answered = match tokio::time::timeout(self.deadline, asked).await {
            Ok(answered) => answered,
            Err(_) => Err(self.caller.late(&ask.url)),
        };
        let failed = match answered {
            Ok(answer) => return Ok(answer),
            Err(Failure::Expired(error, _)) => Failed { why: Unanswered::Login, error, pause: None },
            Err(Failure::Passing(error, pause)) => Failed { why: why(&error), error, pause },
            Err(Failure::Final(error)) => Failed { why: why(&error), error, pause: None },
        };
        self.caller.contact.failed(&failed.error.message);
        Err(failed)
    }

    /// The whole address: below the base, whatever the parameters are.
    fn address(&self, sent: &Sent) -> Result<Ask, Failed> {
        let base = self.base.as_str().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let whole = Url::parse(&format!("{base}/{}", sent.path.trim_start_matches('/'))).ok();
        let below = |url: &Url| same_place(&self.base, url) && url.path().starts_with(self.base.path().trim_end_matches('/'));
        let Some(mut url) = whole.filter(below) else {
            let error = self.caller.error("http.url", &self.base, "参数不能构成地址", "the parameters do not make an address");
            return Err(Failed { why: Unanswered::Refused, error, pause: None });
        };
        if let Some(own) = self.base.query() {
            url.set_query(Some(own));
        }
        if !sent.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&sent.query);
        }
        Ok(Ask { url, body: sent.body.clone().or((sent.method == Method::Post).then(|| Value::Object(Default::default()))) })
    }

    async fn once(&self, ask: &Ask, sent: &Sent, refused: Option<&str>) -> Result<Option<Value>, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in &sent.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        let (response, token) = self.caller.send(ask, true, refused, &headers).await?;
        let status = response.status();
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => self.json(&ask.url, response).await.map(Some),
            status if status.is_redirection() => Err(self.broken(&ask.url, "转到了别处，未随之前往", "redirects, which is not followed")),
            StatusCode::UNAUTHORIZED if token.is_some() => Err(Failure::Expired(self.said("http.login", &ask.url, status), token.unwrap_or_default())),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Failure::Final(self.said("http.login", &ask.url, status))),
            StatusCode::TOO_MANY_REQUESTS => Err(Failure::Passing(self.said("http.busy", &ask.url, status), asked_pause(response.headers()))),
            status if status.is_client_error() => Err(Failure::Final(self.said("http.refused", &ask.url, status))),
            _ => Err(Failure::Passing(self.said("http.status", &ask.url, status), asked_pause(response.headers()))),
        }
    }

    async fn json(&self, url: &Url, mut response: Response) -> Result<Value, Failure> {
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && !kind.ends_with("+json") {
            return Err(self.broken(url, "没有以 JSON 应答", "did not answer with JSON"));
        }
        let mut body: Vec<u8> = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.caller.network(url, &error))? {
            if (body.len() + chunk.len()) as u64 > self.caller.largest {
                return Err(self.broken(url, "应答过大", "gave too large an answer"));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| self.broken(url, "应答不是完整的 JSON", "gave what is no whole JSON"))
    }

    fn said(&self, code: &'static str, url: &Url, status: StatusCode) -> CollectError {
        self.caller.error(code, url, &format!("服务答以 HTTP {}", status.as_u16()), &format!("the service answered with HTTP {}", status.as_u16()))
    }

    fn broken(&self, url: &Url, zh: &str, en: &str) -> Failure {
        Failure::Final(self.caller.error("http.broken", url, &format!("服务{zh}"), &format!("the service {en}")))
    }
}

fn why(error: &CollectError) -> Unanswered {
    match error.code {
        "http.timeout" => Unanswered::Late,
        "http.connect" | "network.forbidden" | "http.network" => Unanswered::Away,
        "http.login" | "http.token" => Unanswered::Login,
        "http.refused" => Unanswered::Refused,
        "http.busy" => Unanswered::Busy,
        _ => Unanswered::Broken,
    }
}
