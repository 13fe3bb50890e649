//! How answers travel: asked for only when they changed, page by page in every way, slowly where that is wished, whole or
//! not at all, and never more than was declared.

use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use collect::{Position, RawBatch, Source};
use data::declare::{Paging, Post, Resource};
use serde_json::{Value, json};

use crate::api::{Answer, Api, Bench, declared, http_system, ids, json as answer, parameter, rows};
use crate::city::drain;

fn bench(port: u16, keys: Value) -> Bench {
    let mut all = json!({ "url": format!("http://127.0.0.1:{port}/api"), "retries": 3, "timeout_seconds": 20 });
    all.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    Bench { system: Some(http_system(all)), ..Bench::new() }
}

fn read(bench: &Bench, api: &Api, resource: &Resource, position: &Position) -> (Vec<RawBatch>, Box<dyn Source>) {
    let mut source = bench.open(api, resource, position).unwrap();
    let batches = drain(source.as_mut());
    (batches, source)
}

#[test]
fn an_unchanged_answer_is_not_read_again_and_a_changed_one_is() {
    let version = Arc::new(AtomicUsize::new(1));
    let now = version.clone();
    let api = Api::start(move |target, _| {
        let number = now.load(Ordering::SeqCst) as u64;
        let (status, headers, body) = answer(format!("{{\"rows\": [{}]}}", rows(1..number + 3)));
        let tag = if target.contains("tagged") {
            vec![("etag", format!("\"v{number}\"")), ("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT".to_owned())]
        } else {
            Vec::new()
        };
        (status, [headers, tag].concat(), body)
    });
    let bench = bench(api.port, json!({}));
    for from in ["tagged", "untagged"] {
        version.store(1, Ordering::SeqCst);
        let resource = declared(from, None);
        let (batches, first) = read(&bench, &api, &resource, &Position::default());
        assert_eq!((ids(&batches), first.skipped()), (vec![1, 2, 3], 0));
        // This server does not answer 304 by itself: the same content tells as well.
        let (batches, again) = read(&bench, &api, &resource, &first.position());
        assert!(batches.is_empty());
        assert_eq!((again.skipped(), again.position()), (3, first.position()));
        version.store(2, Ordering::SeqCst);
        let (batches, changed) = read(&bench, &api, &resource, &again.position());
        assert_eq!((ids(&batches), changed.skipped()), (vec![1, 2, 3, 4], 0));
    }
    let conditional = api.seen.lock().unwrap()[1].headers.clone();
    assert!(conditional.contains(&"if-none-match: \"v1\"".to_owned()), "{conditional:?}");
    assert!(conditional.contains(&"if-modified-since: wed, 21 oct 2015 07:28:00 gmt".to_owned()));
}

#[test]
fn not_modified_means_unchanged() {
    let api = Api::start(|_, number| match number {
        1 => (200, vec![("etag", "\"a\"".to_owned())], format!("{{\"rows\": [{}]}}", rows(1..4)).into_bytes()),
        _ => (304, vec![("etag", "\"a\"".to_owned())], Vec::new()),
    });
    let bench = bench(api.port, json!({}));
    let (_, first) = read(&bench, &api, &declared("x", None), &Position::default());
    let (batches, again) = read(&bench, &api, &declared("x", None), &first.position());
    assert!(batches.is_empty());
    assert_eq!((again.skipped(), again.position()), (3, first.position()));
    // An answer left in the middle is no known version.
    let mut half = first.position();
    half.files.values_mut().for_each(|mark| mark.complete = false);
    bench.open(&api, &declared("x", None), &half).unwrap().next(9).unwrap_err();
    assert!(!api.seen.lock().unwrap()[2].headers.iter().any(|header| header.starts_with("if-none-match")));
}

