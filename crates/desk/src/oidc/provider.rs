//! The city's identity provider: where it is asked, and with what its tokens are verified. Both are kept for an hour; a token
//! signed with a key that is not known yet has them asked for again, once a minute at most.

use std::sync::Arc;
use std::time::Duration;

use data::declare::Identity;
use ::collect::connect::{Context, Poster, Unposted};
use kernel::{Moment, Text};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::jose::{Jws, KeySet};
use super::{Untrusted, invalid};
use crate::{Answer, Desk, DeskError};

/// How long what a provider says of itself holds, in microseconds.
const KNOWN_FOR: i64 = 3_600_000_000;
/// It is not asked for keys again sooner, in microseconds.
const ASKED_AGAIN: i64 = 60_000_000;

/// How long somebody waits for others who ask the same.
const WAIT: Duration = Duration::from_secs(20);

/// What a provider says of itself (OpenID Connect Discovery), as far as we need it.
#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// A declared provider, with what it says of itself.
#[derive(Clone)]
pub(super) struct Provider {
    pub identity: Identity,
    metadata: Metadata,
    keys: KeySet,
    /// When it was asked.
    asked: Moment,
    context: Context,
}

/// What was learnt last.
#[derive(Default)]
pub(crate) struct Cache(tokio::sync::Mutex<Option<Arc<Provider>>>);

impl Cache {
    /// Whoever waits here asks for the same, and not for ever.
    async fn lock(&self, identity: &Identity) -> Answer<tokio::sync::MutexGuard<'_, Option<Arc<Provider>>>> {
        tokio::time::timeout(WAIT, self.0.lock()).await.map_err(|_| busy(identity, "它很久没有回应", "it has not answered for long"))
    }
}

#[derive(Deserialize)]
struct Given {
    id_token: Option<String>,
    error: Option<String>,
}

impl Desk {
    /// The identity provider that the city declares, with its variables filled in.
    pub(super) fn declared_identity(&self) -> Answer<(Identity, Context)> {
        let city = self.city();
        let mut identity = city.info.identity.clone().ok_or(DeskError::NotFound)?;
        let filled = || {
            let context = self.0.sources.within(&city.info)?;
            identity.issuer = context.filled("identity", &identity.issuer)?;
            identity.client_id = context.filled("identity", &identity.client_id)?;
            identity.client_secret = identity.client_secret.as_deref().map(|secret| context.filled("identity", secret)).transpose()?;
            Ok((identity, context))
        };
        filled().map_err(|error: ::collect::CollectError| DeskError::Busy(error.message))
    }

    /// The declared provider, asked where nothing is known of it yet.
    pub(super) async fn provider(&self, now: Moment) -> Answer<Arc<Provider>> {
        let (identity, context) = self.declared_identity()?;
        let mut cached = self.0.oidc.provider.lock(&identity).await?;
        let fresh = |known: &&Arc<Provider>| known.identity == identity && (0..KNOWN_FOR).contains(&(now.0 - known.asked.0));
        if let Some(known) = cached.as_ref().filter(fresh) {
            // What may be reached is as the city says now.
            return Ok(Arc::new(Provider { context, ..Provider::clone(known) }));
        }
        let provider = Arc::new(Provider::ask(identity, context, now).await?);
        Ok(cached.insert(provider).clone())
    }

    /// The keys that a token can be verified with: asked for again where it is signed with another than those known.
    pub(super) async fn verified(&self, provider: &Provider, jws: &Jws, now: Moment) -> Answer<Result<(), Untrusted>> {
        match provider.keys.verify(jws) {
            Err(Untrusted::Key) => {}
            decided => return Ok(decided),
        }
        let mut cached = self.0.oidc.provider.lock(&provider.identity).await?;
        if let Some(known) = cached.as_ref().filter(|known| known.identity == provider.identity && now.0 - known.asked.0 < ASKED_AGAIN) {
            return Ok(known.keys.verify(jws));
        }
        let again = Arc::new(Provider::ask(provider.identity.clone(), provider.context.clone(), now).await?);
        Ok(cached.insert(again).keys.verify(jws))
    }
}

