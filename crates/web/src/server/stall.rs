//! A connection that is cut when the other side takes what we send too slowly, or not at all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::pace::Patience;

pub(super) struct Stalling<S> {
    inner: S,
    patience: Patience,
    /// Since when a write waits, and what ends it.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<S> Stalling<S> {
    pub(super) fn new(inner: S, patience: Duration) -> Stalling<S> {
        Stalling { inner, patience: Patience::new(patience), waiting: None }
    }

    /// Passes a result on; waits that last too long become an error. `moved` tells the bytes of a result.
    fn patient<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>, moved: impl FnOnce(&T) -> usize) -> Poll<io::Result<T>> {
        if let Poll::Ready(done) = polled {
            let waited = self.waiting.take().map_or(Duration::ZERO, |(since, _)| since.elapsed());
            self.patience.waited(waited, done.as_ref().map_or(0, moved));
            return Poll::Ready(done);
        }
        let left = self.patience.left();
        let (_, ending) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        ready!(ending.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes too little")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stalling<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stalling<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.patient(cx, polled, |bytes| *bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.patient(cx, polled, |bytes| *bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.patient(cx, polled, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.patient(cx, polled, |()| 0)
    }
}
