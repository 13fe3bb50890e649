//! Applications that log people in with us: what is given to whom, once, and what is taken back when something is wrong.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64};
use data::oidc::Scope;
use desk::account::{Login, NewRights};
use desk::authority::Role;
use desk::log::LogFilter;
use desk::oidc::{Authorized, Credentials, Issued, NewClient, TokenRefused, Tokens};
use desk::view::Account;
use desk::{Desk, DeskError};
use kernel::Moment;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::account::{officer, PASSWORD};
use crate::drift::{command, now};
use crate::identity::{later, open};
use crate::river::prepare;

const BACK: &str = "https://app.example.gov.cn/back";
const VERIFIER: &str = "a verifier that is long enough to be one: 43";

struct Trial {
    dir: tempfile::TempDir,
    desk: Desk,
    who: Account,
    app: Issued,
    at: Moment,
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn new(public: bool) -> NewClient {
    NewClient { name: "城管巡查".into(), redirects: vec![BACK.into(), format!("{BACK}?a=1")], logouts: vec![format!("{BACK}/out")], scopes: vec![Scope::Profile, Scope::Sanjiang, Scope::OfflineAccess], public }
}

impl Trial {
    async fn new() -> Trial {
        let dir = tempfile::tempdir().expect("folder");
        prepare(dir.path());
        let (desk, at) = (open(dir.path()).await, now());
        let rights = NewRights { roles: vec![Role::Officer], department: Some("office".into()), clearance: None };
        desk.add_account(&command(), "li", PASSWORD, rights, at).await.expect("made");
        let who = Trial::enter(&desk, at).await;
        let app = desk.register_client(&command(), new(false), at).await.expect("registered");
        Trial { dir, desk, who, app, at }
    }

    async fn enter(desk: &Desk, at: Moment) -> Account {
        let token = desk.login(Login { name: "li", password: PASSWORD, ..Login::default() }, at).await.expect("login");
        desk.session(&token, at).await.expect("session").expect("alive")
    }

