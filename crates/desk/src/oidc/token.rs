//! What applications get for a code: an ID token, and an access token with which they ask who it is. Tokens say nothing by
//! themselves and are kept as hashes; what they open is looked up each time, so that a lock or other rights hold at once.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64};
use data::oidc::{Scope, scopes};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::AccountRow;
use store::oidc::{ClientRow, LoginRow, NewToken};

use super::{client_object, seal};
use crate::account::digest;
use crate::authority::Roles;
use crate::{Answer, Desk, DeskError, internal};

/// How long ID and access tokens are good, in seconds.
const TOKEN_TIME: i64 = 600;
/// How long a refresh token is good, in seconds; each use gives another.
const REFRESH_TIME: i64 = 30 * 24 * 3600;
/// Calls a minute of one application; more are put off.
const CALLS_A_MINUTE: u32 = 600;
/// Calls a minute in the name of one application that were not its own; each is told in the log.
const REFUSALS_A_MINUTE: u32 = 60;
const FIELD_MAX: usize = 2_000;
/// Who acts where no person does.
const PROGRAM: &str = "oidc";

/// What an application is given (RFC 6749, 5.1).
#[derive(Clone, Debug, Serialize)]
pub struct Tokens {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub scope: String,
    pub id_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// How an application says which it is: the field `Authorization`, or fields of the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    pub authorization: Option<&'a str>,
}

/// Why an application gets nothing, in the words of RFC 6749.
#[derive(Debug)]
pub enum TokenRefused {
    /// `invalid_grant`, and what is wrong with it.
    Said(&'static str, Text),
    /// Too many calls; again after so many seconds.
    TooMany(u64),
    Desk(DeskError),
}

impl From<DeskError> for TokenRefused {
    fn from(error: DeskError) -> TokenRefused {
        TokenRefused::Desk(error)
    }
}

type Given<T> = Result<T, TokenRefused>;

fn said<T>(error: &'static str, zh: &str, en: &str) -> Given<T> {
    Err(TokenRefused::Said(error, Text::new(zh, en)))
}

impl Desk {
    /// Exchanges a code or a refresh token.
    pub async fn oidc_tokens(&self, credentials: Credentials<'_>, form: &[(String, String)], now: Moment) -> Given<Tokens> {
        let repeated = |name: &str| form.iter().filter(|(known, _)| known == name).count() > 1;
        if form.iter().any(|(name, value)| value.len() > FIELD_MAX || repeated(name)) {
            return said("invalid_request", "参数过长或重复", "a field is too long or stands twice");
        }
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
        let client = self.authenticated(credentials, &field, now).await?;
        match field("grant_type") {
            "authorization_code" => self.redeem(&client, field("code"), field("redirect_uri"), field("code_verifier"), now).await,
            "refresh_token" => self.refresh(&client, field("refresh_token"), field("scope"), now).await,
            _ => said("unsupported_grant_type", "grant_type 应为 authorization_code 或 refresh_token", "grant_type is authorization_code or refresh_token"),
        }
    }

    /// The application that calls: by its secret where it has one.
    async fn authenticated<'f>(&self, credentials: Credentials<'_>, field: &impl Fn(&str) -> &'f str, now: Moment) -> Given<ClientRow> {
        let (id, secret) = match credentials.authorization {
            Some(value) => match unbasic(value) {
                Some(pair) if field("client_secret").is_empty() && (field("client_id").is_empty() || field("client_id") == pair.0) => pair,
                _ => return said("invalid_client", "客户端凭证写法不对", "the credentials are malformed, or given twice"),
            },
            None => (field("client_id").to_owned(), field("client_secret").to_owned()),
        };
        let row = self.store().client(&id).await.map_err(internal)?.filter(|row| row.revoked.is_none());
        // Hashes are compared: how far they are alike tells nothing of the secret.
        let right = |row: &ClientRow| row.secret.as_ref().map_or(secret.is_empty(), |kept| *kept == digest(&secret));
        match row {
            Some(row) if right(&row) => {
                self.0.doors.take(&format!("oidc/{}", row.id), CALLS_A_MINUTE, now).map_err(TokenRefused::TooMany)?;
                Ok(row)
            }
            // Strangers are counted by themselves, or they could keep an application from its tokens.
            row => {
                let whose = row.as_ref().map_or("unknown", |row| row.id.as_str());
                self.0.doors.take(&format!("oidc-stranger/{whose}"), REFUSALS_A_MINUTE, now).map_err(TokenRefused::TooMany)?;
                let leaf = self.leaf(PROGRAM.into(), "token.refuse", &client_object(whose).subject, json!({ "why": "client" }));
                self.store().log(leaf).await.map_err(internal)?;
                said("invalid_client", "没有这个应用，或密钥不对", "there is no such application, or its secret is wrong")
            }
        }
    }

