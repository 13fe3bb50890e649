//! Two sites, one of which is the other's identity provider: a browser goes all the way round, and what applications' servers
//! ask is answered as the standards have it.

use axum::http::StatusCode;
use desk::account::NewRights;
use desk::authority::Role;
use serde_json::{Value, json};

use crate::api::{json as ask, read};
use crate::site::{Answer, PASSWORD, Site};

const HERE: &str = "http://127.0.0.1:9";

fn rights(role: Role) -> NewRights {
    NewRights { roles: vec![role], ..NewRights::default() }
}

/// A cookie as a browser sends it back.
fn cookie(answer: &Answer, name: &str) -> String {
    let found = answer.all("set-cookie").into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")));
    found.and_then(|cookie| cookie.split(';').next().map(str::to_owned)).unwrap_or_else(|| panic!("no {name}: {:?}", answer.headers))
}

/// The path and query of an address at a site.
fn at<'a>(address: &'a str, site: &str) -> &'a str {
    address.strip_prefix(site).unwrap_or_else(|| panic!("not at {site}: {address}"))
}

/// A value of a hidden field.
fn hidden(body: &str, name: &str) -> String {
    let value = body.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_else(|| panic!("no {name}: {body}")).replace("&#38;", "&").replace("&amp;", "&")
}

/// Where a page leads on to by itself.
fn onward(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.header("refresh").strip_prefix("0; url=").unwrap_or_else(|| panic!("leads nowhere: {}", answer.body))
}

struct Sites {
    /// Whose accounts count.
    provider: Site,
    issuer: String,
    /// Where people want to get in.
    site: Site,
    client: String,
    secret: String,
}

