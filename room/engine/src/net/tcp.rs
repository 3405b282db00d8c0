//! ICE over TCP, the active side (RFC 6544): connections to the peer's passive candidates.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::fallback::TcpFallback;
use super::framing::Framing;
use super::host::Sent;
use super::link::StreamLink;

/// Two SYN retransmissions.
const CONNECT_DEADLINE: Duration = Duration::from_secs(4);

/// Each local address tries each remote one; beyond this the rest is not tried.
const MAX_LINKS: usize = 16;

/// What happened to the connections.
#[derive(Debug)]
pub(super) enum TcpNews<'a> {
    Connected(SocketAddr),
    Received {
        local: SocketAddr,
        remote: SocketAddr,
        packet: &'a [u8],
    },
    Closed(SocketAddr),
}

/// Every ICE-TCP connection of one `Network`.
#[derive(Default)]
pub(super) struct IceTcp {
    fallback: TcpFallback,
    connecting: FuturesUnordered<BoxFuture<'static, io::Result<StreamLink>>>,
    links: Vec<StreamLink>,
    /// Links from before the last restart: they carry media until the peer closes them.
    retired: Vec<StreamLink>,
}

impl IceTcp {
    pub(super) fn fallback(&mut self) -> &mut TcpFallback {
        &mut self.fallback
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.fallback.deadline()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.fallback.handle_timeout(now);
    }

    /// Starts the connections that are due, from each of `locals` that can reach the remote.
    pub(super) fn open_due(&mut self, locals: &[IpAddr]) {
        while let Some(remote) = self.fallback.poll_open() {
            for &local in locals.iter().filter(|ip| can_reach(**ip, remote.ip())) {
                let exists = self
                    .links
                    .iter()
                    .any(|link| link.local().ip() == local && link.remote() == remote);
                if !exists && self.links.len() + self.connecting.len() < MAX_LINKS {
                    self.connecting.push(Box::pin(connect(local, remote)));
                }
            }
        }
    }

    /// Forgets the remote candidates. The peer ties each connection to one set of ICE
    /// credentials, so new ones are needed; those before the last restart are closed.
    /// Returns the local addresses that are candidates no longer.
    pub(super) fn restart(&mut self) -> Vec<SocketAddr> {
        self.fallback = TcpFallback::default();
        self.connecting.clear();
        self.retired = std::mem::take(&mut self.links);
        self.retired.iter().map(StreamLink::local).collect()
    }

    /// Closes what runs over a local address that is gone. Returns the candidates lost.
    pub(super) fn remove(&mut self, ip: IpAddr) -> Vec<SocketAddr> {
        self.retired.retain(|link| link.local().ip() != ip);
        self.links
            .extract_if(.., |link| link.local().ip() == ip)
            .map(|link| link.local())
            .collect()
    }

    pub(super) fn send(&mut self, local: SocketAddr, remote: SocketAddr, packet: &[u8]) -> Sent {
        self.links
            .iter_mut()
            .chain(&mut self.retired)
            .find(|link| link.local() == local && link.remote() == remote)
            .map_or(Sent::Dropped, |link| link.send(packet))
    }

    /// Ready when there was news.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        tell: &mut dyn FnMut(TcpNews<'_>),
    ) -> Poll<()> {
        let mut progress = Poll::Pending;
        while let Poll::Ready(Some(connected)) = self.connecting.poll_next_unpin(cx) {
            match connected {
                Ok(link) => {
                    tell(TcpNews::Connected(link.local()));
                    self.links.push(link);
                    self.fallback.handle_connected(now);
                    progress = Poll::Ready(());
                }
                Err(error) => tracing::debug!(%error, "an ICE-TCP connection failed"),
            }
        }
        for links in [&mut self.links, &mut self.retired] {
            links.retain_mut(|link| {
                let (local, remote) = (link.local(), link.remote());
                let mut receive = |packet: &[u8]| {
                    tell(TcpNews::Received {
                        local,
                        remote,
                        packet,
                    })
                };
                match link.poll(cx, &mut receive) {
                    Poll::Pending => true,
                    Poll::Ready(Ok(())) => {
                        progress = Poll::Ready(());
                        true
                    }
                    Poll::Ready(Err(error)) => {
                        tracing::debug!(%error, "an ICE-TCP connection closed");
                        tell(TcpNews::Closed(local));
                        progress = Poll::Ready(());
                        false
                    }
                }
            });
        }
        progress
    }
}

