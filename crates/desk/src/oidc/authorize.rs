//! An application sends somebody here to log in. What it sends is checked against what is registered before anything is sent
//! back to it; then the person logs in, agrees to what it is told, and goes back with a code that is good once.

use data::oidc::{Scope, scopes, words};
use kernel::{Moment, Text, uuid_v7};
use serde_json::json;
use store::oidc::{CodeRow, LoginRow};

use super::{ClientView, client_object, invalid, with};
use crate::account::digest;
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};

/// How long a code is good, in microseconds.
const CODE_TIME: i64 = 60_000_000;
/// Longest parameter, in bytes.
const PARAMETER_MAX: usize = 2_000;
const PARAMETERS_MAX: usize = 40;
/// Characters of a challenge: 256 bits in base64url.
const CHALLENGE: usize = 43;

/// What an application asks, whose address is known to be its own.
#[derive(Clone, Debug)]
pub struct Asked {
    pub client: ClientView,
    redirect: String,
    nonce: Option<String>,
    challenge: String,
    /// What it is to be told.
    pub scopes: Vec<Scope>,
    prompt: Vec<String>,
    max_age: Option<i64>,
}

/// What happens to somebody who was sent here.
#[derive(Debug)]
pub enum Authorized {
    /// Back to the application, with a code or the reason why there is none.
    Back(String),
    /// Log in first; anew, where that is asked.
    Login { again: bool },
    /// The person has to agree.
    Agree(Asked),
}

/// Why an application gets no code, in the words of RFC 6749.
struct Declined(&'static str, &'static str);

impl Desk {
    /// Decides about a request of an application, for who is logged in.
    pub async fn authorize(&self, who: Option<&Account>, sent: &[(String, String)], now: Moment) -> Answer<Authorized> {
        let issuer = self.own_address()?;
        let (client, redirect) = self.registered(sent).await?;
        let state = one(sent, "state").map(str::to_owned);
        let back = |parameters: &[(&str, &str)]| {
            let state = state.as_deref().map(|state| ("state", state));
            let all: Vec<(&str, &str)> = parameters.iter().copied().chain(state).chain([("iss", issuer.as_str())]).collect();
            with(&redirect, &all)
        };
        let declined = |Declined(error, why)| Ok(Authorized::Back(back(&[("error", error), ("error_description", why)])));
        let asked = match asked(client, redirect.clone(), sent) {
            Ok(asked) => asked,
            Err(why) => return declined(why),
        };
        let silent = asked.prompt.iter().any(|word| word == "none");
        let Some(who) = who else {
            return if silent { declined(Declined("login_required", "nobody is logged in")) } else { Ok(Authorized::Login { again: false }) };
        };
        let entered = self.entered(who, now).await?;
        let too_old = asked.max_age.is_some_and(|age| now.0 - entered.0 > age.saturating_mul(1_000_000));
        if too_old || asked.prompt.iter().any(|word| word == "login") {
            return if silent { declined(Declined("login_required", "the login is too old")) } else { Ok(Authorized::Login { again: true }) };
        }
        if who.roles.is_officer_of_three() && !who.second {
            return Err(DeskError::Forbidden(Text::new(
                "三员须用动态口令登录后，才能登录其他应用。请打开“我的账户”绑定，或重新登录。",
                "The three officers log in to applications with their second factor only. Bind one under “My account”, or log in again with it.",
            )));
        }
        let agreed = scopes(&self.store().agreed(&who.id, &asked.client.id).await.map_err(internal)?);
        if !asked.scopes.iter().all(|scope| agreed.contains(scope)) || asked.prompt.iter().any(|word| word == "consent") {
            return if silent { declined(Declined("consent_required", "the person has not agreed")) } else { Ok(Authorized::Agree(asked)) };
        }
        let code = self.give_code(who, asked, entered, now).await?;
        Ok(Authorized::Back(back(&[("code", &code)])))
    }

