//! How requests say who asks: a fixed header, a key in the query, a token that is fetched, or a signature.

use std::time::{Duration, Instant};

use data::declare::{CredentialsPlace, HttpAuth, KeyPlace, System};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::address;
use super::request::{Caller, Failure};
use crate::CollectError;
use crate::connect::contact::Token;
use crate::connect::s3::Signer;

/// Of an answer that should hold a token, no more is read.
const TOKEN_ANSWER_LIMIT: usize = 1 << 20;
/// How long a token is taken to hold when the server does not say.
const UNSAID: u64 = 300;
const LONGEST_TOKEN: u64 = 30 * 24 * 3600;

pub enum Login {
    None,
    Header(HeaderName, HeaderValue),
    Query { name: String, value: String },
    Token(Oauth),
    Signed(Signer),
}

/// OAuth 2 client credentials (RFC 6749, section 4.4).
pub struct Oauth {
    url: Url,
    id: String,
    secret: String,
    scope: String,
    audience: String,
    credentials: CredentialsPlace,
}

impl Login {
    /// As declared, with variables filled in.
    pub fn prepare(
        system: &System,
        auth: Option<&HttpAuth>,
        fill: &mut dyn FnMut(&str) -> Result<String, CollectError>,
    ) -> Result<Login, CollectError> {
        Ok(match auth {
            None => Login::None,
            Some(HttpAuth::Bearer { token }) => fixed(system, AUTHORIZATION, &format!("Bearer {}", fill(token)?))?,
            Some(HttpAuth::Basic { user, password }) => {
                fixed(system, AUTHORIZATION, &basic(&fill(user)?, &fill(password)?))?
            }
            Some(HttpAuth::ApiKey { name, value, place: KeyPlace::Query }) => {
                Login::Query { name: name.clone(), value: fill(value)? }
            }
            Some(HttpAuth::ApiKey { name, value, place: KeyPlace::Header }) => {
                let header = HeaderName::try_from(name.as_str()).map_err(|_| super::header::bad(&system.id, name))?;
                fixed(system, header, &fill(value)?)?
            }
            Some(HttpAuth::Oauth2 { token_url, client_id, client_secret, scope, audience, credentials }) => {
                Login::Token(Oauth {
                    url: address::first(system, &fill(token_url)?, "")?,
                    id: fill(client_id)?,
                    secret: fill(client_secret)?,
                    scope: fill(scope)?,
                    audience: fill(audience)?,
                    credentials: *credentials,
                })
            }
        })
    }
}

fn fixed(system: &System, name: HeaderName, value: &str) -> Result<Login, CollectError> {
    let mut header = HeaderValue::from_str(value).map_err(|_| super::header::bad(&system.id, name.as_str()))?;
    header.set_sensitive(true);
    Ok(Login::Header(name, header))
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: serde_json::Value,
}

impl Oauth {
    /// By what a token is got: another client or scope is another token.
    fn origin(&self) -> u128 {
        let all = [self.url.as_str(), &self.id, &self.secret, &self.scope, &self.audience].join("\n");
        xxhash_rust::xxh3::xxh3_128(all.as_bytes())
    }

    fn form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        let optional = [("scope", &self.scope), ("audience", &self.audience)];
        optional.iter().filter(|(_, value)| !value.is_empty()).for_each(|(name, value)| {
            form.append_pair(name, value);
        });
        if self.credentials == CredentialsPlace::Body {
            form.append_pair("client_id", &self.id).append_pair("client_secret", &self.secret);
        }
        form.finish()
    }
}

impl Caller {
    /// The token in use, fetched when there is none or it is about to expire. `refused`: the server did not take this one.
    pub(super) async fn token(&self, oauth: &Oauth, refused: Option<&str>) -> Result<String, Failure> {
        let mut kept = self.contact.token.lock().await;
        let good = |token: &&Token| {
            token.origin == oauth.origin() && token.until > Instant::now() && refused != Some(token.value.as_str())
        };
        if let Some(token) = kept.as_ref().filter(good) {
            return Ok(token.value.clone());
        }
        let token = self.fetch_token(oauth).await?;
        Ok(kept.insert(token).value.clone())
    }

    async fn fetch_token(&self, oauth: &Oauth) -> Result<Token, Failure> {
        self.network.check(&oauth.url).map_err(|forbidden| Failure::Final(self.forbidden(&oauth.url, &forbidden)))?;
        let request = self
            .client
            .post(oauth.url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(oauth.form());
        let request = match oauth.credentials {
            // RFC 6749 has both parts form-encoded before they are joined.
            CredentialsPlace::Header => {
                request.header(AUTHORIZATION, basic(&encoded(&oauth.id), &encoded(&oauth.secret)))
            }
            CredentialsPlace::Body => request,
        };
        let sent = tokio::time::timeout(self.timeout, async {
            let mut response = request.send().await?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                body.extend_from_slice(&chunk);
                if body.len() > TOKEN_ANSWER_LIMIT {
                    break;
                }
            }
            Ok::<_, reqwest::Error>((response.status(), body))
        });
        let (status, body) = match sent.await {
            Err(_) => return Err(self.late(&oauth.url)),
            Ok(Err(error)) => return Err(self.network(&oauth.url, &error)),
            Ok(Ok(answer)) => answer,
        };
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(Failure::Passing(self.no_token(oauth, status.as_u16(), &body), None));
        }
        let granted = serde_json::from_slice::<Granted>(&body).ok().filter(|_| status.is_success());
        let granted = granted.ok_or_else(|| Failure::Final(self.no_token(oauth, status.as_u16(), &body)))?;
        let seconds = seconds(&granted.expires_in).unwrap_or(UNSAID).min(LONGEST_TOKEN);
        // Renewed a little before its end, so that no request leaves with a token that expires on the way.
        let used = seconds - (seconds / 10).min(60);
        Ok(Token {
            value: granted.access_token,
            until: Instant::now() + Duration::from_secs(used),
            origin: oauth.origin(),
        })
    }

    fn no_token(&self, oauth: &Oauth, status: u16, body: &[u8]) -> CollectError {
        let word = serde_json::from_slice::<serde_json::Value>(body).ok();
        let word = word.as_ref().and_then(|body| body.get("error")?.as_str());
        let word = word.filter(|word| word.len() <= 40 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        let word = word.map(|word| format!("，{word}")).unwrap_or_default();
        self.error(
            "http.token",
            &oauth.url,
            &format!("没有得到令牌（HTTP {status}{word}），请核对 client_id、client_secret 和 scope"),
            &format!(
                "no token was given (HTTP {status}{}): check client_id, client_secret and scope",
                word.replace('，', ", ")
            ),
        )
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn seconds(value: &serde_json::Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_f64().map(|seconds| seconds.max(0.0) as u64))
        .or_else(|| value.as_str()?.parse().ok())
}
