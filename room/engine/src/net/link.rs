//! One TCP or TLS connection that carries packets.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::framing::{Deframer, Framing};
use super::host::Sent;

/// About half a second of a busy connection. When full the packet is dropped, as a router would:
/// what waited longer would be too late for audio, and SCTP sends again.
const QUEUE_BYTES: usize = 64 * 1024;

/// Reads this much before others get their turn.
const READ_BYTES: usize = 4096;

/// What a link runs over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connected stream, cut into packets both ways.
pub(super) struct StreamLink {
    stream: Box<dyn Stream>,
    local: SocketAddr,
    remote: SocketAddr,
    deframer: Deframer,
    queue: Vec<u8>,
    unflushed: bool,
}

impl StreamLink {
    pub(super) fn new(
        stream: Box<dyn Stream>,
        (local, remote): (SocketAddr, SocketAddr),
        framing: Framing,
    ) -> Self {
        let deframer = Deframer::new(framing);
        Self {
            stream,
            local,
            remote,
            deframer,
            queue: Vec::new(),
            unflushed: false,
        }
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// Queues a packet; it leaves with the next poll.
    pub(super) fn send(&mut self, packet: &[u8]) -> Sent {
        if self.queue.len() + packet.len() > QUEUE_BYTES {
            return Sent::Dropped;
        }
        self.deframer.framing().write(packet, &mut self.queue);
        Sent::Yes
    }

    /// Writes what is queued and reads a batch of packets into `receive`. Ready when something was
    /// read; an error means the link is closed.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        receive: &mut dyn FnMut(&[u8]),
    ) -> Poll<io::Result<()>> {
        self.poll_write(cx)?;
        let mut scratch = [0; READ_BYTES];
        let mut read = ReadBuf::new(&mut scratch);
        std::task::ready!(Pin::new(&mut *self.stream).poll_read(cx, &mut read))?;
        if read.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        self.deframer.handle_bytes(read.filled());
        loop {
            match self.deframer.poll_packet() {
                Ok(Some(packet)) => receive(packet),
                Ok(None) => return Poll::Ready(Ok(())),
                Err(broken) => return Poll::Ready(Err(io::Error::other(broken))),
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let mut written = 0;
        while written < self.queue.len() {
            match Pin::new(&mut *self.stream).poll_write(cx, &self.queue[written..]) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        self.unflushed |= written > 0;
        self.queue.drain(..written);
        if self.unflushed {
            match Pin::new(&mut *self.stream).poll_flush(cx) {
                Poll::Ready(flushed) => {
                    flushed?;
                    self.unflushed = false;
                }
                Poll::Pending => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn pair(framing: Framing) -> (StreamLink, StreamLink) {
        let (a, b) = tokio::io::duplex(1000);
        let addresses = (
            "127.0.0.1:1".parse().unwrap(),
            "127.0.0.1:2".parse().unwrap(),
        );
        let link = |stream| StreamLink::new(stream, addresses, framing);
        (link(Box::new(a)), link(Box::new(b)))
    }

    #[tokio::test]
    async fn packets_larger_than_the_pipe_arrive_whole_and_in_order() {
        let (mut a, mut b) = pair(Framing::LengthPrefixed);
        let sent = [vec![1; 1500], vec![2; 1], vec![3; 1200]];
        for packet in &sent {
            assert_eq!(a.send(packet), Sent::Yes);
        }

        let mut received = Vec::new();
        while received.len() < sent.len() {
            poll_fn(|cx| {
                assert!(a.poll(cx, &mut |_| {}).is_pending());
                b.poll(cx, &mut |packet| received.push(packet.to_vec()))
            })
            .await
            .unwrap();
        }

        assert_eq!(received, sent);
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_costs_packets_not_memory() {
        let (mut a, _b) = pair(Framing::LengthPrefixed);

        let sent = (0..1000)
            .filter(|_| a.send(&[0; 1000]) == Sent::Yes)
            .count();

        assert!(sent < 70, "{sent} packets were queued");
        assert!(a.queue.len() <= QUEUE_BYTES + 2 * sent);
    }

    #[tokio::test]
    async fn the_peer_closing_ends_the_link() {
        let (mut a, b) = pair(Framing::LengthPrefixed);
        drop(b);

        let closed = poll_fn(|cx| a.poll(cx, &mut |_| {})).await;

        assert_eq!(closed.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