/// Only its own family, and loopback only loopback.
fn can_reach(local: IpAddr, remote: IpAddr) -> bool {
    local.is_ipv4() == remote.is_ipv4() && local.is_loopback() == remote.is_loopback()
}

async fn connect(local: IpAddr, remote: SocketAddr) -> io::Result<StreamLink> {
    let socket = if local.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind(SocketAddr::new(local, 0))?;
    let stream = timeout(CONNECT_DEADLINE, socket.connect(remote))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    plain_link(stream, Framing::LengthPrefixed)
}

/// Wraps a connected stream.
pub(super) fn plain_link(stream: TcpStream, framing: Framing) -> io::Result<StreamLink> {
    stream.set_nodelay(true)?;
    let addresses = (stream.local_addr()?, stream.peer_addr()?);
    Ok(StreamLink::new(Box::new(stream), addresses, framing))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    async fn news(tcp: &mut IceTcp) -> Vec<String> {
        let mut news = Vec::new();
        poll_fn(|cx| {
            tcp.poll(cx, Instant::now(), &mut |told| {
                news.push(match told {
                    TcpNews::Connected(_) => "connected".to_owned(),
                    TcpNews::Received { packet, .. } => {
                        String::from_utf8_lossy(packet).into_owned()
                    }
                    TcpNews::Closed(_) => "closed".to_owned(),
                });
            })
        })
        .await;
        news
    }

    async fn connected() -> (IceTcp, TcpStream, SocketAddr) {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let remote = listener.local_addr().unwrap();
        let mut tcp = IceTcp::default();
        let start = Instant::now();
        tcp.fallback().handle_tcp(start, remote);
        tcp.handle_timeout(start + Duration::from_secs(1));
        tcp.open_due(&[LOOPBACK]);

        assert_eq!(news(&mut tcp).await, ["connected"]);
        let (peer, _) = listener.accept().await.unwrap();
        (tcp, peer, remote)
    }

    #[tokio::test]
    async fn packets_are_framed_both_ways() {
        let (mut tcp, mut peer, remote) = connected().await;
        let local = peer.peer_addr().unwrap();

        assert_eq!(tcp.send(local, remote, b"ping"), Sent::Yes);
        peer.write_all(b"\x00\x04pong").await.unwrap();

        assert_eq!(news(&mut tcp).await, ["pong"]);
        let mut framed = [0; 6];
        peer.read_exact(&mut framed).await.unwrap();
        assert_eq!(&framed, b"\x00\x04ping");
    }

    #[tokio::test]
    async fn a_closed_connection_is_no_candidate_any_more() {
        let (mut tcp, peer, remote) = connected().await;
        let local = peer.peer_addr().unwrap();

        drop(peer);

        assert_eq!(news(&mut tcp).await, ["closed"]);
        assert_eq!(tcp.send(local, remote, b"lost"), Sent::Dropped);
    }

    #[tokio::test]
    async fn a_restart_retires_connections_without_silencing_them() {
        let (mut tcp, mut peer, remote) = connected().await;
        let local = peer.peer_addr().unwrap();

        assert_eq!(tcp.restart(), [local]);

        assert_eq!(tcp.send(local, remote, b"late"), Sent::Yes);
        peer.write_all(b"\x00\x02ok").await.unwrap();
        assert_eq!(news(&mut tcp).await, ["ok"]);
    }

    #[test]
    fn loopback_reaches_loopback_only() {
        let public = "192.0.2.1".parse().unwrap();

        assert!(can_reach(LOOPBACK, LOOPBACK));
        assert!(!can_reach(LOOPBACK, public));
        assert!(!can_reach(public, LOOPBACK));
        assert!(can_reach(public, public));
        assert!(!can_reach("::1".parse().unwrap(), LOOPBACK));
    }
}