    async fn redeem(&self, client: &ClientRow, code: &str, redirect: &str, verifier: &str, now: Moment) -> Given<Tokens> {
        let hashed = digest(code);
        let Some((row, login)) = self.store().oidc_code(&hashed).await.map_err(internal)? else {
            return said("invalid_grant", "授权码无效或已过期", "the code is unknown or has expired");
        };
        let challenge = BASE64.encode(Sha256::digest(verifier));
        let wrong = [
            ("client", login.client != client.id),
            ("replay", row.used.is_some()),
            ("expired", row.expires <= now),
            ("redirect", row.redirect != redirect),
            ("verifier", !(43..=128).contains(&verifier.len()) || row.challenge != challenge),
        ];
        if let Some((word, _)) = wrong.into_iter().find(|(_, wrong)| *wrong) {
            return self.taken_back(client, &login, word).await;
        }
        let account = self.usable(&login).await?;
        let (tokens, kept) = self.tokens(client, &login, &account, login.nonce.as_deref(), now)?;
        let store = self.logging_as(PROGRAM, "token.issue", &client_object(&client.id), json!({ "account": login.account, "for": "code", "scopes": login.scopes }));
        if store.redeem_code(&hashed, &login.id, kept, now).await.map_err(internal)? { Ok(tokens) } else { self.taken_back(client, &login, "replay").await }
    }

    async fn refresh(&self, client: &ClientRow, token: &str, scope: &str, now: Moment) -> Given<Tokens> {
        let hashed = digest(token);
        let found = self.store().oidc_token(&hashed).await.map_err(internal)?;
        let Some((row, login)) = found.filter(|(row, _)| row.kind == "refresh" && row.expires > now) else {
            return said("invalid_grant", "更新令牌无效或已过期", "the refresh token is unknown or has expired");
        };
        let wrong = [("client", login.client != client.id), ("replay", row.used.is_some())];
        if let Some((word, _)) = wrong.into_iter().find(|(_, wrong)| *wrong) {
            return self.taken_back(client, &login, word).await;
        }
        let had = scopes(&login.scopes);
        if !scopes(scope).iter().all(|scope| had.contains(scope)) {
            return said("invalid_scope", "不能超出原来的范围", "no more than was agreed to at the login");
        }
        let account = self.usable(&login).await?;
        let (tokens, kept) = self.tokens(client, &login, &account, None, now)?;
        let store = self.logging_as(PROGRAM, "token.issue", &client_object(&client.id), json!({ "account": login.account, "for": "refresh", "scopes": login.scopes }));
        if store.redeem_token(&hashed, &login.id, kept, now).await.map_err(internal)? { Ok(tokens) } else { self.taken_back(client, &login, "replay").await }
    }

    /// Something came back that was used, or that is another's: it has been in wrong hands, and all of its login ends.
    async fn taken_back<T>(&self, client: &ClientRow, login: &LoginRow, why: &'static str) -> Given<T> {
        let store = self.logging_as(PROGRAM, "token.refuse", &client_object(&client.id), json!({ "why": why, "account": login.account }));
        store.end_login(&login.id).await.map_err(internal)?;
        let text = match why {
            "expired" => Text::new("授权码已过期", "the code has expired"),
            "redirect" => Text::new("redirect_uri 与登录时的不同", "redirect_uri is not that of the login"),
            "verifier" => Text::new("code_verifier 不符", "code_verifier does not fit the challenge"),
            "client" => Text::new("不是发给这个应用的", "it was given to another application"),
            _ => Text::new("已经用过；由它得到的令牌全部作废", "it was used already; all that it gave is taken back"),
        };
        Err(TokenRefused::Said("invalid_grant", text))
    }