#[test]
fn pages_follow_a_link_a_header_or_the_last_row() {
    let api = Api::start(|target, _| {
        let at = parameter(target, "p").unwrap_or(1);
        let next = format!("</api/x?p={}>; rel=\"next\", </api/x?p=1>; rel=\"first\"", at + 1);
        let headers =
            if at < 3 { vec![("link", next)] } else { vec![("link", "</api/x?p=1>; rel=\"first\"".to_owned())] };
        (200, headers, format!("{{\"rows\": [{}]}}", rows(at * 2 - 1..at * 2 + 1)).into_bytes())
    });
    let by_link = bench(api.port, json!({}));
    assert_eq!(ids(&by_link.collect(&api, &declared("x", Some(Paging::Link {}))).unwrap()), (1..7).collect::<Vec<_>>());
    let away = Api::start(|_, _| {
        (
            200,
            vec![("link", "<http://169.254.169.254/>; rel=next".to_owned())],
            format!("{{\"rows\": [{}]}}", rows(1..3)).into_bytes(),
        )
    });
    assert_eq!(bench(away.port, json!({})).fails(&away, &declared("x", Some(Paging::Link {}))).code, "http.next");

    let api = Api::start(|target, _| {
        let at = parameter(target, "token").unwrap_or(0);
        let headers = if at < 4 { vec![("x-next-token", (at + 2).to_string())] } else { Vec::new() };
        (200, headers, format!("{{\"rows\": [{}]}}", rows(at + 1..at + 3)).into_bytes())
    });
    let by_header = Paging::Header { name: "X-Next-Token".to_owned(), parameter: "token".to_owned() };
    assert_eq!(
        ids(&bench(api.port, json!({})).collect(&api, &declared("x", Some(by_header))).unwrap()),
        (1..7).collect::<Vec<_>>()
    );

    let api = Api::start(|target, _| {
        let (after, size) = (parameter(target, "after").unwrap_or(0), parameter(target, "limit").unwrap());
        answer(format!("{{\"rows\": [{}]}}", rows(after + 1..(after + size + 1).min(8))))
    });
    let keyset = |field: &str| Paging::Keyset {
        field: field.to_owned(),
        parameter: "after".to_owned(),
        size_parameter: "limit".to_owned(),
        size: 3,
    };
    assert_eq!(
        ids(&bench(api.port, json!({})).collect(&api, &declared("x", Some(keyset("id")))).unwrap()),
        (1..8).collect::<Vec<_>>()
    );
    assert_eq!(api.targets(), ["/api/x?limit=3", "/api/x?limit=3&after=3", "/api/x?limit=3&after=6"]);
    assert_eq!(bench(api.port, json!({})).fails(&api, &declared("x", Some(keyset("no")))).code, "http.next");
    let stuck = Api::start(|_, _| answer(format!("{{\"rows\": [{}]}}", rows([1, 2, 7]))));
    assert_eq!(bench(stuck.port, json!({})).fails(&stuck, &declared("x", Some(keyset("id")))).code, "http.loop");
}

