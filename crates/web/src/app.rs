//! What all pages share: the desk, the clock, and how we are reached.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::extract::Request;
use axum::http::HeaderMap;
use data::City;
use desk::Desk;
use kernel::Moment;

use crate::chart::Districts;
use crate::open::drawing::Drawings;
use crate::server::Peer;

/// How the site is served.
#[derive(Clone, Debug)]
pub struct Options {
    /// Answers "now". The default reads the machine's clock; nothing else in this crate does.
    pub clock: fn() -> Moment,
    /// The site is only reached by https: every cookie is `Secure`.
    pub secure: bool,
    /// A proxy of ours stands in front, so that `X-Forwarded-Proto` can be believed, and the last of `X-Forwarded-For`.
    pub behind_proxy: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { clock: || Moment::from_jiff(jiff::Timestamp::now()), secure: false, behind_proxy: false }
    }
}

/// The state behind every page. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub desk: Desk,
    options: Options,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    incidents: AtomicU64,
    districts: Mutex<Option<(Weak<City>, Arc<Districts>)>>,
    drawings: Drawings,
}

impl App {
    pub fn new(desk: Desk, options: Options) -> App {
        App { desk, options, shared: Arc::default() }
    }

    pub fn now(&self) -> Moment {
        (self.options.clock)()
    }

    /// Whether the reader came by https.
    pub fn secure(&self, headers: &HeaderMap) -> bool {
        let forwarded = || headers.get("x-forwarded-proto").is_some_and(|v| v.as_bytes() == b"https");
        self.options.secure || (self.options.behind_proxy && forwarded())
    }

    /// The network address that a request comes from, as far as it tells one client from another: of IPv6 the network. `None` for
    /// who is on this machine, and where it is not known.
    pub fn client(&self, request: &Request) -> Option<String> {
        let forwarded = || request.headers().get("x-forwarded-for")?.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok();
        let peer = || request.extensions().get::<Peer>().map(|peer| peer.0);
        let address = if self.options.behind_proxy { forwarded().or_else(peer) } else { peer() }?;
        match address.to_canonical() {
            address if address.is_loopback() => None,
            IpAddr::V4(address) => Some(address.to_string()),
            IpAddr::V6(address) => Some(format!("{:x}:{:x}:{:x}:{:x}::/64", address.segments()[0], address.segments()[1], address.segments()[2], address.segments()[3])),
        }
    }

    /// A short id under which our own failure stands in the log and on the reader's page.
    pub fn incident(&self, now: Moment) -> String {
        let n = self.shared.incidents.fetch_add(1, Ordering::Relaxed);
        format!("E{:x}-{n}", now.0 / 1_000_000)
    }

    /// What was drawn of open datasets.
    pub(crate) fn drawings(&self) -> &Drawings {
        &self.shared.drawings
    }

    /// The drawn outlines of the city's districts; drawn once per reading of the city folder.
    pub fn districts(&self) -> Arc<Districts> {
        let city = self.desk.city();
        let mut kept = self.shared.districts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, drawn)) = kept.as_ref()
            && of.upgrade().is_some_and(|of| Arc::ptr_eq(&of, &city))
        {
            return drawn.clone();
        }
        let drawn = Arc::new(Districts::read(&city));
        *kept = Some((Arc::downgrade(&city), drawn.clone()));
        drawn
    }
}
