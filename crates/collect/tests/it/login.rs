//! How an API is logged in to: keys in either place, tokens that are cached, renewed and never shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use collect::Position;
use serde_json::{Value, json};

use crate::api::{Answer, Api, Bench, declared, http_system, ids, json as answer, rows};

fn bench(port: u16, auth: Value) -> Bench {
    let keys =
        json!({ "url": format!("http://127.0.0.1:{port}/api"), "auth": auth, "retries": 1, "timeout_seconds": 20 });
    Bench { system: Some(http_system(keys)), ..Bench::new() }
}

fn good() -> Answer {
    answer(format!("{{\"rows\": [{}]}}", rows(1..3)))
}

#[test]
fn keys_go_where_they_are_declared_and_are_never_shown() {
    let api = Api::start(|_, _| good());
    let auth = |place: &str| json!({ "kind": "api_key", "name": "X-Token", "value": "${TOKEN}", "place": place });
    let batches = bench(api.port, auth("query")).collect(&api, &declared("x?a=1", None)).unwrap();
    bench(api.port, auth("header")).collect(&api, &declared("x", None)).unwrap();
    let basic = json!({ "kind": "basic", "user": "me", "password": "${TOKEN}" });
    bench(api.port, basic).collect(&api, &declared("x", None)).unwrap();
    let seen = api.seen.lock().unwrap().clone();
    assert_eq!(seen[0].target, "/api/x?a=1&X-Token=geheim2");
    assert!(!batches[0].file.contains("geheim2"), "{}", batches[0].file);
    assert!(seen[1].headers.contains(&"x-token: geheim2".to_owned()) && seen[1].target == "/api/x");
    assert!(seen[2].headers.contains(&"authorization: basic bwu6z2vozwltmg==".to_owned()), "{:?}", seen[2].headers);
}

/// A server that gives out numbered tokens, each good for so many requests.
fn tokens(good_for: usize, expires: &'static str) -> Api {
    let (given, used) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    Api::start(move |target, _| {
        if target == "/token" {
            used.store(0, Ordering::SeqCst);
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            return answer(format!("{{\"access_token\": \"t{number}\", \"token_type\": \"Bearer\"{expires}}}"));
        }
        match used.fetch_add(1, Ordering::SeqCst) < good_for {
            true => good(),
            false => (401, Vec::new(), Vec::new()),
        }
    })
}

fn oauth(port: u16, more: Value) -> Value {
    let mut auth = json!({
        "kind": "oauth2", "token_url": format!("http://127.0.0.1:{port}/token"), "client_id": "sanjiang",
        "client_secret": "${TOKEN}", "scope": "read write",
    });
    auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    auth
}

#[test]
fn a_token_is_fetched_once_and_again_when_it_is_refused() {
    let api = tokens(2, ", \"expires_in\": 3600");
    let bench = bench(api.port, oauth(api.port, json!({})));
    for _ in 0..3 {
        assert_eq!(ids(&bench.collect(&api, &declared("x", None)).unwrap()), [1, 2]);
    }
    let seen = api.seen.lock().unwrap().clone();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets, ["/token", "/api/x", "/api/x", "/api/x", "/token", "/api/x"]);
    assert_eq!(seen[0].body, "grant_type=client_credentials&scope=read+write");
    assert!(
        seen[0].headers.contains(&"authorization: basic c2fuamlhbmc6z2vozwltmg==".to_owned()),
        "{:?}",
        seen[0].headers
    );
    assert!(seen[1].headers.contains(&"authorization: bearer t1".to_owned()));
    assert!(seen[5].headers.contains(&"authorization: bearer t2".to_owned()));
}

#[test]
fn a_token_about_to_expire_is_renewed_and_one_refused_twice_ends_the_run() {
    let api = tokens(9, ", \"expires_in\": 0");
    let bench_short = bench(api.port, oauth(api.port, json!({ "credentials": "body" })));
    bench_short.collect(&api, &declared("x", None)).unwrap();
    bench_short.collect(&api, &declared("x", None)).unwrap();
    assert_eq!(api.targets(), ["/token", "/api/x", "/token", "/api/x"]);
    assert!(api.seen.lock().unwrap()[0].body.ends_with("&client_id=sanjiang&client_secret=geheim2"));

    let never = tokens(0, "");
    let error = bench(never.port, oauth(never.port, json!({}))).fails(&never, &declared("x", None));
    assert_eq!((error.code, never.targets().len()), ("http.login", 4));
}

#[test]
fn a_refused_client_is_told_what_to_check_without_its_secret() {
    let api = Api::start(|_, _| (401, Vec::new(), b"{\"error\": \"invalid_client\", \"hint\": \"geheim2\"}".to_vec()));
    let error = bench(api.port, oauth(api.port, json!({}))).fails(&api, &declared("x", None));
    assert_eq!(error.code, "http.token");
    assert!(error.message.en.contains("invalid_client") && error.message.zh.contains("client_secret"), "{error:?}");
    let odd = Api::start(|_, _| answer("{\"access_token\": \"a\\nb\"}"));
    assert_eq!(bench(odd.port, oauth(odd.port, json!({}))).fails(&odd, &declared("x", None)).code, "http.token");
}

#[test]
fn an_unset_secret_is_named() {
    let api = Api::start(|_, _| good());
    let auth = json!({ "kind": "bearer", "token": "${SANJIANG_NO_SUCH_SECRET}" });
    let bench = bench(api.port, auth);
    let error = bench.open(&api, &declared("x", None), &Position::default()).err().unwrap();
    assert_eq!(error.code, "connect.variable");
    assert!(error.message.zh.contains("SANJIANG_NO_SUCH_SECRET"));
}
