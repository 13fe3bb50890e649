//! Coming in by the city's identity provider: only the person of a token that holds, into an account that is linked, by the
//! rules that hold for passwords.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use desk::account::{NewRights, code_at};
use desk::authority::Role;
use desk::log::LogFilter;
use desk::oidc::{Arrived, Returned};
use desk::view::Account;
use desk::{Desk, DeskError, Place};
use hmac::{Hmac, KeyInit, Mac};
use kernel::Moment;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::account::{officer, PASSWORD};
use crate::drift::{command, now};
use crate::idp::{Idp, Key};
use crate::memory::{Memory, ports};
use crate::river::prepare;

const CLIENT: &str = "sanjiang";

pub fn later(now: Moment, seconds: i64) -> Moment {
    Moment(now.0 + seconds * 1_000_000)
}

pub async fn open(dir: &std::path::Path) -> Desk {
    let variables = [("SANJIANG_ADDRESS", "https://brain.example.gov.cn"), ("IDENTITY_SECRET", "s%cr:t")];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let place = Place { city_dir: dir.join("city"), data_dir: dir.join("data"), variables };
    match Desk::open(place, ports(&Memory::new(-1))).await {
        Ok(desk) => desk,
        Err(desk::OpenError::City(diagnostics)) => panic!("{diagnostics:#?}"),
        Err(error) => panic!("{error}"),
    }
}

/// A city whose identity provider this is.
fn city(dir: &std::path::Path, idp: &Idp, allow: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    prepare(dir);
    let text = std::fs::read_to_string(dir.join("city/city.toml")).expect("file");
    let text = format!(
        "{text}[network]\nallow = [{allow}]\n[identity]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"${{IDENTITY_SECRET}}\"\ntitle = \"市统一身份认证\"\ntitle_en = \"City identity\"\n",
        idp.issuer
    );
    std::fs::write(dir.join("city/city.toml"), text).expect("file");
}

fn parameter(address: &str, name: &str) -> String {
    let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.unwrap_or_else(|| panic!("no {name}: {address}")).replace("%3A", ":").replace("%2F", "/")
}

fn claims(idp: &Idp, nonce: &str, now: Moment) -> Value {
    let seconds = now.0 / 1_000_000;
    json!({ "iss": idp.issuer, "sub": "u-17", "aud": CLIENT, "exp": seconds + 300, "iat": seconds, "nonce": nonce, "preferred_username": "li.ming" })
}

/// What comes of a login, or a link, for which the provider gives this token.
async fn come(desk: &Desk, idp: &Idp, link: Option<&Account>, token: impl FnOnce(&str) -> String, now: Moment) -> Result<Arrived, DeskError> {
    let begun = desk.begin_identity(link, "/runs", now).await?;
    let (state, nonce) = (parameter(&begun.address, "state"), parameter(&begun.address, "nonce"));
    idp.say("/token", 200, &json!({ "access_token": "x", "token_type": "Bearer", "id_token": token(&nonce) }).to_string());
    let returned = Returned { ticket: &begun.ticket, state: &state, code: "c0de", agent: "test", ..Returned::default() };
    desk.finish_identity(link, returned, now).await
}

async fn person(desk: &Desk, name: &str) -> Account {
    desk.add_account(&command(), name, PASSWORD, NewRights { roles: vec![Role::Analyst], ..NewRights::default() }, now()).await.expect("made");
    let token = desk.login(desk::account::Login { name, password: PASSWORD, ..Default::default() }, now()).await.expect("login");
    desk.session(&token, now()).await.expect("session").expect("alive")
}

