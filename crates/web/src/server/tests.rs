//! Slow and greedy clients, over real sockets.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Limits, bind, serve_within};

const LIMITS: Limits = Limits {
    head: Duration::from_millis(300),
    idle: Duration::from_millis(300),
    request: Duration::from_millis(900),
    connections: 3,
    grace: Duration::from_millis(500),
};

struct Served {
    addresses: Vec<SocketAddr>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

fn site() -> Router {
    Router::new()
        .route("/", get(|| async { "好".repeat(400) }))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(5)).await }))
        .route("/api/panic", get(broken))
        .route("/endless", get(|| async { vec![7u8; 64 << 20] }))
        .route("/file", get(|| async { crate::csv::file("text/csv", "x.csv", counting()) }))
        .route("/echo", post(|body: Bytes| async move { body }))
}

/// A stream that must not be asked again after its end.
fn counting() -> impl futures::Stream<Item = Result<String, std::io::Error>> {
    futures::stream::unfold(0, |at| async move { (at < 3).then(|| (Ok(at.to_string()), at + 1)) })
}

async fn broken() -> &'static str {
    panic!("on purpose")
}

async fn start(addresses: &[&str]) -> Served {
    let wanted: Vec<SocketAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
    let listeners = bind(&wanted).await.unwrap();
    let addresses = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(serve_within(LIMITS, listeners, site(), async { drop(stopped.await) }));
    Served { addresses, stop, ended }
}

/// Sends, then reads until the server ends the connection.
async fn talk(address: SocketAddr, parts: &[&str]) -> (String, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    for part in parts {
        stream.write_all(part.as_bytes()).await.unwrap();
    }
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(4), stream.read_to_end(&mut answer)).await.expect("the server should end the connection");
    (String::from_utf8_lossy(&answer).into_owned(), begun.elapsed())
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn serves_both_families_packs_and_ends_in_order() {
    let served = start(&["127.0.0.1:0", "[::1]:0"]).await;
    for address in &served.addresses {
        let (answer, _) = talk(*address, &[GET]).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("x-request-id: ") && answer.ends_with('好'), "{answer}");
    }
    let packed = GET.replace("Connection", "Accept-Encoding: gzip\r\nConnection");
    assert!(talk(served.addresses[0], &[&packed]).await.0.contains("content-encoding: gzip"));
    served.stop.send(()).unwrap();
    timeout(Duration::from_secs(2), served.ended).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(served.addresses[0]).await.is_err());
}

#[tokio::test]
async fn slow_heads_bodies_readers_and_handlers_are_cut() {
    let served = start(&["127.0.0.1:0"]).await;
    let address = served.addresses[0];
    for head in [vec![], vec!["GET / HT"], vec!["GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "]] {
        let (_, took) = talk(address, &head).await;
        assert!(took < Duration::from_millis(900), "{head:?} {took:?}");
    }
    let (answer, took) = talk(address, &["POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\n", "123"]).await;
    assert!(took < Duration::from_millis(1_500) && !answer.starts_with("HTTP/1.1 200"), "{took:?} {answer}");
    let (answer, _) = talk(address, &["GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]).await;
    assert!(answer.starts_with("HTTP/1.1 504") && answer.contains("用时过长"), "{answer}");
    let (answer, _) = talk(address, &["GET /api/panic HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]).await;
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("/api#internal"), "{answer}");
    let mut greedy = TcpStream::connect(address).await.unwrap();
    greedy.write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let mut got = Vec::new();
    let _ = timeout(Duration::from_secs(4), greedy.read_to_end(&mut got)).await.expect("cut");
    assert!(got.len() < 64 << 20, "a client that takes nothing is not waited for");
}

#[tokio::test]
async fn a_file_that_is_streamed_and_packed_comes_whole() {
    let served = start(&["127.0.0.1:0"]).await;
    let (answer, _) = talk(served.addresses[0], &[&GET.replace("GET / ", "GET /file ").replace("Connection", "Accept-Encoding: gzip\r\nConnection")]).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("0\r\n\r\n"), "{answer}");
}

/// A byte now and again keeps nothing alive.
#[tokio::test]
async fn trickles_are_cut_too() {
    let served = start(&["127.0.0.1:0"]).await;
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n";
    for (head, drop) in [(head, "x"), ("GET / HTTP/1.1\r\nX-Slow: ", "x")] {
        let mut stream = TcpStream::connect(served.addresses[0]).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0;
        while stream.write_all(drop.as_bytes()).await.is_ok() {
            sent += 1;
            assert!(sent < 100, "a client that sends a byte now and again is not waited for");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let mut taker = TcpStream::connect(served.addresses[0]).await.unwrap();
    taker.write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut taken = 0;
    let mut few = [0; 64];
    while taken < 100 && taker.read(&mut few).await.is_ok_and(|read| read > 0) {
        taken += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // What the system itself holds of 64 MiB may still be read; the rest was not waited for.
    let mut rest = Vec::new();
    let _ = timeout(Duration::from_secs(4), taker.read_to_end(&mut rest)).await.expect("cut");
    assert!(rest.len() < 64 << 20);
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_their_turn() {
    let served = start(&["127.0.0.1:0"]).await;
    let address = served.addresses[0];
    let mut held = Vec::new();
    for _ in 0..LIMITS.connections {
        held.push(TcpStream::connect(address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    // All places are taken by clients that say nothing; once they are cut, the next one is served.
    let (answer, took) = talk(address, &[GET]).await;
    assert!(answer.starts_with("HTTP/1.1 200"));
    assert!(took > Duration::from_millis(150), "{took:?}");
}
