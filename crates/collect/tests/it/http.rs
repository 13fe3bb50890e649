//! A real HTTP server on loopback: paging of each kind, retries, redirects, loops, and no secret in sight.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use collect::connect::{self, Context};
use collect::{CollectError, Position, RawBatch, Source};
use data::declare::{Connector, HttpAuth, Mode, Paging, Resource, System};

use crate::city::{column, context, item, resource, system};

/// What the server saw of a request: the target, and the headers in lower case.
#[derive(Clone, Debug)]
struct Seen {
    target: String,
    headers: Vec<String>,
}

/// Answers with status, further headers, and body.
type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

struct Api {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Api {
    /// Serves each connection once, on threads that end with the test.
    fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &log, answer.as_ref()));
            }
        });
        Api { port, seen }
    }

    fn targets(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.target.clone()).collect()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Seen>>, answer: &dyn Fn(&str, usize) -> Answer) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(first)) = lines.next() else { return };
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers =
        lines.map_while(Result::ok).take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(Seen { target: target.clone(), headers });
        log.len()
    };
    let (status, headers, body) = answer(&target, number);
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    // A client that has gone away is no matter here.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn json(text: impl Into<String>) -> Answer {
    (200, vec![("content-type", "application/json; charset=utf-8".to_owned())], text.into().into_bytes())
}

fn rows(ids: impl IntoIterator<Item = u64>) -> String {
    ids.into_iter().map(|id| format!("{{\"id\": {id}, \"v\": 1.50}}")).collect::<Vec<_>>().join(",")
}

fn parameter(target: &str, name: &str) -> Option<u64> {
    let query = target.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))?.parse().ok())
}

fn declared(from: &str, paging: Option<Paging>) -> Resource {
    let mut resource = resource(vec![item("id", "integer")]);
    resource.collect.from = from.to_owned();
    resource.collect.records = Some("rows[*]".to_owned());
    resource.collect.paging = paging;
    resource
}

fn by_page(size: u32) -> Option<Paging> {
    Some(Paging::Page { parameter: "page".to_owned(), size_parameter: "size".to_owned(), size, first: 1 })
}

fn api_system(port: u16) -> System {
    system(Connector::Http {
        url: format!("http://127.0.0.1:{port}/api/"),
        headers: [("X-Key".to_owned(), "${API_KEY}".to_owned())].into(),
        auth: Some(HttpAuth::Bearer { token: "${TOKEN}".to_owned() }),
        retries: 3,
        timeout_seconds: 2,
    })
}

struct Bench {
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Bench {
        Bench { runtime: tokio::runtime::Runtime::new().unwrap() }
    }

    fn open(&self, api: &Api, resource: &Resource, position: &Position) -> Result<Box<dyn Source>, CollectError> {
        let variables =
            HashMap::from([("API_KEY".to_owned(), "geheim1".to_owned()), ("TOKEN".to_owned(), "geheim2".to_owned())]);
        let ctx = Context { http: connect::http::client()?, ..context(&self.runtime, variables) };
        connect::open(&ctx, &api_system(api.port), resource, position)
    }

    fn collect(&self, api: &Api, resource: &Resource) -> Result<Vec<RawBatch>, CollectError> {
        let mut source = self.open(api, resource, &Position::default())?;
        let mut batches = Vec::new();
        while let Some(batch) = source.next(100)? {
            batches.push(batch);
        }
        Ok(batches)
    }

    fn fails(&self, api: &Api, resource: &Resource) -> CollectError {
        let error = self.collect(api, resource).unwrap_err();
        assert!(!format!("{error:?}").contains("geheim"), "{error:?}");
        error
    }
}

fn ids(batches: &[RawBatch]) -> Vec<u64> {
    column(batches, 0).into_iter().flatten().map(|id| id.parse().unwrap()).collect()
}

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
    let start = Instant::now();
    assert_eq!(ids(&bench.collect(&busy, &declared("x", None)).unwrap()), [1, 2]);
    assert!(start.elapsed() >= Duration::from_secs(1), "Retry-After is honoured");
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
    assert!(!source.position().files["x"].complete);
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
