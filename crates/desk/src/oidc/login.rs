//! Coming in by the city's identity provider (authorization code with PKCE), and linking an account with a person there. What has
//! to come back unchanged travels sealed in a cookie of the browser that began; nothing is kept for who only begins.

use kernel::Moment;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::identity::IdentityRow;
use store::StoreError;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

use super::claims::{Expected, Person, person};
use super::jose::Jws;
use super::provider::{Provider, nonsense};
use super::{invalid, seal};
use crate::account::{LOGIN, account_object};
use crate::view::Account;
use crate::{Answer, Desk, DeskError, internal};
use kernel::Text;

/// Where the provider sends people back to.
const BACK: &str = "/login/identity/back";
/// How long a login may take, in microseconds.
const LOGIN_TIME: i64 = 15 * 60_000_000;
/// How long the second factor may take.
const SECOND_TIME: i64 = 5 * 60_000_000;
/// Longest parameter that comes back.
const PARAMETER_MAX: usize = 4_000;

/// A login that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What it brings back, in a cookie.
    pub ticket: String,
}

/// What a browser brings back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Returned<'a> {
    pub ticket: &'a str,
    pub state: &'a str,
    pub code: &'a str,
    pub error: &'a str,
    /// Who says so, where the provider tells (RFC 9207).
    pub issuer: &'a str,
    /// The browser or program, as it calls itself.
    pub agent: &'a str,
}

