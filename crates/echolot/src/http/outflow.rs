//! A body that is written while it is sent.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream::poll_fn;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;

/// How many parts may wait to be sent. Whoever writes waits for whoever reads,
/// so memory does not grow with what is written.
const WAITING: usize = 4;

/// The end at which a body is written, from a thread that may block. A body
/// whose writers are gone has ended.
#[derive(Clone)]
pub(super) struct Outflow {
    parts: Sender<io::Result<Bytes>>,
    patience: Duration,
}

/// A body, and the end at which it is written. If no part of it is taken for
/// as long as `patience`, it is given up.
pub(super) fn outflow(patience: Duration) -> (Outflow, Body) {
    let (parts, mut taken) = channel(WAITING);
    (
        Outflow { parts, patience },
        Body::from_stream(poll_fn(move |context| taken.poll_recv(context))),
    )
}

impl Outflow {
    /// Breaks the body off, so that nobody takes it for whole.
    pub(super) fn fail(&self) {
        let broken = io::Error::other("the answer broke off");
        // Nobody is told where nobody listens any more.
        let _told = self.send(Err(broken));
    }

    fn send(&self, part: io::Result<Bytes>) -> io::Result<()> {
        let sent = Handle::current().block_on(timeout(self.patience, self.parts.send(part)));
        let sent = sent.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Write for Outflow {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.send(Ok(Bytes::copy_from_slice(part)))?;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_body_is_what_was_written_and_ends_with_its_writer() {
        let (mut out, body) = outflow(Duration::from_secs(10));
        let written = tokio::task::spawn_blocking(move || {
            (0..50).try_for_each(|number| write!(out, "{number},"))
        });
        let body = to_bytes(body, usize::MAX).await.unwrap();
        written.await.unwrap().unwrap();
        let expected: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        assert_eq!(body, format!("{},", expected.join(",")).as_bytes());
    }

    #[tokio::test]
    async fn what_fails_is_not_taken_for_whole() {
        let (mut out, body) = outflow(Duration::from_secs(10));
        let written = tokio::task::spawn_blocking(move || {
            out.write_all(b"half").unwrap();
            out.fail();
        });
        assert!(to_bytes(body, usize::MAX).await.is_err());
        written.await.unwrap();
    }

    #[tokio::test]
    async fn nobody_is_written_to_for_ever() {
        let (mut out, body) = outflow(Duration::from_millis(1));
        let stalled = tokio::task::spawn_blocking(move || {
            loop {
                if let Err(error) = out.write_all(b"part") {
                    return error.kind();
                }
            }
        });
        assert_eq!(stalled.await.unwrap(), io::ErrorKind::TimedOut);
        drop(body);
        let (mut out, body) = outflow(Duration::from_secs(10));
        drop(body);
        let left = tokio::task::spawn_blocking(move || out.write_all(b"part").unwrap_err().kind());
        assert_eq!(left.await.unwrap(), io::ErrorKind::BrokenPipe);
    }
}