    /// Notes that somebody agrees to what an application asks.
    pub async fn agree(&self, who: &Account, sent: &[(String, String)], now: Moment) -> Answer<()> {
        let (client, redirect) = self.registered(sent).await?;
        let asked = asked(client, redirect, sent).map_err(|Declined(_, why)| invalid("应用的请求不完整。", why))?;
        let agreed = scopes(&self.store().agreed(&who.id, &asked.client.id).await.map_err(internal)?);
        let all: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| agreed.contains(scope) || asked.scopes.contains(scope)).collect();
        let detail = json!({ "name": asked.client.name, "scopes": words(&all) });
        let store = self.logging(who, "consent.give", &client_object(&asked.client.id), detail).await?;
        store.agree(&who.id, &asked.client.id, &words(&all), now).await.map_err(internal)
    }

    /// Where somebody goes who does not agree.
    pub async fn disagree(&self, sent: &[(String, String)]) -> Answer<String> {
        let (_, redirect) = self.registered(sent).await?;
        let (issuer, state) = (self.own_address()?, one(sent, "state").map(|state| ("state", state)));
        let parameters: Vec<(&str, &str)> = [("error", "access_denied")].into_iter().chain(state).chain([("iss", issuer.as_str())]).collect();
        Ok(with(&redirect, &parameters))
    }

    /// The application that asks, and an address that is registered for it. Else nothing is sent anywhere.
    async fn registered(&self, sent: &[(String, String)]) -> Answer<(ClientView, String)> {
        let twice = |name: &str| sent.iter().filter(|(known, _)| known == name).count() > 1;
        let long = |(name, value): &(String, String)| name.len() > PARAMETER_MAX || value.len() > PARAMETER_MAX;
        if sent.len() > PARAMETERS_MAX || sent.iter().any(|pair| long(pair) || twice(&pair.0)) {
            return Err(invalid("应用发来的请求过长，或有重复的参数。", "What the application sent is too long, or has a parameter twice."));
        }
        let client = self.living_client(one(sent, "client_id").unwrap_or_default()).await?.ok_or_else(|| {
            invalid("没有登记过这个应用，或它已停用（client_id）。请联系该应用的管理者。", "There is no such application, or it is revoked (client_id). Ask those who run it.")
        })?;
        let redirect = one(sent, "redirect_uri").filter(|address| client.redirects.iter().any(|known| known == address)).map(str::to_owned);
        let redirect = redirect.ok_or_else(|| {
            invalid("回跳地址与登记的不一致（redirect_uri），没有转到那里。请联系该应用的管理者。", "The address to return to is not one that is registered (redirect_uri): you were not sent there. Ask those who run the application.")
        })?;
        Ok((client, redirect))
    }

    /// When somebody logged in.
    async fn entered(&self, who: &Account, now: Moment) -> Answer<Moment> {
        let sessions = self.store().sessions_of(&who.id, now).await.map_err(internal)?;
        sessions.into_iter().find(|session| session.id == who.session).map(|session| session.created).ok_or(DeskError::LoginRequired)
    }

    async fn give_code(&self, who: &Account, asked: Asked, entered: Moment, now: Moment) -> Answer<String> {
        let code = self.token();
        let login = LoginRow {
            id: uuid_v7(now, self.chance()),
            client: asked.client.id.clone(),
            account: who.id.clone(),
            scopes: words(&asked.scopes),
            nonce: asked.nonce,
            entered,
            second: who.second,
        };
        let row = CodeRow { redirect: asked.redirect, challenge: asked.challenge, expires: Moment(now.0 + CODE_TIME), used: None };
        let detail = json!({ "name": asked.client.name, "scopes": login.scopes });
        let store = self.logging(who, "client.enter", &client_object(&asked.client.id), detail).await?;
        store.begin_login(login, digest(&code), row, now).await.map_err(internal)?;
        Ok(code)
    }
}

/// A parameter that was sent and is not empty.
fn one<'a>(sent: &'a [(String, String)], name: &str) -> Option<&'a str> {
    sent.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// The rest of what was sent, as far as we do it.
fn asked(client: ClientView, redirect: String, sent: &[(String, String)]) -> Result<Asked, Declined> {
    let sent = |name: &str| one(sent, name);
    if sent("request").is_some() {
        return Err(Declined("request_not_supported", "send the parameters themselves"));
    }
    if sent("request_uri").is_some() {
        return Err(Declined("request_uri_not_supported", "send the parameters themselves"));
    }
    if sent("response_type") != Some("code") {
        return Err(Declined("unsupported_response_type", "response_type is code"));
    }
    if sent("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Declined("invalid_request", "response_mode is query"));
    }
    let wanted = scopes(sent("scope").unwrap_or_default());
    if !wanted.contains(&Scope::Openid) {
        return Err(Declined("invalid_scope", "scope has openid in it"));
    }
    if sent("code_challenge_method") != Some("S256") {
        return Err(Declined("invalid_request", "PKCE is required: code_challenge_method is S256"));
    }
    let coded = |text: &&str| text.len() == CHALLENGE && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let challenge = sent("code_challenge").filter(coded).ok_or(Declined("invalid_request", "code_challenge is the SHA-256 of the verifier in base64url"))?;
    let prompt: Vec<String> = sent("prompt").unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect();
    if prompt.len() > 1 && prompt.iter().any(|word| word == "none") {
        return Err(Declined("invalid_request", "prompt=none stands alone"));
    }
    let max_age = sent("max_age").map(|age| age.parse::<u32>()).transpose().map_err(|_| Declined("invalid_request", "max_age is a number of seconds"))?;
    Ok(Asked {
        redirect,
        nonce: sent("nonce").map(str::to_owned),
        challenge: challenge.to_owned(),
        scopes: wanted.into_iter().filter(|scope| client.scopes.contains(scope)).collect(),
        prompt,
        max_age: max_age.map(i64::from),
        client,
    })
}
