//! A real HTTP server on loopback: paging of each kind, retries, redirects, loops, and no secret in sight.


use collect::Position;
use data::declare::{Mode, Paging};

use crate::api::{Api, Bench, by_page, declared, ids, json, parameter, rows};
use crate::city::column;

#[test]
fn pages_are_walked_to_the_end_with_credentials_and_without_showing_them() {
    let api = Api::start(|target, _| {
        let (page, size) = (parameter(target, "page").unwrap(), parameter(target, "size").unwrap());
        let first = (page - 1) * size + 1;
        json(format!("{{\"total\": 7, \"rows\": [{}]}}", rows(first..(first + size).min(8))))
    });
    let bench = Bench::new();
    let batches = bench.collect(&api, &declared("stations?key=${API_KEY}", by_page(3))).unwrap();
    assert_eq!(ids(&batches), (1..8).collect::<Vec<_>>());
    assert_eq!(batches[0].lines, (1..8).collect::<Vec<_>>(), "pages are joined, and records numbered over all of them");
    assert_eq!(column(&batches, 1)[0].as_deref(), Some("1.50"), "numbers keep their spelling");
    assert_eq!(&*batches[0].file, format!("http://127.0.0.1:{}/api/stations?key=…", api.port));
    let seen = api.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].target.starts_with("/api/stations?key=geheim1&"));
    assert!(seen[0].headers.contains(&"authorization: bearer geheim2".to_owned()));
    assert!(seen[0].headers.contains(&"x-key: geheim1".to_owned()));
}

#[test]
fn a_server_that_gives_smaller_pages_than_asked_for_loses_no_row() {
    let capped = |target: &str, _| {
        let offset = parameter(target, "offset").unwrap();
        json(format!("{{\"rows\": [{}]}}", rows(offset + 1..(offset + 3).min(8))))
    };
    let bench = Bench::new();
    let by_offset = Paging::Offset { parameter: "offset".to_owned(), size_parameter: "limit".to_owned(), size: 500 };
    assert_eq!(
        ids(&bench.collect(&Api::start(capped), &declared("x", Some(by_offset))).unwrap()),
        (1..8).collect::<Vec<_>>()
    );
    // Beyond the end some servers give the last page again, others say 404.
    for beyond in [json(format!("{{\"rows\": [{}]}}", rows(1..4))), (404, Vec::new(), Vec::new())] {
        let one_page = move |target: &str, _| match parameter(target, "page") {
            Some(1) => json(format!("{{\"rows\": [{}]}}", rows(1..4))),
            _ => beyond.clone(),
        };
        assert_eq!(ids(&bench.collect(&Api::start(one_page), &declared("x", by_page(500))).unwrap()), [1, 2, 3]);
    }
}

#[test]
fn the_answer_names_the_next_page_by_cursor_or_address() {
    let bench = Bench::new();
    let api = Api::start(|target, _| {
        let after = parameter(target, "after").unwrap_or(0);
        let next = if after < 4 { (after + 2).to_string() } else { "null".to_owned() };
        json(format!("{{\"rows\": [{}], \"meta\": {{\"next\": {next}}}}}", rows(after + 1..after + 3)))
    });
    let next = |parameter: Option<&str>| {
        Some(Paging::Next { next: "/meta/next".to_owned(), parameter: parameter.map(str::to_owned) })
    };
    assert_eq!(ids(&bench.collect(&api, &declared("x?q=1", next(Some("after")))).unwrap()), (1..7).collect::<Vec<_>>());
    assert_eq!(api.targets(), ["/api/x?q=1", "/api/x?q=1&after=2", "/api/x?q=1&after=4"]);
    let api = Api::start(|target, _| match parameter(target, "p") {
        None => json(format!("{{\"rows\": [{}], \"meta\": {{\"next\": \"?p=2\"}}}}", rows(1..3))),
        Some(_) => json(format!("{{\"rows\": [{}], \"meta\": {{}}}}", rows(3..4))),
    });
    assert_eq!(ids(&bench.collect(&api, &declared("x", next(None))).unwrap()), [1, 2, 3]);
    let away = Api::start(|_, _| json("{\"rows\": [{\"id\": 1}], \"meta\": {\"next\": \"http://other.example/\"}}"));
    assert_eq!(bench.fails(&away, &declared("x", next(None))).code, "http.next");
    let round = Api::start(|_, number| {
        json(format!("{{\"rows\": [{}], \"meta\": {{\"next\": {}}}}}", rows([number as u64]), number % 2))
    });
    assert_eq!(bench.fails(&round, &declared("x", next(Some("c")))).code, "http.loop");
}