impl Sites {
    async fn open() -> Sites {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("address"));
        let provider = Site::at(&issuer, &[]).await;
        provider.listen(listener);
        let system = provider.session_of("zhao", rights(Role::System)).await;
        let new = json!({ "name": "另一平台", "redirect_uris": [format!("{HERE}/login/identity/back")], "post_logout_redirect_uris": [format!("{HERE}/")], "scopes": ["profile"] });
        let issued = read(&ask(&provider, "POST", "/api/v1/clients", &system, &new).await);
        let [client, secret] = ["client_id", "client_secret"].map(|name| issued[name].as_str().unwrap_or_else(|| panic!("{issued}")).to_owned());
        let city = format!(
            "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n[network]\nallow = [\"127.0.0.1\"]\n[identity]\nissuer = \"{issuer}\"\nclient_id = \"{client}\"\nclient_secret = \"{secret}\"\ntitle = \"市统一身份认证\"\ntitle_en = \"City identity\"\n"
        );
        let site = Site::at(HERE, &[("city.toml", &city)]).await;
        Sites { provider, issuer, site, client, secret }
    }

    /// From the provider's page on, for who is logged in there: back with a code.
    async fn through(&self, address: &str, session: &str) -> String {
        let mut answer = self.provider.get_as(at(address, &self.issuer), session).await;
        if answer.status == StatusCode::OK {
            // The first time, the person agrees.
            assert!(answer.body.contains("另一平台") && answer.body.contains("您的用户名和姓名"), "{}", answer.body);
            let fields = [("csrf", hidden(&answer.body, "csrf")), ("address", hidden(&answer.body, "address"))];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let forged = self.provider.post("/oidc/agree", &[("csrf", "x"), fields[1]], Some(session)).await;
            assert_eq!(forged.status, StatusCode::FORBIDDEN);
            let agreed = self.provider.post("/oidc/agree", &fields, Some(session)).await;
            answer = self.provider.get_as(onward(&agreed), session).await;
        }
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.header("location").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_goes_all_the_way_round() {
    let sites = Sites::open().await;
    let Sites { provider, site, issuer, .. } = &sites;
    let there = provider.session_of("li.ming", rights(Role::Analyst)).await;
    let here = site.session_of("li", rights(Role::Analyst)).await;

    // Nobody of that name is known yet: the page says so and has another way in.
    let login = site.get("/login?next=/runs").await.body;
    assert!(login.contains("用市统一身份认证登录") && login.contains("href=\"/login/identity?next=%2Fruns\""), "{login}");
    assert!(!provider.get("/login").await.body.contains("/login/identity"), "where none is declared there is no button");
    let begun = site.get("/login/identity?next=/runs").await;
    let ticket = cookie(&begun, "sanjiang_identity");
    assert!(begun.all("set-cookie")[0].contains("Path=/login/identity; HttpOnly; SameSite=Lax"), "{:?}", begun.headers);

    // Not logged in there either: login, and on to the request, by a page and not by the form's redirect.
    let address = begun.header("location").to_owned();
    let away = provider.get(at(&address, issuer)).await;
    let next = away.header("location").to_owned();
    assert!(next.starts_with("/login?next=%2Foidc%2Fauthorize%3F"), "{next}");
    let form = provider.get(&next).await.body;
    let entered = provider.post("/login", &[("name", "li.ming"), ("password", PASSWORD), ("next", &hidden(&form, "next"))], None).await;
    let fresh = entered.session().expect("a session");
    let back = sites.through(&format!("{issuer}{}", onward(&entered)), &fresh).await;
    let unknown = site.get_as(at(&back, HERE), &ticket).await;
    assert!(unknown.status == StatusCode::UNPROCESSABLE_ENTITY && unknown.body.contains("还没有关联可用的账户") && unknown.session().is_none(), "{}", unknown.body);

    // Linked by its holder, from the own page.
    let own = site.get_as("/account", &here).await;
    assert!(own.body.contains("取消关联") || own.body.contains("value=\"link\""), "{}", own.body);
    let begun = site.post("/account/identity", &[("csrf", &own.csrf()), ("act", "link")], Some(&here)).await;
    let ticket = cookie(&begun, "sanjiang_identity");
    let back = sites.through(onward(&begun), &there).await;
    let linked = site.get_as(at(&back, HERE), &format!("{here}; {ticket}")).await;
    assert_eq!((linked.status, linked.header("location")), (StatusCode::SEE_OTHER, "/account?done=linked"), "{}", linked.body);
    assert!(site.get_as("/account", &here).await.body.contains("已关联：li.ming"));

    // And in, without a password here, to where one wanted to go and nowhere else.
    for (next, to) in [("/runs", "/runs"), ("//evil.example", "/"), ("https://evil.example", "/")] {
        let begun = site.get(&format!("/login/identity?next={}", web::link::encode(next))).await;
        let ticket = cookie(&begun, "sanjiang_identity");
        let back = sites.through(begun.header("location"), &there).await;
        assert_ne!(site.get(at(&back, HERE)).await.status, StatusCode::SEE_OTHER, "another browser has no ticket");
        let begun = site.get(&format!("/login/identity?next={}", web::link::encode(next))).await;
        let other = cookie(&begun, "sanjiang_identity");
        assert_ne!(site.get_as(at(&back, HERE), &other).await.status, StatusCode::SEE_OTHER, "another login's ticket");
        let entered = site.get_as(at(&back, HERE), &ticket).await;
        assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, to), "{}", entered.body);
        let session = entered.session().expect("a session");
        assert_eq!(read(&site.get_as("/api/v1/session", &session).await)["name"], "li");
        let again = site.get_as(at(&back, HERE), &ticket).await;
        assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY && again.body.contains("invalid_grant"), "a code is good once: {}", again.body);
    }

    // Its holder sees at the provider whom they agreed to tell what, and takes it back.
    let own = provider.get_as("/account", &there).await;
    assert!(own.body.contains("另一平台"), "{}", own.body);
    let done = provider.post("/account/agreement", &[("csrf", &own.csrf()), ("client", &sites.client)], Some(&there)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(!provider.get_as("/account", &there).await.body.contains("另一平台"));

    // Logged out there by the person's word, and sent where it was said that it may.
    let path = format!("/oidc/logout?client_id={}&post_logout_redirect_uri={}", sites.client, web::link::encode(&format!("{HERE}/")));
    let page = provider.get_as(&path, &there).await;
    assert!(page.body.contains("另一平台"), "{}", page.body);
    let out = provider.post("/oidc/logout", &[("csrf", &page.csrf()), ("address", &hidden(&page.body, "address"))], Some(&there)).await;
    assert_eq!(onward(&out), format!("{HERE}/"));
    assert_eq!(provider.get_as("/account", &there).await.status, StatusCode::SEE_OTHER, "out");
    assert_eq!(provider.get(&path).await.header("location"), format!("{HERE}/"), "who is out already just goes on");
    let evil = path.replace("post_logout_redirect_uri=", "post_logout_redirect_uri=https://evil.example");
    assert_eq!(provider.get(&evil).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_servers_ask_is_answered_as_the_standards_have_it() {
    let sites = Sites::open().await;
    let Sites { provider, issuer, client, secret, .. } = &sites;
    let described = read(&provider.get("/.well-known/openid-configuration").await);
    assert_eq!(described["issuer"], issuer.as_str());
    for endpoint in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"] {
        let path = described[endpoint].as_str().expect("an address").strip_prefix(issuer.as_str()).expect("ours").to_owned();
        assert_ne!(provider.get(&path).await.status, StatusCode::NOT_FOUND, "{endpoint}");
    }
    let keys = provider.get("/oidc/jwks").await;
    let set = read(&keys);
    assert_eq!((&set["keys"][0]["kty"], &set["keys"][0]["alg"], set["keys"][0].get("d")), (&json!("RSA"), &json!("RS256"), None::<&Value>), "the public part alone");
    assert_eq!(keys.header("access-control-allow-origin"), "*");

    let form = ("content-type", "application/x-www-form-urlencoded");
    let wrong = provider.send("POST", "/oidc/token", &[form], &format!("grant_type=authorization_code&code=x&client_id={client}&client_secret={secret}")).await;
    let told = read(&wrong);
    assert_eq!((wrong.status, told["error"].as_str(), wrong.header("cache-control")), (StatusCode::BAD_REQUEST, Some("invalid_grant"), "no-store"));
    assert!(told["error_description"].as_str().is_some_and(str::is_ascii) && told["error_description_zh"].as_str().is_some());
    let stranger = provider.send("POST", "/oidc/token", &[form], "grant_type=authorization_code&code=x&client_id=x&client_secret=y").await;
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Basic realm=\"sanjiang\""));
    for (kind, body) in [("application/json", "{}".to_owned()), ("application/x-www-form-urlencoded", format!("code={}", "x".repeat(20_000)))] {
        let odd = provider.send("POST", "/oidc/token", &[("content-type", kind)], &body).await;
        assert_eq!((odd.status, read(&odd)["error"].as_str().map(str::to_owned)), (StatusCode::BAD_REQUEST, Some("invalid_request".to_owned())));
    }
    for bearer in ["", "Bearer", "Bearer x", "Basic x"] {
        let refused = provider.send("GET", "/oidc/userinfo", &[("authorization", bearer)], "").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{bearer}");
        assert!(refused.header("www-authenticate").contains("invalid_token"));
    }
    assert_eq!(provider.send("OPTIONS", "/oidc/userinfo", &[], "").await.status, StatusCode::NO_CONTENT);
    // A request that an application sends as a form is asked for again from here, where the session counts.
    let sent = provider.send("POST", "/oidc/authorize", &[form, ("sec-fetch-site", "cross-site")], "client_id=x&state=a%20b").await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/oidc/authorize?client_id=x&state=a%20b"));
    // What is not registered is a page here, in words.
    let stranger = provider.get("/oidc/authorize?client_id=x&redirect_uri=https://evil.example/&response_type=code").await;
    assert!(stranger.status == StatusCode::BAD_REQUEST && stranger.body.contains("没有登记过这个应用"), "{}", stranger.body);

    // The system officer's page: registered, the secret shown once, renewed, revoked.
    let system = provider.session_of("qian", rights(Role::System)).await;
    let page = provider.get_as("/clients", &system).await;
    assert!(page.body.contains(client) && page.body.contains(issuer.as_str()) && !page.body.contains("sjoidc_"), "{}", page.body);
    let csrf = page.csrf();
    let refused = provider.post("/clients", &[("csrf", &csrf), ("name", "巡查<b>"), ("redirects", "http://evil.example/")], Some(&system)).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("value=\"巡查&#60;b&#62;\"") && refused.body.contains("不能作回跳地址"), "{}", refused.body);
    let made = provider.post("/clients", &[("csrf", &csrf), ("name", "巡查"), ("redirects", "https://app.example.gov.cn/back\r\n"), ("sanjiang", "1")], Some(&system)).await;
    assert!(made.body.contains("sjoidc_") && !provider.get_as("/clients", &system).await.body.contains("sjoidc_"), "{}", made.body);
    let renewed = provider.post(&format!("/clients/{client}"), &[("csrf", &csrf), ("act", "secret")], Some(&system)).await;
    assert!(renewed.body.contains("sjoidc_"), "{}", renewed.body);
    let before = read(&provider.get("/oidc/jwks").await)["keys"].as_array().expect("keys").len();
    assert_eq!(provider.post("/clients/key", &[("csrf", &csrf), ("act", "key")], Some(&system)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(read(&provider.get("/oidc/jwks").await)["keys"].as_array().expect("keys").len(), before + 1);
    assert_eq!(provider.post(&format!("/clients/{client}"), &[("csrf", &csrf), ("act", "revoke")], Some(&system)).await.status, StatusCode::SEE_OTHER);
    let gone = provider.get(&format!("/oidc/authorize?client_id={client}&redirect_uri={HERE}/login/identity/back")).await;
    assert_eq!(gone.status, StatusCode::BAD_REQUEST);
    let steward = provider.session_of("sun", rights(Role::Steward)).await;
    assert_eq!(provider.get_as("/clients", &steward).await.status, StatusCode::FORBIDDEN);
    // A site that does not know its own address is nobody's provider.
    let lost = Site::open().await;
    assert_eq!(lost.get("/.well-known/openid-configuration").await.status, StatusCode::NOT_FOUND);
}
