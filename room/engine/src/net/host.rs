//! One UDP socket on one address of this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;

use super::packet::{PacketBuffer, PacketPool};

/// Room for a burst of several hundred packets while the loop is busy elsewhere: a data channel
/// that fills the kernel's default buffer pays a one second retransmission timeout. The kernel
/// silently grants less where its own limit is lower.
const SOCKET_BUFFER_BYTES: usize = 1024 * 1024;

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Yes,
    /// The socket or its queue was full, or there was no way to the destination.
    Dropped,
}

/// A bound UDP socket that never blocks.
#[derive(Debug)]
pub(super) struct HostSocket {
    socket: UdpSocket,
    address: SocketAddr,
}

impl HostSocket {
    pub(super) fn bind(ip: IpAddr) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(SocketAddr::new(ip, 0)),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        if ip.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        // Smaller buffers work as well, only with more loss.
        drop(socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES));
        drop(socket.set_send_buffer_size(SOCKET_BUFFER_BYTES));
        socket.bind(&SocketAddr::new(ip, 0).into())?;
        let socket = UdpSocket::from_std(socket.into())?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Binds to the address from which the system would reach `remote`.
    pub(super) fn bind_towards(remote: SocketAddr) -> io::Result<Self> {
        let unspecified: IpAddr = match remote {
            SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        };
        let probe = std::net::UdpSocket::bind((unspecified, 0))?;
        // Connecting a UDP socket sends nothing: it only asks the routing table.
        probe.connect(remote)?;
        Self::bind(probe.local_addr()?.ip())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn send(&self, destination: SocketAddr, packet: &[u8]) -> Sent {
        // Around tokio, whose own sending fails until its reactor has seen the new socket.
        match SockRef::from(&self.socket).send_to(packet, &destination.into()) {
            Ok(_) => Sent::Yes,
            Err(error) => {
                tracing::trace!(%error, "a packet could not be sent");
                Sent::Dropped
            }
        }
    }

    /// Receives one packet. An error is the socket's, not the packet's.
    pub(super) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        pool: &PacketPool,
    ) -> Poll<io::Result<(SocketAddr, PacketBuffer)>> {
        loop {
            std::task::ready!(self.socket.poll_recv_ready(cx))?;
            let mut packet = pool.take();
            match self.socket.try_recv_buf_from(packet.storage()) {
                Ok((_, source)) => return Poll::Ready(Ok((source, packet))),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn a_packet_arrives_whole_with_its_source() {
        let [a, b] =
            ["127.0.0.1", "127.0.0.1"].map(|ip| HostSocket::bind(ip.parse().unwrap()).unwrap());
        let pool = PacketPool::new();

        assert_eq!(a.send(b.address(), b"hello"), Sent::Yes);
        let (source, packet) = poll_fn(|cx| b.poll_receive(cx, &pool)).await.unwrap();

        assert_eq!((source, &*packet), (a.address(), &b"hello"[..]));
    }

    #[tokio::test]
    async fn a_packet_without_a_way_is_dropped_not_an_error() {
        let v4_only = HostSocket::bind("127.0.0.1".parse().unwrap()).unwrap();

        assert_eq!(
            v4_only.send("[::1]:9".parse().unwrap(), b"lost"),
            Sent::Dropped
        );
    }
}