#[test]
fn passing_failures_are_tried_again_and_lasting_ones_are_told() {
    let bench = Bench::new();
    let busy = Api::start(|_, number| match number {
        1 => (503, vec![("retry-after", "1".to_owned())], Vec::new()),
        2 => (429, vec![("retry-after", "0".to_owned())], Vec::new()),
        _ => json(format!("{{\"rows\": [{}]}}", rows(1..3))),
    });
    assert_eq!(ids(&bench.collect(&busy, &declared("x", None)).unwrap()), [1, 2]);
    assert_eq!(busy.targets().len(), 3);
    let down = Api::start(|_, _| (500, vec![("retry-after", "0".to_owned())], b"geheim2 geheim1".to_vec()));
    let error = bench.fails(&down, &declared("x?key=${API_KEY}", None));
    assert!(error.code == "http.status" && error.transient && error.message.en.contains("500"), "{error:?}");
    assert_eq!(down.targets().len(), 3);
    let closed = Api::start(|_, _| (401, Vec::new(), Vec::new()));
    assert_eq!(bench.fails(&closed, &declared("x", None)).code, "http.login");
    assert_eq!(closed.targets().len(), 1);
    let missing = Api::start(|_, _| (404, Vec::new(), Vec::new()));
    assert_eq!(bench.fails(&missing, &declared("x", by_page(3))).code, "http.missing");
    let looping = Api::start(|_, _| json(format!("{{\"rows\": [{}]}}", rows(1..4))));
    assert_eq!(bench.fails(&looping, &declared("x", by_page(3))).code, "http.loop");
}

#[test]
fn what_came_before_a_failure_is_handed_over_first() {
    let api = Api::start(|target, _| match parameter(target, "page") {
        Some(3) => (403, Vec::new(), Vec::new()),
        Some(2) => json("{\"rows\": [{\"id\": 3, \"new\": \"x\"}, {\"id\": 4, \"new\": \"y\"}]}"),
        _ => json(format!("{{\"rows\": [{}]}}", rows(1..3))),
    });
    let bench = Bench::new();
    let mut source = bench.open(&api, &declared("x", by_page(2)), &Position::default()).unwrap();
    let first = source.next(100).unwrap().unwrap();
    assert_eq!((ids(&[first]), source.progress().rows), (vec![1, 2], 2));
    let second = source.next(100).unwrap().unwrap();
    assert_eq!((second.lines.clone(), second.fields.len()), (vec![3, 4], 2));
    assert!(!source.position().files.values().next().unwrap().complete);
    assert_eq!(source.next(100).unwrap_err().code, "http.login");
}

#[test]
fn redirects_stay_on_the_host() {
    let bench = Bench::new();
    let near = Api::start(|target, _| match target {
        "/api/x" => (302, vec![("location", "/moved".to_owned())], Vec::new()),
        _ => json(format!("{{\"rows\": [{}]}}", rows(1..2))),
    });
    assert_eq!(ids(&bench.collect(&near, &declared("x", None)).unwrap()), [1]);
    let away = Api::start(|_, _| (302, vec![("location", "http://other.example/".to_owned())], Vec::new()));
    assert_eq!(bench.fails(&away, &declared("x", None)).code, "http.redirect");
    let round = Api::start(|_, _| (302, vec![("location", "/api/x".to_owned())], Vec::new()));
    assert_eq!(bench.fails(&round, &declared("x", None)).code, "http.redirect");
    assert_eq!(round.targets().len(), 4);
}

#[test]
fn csv_answers_and_a_cursor_that_goes_as_a_parameter() {
    let api = Api::start(|target, _| {
        let since = parameter(target, "since").unwrap_or(0);
        let body: String = [9, 10, 2].into_iter().filter(|id| *id >= since).map(|id| format!("{id},a\n")).collect();
        (200, vec![("content-type", "text/csv; charset=utf-8".to_owned())], format!("id,name\n{body}").into_bytes())
    });
    let bench = Bench::new();
    let mut resource = declared("x", None);
    resource.collect.records = None;
    resource.collect.mode = Mode::Incremental;
    resource.collect.cursor = Some("id".to_owned());
    resource.collect.cursor_parameter = Some("since".to_owned());
    let mut source = bench.open(&api, &resource, &Position::default()).unwrap();
    let first = source.next(2).unwrap().unwrap();
    assert_eq!(ids(&[first]), [9, 10]);
    assert_eq!(source.position().cursor, None, "the cursor moves only when all pages were seen");
    while source.next(2).unwrap().is_some() {}
    let position = source.position();
    assert_eq!(position.cursor.as_deref(), Some("10"));
    let mut source = bench.open(&api, &resource, &position).unwrap();
    assert_eq!(ids(&[source.next(9).unwrap().unwrap()]), [10]);
    assert_eq!(api.targets(), ["/api/x", "/api/x?since=10"]);
}