#[test]
fn an_api_is_asked_by_post_with_paging_in_its_body() {
    let api = Api::start(|_, number| {
        let first = (number as u64 - 1) * 2 + 1;
        answer(format!("{{\"rows\": [{}]}}", rows(first..(first + 2).min(6))))
    });
    let page =
        Paging::Page { parameter: "/page/no".to_owned(), size_parameter: "/page/size".to_owned(), size: 2, first: 0 };
    let mut resource = declared("query", Some(page));
    resource.collect.post = Some(Post { body: "{\"table\": \"t\", \"key\": \"${API_KEY}\", \"page\": {}}".to_owned() });
    assert_eq!(ids(&bench(api.port, json!({})).collect(&api, &resource).unwrap()), (1..6).collect::<Vec<_>>());
    let seen = api.seen.lock().unwrap().clone();
    let sent: Vec<&str> = seen.iter().map(|seen| seen.body.as_str()).collect();
    assert_eq!(sent[0], r#"{"table":"t","key":"geheim1","page":{"no":0,"size":2}}"#);
    assert!(sent[2].ends_with(r#""page":{"no":2,"size":2}}"#) && sent.len() == 3, "{sent:?}");
    assert!(seen[0].headers.contains(&"content-type: application/json".to_owned()) && seen[0].target == "/api/query");
    let moved = Api::start(|_, _| (302, vec![("location", "/elsewhere".to_owned())], Vec::new()));
    assert_eq!(bench(moved.port, json!({})).fails(&moved, &resource).code, "http.redirect");
}

#[test]
fn a_limit_that_is_used_up_and_a_long_ban_are_respected() {
    let limit = |left: u32, reset: &str| {
        vec![("x-ratelimit-remaining", left.to_string()), ("x-ratelimit-reset", reset.to_owned())]
    };
    let api = Api::start(move |target, _| match parameter(target, "page") {
        Some(1) => (200, limit(0, "1"), format!("{{\"rows\": [{}]}}", rows(1..4)).into_bytes()),
        _ => answer("{\"rows\": []}"),
    });
    bench(api.port, json!({})).collect(&api, &declared("x", crate::api::by_page(3))).unwrap();
    assert_eq!(api.targets().len(), 2, "the next page is asked for when the limit is renewed");
    let api = Api::start(move |_, _| (200, limit(0, "7200"), format!("{{\"rows\": [{}]}}", rows(1..4)).into_bytes()));
    let error = bench(api.port, json!({})).fails(&api, &declared("x", crate::api::by_page(3)));
    assert_eq!((error.code, api.targets().len()), ("http.busy", 1), "not before");

    let banned = Api::start(|_, _| (429, vec![("retry-after", "7200".to_owned())], Vec::new()));
    let bench = bench(banned.port, json!({}));
    let error = bench.fails(&banned, &declared("x", None));
    assert!(error.code == "http.busy" && error.transient && error.message.zh.contains("120 分钟"), "{error:?}");
    // The next run does not even ask.
    assert_eq!(bench.fails(&banned, &declared("x", None)).code, "http.busy");
    assert_eq!(banned.targets().len(), 1);
    let status = bench.contacts.status("hr").unwrap();
    assert!(status.held_for.is_some_and(|wait| wait.as_secs() > 7000) && status.last_error.is_some(), "{status:?}");
}

#[test]
fn a_declared_rate_is_kept_by_all_resources_together() {
    let api = Api::start(|_, _| answer(format!("{{\"rows\": [{}]}}", rows(1..3))));
    let quick = bench(api.port, json!({ "requests_per_second": 100.0 }));
    for from in ["a", "b", "c", "d"] {
        quick.collect(&api, &declared(from, None)).unwrap();
    }
    assert_eq!(quick.contacts.status("hr").unwrap().requests, 4);
    // One request in 100 seconds: the turn of the second one comes after the deadline of its walk.
    let slow = bench(api.port, json!({ "requests_per_second": 0.01, "deadline_minutes": 1 }));
    slow.collect(&api, &declared("a", None)).unwrap();
    assert_eq!(slow.fails(&api, &declared("b", None)).code, "http.busy");
    assert_eq!(api.targets().len(), 5);
}

#[test]
fn a_transfer_that_broke_off_goes_on_where_it_stopped() {
    let body = format!("id,v\n{}", (0..5000).map(|id| format!("{id},x\n")).collect::<String>());
    let (whole, tag) = (body.clone().into_bytes(), ("etag", "\"s\"".to_owned()));
    let half = whole.len() / 2;
    let kept = whole.clone();
    let api = Api::start(move |_, number| {
        let common = vec![tag.clone(), ("content-type", "text/csv".to_owned()), ("accept-ranges", "bytes".to_owned())];
        match number {
            1 => (200, [common, vec![("content-length", kept.len().to_string())]].concat(), kept[..half].to_vec()),
            _ => {
                let range = format!("bytes {half}-{}/{}", kept.len() - 1, kept.len());
                (206, [common, vec![("content-range", range)]].concat(), kept[half..].to_vec())
            }
        }
    });
    let mut resource = declared("x", None);
    resource.collect.records = None;
    let batches = bench(api.port, json!({})).collect(&api, &resource).unwrap();
    assert_eq!(ids(&batches), (0..5000).collect::<Vec<_>>());
    let second = api.seen.lock().unwrap()[1].headers.clone();
    assert!(
        second.contains(&format!("range: bytes={half}-")) && second.contains(&"if-range: \"s\"".to_owned()),
        "{second:?}"
    );

    // A content that changed meanwhile is taken from its start.
    let api = Api::start(move |_, number| match number {
        1 => (
            200,
            vec![
                ("etag", "\"s\"".to_owned()),
                ("accept-ranges", "bytes".to_owned()),
                ("content-length", "999".to_owned()),
            ],
            b"id,v\n1,x\n".to_vec(),
        ),
        _ => (200, vec![("etag", "\"t\"".to_owned())], b"id,v\n7,x\n".to_vec()),
    });
    assert_eq!(ids(&bench(api.port, json!({})).collect(&api, &resource).unwrap()), [7]);
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bombs_and_endless_answers_end_at_the_declared_size() {
    let bomb = gzip(&vec![b' '; 8 << 20]);
    assert!(bomb.len() < 1 << 16);
    let packed = Api::start(move |_, _| (200, vec![("content-encoding", "gzip".to_owned())], bomb.clone()));
    let bench_small = bench(packed.port, json!({ "largest_mib": 1 }));
    let error = bench_small.fails(&packed, &declared("x", None));
    assert!(error.code == "http.too_large" && error.message.en.contains("1 MiB"), "{error:?}");
    assert_eq!(packed.targets().len(), 1);
    let honest = Api::start(|_, _| {
        let (status, headers, body) = answer(format!("{{\"rows\": [{}]}}", rows(1..4)));
        (status, [headers, vec![("content-encoding", "gzip".to_owned())]].concat(), gzip(&body))
    });
    assert_eq!(ids(&bench(honest.port, json!({})).collect(&honest, &declared("x", None)).unwrap()), [1, 2, 3]);
    let damaged = Api::start(|_, _| (200, vec![("content-encoding", "gzip".to_owned())], b"not gzip at all".to_vec()));
    let error = bench(damaged.port, json!({ "retries": 1 })).fails(&damaged, &declared("x", None));
    assert!(["http.damaged", "http.network"].contains(&error.code), "{error:?}");
}

#[test]
fn a_server_that_never_ends_its_answer_is_left() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
                std::thread::sleep(std::time::Duration::from_secs(30));
            });
        }
    });
    let silent = Api { port, seen: Default::default() };
    let error = bench(port, json!({ "timeout_seconds": 1, "retries": 1 })).fails(&silent, &declared("x", None));
    assert!(error.code == "http.timeout" && error.transient, "{error:?}");
}

/// An answer is any form that a file may have.
#[test]
fn an_answer_may_be_an_archive() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"id,v\n1,x\n2,y\n").unwrap();
    let body = zip.finish().unwrap().into_inner();
    let api =
        Api::start(move |_, _| -> Answer { (200, vec![("content-type", "application/zip".to_owned())], body.clone()) });
    let mut resource = declared("x", None);
    resource.collect.records = None;
    assert_eq!(ids(&bench(api.port, json!({})).collect(&api, &resource).unwrap()), [1, 2]);
}