fn refused(done: Result<Arrived, DeskError>) -> String {
    match done {
        Err(DeskError::Invalid(text) | DeskError::Busy(text) | DeskError::Conflict(text)) => text.en,
        Err(other) => other.to_string(),
        Ok(_) => "let in".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_linked_comes_in_and_nobody_else() {
    let (dir, idp, key) = (tempfile::tempdir().expect("folder"), Idp::start(), Key::rsa());
    city(dir.path(), &idp, "\"127.0.0.1\"");
    idp.keys(&[("k1", &key)]);
    let (desk, at) = (open(dir.path()).await, now());
    let token = |nonce: &str| key.token(json!({ "alg": "RS256", "kid": "k1" }), &claims(&idp, nonce, at));
    assert!(refused(come(&desk, &idp, None, token, at).await).contains("linked with no account"), "nobody is made");

    let li = person(&desk, "li").await;
    assert!(matches!(come(&desk, &idp, Some(&li), token, at).await, Ok(Arrived::Linked)));
    assert_eq!(desk.own_identity(&li).await.expect("asked").map(|(label, _)| label).as_deref(), Some("li.ming"));
    let other = person(&desk, "wang").await;
    assert!(refused(come(&desk, &idp, Some(&other), token, at).await).contains("another account"));

    // What was sent: the code once, with its verifier and the secret, coded as the standard says.
    let begun = desk.begin_identity(None, "/runs", at).await.expect("begun");
    assert!(begun.address.starts_with(&format!("{}/authorize?response_type=code&client_id={CLIENT}&", idp.issuer)), "{}", begun.address);
    assert_eq!(parameter(&begun.address, "redirect_uri"), "https://brain.example.gov.cn/login/identity/back");
    let (state, challenge) = (parameter(&begun.address, "state"), parameter(&begun.address, "code_challenge"));
    idp.say("/token", 200, &json!({ "id_token": token(&parameter(&begun.address, "nonce")) }).to_string());
    let returned = Returned { ticket: &begun.ticket, state: &state, code: "c0de", issuer: &idp.issuer, agent: "test", ..Returned::default() };
    let Arrived::In { token: session, next } = desk.finish_identity(None, returned, at).await.expect("in") else { panic!("in") };
    assert_eq!((desk.session(&session, at).await.expect("session").map(|who| who.name).as_deref(), next.as_str()), (Some("li"), "/runs"));
    let sent = idp.asked("/token").pop().expect("asked");
    let verifier = sent.split("code_verifier=").nth(1).expect("a verifier").split('&').next().expect("it");
    assert_eq!(BASE64.encode(Sha256::digest(verifier)), challenge);
    assert!(sent.contains(&base64::prelude::BASE64_STANDARD.encode("sanjiang:s%25cr%3At")), "{sent}");
    assert_eq!(idp.asked("/.well-known/openid-configuration").len(), 1, "kept for an hour");

    // Another browser, another state, another issuer's answer, a ticket that was touched or is old: not in.
    let touched = format!("x{}", begun.ticket);
    for (why, wrong, when) in [
        ("state", Returned { state: "0", ..returned }, at),
        ("ticket", Returned { ticket: "", ..returned }, at),
        ("touched", Returned { ticket: &touched, ..returned }, at),
        ("issuer", Returned { issuer: "https://evil.example", ..returned }, at),
        ("error", Returned { error: "access_denied", code: "", ..returned }, at),
        ("old", returned, later(at, 901)),
    ] {
        assert!(matches!(desk.finish_identity(None, wrong, when).await, Err(DeskError::Invalid(_))), "{why}");
    }
    // A link is of who began it.
    let begun = desk.begin_identity(Some(&li), "/account", at).await.expect("begun");
    let state = parameter(&begun.address, "state");
    idp.say("/token", 200, &json!({ "id_token": token(&parameter(&begun.address, "nonce")) }).to_string());
    let returned = Returned { ticket: &begun.ticket, state: &state, code: "c", ..Returned::default() };
    for who in [None, Some(&other)] {
        assert!(matches!(desk.finish_identity(who, returned, at).await, Err(DeskError::Invalid(_))));
    }

    // A lock holds, and so does what the holder takes away.
    let id = desk.account_named("li").await.expect("there");
    desk.lock_account(&command(), &id, true, at).await.expect("locked");
    assert_ne!(refused(come(&desk, &idp, None, token, at).await), "let in", "locked");
    desk.lock_account(&command(), &id, false, at).await.expect("unlocked");
    assert!(matches!(come(&desk, &idp, None, token, at).await, Ok(Arrived::In { .. })));
    desk.unlink_identity(&li).await.expect("unlinked");
    assert_ne!(refused(come(&desk, &idp, None, token, at).await), "let in", "unlinked");

    // The system officer makes an account for somebody who is known there; nobody else of that name can be made.
    desk.create_account_of(&command(), "zhao", "赵", "u-17", at).await.expect("made");
    assert!(desk.create_account_of(&command(), "qian", "", "u-17", at).await.is_err());
    assert!(desk.account_named("qian").await.is_err(), "all or nothing");
    assert!(matches!(come(&desk, &idp, None, token, at).await, Ok(Arrived::In { .. })));
    let told = |act: &str| LogFilter { act: Some(act.into()), ..LogFilter::default() };
    for (act, least) in [("account.link", 1), ("account.unlink", 1), ("session.begin", 5), ("session.refuse", 5)] {
        assert!(desk.log_page(&command(), &told(act), 1, 50).await.expect("log").page.total >= least, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_factor_is_asked_for_after_the_provider() {
    let (dir, idp, key) = (tempfile::tempdir().expect("folder"), Idp::start(), Key::ed25519());
    city(dir.path(), &idp, "\"127.0.0.1\"");
    idp.keys(&[("k1", &key)]);
    let (desk, at) = (open(dir.path()).await, now());
    let token = |nonce: &str| key.token(json!({ "alg": "EdDSA" }), &claims(&idp, nonce, at));
    let (system, secret) = officer_with_secret(&desk, at).await;
    assert!(matches!(come(&desk, &idp, Some(&system), token, at).await, Ok(Arrived::Linked)));
    let Ok(Arrived::Second { ticket, .. }) = come(&desk, &idp, None, token, at).await else { panic!("the second factor") };
    let next = later(at, 30);
    let code = code_at(&secret, next).expect("a code");
    assert!(desk.enter_second("touched", &code, "", next).await.is_err());
    assert!(desk.enter_second(&ticket, &code, "", later(at, 301)).await.is_err(), "over");
    assert!(desk.enter_second(&ticket, "000000", "", next).await.is_err());
    let (session, to) = desk.enter_second(&ticket, &code, "", next).await.expect("in");
    assert_eq!((desk.session(&session, next).await.expect("session").map(|who| who.second), to.as_str()), (Some(true), "/runs"));
    assert!(desk.enter_second(&ticket, &code, "", next).await.is_err(), "a code is good once");
    for _ in 0..5 {
        let _ = desk.enter_second(&ticket, "111111", "", next).await;
    }
    assert!(matches!(desk.enter_second(&ticket, &code, "", next).await, Err(DeskError::Busy(_))), "nobody tries all codes");
}

async fn officer_with_secret(desk: &Desk, now: Moment) -> (Account, String) {
    let who = officer(desk, Role::Security, now).await;
    // Bound anew, so that the secret is known here.
    desk.reset_second(&command(), &who.id).await.expect("reset");
    let token = desk.login(desk::account::Login { name: "security", password: PASSWORD, ..Default::default() }, now).await.expect("login");
    let who = desk.session(&token, now).await.expect("session").expect("alive");
    let binding = desk.new_binding(&who);
    desk.bind_second(&who, &binding.salt, &code_at(&binding.secret, now).expect("a code"), "", now).await.expect("bound");
    (desk.session(&token, now).await.expect("session").expect("alive"), binding.secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_that_holds_in_every_part_is_believed() {
    let (dir, idp) = (tempfile::tempdir().expect("folder"), Idp::start());
    city(dir.path(), &idp, "\"127.0.0.1\"");
    let (rsa, p256, ed25519, stranger) = (Key::rsa(), Key::p256(), Key::ed25519(), Key::rsa());
    idp.keys(&[("r", &rsa), ("p", &p256), ("e", &ed25519)]);
    let (desk, at) = (open(dir.path()).await, now());
    let seconds = at.0 / 1_000_000;
    let li = person(&desk, "li").await;
    let good = |nonce: &str| rsa.token(json!({ "alg": "RS256", "kid": "r", "typ": "JWT" }), &claims(&idp, nonce, at));
    assert!(matches!(come(&desk, &idp, Some(&li), good, at).await, Ok(Arrived::Linked)));
    for (kid, key) in [("r", &rsa), ("p", &p256), ("e", &ed25519)] {
        for header in [json!({ "alg": key.algorithm(), "kid": kid }), json!({ "alg": key.algorithm() })] {
            let done = come(&desk, &idp, None, |nonce| key.token(header.clone(), &claims(&idp, nonce, at)), at).await;
            assert!(matches!(done, Ok(Arrived::In { .. })), "{header}");
        }
    }

    let changed: [(&str, Value, &str); 20] = [
        ("iss", json!("https://evil.example"), "another provider"),
        ("iss", json!(format!("{}/", idp.issuer)), "another provider"),
        ("aud", json!("somebody"), "for somebody else"),
        ("aud", json!(["somebody"]), "for somebody else"),
        ("aud", json!([CLIENT, "somebody"]), "for somebody else"),
        ("aud", Value::Null, "for somebody else"),
        ("azp", json!("somebody"), "for somebody else"),
        ("exp", json!(seconds - 121), "expired"),
        ("exp", json!(seconds - 100), ""),
        ("exp", Value::Null, "expired"),
        ("exp", json!("soon"), "expired"),
        ("iat", json!(seconds - 900), "expired"),
        ("iat", json!(seconds + 121), "not valid yet"),
        ("iat", json!(seconds + 100), ""),
        ("iat", Value::Null, "not valid yet"),
        ("nbf", json!(seconds + 121), "not valid yet"),
        ("nonce", json!("another"), "this login"),
        ("nonce", Value::Null, "this login"),
        ("sub", json!(""), "who it is"),
        ("sub", json!("u".repeat(256)), "who it is"),
    ];
    for (name, value, why) in changed {
        let forged = |nonce: &str| {
            let mut claims = claims(&idp, nonce, at);
            claims[name] = value.clone();
            rsa.token(json!({ "alg": "RS256", "kid": "r" }), &claims)
        };
        let done = refused(come(&desk, &idp, None, forged, at).await);
        assert!(if why.is_empty() { done == "let in" } else { done.contains(why) }, "{name} {value}: {done}");
    }
    let several = |nonce: &str| {
        let mut claims = claims(&idp, nonce, at);
        (claims["aud"], claims["azp"]) = (json!([CLIENT, "somebody"]), json!(CLIENT));
        rsa.token(json!({ "alg": "RS256", "kid": "r" }), &claims)
    };
    assert_eq!(refused(come(&desk, &idp, None, several, at).await), "let in", "made for us, and read by another");

    // Headers and signatures.
    let part = |value: &Value| BASE64.encode(value.to_string());
    let none = |nonce: &str| format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims(&idp, nonce, at)));
    assert!(refused(come(&desk, &idp, None, none, at).await).contains("algorithm"));
    let shared = |nonce: &str| {
        let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": "r" })), part(&claims(&idp, nonce, at)));
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&rsa.public()).expect("a key");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
    };
    assert!(refused(come(&desk, &idp, None, shared, at).await).contains("algorithm"), "the public key is no shared secret");
    let header = |header: Value, key: &Key, nonce: &str| key.token(header, &claims(&idp, nonce, at));
    for (why, made) in [
        ("signature", (json!({ "alg": "RS256", "kid": "r" }), &stranger)),
        ("publish", (json!({ "alg": "RS256", "kid": "zz" }), &rsa)),
        ("publish", (json!({ "alg": "ES256", "kid": "r" }), &p256)),
        ("malformed", (json!({ "alg": "RS256", "kid": "r", "crit": ["exp"] }), &rsa)),
        ("malformed", (json!({ "kid": "r" }), &rsa)),
        ("algorithm", (json!({ "alg": "RS512", "kid": "r" }), &rsa)),
    ] {
        let done = refused(come(&desk, &idp, None, |nonce| header(made.0.clone(), made.1, nonce), at).await);
        assert!(done.contains(why), "{}: {done}", made.0);
    }
    let tampered = |nonce: &str| {
        let token = good(nonce);
        let mut claims = claims(&idp, nonce, at);
        claims["sub"] = json!("u-18");
        let parts: Vec<&str> = token.split('.').collect();
        format!("{}.{}.{}", parts[0], part(&claims), parts[2])
    };
    assert!(refused(come(&desk, &idp, None, tampered, at).await).contains("signature"));
    for odd in ["", "x", "a.b", "a.b.c.d", "....", &"a".repeat(20_000)] {
        assert_ne!(refused(come(&desk, &idp, None, |_| odd.to_owned(), at).await), "let in");
    }

    // Another key: known after a minute, and the old one is then good no more.
    idp.keys(&[("new", &stranger)]);
    let rotated = |nonce: &str, at| stranger.token(json!({ "alg": "RS256", "kid": "new" }), &claims(&idp, nonce, at));
    assert!(refused(come(&desk, &idp, None, |nonce| rotated(nonce, at), at).await).contains("publish"), "asked for once a minute");
    let minute = later(at, 61);
    assert!(matches!(come(&desk, &idp, None, |nonce| rotated(nonce, minute), minute).await, Ok(Arrived::In { .. })));
    assert!(refused(come(&desk, &idp, None, good, minute).await).contains("publish"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_or_talks_nonsense_is_said_to_be() {
    let (dir, idp, key) = (tempfile::tempdir().expect("folder"), Idp::start(), Key::p256());
    city(dir.path(), &idp, "\"127.0.0.1\"");
    idp.keys(&[("k", &key)]);
    let (desk, at) = (open(dir.path()).await, now());
    let discovery = "/.well-known/openid-configuration";
    let other = |name: &str, value: &str| {
        let mut metadata = idp.metadata();
        metadata[name] = json!(value);
        metadata.to_string()
    };
    for (status, body, why) in [
        (500, String::new(), "HTTP 500"),
        (302, String::new(), "HTTP 302"),
        (200, "<html>".to_owned(), "what it should be"),
        (200, other("issuer", "https://evil.example"), "another issuer"),
        (200, other("token_endpoint", "http://id.example.gov.cn/token"), "cannot be trusted"),
        (200, other("authorization_endpoint", "javascript:alert(1)"), "cannot be trusted"),
        (200, other("jwks_uri", "http://169.254.169.254/keys"), "cannot be trusted"),
        (200, other("jwks_uri", "https://169.254.169.254/keys"), "[network] allow"),
        (200, " ".repeat(70_000), "too long"),
    ] {
        idp.say(discovery, status, &body);
        let done = desk.begin_identity(None, "/", at).await.map(|_| "begun").map_err(|error| error.to_string());
        assert!(done.as_ref().is_err_and(|error| error.contains(why)), "{why}: {done:?}");
    }
    idp.say(discovery, 200, &idp.metadata().to_string());
    for (status, body, why) in [(200, json!({}), "no ID token"), (400, json!({ "error": "invalid_grant<b>" }), "invalid_grant"), (500, json!("x"), "what it should be")] {
        let begun = desk.begin_identity(None, "/", at).await.expect("begun");
        idp.say("/token", status, &body.to_string());
        let state = parameter(&begun.address, "state");
        let returned = Returned { ticket: &begun.ticket, state: &state, code: "c", ..Returned::default() };
        let done = refused(desk.finish_identity(None, returned, at).await);
        assert!(done.contains(why), "{why}: {done}");
    }
    // The network's rules hold for it as for connectors.
    let shut = tempfile::tempdir().expect("folder");
    city(shut.path(), &idp, "\"127.0.0.2\"");
    let place = Place { city_dir: shut.path().join("city"), data_dir: shut.path().join("data"), variables: Default::default() };
    assert!(matches!(Desk::open(place, ports(&Memory::new(-1))).await, Err(desk::OpenError::City(_))), "said when the city is read");
}
