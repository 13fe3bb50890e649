//! A real HTTP server on loopback that answers as a test wants, and a bench that collects from it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use collect::connect::{self, Contacts, Context};
use collect::{CollectError, Position, RawBatch, Source};
use data::declare::{Paging, Resource, System};

use crate::city::{column, context, item, resource, system};

/// What the server saw of a request: the target, and the headers in lower case.
#[derive(Clone, Debug)]
pub struct Seen {
    pub target: String,
    pub headers: Vec<String>,
    pub body: String,
}

/// Answers with status, further headers, and body.
pub type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

pub struct Api {
    pub port: u16,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

impl Api {
    /// Serves each connection once, on threads that end with the test.
    pub fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Api {
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

    pub fn targets(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.target.clone()).collect()
    }
}

pub fn serve(mut stream: TcpStream, log: &Mutex<Vec<Seen>>, answer: &dyn Fn(&str, usize) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = reader.by_ref().lines();
    let Some(Ok(first)) = lines.next() else { return };
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> =
        lines.map_while(Result::ok).take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body).unwrap();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(Seen { target: target.clone(), headers, body });
        log.len()
    };
    let (status, headers, body) = answer(&target, number);
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length =
        if headers.contains("content-length") { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{length}{headers}\r\n");
    // A client that has gone away is no matter here.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

pub fn json(text: impl Into<String>) -> Answer {
    (200, vec![("content-type", "application/json; charset=utf-8".to_owned())], text.into().into_bytes())
}

pub fn rows(ids: impl IntoIterator<Item = u64>) -> String {
    ids.into_iter().map(|id| format!("{{\"id\": {id}, \"v\": 1.50}}")).collect::<Vec<_>>().join(",")
}

pub fn parameter(target: &str, name: &str) -> Option<u64> {
    let query = target.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))?.parse().ok())
}

pub fn declared(from: &str, paging: Option<Paging>) -> Resource {
    let mut resource = resource(vec![item("id", "integer")]);
    resource.collect.from = from.to_owned();
    resource.collect.records = Some("rows[*]".to_owned());
    resource.collect.paging = paging;
    resource
}

pub fn by_page(size: u32) -> Option<Paging> {
    Some(Paging::Page { parameter: "page".to_owned(), size_parameter: "size".to_owned(), size, first: 1 })
}

pub fn api_system(port: u16) -> System {
    http_system(serde_json::json!({
        "url": format!("http://127.0.0.1:{port}/api/"),
        "headers": { "X-Key": "${API_KEY}" },
        "auth": { "kind": "bearer", "token": "${TOKEN}" },
        "retries": 3,
        "timeout_seconds": 2,
    }))
}

/// A system reached by HTTP, declared with these keys.
pub fn http_system(keys: serde_json::Value) -> System {
    let mut connector = serde_json::json!({ "kind": "http" });
    connector.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    system(serde_json::from_value(connector).unwrap())
}

pub struct Bench {
    pub runtime: tokio::runtime::Runtime,
    pub contacts: Contacts,
    /// Declared otherwise than most tests want it.
    pub system: Option<System>,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { runtime: tokio::runtime::Runtime::new().unwrap(), contacts: Contacts::default(), system: None }
    }

    pub fn open(&self, api: &Api, resource: &Resource, position: &Position) -> Result<Box<dyn Source>, CollectError> {
        let variables =
            HashMap::from([("API_KEY".to_owned(), "geheim1".to_owned()), ("TOKEN".to_owned(), "geheim2".to_owned())]);
        let ctx = Context { contacts: self.contacts.clone(), ..context(&self.runtime, variables) };
        connect::open(&ctx, &self.system.clone().unwrap_or_else(|| api_system(api.port)), resource, position)
    }

    pub fn collect(&self, api: &Api, resource: &Resource) -> Result<Vec<RawBatch>, CollectError> {
        let mut source = self.open(api, resource, &Position::default())?;
        let mut batches = Vec::new();
        while let Some(batch) = source.next(100)? {
            batches.push(batch);
        }
        Ok(batches)
    }

    pub fn fails(&self, api: &Api, resource: &Resource) -> CollectError {
        let error = self.collect(api, resource).unwrap_err();
        assert!(!format!("{error:?}").contains("geheim"), "{error:?}");
        error
    }
}

pub fn ids(batches: &[RawBatch]) -> Vec<u64> {
    column(batches, 0).into_iter().flatten().map(|id| id.parse().unwrap()).collect()
}