    /// The account of a login, while it can be used.
    async fn usable(&self, login: &LoginRow) -> Given<AccountRow> {
        let row = self.store().account(&login.account).await.map_err(internal)?;
        match row.filter(|row| row.locked.is_none()) {
            Some(row) => Ok(row),
            None => said("invalid_grant", "账户已停用", "the account is locked"),
        }
    }

    fn tokens(&self, client: &ClientRow, login: &LoginRow, account: &AccountRow, nonce: Option<&str>, now: Moment) -> Answer<(Tokens, Vec<NewToken>)> {
        let (access, seconds) = (self.token(), now.0.div_euclid(1_000_000));
        let told = scopes(&login.scopes);
        let mut claims = self.claims(&login.client, account, &told);
        // The left half of the hash (OpenID Connect Core, 3.1.3.6).
        let bound = Sha256::digest(&access);
        let more = json!({
            "iss": self.own_address()?, "aud": client.id, "iat": seconds, "exp": seconds + TOKEN_TIME, "auth_time": login.entered.0.div_euclid(1_000_000),
            "at_hash": BASE64.encode(bound.get(..16).unwrap_or_default()),
        });
        claims.extend(more.as_object().cloned().unwrap_or_default());
        if let Some(nonce) = nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        if login.second {
            claims.insert("amr".to_owned(), json!(["otp", "mfa"]));
        }
        let refresh = told.contains(&Scope::OfflineAccess).then(|| self.token());
        let later = |seconds: i64| Moment(now.0 + seconds * 1_000_000);
        let mut kept = vec![NewToken { digest: digest(&access), kind: "access", expires: later(TOKEN_TIME) }];
        kept.extend(refresh.as_deref().map(|token| NewToken { digest: digest(token), kind: "refresh", expires: later(REFRESH_TIME) }));
        let id_token = self.sign_token(&Value::Object(claims))?;
        Ok((Tokens { access_token: access, token_type: "Bearer", expires_in: TOKEN_TIME, scope: login.scopes.clone(), id_token, refresh_token: refresh }, kept))
    }

    /// Who it is, to who has an access token; login required where it is none.
    pub async fn userinfo(&self, token: &str, now: Moment) -> Answer<Value> {
        let found = self.store().oidc_token(&digest(token)).await.map_err(internal)?;
        let (_, login) = found.filter(|(row, _)| row.kind == "access" && row.expires > now).ok_or(DeskError::LoginRequired)?;
        let account = self.usable(&login).await.map_err(|_| DeskError::LoginRequired)?;
        Ok(Value::Object(self.claims(&login.client, &account, &scopes(&login.scopes))))
    }

    /// What an application is told of somebody: an opaque name of its own, and what was agreed to.
    fn claims(&self, client: &str, account: &AccountRow, told: &[Scope]) -> Map<String, Value> {
        let subject = seal::derived(&self.0.secret, "subject", &format!("{client}/{}", account.id));
        let mut claims = Map::from_iter([("sub".to_owned(), json!(subject))]);
        if told.contains(&Scope::Profile) {
            claims.insert("name".to_owned(), json!(account.display));
            claims.insert("preferred_username".to_owned(), json!(account.name));
        }
        if told.contains(&Scope::Sanjiang) {
            let city = self.city();
            let department = account.rights.department.as_deref();
            claims.insert("department".to_owned(), json!(department));
            claims.insert("department_name".to_owned(), json!(department.and_then(|id| city.departments.get(id)).map(|found| &found.title)));
            claims.insert("roles".to_owned(), json!(Roles::parse(&account.rights.roles)));
        }
        claims
    }
}

/// The id and secret of `Basic …`.
fn unbasic(value: &str) -> Option<(String, String)> {
    let (kind, coded) = value.split_once(' ')?;
    let plain = String::from_utf8(BASE64_STANDARD.decode(coded.trim()).ok().filter(|_| kind.eq_ignore_ascii_case("basic") && coded.len() <= FIELD_MAX)?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    // Ours are letters, digits and `_`, which are the same coded and not.
    Some((id.to_owned(), secret.to_owned()))
}
