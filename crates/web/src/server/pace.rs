//! How long a client may keep us waiting: a little in all, and more for each byte that it moves. A trickle, a byte now and again
//! to keep a connection alive, runs out of it; a slow line does not.

use std::io;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout};

/// Bytes that give a second back.
const RATE: f64 = 1024.0;

/// What is left of a client's time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    whole: Duration,
    left: Duration,
}

impl Patience {
    pub fn new(whole: Duration) -> Patience {
        Patience { whole, left: whole }
    }

    /// How long the next wait may last.
    pub fn left(self) -> Duration {
        self.left
    }

    /// After a wait that brought so many bytes.
    pub fn waited(&mut self, waited: Duration, bytes: usize) {
        let earned = Duration::from_secs_f64(bytes as f64 / RATE);
        self.left = (self.left.saturating_sub(waited) + earned).min(self.whole);
    }
}

/// The body of a request, which fails when its client runs out of time.
pub(super) fn paced(body: Body, whole: Duration) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let going = Some((body.into_data_stream(), Patience::new(whole)));
    let pieces = stream::unfold(going, |going| async move {
        let (mut body, mut patience) = going?;
        let began = Instant::now();
        match timeout(patience.left(), body.next()).await {
            Err(_) => Some((Err(axum::Error::new(io::Error::new(io::ErrorKind::TimedOut, "the client sends too slowly"))), None)),
            Ok(None) => None,
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(Some(Ok(piece))) => {
                patience.waited(began.elapsed(), piece.len());
                Some((Ok(piece), Some((body, patience))))
            }
        }
    });
    // Whoever asks again after the end is told so again.
    Body::from_stream(pieces.fuse())
}
