//! Catalogues of other portals: all of their datasets land or are refused with a reason, what is gone is marked, and what came as
//! RDF is given on as it came.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use desk::{Desk, DeskError};
use opendata::dcat::{self, Form, Limits};
use oxrdf::Triple;
use serde_json::{Value, json};

use crate::drift::{command, now};
use crate::memory::Memory;
use crate::river::open;
use crate::share::{city, officer, told};
use crate::upstream::{Answer, Asked, Upstream};

const ORIGIN: &str = "https://data.example.gov.cn";

fn declare(dir: &Path, id: &str, more: &str) {
    let path = dir.join("city/catalogs").join(format!("{id}.toml"));
    std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    std::fs::write(path, format!("title = \"{id}\"\ntitle_en = \"{id}\"\ndepartment = \"civil\"\n{more}")).expect("file");
}

fn allow_loopback(dir: &Path) {
    let path = dir.join("city/city.toml");
    let text = std::fs::read_to_string(&path).expect("city");
    std::fs::write(path, format!("{text}[network]\nallow = [\"127.0.0.1\"]\n")).expect("city");
}

/// A CKAN with these packages: answers `package_search` by rows and start.
fn ckan(packages: Arc<Mutex<Vec<Value>>>) -> Upstream {
    Upstream::start(move |asked: &Asked| {
        let packages = packages.lock().expect("lock");
        let word = |name: &str| asked.target.split(['?', '&']).find_map(|part| part.strip_prefix(name)?.parse::<usize>().ok()).unwrap_or(0);
        if !asked.target.starts_with("/portal/api/3/action/package_search?") {
            return Answer::Raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into());
        }
        let page: Vec<&Value> = packages.iter().skip(word("start=")).take(word("rows=")).collect();
        Answer::Json(json!({ "success": true, "result": { "count": packages.len(), "results": page } }).to_string())
    })
}

fn package(n: usize) -> Value {
    json!({ "id": format!("id-{n}"), "name": format!("data-{n}"), "title": format!("数据 {n}"), "notes": "説明", "state": "active", "license_id": "CC-BY-4.0",
        "metadata_modified": "2026-01-02T03:04:05.678901", "organization": { "title": "东京都" }, "tags": [{ "display_name": "人口" }],
        "resources": [{ "id": "r", "name": "表", "format": "CSV", "url": format!("https://tokyo.example/{n}.csv") }] })
}

fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("SANJIANG_SHARED").map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let path = root.join("data/city/catalog");
    if !path.is_dir() {
        println!("SKIP: {} is not there; SANJIANG_SHARED names the folder", path.display());
        return None;
    }
    Some(path)
}

/// The packages of a real catalogue: an archive with an answer of `package_show` for each.
fn real(archive: &Path) -> Vec<Value> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(archive).expect("archive")));
    let entries = tar.entries().expect("entries").map(|entry| entry.expect("entry"));
    let packages = entries.filter(|entry| entry.path().is_ok_and(|path| path.extension().is_some_and(|ending| ending == "json") && path.to_string_lossy().contains("/packages/")));
    packages.map(|entry| serde_json::from_reader::<_, Value>(entry).expect("JSON")["result"].clone()).collect()
}

