//! The site over HTTP, with a real desk and a lake in memory: how people come in, what is refused, what they see.

mod api;
mod authority;
mod edit;
mod grading;
mod harvest;
#[path = "../../../desk/tests/it/memory.rs"]
mod memory;
mod message;
mod oidc;
mod quality;
mod register;
mod repair;
mod river;
mod share;
mod site;

use axum::http::StatusCode;
use site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn staff_come_in_collect_see_and_leave() {
    let site = Site::open().await;

    // Nothing is there yet, and the page says so and what to do.
    let home = site.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.body.contains("试验市") && home.body.contains("还没有归集过数据"), "{}", home.body);

    // Staff pages lead to the login, and back to where one wanted to go.
    let away = site.get("/quarantine?code=x").await;
    assert_eq!((away.status, away.header("location")), (StatusCode::SEE_OTHER, "/login?next=%2Fquarantine%3Fcode%3Dx"));

    // The set-up link makes the first account; a second use leads to the login.
    let token = site.setup_token().await;
    assert!(site.get(&format!("/setup?token={token}")).await.body.contains(&token));
    let made = site.post("/setup", &[("token", &token), ("name", "chen"), ("password", "three rivers meet"), ("again", "three rivers meet")], None).await;
    let session = made.session().expect("a session cookie");
    assert!(made.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    assert!(site.get(&format!("/setup?token={token}")).await.body.contains("链接已失效"), "it works once");

    // Collecting needs the token of the session's own pages.
    let page = site.get_as("/systems/people", &session).await;
    assert!(page.body.contains("立即归集"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    let forged = site.post("/collect", &[("system", "people"), ("csrf", "wrong")], Some(&session)).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let started = site.post("/collect", &[("system", "people"), ("csrf", &page.csrf())], Some(&session)).await;
    assert_eq!((started.status, started.header("location")), (StatusCode::SEE_OTHER, "/systems/people?started=1"), "{}", started.body);
    site.settled().await;

    // Every page now shows what came of it.
    let system = site.get_as("/systems/people?started=1", &session).await.body;
    assert!(system.contains("已开始归集 1 个信息资源") && system.contains("完成，有问题数据"), "{system}");
    let refused = site.get_as("/quarantine", &session).await.body;
    assert!(refused.contains("people.csv") && refused.contains("<mark>第3号</mark>"), "{refused}");
    let resource = site.get_as("/catalog/person", &session).await.body;
    assert!(resource.contains("standard.person"), "{resource}");
    let found = site.get("/catalog?q=renyuan").await.body;
    assert!(found.contains("/catalog/person"), "{found}");
    let runs = site.get("/runs?state=partial").await.body;
    let run = runs.split("href=\"/runs/").nth(1).and_then(|r| r.split('"').next()).expect("a run").to_owned();
    let run = site.get(&format!("/runs/{run}")).await.body;
    assert!(run.contains("两边相等"), "{run}");

    // Out again: the old cookie opens nothing any more.
    let out = site.post("/logout", &[("csrf", &page.csrf())], Some(&session)).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get_as("/quarantine", &session).await.status, StatusCode::SEE_OTHER);

    let wrong = site.post("/login", &[("name", "chen"), ("password", "no"), ("next", "//evil.example")], None).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("role=\"alert\"") && !wrong.body.contains("evil"));
    let right = site.post("/login", &[("name", "chen"), ("password", "three rivers meet"), ("next", "/runs")], None).await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/runs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_keep_their_language_and_mode_and_strangers_get_nowhere() {
    let site = Site::open().await;
    let english = site.get("/systems?lang=en&mode=elder").await;
    assert!(english.body.contains("<html lang=\"en\" data-mode=\"elder\">"));
    let cookies = english.all("set-cookie").join("; ");
    assert!(cookies.contains("sanjiang_lang=en") && cookies.contains("sanjiang_mode=elder"), "{cookies}");
    let later = site.send("GET", "/help", &[("cookie", "sanjiang_lang=en; sanjiang_mode=contrast")], "").await;
    assert!(later.body.contains("<html lang=\"en\" data-mode=\"contrast\">"));

    for path in ["/nowhere", "/catalog/none", "/systems/none", "/runs/none", "/districts/990000", "/catalog/%00"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("href=\"/catalog\""), "{path} offers ways back");
    }
    let elsewhere = site.send("POST", "/login", &[("origin", "https://evil.example"), ("host", "a"), ("content-type", "application/x-www-form-urlencoded")], "name=a&password=b").await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    for (kind, body) in [("text/plain", "x"), ("application/x-www-form-urlencoded", "name=%ff%fe&name=2")] {
        let odd = site.send("POST", "/login", &[("host", "a"), ("content-type", kind)], body).await;
        assert!(odd.status.is_client_error() && odd.body.contains("<html"), "{kind}: {} {}", odd.status, odd.body);
    }

    // What every answer carries.
    let home = site.get("/").await;
    assert!(home.header("content-security-policy").contains("script-src 'self'; style-src 'self'"));
    assert_eq!(home.header("x-content-type-options"), "nosniff");
    let style = home.body.split("href=\"/static/").nth(1).and_then(|r| r.split('"').next()).expect("a style");
    let style = site.get(&format!("/static/{style}")).await;
    assert_eq!((style.status, style.header("cache-control")), (StatusCode::OK, "public, max-age=31536000, immutable"));
    assert_eq!(site.get("/static/0/style.css").await.status, StatusCode::NOT_FOUND);
    for path in ["/favicon.svg", "/robots.txt", "/help", "/runs?page=9999999999999&state=zzz", "/catalog?q=%25&page=-1&grade=L9&department=x"] {
        assert_eq!(site.get(path).await.status, StatusCode::OK, "{path}");
    }
}
