//! A server on loopback that is told things, and answers as a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it was sent.
#[derive(Clone, Debug)]
pub struct Got {
    pub target: String,
    /// In lower case.
    pub headers: Vec<String>,
    pub body: String,
}

pub struct Receiver {
    pub port: u16,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// Answers the n-th thing it is sent, from 1, with a status and further header lines; with nothing at all when `None`.
    pub fn start(answer: impl Fn(usize) -> Option<(u16, &'static str)> + Send + Sync + 'static) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("address").port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (got.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &log, answer.as_ref()));
            }
        });
        Receiver { port, got }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().expect("lock").clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Got>>, answer: &dyn Fn(usize) -> Option<(u16, &'static str)>) {
    let mut reader = BufReader::new(stream.try_clone().expect("stream"));
    let mut lines = reader.by_ref().lines();
    let Some(Ok(first)) = lines.next() else { return };
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = String::new();
    // Whoever is killed in the midst of a message has not sent it.
    if reader.take(length).read_to_string(&mut body).is_err() || (body.len() as u64) < length {
        return;
    }
    let number = {
        let mut log = log.lock().expect("lock");
        log.push(Got { target, headers, body });
        log.len()
    };
    match answer(number) {
        // The other side has gone away, or is waiting: no matter here.
        Some((status, headers)) => drop(stream.write_all(format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n{headers}\r\n").as_bytes())),
        None => std::thread::sleep(std::time::Duration::from_secs(60)),
    }
}