async fn page(desk: &Desk, form: Form, n: u64) -> oxrdf::Graph {
    let document = desk.open_catalogue(form, n, ORIGIN, now()).await.expect("catalogue");
    form.read(&document.body, "https://elsewhere.example/", Limits::default()).expect("RDF")
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_land_change_and_go() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let mut first: Vec<Value> = (0..250).map(package).collect();
    first.push(json!({ "id": "untitled", "state": "active" }));
    first.push(json!({ "id": "draft", "title": "草稿", "state": "draft" }));
    let packages = Arc::new(Mutex::new(first));
    let portal = ckan(packages.clone());
    city(dir.path());
    declare(dir.path(), "tokyo", &format!("kind = \"ckan\"\nurl = \"http://127.0.0.1:{}/portal/\"\nlanguage = \"ja\"\n", portal.port));
    // What is inside the network is not fetched unless the city says so; why not is kept.
    let desk = open(dir.path(), &memory).await;
    assert!(matches!(desk.harvest(&command(), "tokyo").await, Err(DeskError::Invalid(_))));
    assert!(portal.asked().is_empty());
    assert!(desk.catalogues(&command()).await.expect("catalogues")[0].runs[0].failed.is_some());
    drop(desk);
    allow_loopback(dir.path());
    let desk = open(dir.path(), &memory).await;
    assert!(matches!(desk.harvest(&officer("housing"), "tokyo").await, Err(DeskError::Forbidden(_))));
    desk.harvest(&officer("civil"), "tokyo").await.expect("harvested");
    let view = || async { desk.catalogues(&command()).await.expect("catalogues").remove(0) };
    let seen = view().await;
    assert_eq!((seen.count.live, seen.count.refused, seen.count.gone), (250, 2, 0));
    assert_eq!((seen.runs[0].found, seen.runs[0].added, seen.runs[0].refused), (252, 252, 2));
    assert_eq!(seen.refused.iter().map(|(key, why)| (key.as_str(), !why.zh.is_empty() && !why.en.is_empty())).collect::<Vec<_>>(), [("draft", true), ("untitled", true)]);
    let found = desk.other_datasets("", "数据 249", 1, 20).await.expect("found");
    let one = &found.entries[0];
    assert_eq!((found.total, one.record.title.zh.as_str(), one.record.page.as_deref().map(|page| page.ends_with("/portal/dataset/data-249"))), (1, "数据 249", Some(true)));
    assert_eq!(one.record.publisher.name.zh, "东京都");
    // Again: the same is left alone; what has changed, is new or gone is told.
    {
        let mut packages = packages.lock().expect("lock");
        packages.remove(7);
        packages[0]["title"] = json!("新名");
        packages.push(package(999));
    }
    desk.harvest(&command(), "tokyo").await.expect("harvested");
    let seen = view().await;
    let run = &seen.runs[0];
    assert_eq!((run.found, run.added, run.changed, run.gone), (252, 1, 1, 1));
    assert_eq!((seen.count.live, seen.count.gone), (250, 1));
    // A portal that breaks off, or says that there is more than it gives, takes nothing away.
    let kept = std::mem::take(&mut *packages.lock().expect("lock"));
    packages.lock().expect("lock").push(json!(null));
    desk.harvest(&command(), "tokyo").await.expect("one that is no package is refused");
    assert_eq!(view().await.count.live, 0, "all others are gone there");
    *packages.lock().expect("lock") = kept;
    desk.harvest(&command(), "tokyo").await.expect("harvested");
    assert_eq!((view().await.count.live, view().await.runs[0].changed), (250, 252));
    // In the catalogue, on pages that lead to each other.
    let mut keys = std::collections::BTreeSet::new();
    for n in 1..=3 {
        keys.extend(dcat::read(&page(&desk, Form::Turtle, n).await, "x", "ja").found.into_iter().map(|found| found.key));
    }
    assert_eq!(keys.len(), 250);
    assert!(matches!(desk.open_catalogue(Form::Turtle, 4, ORIGIN, now()).await, Err(DeskError::NotFound)));
    assert_eq!(told(&desk, "harvest.run").await.len(), 5, "each harvest has its leaf");
    let (total, pages) = desk.open_pages(ORIGIN, 0, 50_000, now()).await.expect("pages");
    assert_eq!((total, pages.len()), (251, 251));
}