impl Provider {
    async fn ask(identity: Identity, context: Context, now: Moment) -> Answer<Provider> {
        if let Err(text) = data::oidc::issuer(&identity.issuer) {
            return Err(DeskError::Busy(text));
        }
        let address = format!("{}/.well-known/openid-configuration", identity.issuer.trim_end_matches('/'));
        let metadata: Metadata = read(&identity, &fetch(&identity, &context, &address).await?)?;
        let addresses = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if metadata.issuer != identity.issuer || !addresses.into_iter().all(|address| data::oidc::guarded(address)) {
            return Err(nonsense(&identity, "自述中的签发者或地址不对", "it names another issuer or addresses that cannot be trusted"));
        }
        let keys = KeySet::read(&fetch(&identity, &context, &metadata.jwks_uri).await?);
        let keys = keys.ok_or_else(|| nonsense(&identity, "公钥读不出来", "its keys cannot be read"))?;
        Ok(Provider { identity, metadata, keys, asked: now, context })
    }

    /// Where a browser is sent, with these parameters.
    pub fn authorization(&self, parameters: &[(&str, &str)]) -> String {
        super::with(&self.metadata.authorization_endpoint, parameters)
    }

    /// The ID token for a code.
    pub async fn token(&self, code: &str, verifier: &str, redirect: &str) -> Answer<String> {
        let Identity { client_id, client_secret, .. } = &self.identity;
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier)];
        let methods = self.metadata.token_endpoint_auth_methods_supported.as_deref();
        // Basic is what a provider that says nothing takes.
        let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        let authorization = match client_secret {
            Some(secret) if basic => Some(super::basic(client_id, secret)),
            Some(secret) => {
                fields.extend([("client_id", client_id.as_str()), ("client_secret", secret)]);
                None
            }
            None => {
                fields.push(("client_id", client_id));
                None
            }
        };
        let poster = Poster::given(&self.context, "identity", &self.metadata.token_endpoint, authorization.as_deref());
        let poster = poster.map_err(|error| DeskError::Busy(error.message))?;
        let answered = poster.ask("application/x-www-form-urlencoded", super::form(&fields)).await;
        let (status, bytes) = answered.map_err(|unposted| down(&self.identity, &unposted))?;
        let given: Given = read(&self.identity, &bytes)?;
        match (given.id_token, given.error) {
            (Some(token), None) if status == 200 => Ok(token),
            (_, Some(error)) => {
                let error: String = error.chars().filter(char::is_ascii_graphic).take(60).collect();
                Err(nonsense(&self.identity, &format!("它拒绝了这次登录（{error}）"), &format!("it refused this login ({error})")))
            }
            _ => Err(nonsense(&self.identity, &format!("它没有给出登录凭证（HTTP {status}）"), &format!("it gave no ID token (HTTP {status})"))),
        }
    }
}

async fn fetch(identity: &Identity, context: &Context, address: &str) -> Answer<Vec<u8>> {
    let poster = Poster::given(context, "identity", address, None).map_err(|error| DeskError::Busy(error.message))?;
    match poster.get().await.map_err(|unposted| down(identity, &unposted))? {
        (200, bytes) => Ok(bytes),
        (status, _) => Err(nonsense(identity, &format!("自述取不到（HTTP {status}）"), &format!("it does not describe itself (HTTP {status})"))),
    }
}

fn read<T: DeserializeOwned>(identity: &Identity, bytes: &[u8]) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(|_| nonsense(identity, "回应不是应有的格式", "what it answers is not what it should be"))
}

/// It cannot be reached; another login will do meanwhile.
fn down(identity: &Identity, unposted: &Unposted) -> DeskError {
    let Text { zh, en } = &unposted.error.message;
    busy(identity, zh, en)
}

fn busy(identity: &Identity, zh: &str, en: &str) -> DeskError {
    let (title, title_en) = titles(identity);
    DeskError::Busy(Text::new(
        format!("{title}现在连接不上，请稍后再试，或用本平台的密码登录。原因：{zh}"),
        format!("{title_en} cannot be reached. Try again later, or log in with your password here. Why: {en}"),
    ))
}

/// What it says makes no sense: somebody has to see to it.
pub(super) fn nonsense(identity: &Identity, zh: &str, en: &str) -> DeskError {
    let (title, title_en) = titles(identity);
    invalid(
        format!("不能用{title}登录：{zh}。请重试；仍不行请告知系统管理员，并用本平台的密码登录。"),
        format!("{title_en} cannot be used: {en}. Try again; if it stays so, tell the system officer, and log in with your password here."),
    )
}

fn titles(identity: &Identity) -> (&str, &str) {
    (&identity.title, if identity.title_en.is_empty() { &identity.title } else { &identity.title_en })
}
