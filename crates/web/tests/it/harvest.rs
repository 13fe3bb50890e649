//! The catalogue for machines, and other portals' datasets on our pages: for everybody, with their harvest for staff.

use axum::http::StatusCode;
use desk::account::NewRights;
use desk::authority::Role;
use opendata::dcat::{self, Form, Limits};

use crate::site::Site;

const OTHER: &str = "title = \"别处\"\ntitle_en = \"Elsewhere\"\nkind = \"dcat\"\nfile = \"catalogs/elsewhere.ttl\"\ndepartment = \"office\"\nlanguage = \"fr\"\n";
const DOCUMENT: &str = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n\
    <http://p.example/bus> a dcat:Dataset ; dct:title \"Arrêts </script><b>\"@fr ; dct:description \"Où sont les bus\"@fr ; dcat:keyword \"bus\"@fr ;\n\
    dcat:landingPage <javascript:alert(1)> ; dcat:distribution [ dcat:accessURL <http://p.example/bus.csv> ; dct:format \"CSV\" ] .\n\
    <http://p.example/nothing> a dcat:Dataset .\n";

async fn post(site: &Site, path: &str, session: &str) -> crate::site::Answer {
    let csrf = site.get_as("/account", session).await.csrf();
    site.post(path, &[("csrf", csrf.as_str())], Some(session)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn other_portals_are_harvested_shown_and_given_on() {
    let site = Site::with(&[("catalogs/elsewhere.toml", OTHER), ("catalogs/elsewhere.ttl", DOCUMENT)]).await;
    let steward = site.session_of("li", NewRights { roles: vec![Role::Steward], department: None, clearance: None }).await;
    let stranger = site.session_of("wang", NewRights { roles: vec![Role::Officer], department: Some("other".into()), clearance: None }).await;
    assert_eq!(site.get("/harvest").await.status, StatusCode::SEE_OTHER, "for staff only");
    assert!(!site.get_as("/harvest", &stranger).await.body.contains("elsewhere.ttl"), "another department's");
    assert_eq!(post(&site, "/harvest/elsewhere", &stranger).await.status, StatusCode::FORBIDDEN);
    assert_eq!(post(&site, "/harvest/nowhere", &steward).await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(&site, "/harvest/elsewhere", &steward).await.status, StatusCode::SEE_OTHER);
    let mut page = String::new();
    for _ in 0..200 {
        page = site.get_as("/harvest", &steward).await.body;
        if page.contains("http://p.example/nothing") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(page.contains("http://p.example/nothing") && page.contains("没有标题"), "what was refused says why: {page}");

    let list = site.get("/open/others?q=bus").await;
    let id = list.body.split("/open/datasets/").nth(1).and_then(|rest| rest.split('"').next()).expect("a dataset").to_owned();
    assert!(site.get("/open").await.body.contains("/open/others"));
    let shown = site.get(&format!("/open/datasets/{id}")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains("http://p.example/bus.csv") && !shown.body.contains("javascript:") && !shown.body.contains("</script><b>"), "{}", shown.body);
    let block = shown.body.split("<script type=\"application/ld+json\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("a block of data");
    let told: serde_json::Value = serde_json::from_str(block).expect("JSON");
    assert_eq!((told["@type"].as_str(), told["name"].as_str()), (Some("Dataset"), Some("Arrêts </script><b>")));

    for form in Form::ALL {
        let catalogue = site.get(&format!("/catalog.{}", form.ending())).await;
        assert!(catalogue.header("content-type").starts_with(form.media()));
        let graph = form.read(catalogue.body.as_bytes(), "https://elsewhere.example/", Limits::default()).expect("RDF");
        assert_eq!(dcat::read(&graph, "x", "").found.len(), 1, "{form:?}");
        let tag = catalogue.header("etag").to_owned();
        let again = site.send("GET", &format!("/catalog.{}", form.ending()), &[("host", "a"), ("if-none-match", &tag)], "").await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        for path in [format!("/open/datasets/{id}"), "/open".to_owned(), "/open/catalog".to_owned()] {
            let chosen = site.send("GET", &path, &[("accept", form.media())], "").await;
            assert!(chosen.header("content-type").starts_with(form.media()) && chosen.header("vary").contains("accept"), "{path}");
        }
        let alone = site.get(&format!("/open/datasets/{id}.{}", form.ending())).await;
        let graph = form.read(alone.body.as_bytes(), "https://elsewhere.example/", Limits::default()).expect("RDF");
        assert_eq!(graph.len(), 8, "all that was told of it, and nothing else");
    }
    assert_eq!(site.get("/catalog.ttl?page=2").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/open/datasets/none.ttl").await.status, StatusCode::NOT_FOUND);
    assert!(site.get("/sitemap.xml").await.body.contains(&format!("/open/datasets/{id}</loc>")));
    assert_eq!(site.get("/sitemaps/2.xml").await.status, StatusCode::NOT_FOUND);
    assert!(site.get("/robots.txt").await.body.contains("/sitemap.xml"));
}
