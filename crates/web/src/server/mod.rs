//! How the site is served: our own accept loop with a deadline for everything a client can be slow at,
//! a cap on connections, and an orderly end. It knows nothing of the pages it serves.

mod around;
mod pace;
mod stall;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt;

use stall::Stalling;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What clients may take of us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the whole head of a request, and between requests of a kept connection.
    pub head: Duration,
    /// What a client may keep us waiting in all, with the body of its request, and again with taking what we send. Each byte that
    /// it sends or takes gives a little of it back, so that a slow line is served and a trickle is not.
    pub idle: Duration,
    /// From the head of a request to the head of its answer. A little above the longest SELECT, so that
    /// its own, better explained, deadline comes first. Streams go on after it.
    pub request: Duration,
    /// Connections at once; more wait their turn in the system's queue. Fewer where the system gives fewer file descriptors.
    pub connections: usize,
    /// For requests under way when we are told to end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let seconds = Duration::from_secs;
        Limits { head: seconds(10), idle: seconds(10), request: seconds(35), connections: 16_384, grace: seconds(10) }
    }
}

/// As many connections as leave a quarter of our file descriptors to everything else. We take all descriptors that we may.
fn places(wanted: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    let had = if setrlimit(Resource::Nofile, limit).is_ok() { limit.current } else { before };
    // None told is none set.
    had.map_or(wanted, |had| wanted.min(usize::try_from(had / 4 * 3).unwrap_or(usize::MAX)).max(1))
}

/// Listens on every address, IPv4 and IPv6. An IPv6 address takes IPv6 alone where the system says so.
pub async fn bind(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for address in addresses {
        let listener = TcpListener::bind(address).await;
        listeners.push(listener.map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))?);
    }
    Ok(listeners)
}

/// Serves until `shutdown` is over, then lets requests under way end within the grace period.
pub fn serve(listeners: Vec<TcpListener>, router: Router, shutdown: BoxFuture<'static, ()>) -> BoxFuture<'static, io::Result<()>> {
    // Boxed, so that the code of the connections is generated here and not again in the binary.
    Box::pin(serve_within(Limits::default(), listeners, router, shutdown))
}

/// The same, within other limits.
pub async fn serve_within(limits: Limits, listeners: Vec<TcpListener>, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let server = Arc::new(Server {
        router: around::around(router, limits),
        places: Arc::new(Semaphore::new(places(limits.connections))),
        ending: GracefulShutdown::new(),
        limits,
    });
    let mut doors = JoinSet::new();
    for listener in listeners {
        doors.spawn(server.clone().accept(listener));
    }
    shutdown.await;
    doors.shutdown().await;
    // The doors are closed, so that this is the last one who holds the server.
    if let Some(server) = Arc::into_inner(server)
        && tokio::time::timeout(limits.grace, server.ending.shutdown()).await.is_err()
    {
        tracing::warn!("some connections did not end in time and are cut");
    }
    Ok(())
}

struct Server {
    router: Router,
    places: Arc<Semaphore>,
    ending: GracefulShutdown,
    limits: Limits,
}

impl Server {
    async fn accept(self: Arc<Server>, listener: TcpListener) {
        loop {
            let Ok(place) = self.places.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, address)) => self.connect(stream, Peer(address.ip()), place),
                Err(error) => {
                    // Out of file descriptors, or a client that left at once: waiting is all that helps.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn connect(&self, stream: TcpStream, peer: Peer, place: OwnedSemaphorePermit) {
        // A connection that cannot be set so still works, only less promptly.
        let _ = stream.set_nodelay(true);
        // HTTP/1 alone: to tell the versions apart, the first bytes would be read without a deadline,
        // and a proxy in front speaks HTTP/2 to browsers anyway.
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(self.limits.head).max_headers(100).max_buf_size(64 * 1024);
        let io = TokioIo::new(Stalling::new(stream, self.limits.idle));
        let told = move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(peer);
            request
        };
        let service = TowerToHyperService::new(self.router.clone().map_request(told));
        let watcher = self.ending.watcher();
        tokio::spawn(async move {
            let connection = builder.serve_connection(io, service);
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "connection ended");
            }
            drop(place);
        });
    }
}
