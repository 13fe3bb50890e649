//! A department's own service on loopback: answers as a test wants, well or badly.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub target: String,
    /// In lower case.
    pub headers: Vec<String>,
    pub body: String,
}

/// How it answers.
pub enum Answer {
    Json(String),
    /// These bytes, whatever they are.
    Raw(String),
    /// The same, and goes on sending the last part for ever.
    Endless(String),
    /// After so long.
    Slow(Duration, String),
}

pub struct Upstream {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Upstream {
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &log, answer.as_ref()));
            }
        });
        Upstream { port, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("lock").clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().expect("stream"));
    let mut lines = reader.by_ref().lines();
    let Some(Ok(first)) = lines.next() else { return };
    let words: Vec<&str> = first.split(' ').collect();
    let headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = String::new();
    if reader.take(length).read_to_string(&mut body).is_err() {
        return;
    }
    let asked = Asked { method: words[0].to_owned(), target: words.get(1).copied().unwrap_or_default().to_owned(), headers, body };
    log.lock().expect("lock").push(asked.clone());
    let json = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    // The other side may have gone away.
    match answer(&asked) {
        Answer::Json(body) => drop(stream.write_all(json(&body).as_bytes())),
        Answer::Raw(bytes) => drop(stream.write_all(bytes.as_bytes())),
        Answer::Slow(pause, body) => {
            std::thread::sleep(pause);
            drop(stream.write_all(json(&body).as_bytes()));
        }
        Answer::Endless(bytes) => {
            let more = "1".repeat(4_096);
            let _ = stream.write_all(bytes.as_bytes());
            while stream.write_all(more.as_bytes()).is_ok() {}
        }
    }
}