    fn asked(&self, client: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
        let challenge = BASE64.encode(Sha256::digest(VERIFIER));
        let usual = [
            ("client_id", client), ("redirect_uri", BACK), ("response_type", "code"), ("scope", "openid profile sanjiang offline_access"), ("state", "s t"), ("nonce", "n0"),
            ("code_challenge", &challenge), ("code_challenge_method", "S256"),
        ];
        let mut all = pairs(&usual);
        for (name, value) in changed {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        all
    }

    /// A code for who has agreed.
    async fn code(&self, client: &str) -> String {
        let asked = self.asked(client, &[]);
        self.desk.agree(&self.who, &asked, self.at).await.expect("agreed");
        match self.desk.authorize(Some(&self.who), &asked, self.at).await.expect("decided") {
            Authorized::Back(address) => {
                assert!(address.starts_with(&format!("{BACK}?code=")) && address.ends_with("&state=s%20t&iss=https%3A%2F%2Fbrain.example.gov.cn"), "{address}");
                address.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned()
            }
            other => panic!("{other:?}"),
        }
    }

    async fn exchange(&self, fields: &[(&str, &str)], at: Moment) -> Result<Tokens, TokenRefused> {
        let secret = self.app.secret.as_deref().unwrap_or_default();
        self.exchange_as(Some(&format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{secret}", self.app.id)))), fields, at).await
    }

    async fn exchange_as(&self, authorization: Option<&str>, fields: &[(&str, &str)], at: Moment) -> Result<Tokens, TokenRefused> {
        self.desk.oidc_tokens(Credentials { authorization }, &pairs(fields), at).await
    }

    async fn redeem(&self, code: &str, at: Moment) -> Result<Tokens, TokenRefused> {
        self.exchange(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)], at).await
    }

    async fn refresh(&self, token: &str, at: Moment) -> Result<Tokens, TokenRefused> {
        self.exchange(&[("grant_type", "refresh_token"), ("refresh_token", token)], at).await
    }

    async fn known(&self, tokens: &Tokens, at: Moment) -> bool {
        self.desk.userinfo(&tokens.access_token, at).await.is_ok()
    }
}

fn why<T>(done: Result<T, TokenRefused>) -> String {
    match done {
        Err(TokenRefused::Said(error, text)) => format!("{error}: {}", text.en),
        Err(other) => format!("{other:?}"),
        Ok(_) => "given".to_owned(),
    }
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(token.split('.').nth(1).expect("claims")).expect("base64")).expect("json")
}

fn kid(token: &str) -> String {
    let header: Value = serde_json::from_slice(&BASE64.decode(token.split('.').next().expect("header")).expect("base64")).expect("json");
    header["kid"].as_str().expect("a kid").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_gives_tokens_once_and_what_is_told_is_what_was_agreed_to() {
    let trial = Trial::new().await;
    let Trial { desk, who, app, at, .. } = &trial;
    assert!(matches!(desk.authorize(None, &trial.asked(&app.id, &[]), *at).await, Ok(Authorized::Login { again: false })));
    let Ok(Authorized::Agree(asked)) = desk.authorize(Some(who), &trial.asked(&app.id, &[]), *at).await else { panic!("asked first") };
    assert_eq!((asked.client.name.as_str(), asked.scopes.len()), ("城管巡查", 4));
    let code = trial.code(&app.id).await;
    // It survives a restart, as everything here.
    let reopened = open(trial.dir.path()).await;
    let trial = Trial { desk: reopened, ..trial };
    let Trial { desk, who, app, at, .. } = &trial;
    let tokens = trial.redeem(&code, *at).await.expect("given");
    let told = claims(&tokens.id_token);
    let seconds = at.0 / 1_000_000;
    assert_eq!((told["iss"].as_str(), told["aud"].as_str(), told["nonce"].as_str()), (Some("https://brain.example.gov.cn"), Some(app.id.as_str()), Some("n0")));
    assert_eq!((told["iat"].as_i64(), told["exp"].as_i64(), told["auth_time"].as_i64()), (Some(seconds), Some(seconds + 600), Some(seconds)));
    assert_eq!(told["at_hash"], BASE64.encode(&Sha256::digest(&tokens.access_token)[..16]));
    assert_eq!((told["preferred_username"].as_str(), told["department"].as_str(), &told["roles"]), (Some("li"), Some("office"), &serde_json::json!(["officer"])));
    let info = desk.userinfo(&tokens.access_token, *at).await.expect("told");
    assert_eq!((&info["sub"], info["department_name"].as_str()), (&told["sub"], Some("试验局")));
    assert!(!told["sub"].as_str().expect("a name").contains("li") && told["sub"] != who.id.as_str(), "an opaque name");

    // Another application knows the same person by another name, and not what it did not ask.
    let other = desk.register_client(&command(), NewClient { scopes: Vec::new(), ..new(true) }, *at).await.expect("registered");
    assert_eq!(other.secret, None);
    let code = trial.code(&other.id).await;
    let fields = [("grant_type", "authorization_code"), ("client_id", &other.id), ("code", &code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    let given = trial.exchange_as(None, &fields, *at).await.expect("given");
    let other_told = claims(&given.id_token);
    assert!(other_told["sub"] != told["sub"] && other_told["preferred_username"].is_null() && other_told["roles"].is_null() && given.refresh_token.is_none());

    // A code that comes back has been in wrong hands: all that it gave ends.
    assert!(trial.known(&tokens, *at).await);
    assert!(why(trial.redeem(&code, *at).await).starts_with("invalid_grant"), "another's code");
    assert!(!trial.desk.userinfo(&given.access_token, *at).await.is_ok(), "and it is burnt");
    let code = trial.code(&app.id).await;
    let tokens = trial.redeem(&code, *at).await.expect("given");
    assert!(why(trial.redeem(&code, *at).await).contains("used already"));
    assert!(!trial.known(&tokens, *at).await);
    assert!(why(trial.refresh(tokens.refresh_token.as_deref().expect("one"), *at).await).starts_with("invalid_grant"));
    for (act, least) in [("client.register", 2), ("consent.give", 3), ("client.enter", 3), ("token.issue", 3), ("token.refuse", 2)] {
        let filter = LogFilter { act: Some(act.into()), ..LogFilter::default() };
        assert!(desk.log_page(&command(), &filter, 1, 50).await.expect("log").page.total >= least, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_registered_is_sent_nowhere_and_what_is_wrong_goes_back() {
    let trial = Trial::new().await;
    let Trial { desk, who, app, at, .. } = &trial;
    let long = "x".repeat(2_001);
    for wrong in [
        &[("client_id", "none")][..],
        &[("redirect_uri", "")],
        &[("redirect_uri", "https://evil.example/back")],
        &[("redirect_uri", "https://app.example.gov.cn/back/")],
        &[("redirect_uri", "https://app.example.gov.cn/back?b=1")],
        &[("redirect_uri", "https://app.example.gov.cn/Back")],
        &[("state", &long)],
    ] {
        for who in [None, Some(who)] {
            assert!(matches!(desk.authorize(who, &trial.asked(&app.id, wrong), *at).await, Err(DeskError::Invalid(_))), "{wrong:?}");
        }
    }
    let twice = [trial.asked(&app.id, &[]), pairs(&[("redirect_uri", "https://evil.example")])].concat();
    assert!(matches!(desk.authorize(None, &twice, *at).await, Err(DeskError::Invalid(_))), "twice");
    for (wrong, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("scope", "profile")], "invalid_scope"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("request", "x.y.z")], "request_not_supported"),
        (&[("request_uri", "https://x")], "request_uri_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
    ] {
        let done = desk.authorize(None, &trial.asked(&app.id, wrong), *at).await;
        let Ok(Authorized::Back(address)) = &done else { panic!("{wrong:?}: {done:?}") };
        assert!(address.starts_with(&format!("{BACK}?error={error}&")) && address.contains("state=s%20t"), "{wrong:?}: {address}");
    }
    let back = async |who: Option<&Account>, changed: &[(&str, &str)], at: Moment| match desk.authorize(who, &trial.asked(&app.id, changed), at).await {
        Ok(Authorized::Back(address)) => address.split(['=', '&']).nth(1).unwrap_or_default().to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(back(None, &[("prompt", "none")], *at).await, "login_required");
    assert_eq!(back(Some(who), &[("prompt", "none")], *at).await, "consent_required");
    trial.code(&app.id).await;
    assert_eq!(back(Some(who), &[("prompt", "none")], *at).await.len(), 64, "a code at once");
    assert_eq!(back(Some(who), &[("prompt", "none"), ("max_age", "60")], later(*at, 90)).await, "login_required");
    assert!(back(Some(who), &[("prompt", "login")], *at).await.contains("again: true"));
    assert!(back(Some(who), &[("prompt", "consent")], *at).await.contains("Agree"));
    // With another address of the same application, and a refusal of the person's.
    let other = format!("{BACK}?a=1");
    assert!(matches!(desk.authorize(Some(who), &trial.asked(&app.id, &[("redirect_uri", &other)]), *at).await, Ok(Authorized::Back(address)) if address.starts_with(&format!("{other}&code="))));
    assert!(desk.disagree(&trial.asked(&app.id, &[])).await.expect("back").starts_with(&format!("{BACK}?error=access_denied&state=")));
    // The three officers come with their second factor only.
    let system = officer(desk, Role::System, *at).await;
    let without = Account { second: false, ..system.clone() };
    assert!(matches!(desk.authorize(Some(&without), &trial.asked(&app.id, &[]), *at).await, Err(DeskError::Forbidden(_))));
    assert!(matches!(desk.authorize(Some(&system), &trial.asked(&app.id, &[]), *at).await, Ok(Authorized::Agree(_))));
    // A logout goes only where it may.
    let out = format!("{BACK}/out");
    let leaving = desk.leaving(&pairs(&[("client_id", &app.id), ("post_logout_redirect_uri", &out), ("state", "1")]), *at).await.expect("known");
    assert_eq!(leaving.back.as_deref(), Some(format!("{out}?state=1").as_str()));
    for wrong in [&[("post_logout_redirect_uri", out.as_str())][..], &[("client_id", &app.id), ("post_logout_redirect_uri", BACK)], &[("id_token_hint", "x.y.z")]] {
        assert!(matches!(desk.leaving(&pairs(wrong), *at).await, Err(DeskError::Invalid(_))), "{wrong:?}");
    }
    for wrong in ["http://app.example.gov.cn/", "https://*.example.gov.cn/", "https://a/#b", "javascript:x", ""] {
        assert!(desk.register_client(&command(), NewClient { redirects: vec![wrong.into()], ..new(false) }, *at).await.is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_token_are_good_for_their_own_application_time_and_proof_only() {
    let trial = Trial::new().await;
    let Trial { desk, app, at, .. } = &trial;
    let fields = |code: &str, redirect: &str, verifier: &str| pairs(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier)]);
    let basic = |id: &str, secret: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
    let secret = app.secret.clone().expect("a secret");
    for (redirect, verifier, seconds, said) in [
        (BACK, "another verifier that is long enough to be one", 0, "code_verifier"),
        (BACK, "", 0, "code_verifier"),
        ("https://app.example.gov.cn/back?a=1", VERIFIER, 0, "redirect_uri"),
        (BACK, VERIFIER, 60, "expired"),
    ] {
        let code = trial.code(&app.id).await;
        let done = desk.oidc_tokens(Credentials { authorization: Some(&basic(&app.id, &secret)) }, &fields(&code, redirect, verifier), later(*at, seconds)).await;
        assert!(why(done).contains(said), "{said}");
        assert!(why(trial.redeem(&code, *at).await).starts_with("invalid_grant"), "a code is tried once");
    }
    let code = trial.code(&app.id).await;
    for (authorization, more, said) in [
        (Some(basic(&app.id, "wrong")), &[][..], "invalid_client"),
        (Some(basic("none", &secret)), &[], "invalid_client"),
        (Some("Basic !".to_owned()), &[], "invalid_client"),
        (None, &[("client_id", app.id.as_str())], "invalid_client"),
        (None, &[], "invalid_client"),
        (Some(basic(&app.id, &secret)), &[("client_secret", secret.as_str())], "invalid_client"),
        (Some(basic(&app.id, &secret)), &[("grant_type", "password")], "invalid_request"),
    ] {
        let all = [fields(&code, BACK, VERIFIER), pairs(more)].concat();
        let done = desk.oidc_tokens(Credentials { authorization: authorization.as_deref() }, &all, *at).await;
        assert!(why(done).starts_with(said), "{said}: {more:?}");
    }
    assert!(why(trial.exchange(&[("grant_type", "client_credentials")], *at).await).starts_with("unsupported_grant_type"));
    // By the form as well as by the header; none of the above has used it up.
    let all = [fields(&code, BACK, VERIFIER), pairs(&[("client_id", &app.id), ("client_secret", &secret)])].concat();
    let tokens = desk.oidc_tokens(Credentials::default(), &all, *at).await.expect("given");
    assert!(desk.userinfo(&tokens.access_token, later(*at, 599)).await.is_ok() && desk.userinfo(&tokens.access_token, later(*at, 600)).await.is_err());
    let first = tokens.refresh_token.clone().expect("one");
    assert!(desk.userinfo(&first, *at).await.is_err(), "a refresh token opens nothing");
    assert!(why(trial.refresh(&tokens.access_token, *at).await).starts_with("invalid_grant"));
    let wide = trial.exchange(&[("grant_type", "refresh_token"), ("refresh_token", &first), ("scope", "openid profile")], *at).await.expect("given");
    let second = wide.refresh_token.clone().expect("another");
    assert!(claims(&wide.id_token)["nonce"].is_null() && second != first);
    // One that comes back ends them all.
    assert!(why(trial.refresh(&first, *at).await).contains("used already"));
    assert!(why(trial.refresh(&second, *at).await).starts_with("invalid_grant"));
    assert!(!trial.known(&wide, *at).await);

    // A public application has no secret to give, and says none.
    let public = desk.register_client(&command(), new(true), *at).await.expect("registered");
    let code = trial.code(&public.id).await;
    let all = |more: &[(&str, &str)]| [fields(&code, BACK, VERIFIER), pairs(&[("client_id", &public.id)]), pairs(more)].concat();
    assert!(why(desk.oidc_tokens(Credentials::default(), &all(&[("client_secret", "x")]), *at).await).starts_with("invalid_client"));
    assert!(desk.oidc_tokens(Credentials::default(), &all(&[]), *at).await.is_ok());
    // A flood is put off, and says for how long.
    let mut done = Ok(());
    for _ in 0..200 {
        done = trial.exchange(&[("grant_type", "x")], *at).await.map(|_| ());
    }
    assert!(matches!(done, Err(TokenRefused::TooMany(seconds)) if seconds > 0), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_other_rights_a_withdrawal_and_a_revocation_end_what_was_given() {
    let trial = Trial::new().await;
    let Trial { desk, app, at, .. } = &trial;
    let id = desk.account_named("li").await.expect("there");
    let given = async |trial: &Trial| {
        let code = trial.code(&trial.app.id).await;
        trial.redeem(&code, trial.at).await.expect("given")
    };
    let tokens = given(&trial).await;
    desk.withdraw_agreement(&trial.who, &app.id).await.expect("taken back");
    assert!(!trial.known(&tokens, *at).await && desk.agreements(&trial.who).await.expect("asked").is_empty());
    let tokens = given(&trial).await;
    assert_eq!(desk.agreements(&trial.who).await.expect("asked").len(), 1);
    desk.lock_account(&command(), &id, true, *at).await.expect("locked");
    desk.lock_account(&command(), &id, false, *at).await.expect("unlocked");
    assert!(!trial.known(&tokens, *at).await, "what a lock ended stays so");
    let trial = Trial { who: Trial::enter(desk, *at).await, desk: desk.clone(), app: app.clone(), at: *at, dir: tempfile::tempdir().expect("folder") };
    let tokens = given(&trial).await;
    desk.set_rights(&command(), &id, NewRights { roles: vec![Role::Analyst], ..NewRights::default() }).await.expect("set");
    assert!(!trial.known(&tokens, *at).await, "other rights");
    let trial = Trial { who: Trial::enter(desk, *at).await, ..trial };
    let tokens = given(&trial).await;

    // A new secret is good at once, and the old one no more; so it is with the key, but what was signed can still be verified.
    let renewed = desk.renew_client(&command(), &app.id).await.expect("renewed");
    assert!(why(trial.refresh(tokens.refresh_token.as_deref().expect("one"), *at).await).starts_with("invalid_client"));
    let trial = Trial { app: renewed, ..trial };
    let kids = |at| desk.oidc_keys(at).expect("keys").keys.into_iter().map(|key| key.kid).collect::<Vec<_>>();
    assert_eq!(kids(*at), [kid(&tokens.id_token)]);
    desk.renew_oidc_key(&command(), *at).await.expect("renewed");
    let next = trial.refresh(tokens.refresh_token.as_deref().expect("one"), *at).await.expect("given");
    assert_eq!(kids(*at), [kid(&next.id_token), kid(&tokens.id_token)]);
    assert_eq!(kids(later(*at, 86_400)), [kid(&next.id_token)]);
    assert!(desk.leaving(&pairs(&[("id_token_hint", &tokens.id_token)]), *at).await.expect("ours").application.is_some());

    desk.revoke_client(&command(), &app.id, *at).await.expect("revoked");
    assert!(!trial.known(&next, *at).await);
    assert!(matches!(desk.authorize(None, &trial.asked(&app.id, &[]), *at).await, Err(DeskError::Invalid(_))));
    assert!(matches!(desk.revoke_client(&command(), &app.id, *at).await, Err(DeskError::Conflict(_))));
    let nobody = desk.register_client(&trial.who, new(false), *at).await;
    assert!(matches!(nobody, Err(DeskError::Forbidden(_))), "the system officer's");
}