#[tokio::test(flavor = "multi_thread")]
async fn rdf_goes_on_word_for_word() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let prefix = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n";
    let portal = Upstream::start(move |asked: &Asked| {
        let n: usize = asked.target.split("page=").nth(1).and_then(|n| n.parse().ok()).unwrap_or(1);
        let next = if n < 3 { format!("<http://p.example/> hydra:next </c?page={}> .\n", n + 1) } else { String::new() };
        let body = format!("{prefix}{next}<http://p.example/d{n}> a dcat:Dataset ; dct:title \"D{n}\"@en, \"Données {n}\"@fr ; <http://own.example/word> [ <http://own.example/n> {n} ] ; dct:issued \"06/05/2009\" .\n");
        Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-type: text/turtle\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    });
    declare(dir.path(), "pages", &format!("kind = \"dcat\"\nurl = \"http://127.0.0.1:{}/c\"\nlanguage = \"en\"\n", portal.port));
    // A catalogue does not lead us to other servers.
    let inside = Upstream::start(|_: &Asked| Answer::Json("{}".into()));
    let astray = format!("{prefix}<http://p.example/> hydra:next <http://127.0.0.1:{}/secret> . <http://p.example/x> a dcat:Dataset ; dct:title \"X\" .", inside.port);
    let leads = Upstream::start(move |_: &Asked| Answer::Raw(format!("HTTP/1.1 200 OK\r\ncontent-type: text/turtle\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{astray}", astray.len())));
    declare(dir.path(), "astray", &format!("kind = \"dcat\"\nurl = \"http://127.0.0.1:{}/c\"\n", leads.port));
    let mut declared = vec!["pages".to_owned()];
    if let Some(folder) = shared() {
        for name in ["catalog.rdf", "dataset.ttl", "dataset_deri.ttl", "dataset_multilingual.ttl", "dataset_gov_de.rdf", "dataset_sweden.rdf", "dataset_gob_es.ttl"] {
            let id = name.replace(['.', '_'], "-");
            std::fs::create_dir_all(dir.path().join("city/catalogs/files")).expect("folder");
            std::fs::copy(folder.join("ckanext-dcat/dcat").join(name), dir.path().join("city/catalogs/files").join(name)).expect("copy");
            declare(dir.path(), &id, &format!("kind = \"dcat\"\nfile = \"catalogs/files/{name}\"\n"));
            declared.push(id);
        }
    }
    allow_loopback(dir.path());
    let desk = open(dir.path(), &memory).await;
    assert!(matches!(desk.harvest(&command(), "astray").await, Err(DeskError::Invalid(why)) if why.en.contains("another server")));
    assert!(inside.asked().is_empty() && leads.asked().len() == 1);
    let (mut came, mut read) = (Vec::new(), 0);
    for id in &declared {
        match desk.harvest(&command(), id).await {
            Ok(()) => read += 1,
            Err(error) => println!("{id}: {error}"),
        }
    }
    assert!(read >= declared.len() - 2, "{read} of {}", declared.len());
    for n in 1..=desk.other_datasets("", "", 1, 1).await.expect("all").total {
        let one = desk.other_datasets("", "", n, 1).await.expect("one").entries.remove(0);
        came.push(one.record);
    }
    assert!(came.len() >= read);
    assert!(came.iter().any(|record| record.title.en == "D3" && record.issued.is_none()));
    let all = page(&desk, Form::Xml, 1).await;
    for record in &came {
        let document = desk.open_described(&record.id, Form::JsonLd, ORIGIN, now()).await.expect("described");
        let alone = Form::JsonLd.read(&document.body, "https://elsewhere.example/", Limits::default()).expect("RDF");
        let found = dcat::read(&alone, "x", "").found;
        assert!(found.iter().any(|found| record.identifiers.contains(&found.key)), "{}", record.id);
        let known = |triple: &Triple| triple.to_string().contains("_:") || all.contains(triple.as_ref());
        let lost: Vec<String> = alone.iter().map(|triple| triple.into_owned()).filter(|triple| !known(triple)).map(|triple| triple.to_string()).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", record.id);
    }
    let one = came.iter().find(|record| record.title.en == "D3").expect("D3");
    let document = desk.open_described(&one.id, Form::Turtle, ORIGIN, now()).await.expect("described");
    let mut given = Form::Turtle.read(&document.body, "https://elsewhere.example/", Limits::default()).expect("RDF");
    let meant = format!("{prefix}<http://p.example/d3> a dcat:Dataset ; dct:title \"D3\"@en, \"Données 3\"@fr ; <http://own.example/word> [ <http://own.example/n> 3 ] ; dct:issued \"06/05/2009\" .");
    let mut meant = Form::Turtle.read(meant.as_bytes(), "https://elsewhere.example/", Limits::default()).expect("RDF");
    given.canonicalize(oxrdf::graph::CanonicalizationAlgorithm::Unstable);
    meant.canonicalize(oxrdf::graph::CanonicalizationAlgorithm::Unstable);
    assert_eq!(given, meant);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_catalogue_of_hundreds_is_shown_and_given_on() {
    let Some(folder) = shared() else { return };
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    let packages = real(&folder.join("tokyo_ckan_3orgs.tar.gz"));
    let (total, resources): (usize, usize) = (packages.len(), packages.iter().filter_map(|one| one["resources"].as_array()).map(Vec::len).sum());
    assert!(total > 300, "{total}");
    let portal = ckan(Arc::new(Mutex::new(packages.clone())));
    city(dir.path());
    declare(dir.path(), "tokyo", &format!("kind = \"ckan\"\nurl = \"http://127.0.0.1:{}/portal\"\nlanguage = \"ja\"\n", portal.port));
    allow_loopback(dir.path());
    let desk = open(dir.path(), &memory).await;
    desk.harvest_due(now()).await.expect("due");
    let seen = desk.catalogues(&command()).await.expect("catalogues").remove(0);
    assert_eq!(seen.count.live + seen.count.refused, total as u64, "every one lands or is refused");
    let mut records = Vec::new();
    for n in 1..=(total as u64).div_ceil(100) {
        records.extend(desk.other_datasets("tokyo", "", n, 100).await.expect("page").entries);
    }
    let files: usize = records.iter().map(|one| one.record.distributions.len()).sum();
    println!("{total} packages with {resources} files; {} landed with {files}; refused: {:?}", records.len(), seen.refused);
    assert!(records.len() * 100 >= total * 95 && files * 100 >= resources * 95);
    for package in &packages {
        let Some(one) = records.iter().find(|one| one.record.identifiers.first().map(String::as_str) == package["id"].as_str()) else { continue };
        assert_eq!(one.record.title.zh, package["title"].as_str().unwrap_or_default().trim());
    }
    // All of them stand in our catalogue, in each form.
    for form in Form::ALL {
        let mut found = 0;
        for n in 1..=(records.len() as u64).div_ceil(100) {
            found += dcat::read(&page(&desk, form, n).await, "again", "ja").found.iter().filter(|found| found.record.is_ok()).count();
        }
        assert_eq!(found, records.len(), "{form:?}");
    }
    // What is known is not due again.
    let asked = portal.asked().len();
    desk.harvest_due(now()).await.expect("due");
    assert_eq!(portal.asked().len(), asked);
}