/// How a login went on.
pub enum Arrived {
    /// Logged in: a session token, and where to.
    In { token: String, next: String },
    /// The account has a second factor, which is asked for now.
    Second { ticket: String, next: String },
    /// The account is linked.
    Linked,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    state: String,
    next: String,
    /// The account to be linked; a login when absent.
    link: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SecondTicket {
    account: String,
    issuer: String,
    subject: String,
    next: String,
}

impl Desk {
    /// Begins a login, or the linking of an account.
    pub async fn begin_identity(&self, link: Option<&Account>, next: &str, now: Moment) -> Answer<Begun> {
        let redirect = format!("{}{BACK}", self.own_address()?);
        let provider = self.provider(now).await?;
        let state = self.token();
        let secret = &self.0.secret;
        let (nonce, verifier) = (seal::derived(secret, "nonce", &state), seal::derived(secret, "verifier", &state));
        let challenge = BASE64.encode(Sha256::digest(&verifier));
        let mut scopes: Vec<&str> = provider.identity.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid").collect();
        scopes.insert(0, "openid");
        let address = provider.authorization(&[
            ("response_type", "code"),
            ("client_id", &provider.identity.client_id),
            ("redirect_uri", &redirect),
            ("scope", &scopes.join(" ")),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let ticket = Ticket { state, next: next.to_owned(), link: link.map(|who| who.id.clone()) };
        let ticket = seal::seal(secret, "login", &ticket, Moment(now.0 + LOGIN_TIME)).ok_or_else(|| invalid("地址过长。", "The address is too long."))?;
        Ok(Begun { address, ticket })
    }

    /// What a browser brings back from the provider: logs in, or links the account of who is logged in.
    pub async fn finish_identity(&self, who: Option<&Account>, returned: Returned<'_>, now: Moment) -> Answer<Arrived> {
        let ticket: Option<Ticket> = seal::open(&self.0.secret, "login", returned.ticket, now);
        let ticket = ticket.filter(|ticket| ticket.state == returned.state).ok_or_else(|| {
            invalid("这次登录已过期，或不是从这个浏览器发起的，请重新登录。", "This login is over, or was not begun by this browser. Log in again.")
        })?;
        if [returned.code, returned.error, returned.issuer].iter().any(|text| text.len() > PARAMETER_MAX) {
            return Err(invalid("回来的地址过长。", "The address that was returned to is too long."));
        }
        // Nobody links what somebody else has begun.
        let link = match &ticket.link {
            Some(account) => Some(who.filter(|who| who.id == *account).ok_or_else(|| {
                invalid("关联须由发起的人在登录状态下完成，请登录后再来一次。", "Who began to link an account has to be logged in: log in and begin again.")
            })?),
            None => None,
        };
        let provider = self.provider(now).await?;
        let person = match self.person(&provider, &ticket.state, returned, now).await? {
            Ok(person) => person,
            Err((word, refused)) => {
                let leaf = self.leaf(LOGIN.into(), "session.refuse", "account/unknown", json!({ "by": provider.identity.issuer, "why": word }));
                self.store().log(leaf).await.map_err(internal)?;
                return Err(refused);
            }
        };
        match link {
            Some(who) => {
                self.link_identity(who, &provider.identity.issuer, person, now).await?;
                Ok(Arrived::Linked)
            }
            None => self.enter_as(&provider, person, ticket.next, returned.agent, now).await,
        }
    }

    /// Who it is, by a token that holds; else a word for the log.
    async fn person(&self, provider: &Provider, state: &str, returned: Returned<'_>, now: Moment) -> Answer<Result<Person, (&'static str, DeskError)>> {
        let identity = &provider.identity;
        let untrusted = |why: super::Untrusted| {
            let text = why.text();
            Ok(Err((why.word(), nonsense(identity, &text.zh, &text.en))))
        };
        if !returned.issuer.is_empty() && returned.issuer != identity.issuer {
            return untrusted(super::Untrusted::Issuer);
        }
        if !returned.error.is_empty() || returned.code.is_empty() {
            let error: String = returned.error.chars().filter(char::is_ascii_graphic).take(60).collect();
            return Ok(Err(("provider", nonsense(identity, &format!("它没有让您登录（{error}）"), &format!("it did not log you in ({error})")))));
        }
        let verifier = seal::derived(&self.0.secret, "verifier", state);
        let token = match provider.token(returned.code, &verifier, &format!("{}{BACK}", self.own_address()?)).await {
            Ok(token) => token,
            // Whoever brings a code that is none has tried to come in.
            Err(refused @ DeskError::Invalid(_)) => return Ok(Err(("code", refused))),
            Err(down) => return Err(down),
        };
        let jws = match Jws::read(&token) {
            Ok(jws) => jws,
            Err(why) => return untrusted(why),
        };
        if let Err(why) = self.verified(provider, &jws, now).await? {
            return untrusted(why);
        }
        let nonce = seal::derived(&self.0.secret, "nonce", state);
        let expected = Expected { issuer: &identity.issuer, client: &identity.client_id, nonce: &nonce, name_claim: &identity.name_claim };
        match person(&jws.payload, &expected, now) {
            Ok(person) => Ok(Ok(person)),
            Err(why) => untrusted(why),
        }
    }

    /// Into the account that is linked with a person, by the rules that hold for passwords too.
    async fn enter_as(&self, provider: &Provider, person: Person, next: String, agent: &str, now: Moment) -> Answer<Arrived> {
        let issuer = &provider.identity.issuer;
        let row = self.store().account_of_identity(issuer, &person.subject).await.map_err(internal)?;
        let Some(row) = row.filter(|row| row.locked.is_none()) else {
            let leaf = self.leaf(LOGIN.into(), "session.refuse", "account/unknown", json!({ "by": issuer, "identity": person.subject, "why": "unlinked" }));
            self.store().log(leaf).await.map_err(internal)?;
            return Err(invalid(
                "您的统一身份还没有关联可用的账户。请先用本平台的密码登录，在“我的账户”里关联；没有账户请联系系统管理员。",
                "Your identity is linked with no account that can be used. Log in with your password here and link it under “My account”; without an account ask the system officer.",
            ));
        };
        if row.second_salt.is_some() {
            let ticket = SecondTicket { account: row.id, issuer: issuer.clone(), subject: person.subject, next: next.clone() };
            let ticket = seal::seal(&self.0.secret, "second", &ticket, Moment(now.0 + SECOND_TIME)).ok_or_else(|| internal("a ticket too long"))?;
            return Ok(Arrived::Second { ticket, next });
        }
        let token = self.open_session_by(&row, false, Some(issuer), agent, now).await?;
        Ok(Arrived::In { token, next })
    }

    /// The second factor of who has come by the provider: a session token, and where to.
    pub async fn enter_second(&self, ticket: &str, code: &str, agent: &str, now: Moment) -> Answer<(String, String)> {
        let ticket: Option<SecondTicket> = seal::open(&self.0.secret, "second", ticket, now);
        let ticket = ticket.ok_or_else(|| invalid("这次登录已过期，请重新登录。", "This login is over. Log in again."))?;
        // The link may have been taken away, and the account locked, since.
        let row = self.store().account_of_identity(&ticket.issuer, &ticket.subject).await.map_err(internal)?;
        let row = row.filter(|row| row.id == ticket.account && row.locked.is_none()).ok_or(DeskError::LoginRequired)?;
        self.check_attempts(&row.name, now).await?;
        match self.second_given(&row, code, now).await? {
            Some(second) => {
                self.store().clear_failures(&row.name).await.map_err(internal)?;
                let token = self.open_session_by(&row, second, Some(&ticket.issuer), agent, now).await?;
                Ok((token, ticket.next))
            }
            None => {
                let store = self.logging_as(LOGIN, "session.refuse", &account_object(&row.id), json!({ "by": ticket.issuer, "why": "second" }));
                store.record_failure(&row.name, now).await.map_err(internal)?;
                Err(invalid("动态口令不对，请输入新的一个。", "The code is wrong; enter a new one."))
            }
        }
    }

    async fn link_identity(&self, who: &Account, issuer: &str, person: Person, now: Moment) -> Answer<()> {
        let detail = json!({ "issuer": issuer, "identity": person.subject });
        let row = IdentityRow { issuer: issuer.to_owned(), subject: person.subject, account: who.id.clone(), label: person.label, linked: now };
        let store = self.logging(who, "account.link", &account_object(&who.id), detail).await?;
        store.link_identity(row).await.map_err(taken)
    }

    /// From now on the own account is entered with its password only.
    pub async fn unlink_identity(&self, who: &Account) -> Answer<()> {
        let (identity, _) = self.declared_identity()?;
        let row = self.store().account(&who.id).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
        if row.password_hash.is_empty() {
            return Err(invalid("请先设置密码，再取消关联，否则无法登录。", "Choose a password first, or you could not log in any more."));
        }
        let store = self.logging(who, "account.unlink", &account_object(&who.id), json!({ "issuer": identity.issuer })).await?;
        if store.unlink_identity(&who.id, &identity.issuer).await.map_err(internal)? { Ok(()) } else { Err(DeskError::NotFound) }
    }

    /// Who the own account is at the declared provider, and since when.
    pub async fn own_identity(&self, who: &Account) -> Answer<Option<(String, Moment)>> {
        let Ok((identity, _)) = self.declared_identity() else { return Ok(None) };
        let row = self.store().identity_of(&who.id, &identity.issuer).await.map_err(internal)?;
        Ok(row.map(|row| (row.label, row.linked)))
    }

    /// What the declared provider is called; `None` where there is none.
    pub fn identity_title(&self) -> Option<Text> {
        let city = self.city();
        city.info.identity.as_ref().map(|identity| Text::new(&identity.title, if identity.title_en.is_empty() { &identity.title } else { &identity.title_en }))
    }

    /// The link of an account to be made with a person at the declared provider.
    pub(crate) fn identity_of_new(&self, account: &str, subject: &str, now: Moment) -> Answer<IdentityRow> {
        let (identity, _) = self.declared_identity().map_err(|error| match error {
            DeskError::NotFound => invalid("本市没有声明统一身份认证，不能填写身份编号。", "The city declares no identity provider: leave the identity empty."),
            other => other,
        })?;
        if subject.chars().count() > 255 || subject.chars().any(char::is_control) {
            return Err(invalid("身份编号最多 255 个字符。", "An identity has at most 255 characters."));
        }
        Ok(IdentityRow { issuer: identity.issuer, subject: subject.to_owned(), account: account.to_owned(), label: subject.to_owned(), linked: now })
    }
}

fn taken(error: StoreError) -> DeskError {
    match error {
        StoreError::Taken(_) => DeskError::Conflict(Text::new(
            "这个身份已关联另一个账户，或您的账户已关联另一个身份。请先取消原来的关联。",
            "That identity is linked with another account, or your account with another identity. Take that link away first.",
        )),
        other => internal(other),
    }
}
