//! Decides when ICE-TCP is worth a connection.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// UDP answers within a round trip where it is allowed at all. Waiting this long keeps one or two
/// needless connections per participant away from the server, and costs this much where only TCP
/// is open.
const GRACE: Duration = Duration::from_millis(200);

/// A server has one address, sometimes a few: more is nonsense or an attack.
const MAX_REMOTES: usize = 8;

/// Opens TCP when UDP stays silent. Holds no socket and no clock.
#[derive(Debug, Default)]
pub(super) struct TcpFallback {
    udp: Vec<SocketAddr>,
    tcp: Vec<SocketAddr>,
    /// How many of `tcp` were handed out.
    opened: usize,
    deadline: Option<Instant>,
    due: bool,
    udp_works: bool,
}

impl TcpFallback {
    /// The peer listens for UDP here.
    pub(super) fn handle_udp(&mut self, remote: SocketAddr) {
        if self.udp.len() < MAX_REMOTES && !self.udp.contains(&remote) {
            self.udp.push(remote);
        }
    }

    /// The peer accepts TCP connections here.
    pub(super) fn handle_tcp(&mut self, now: Instant, remote: SocketAddr) {
        if self.tcp.len() < MAX_REMOTES && !self.tcp.contains(&remote) {
            self.tcp.push(remote);
            self.deadline.get_or_insert(now + GRACE);
        }
    }

    /// A UDP packet came. Only the peer's own addresses of this generation count: after an ICE
    /// restart packets of the old path say nothing about the new one.
    pub(super) fn handle_udp_packet(&mut self, source: SocketAddr) {
        if !self.udp_works && self.udp.contains(&source) {
            self.udp_works = true;
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline.filter(|_| !self.due)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.due |= self.deadline.is_some_and(|deadline| deadline <= now);
    }

    /// Returns the next address to connect to.
    pub(super) fn poll_open(&mut self) -> Option<SocketAddr> {
        if !self.due || self.udp_works {
            return None;
        }
        let remote = *self.tcp.get(self.opened)?;
        self.opened += 1;
        Some(remote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> (SocketAddr, SocketAddr) {
        (
            "192.0.2.1:7882".parse().unwrap(),
            "192.0.2.1:7881".parse().unwrap(),
        )
    }

    fn opened(fallback: &mut TcpFallback, now: Instant) -> Vec<SocketAddr> {
        fallback.handle_timeout(now);
        std::iter::from_fn(|| fallback.poll_open()).collect()
    }

    #[test]
    fn silence_on_udp_opens_tcp_after_the_grace() {
        let (udp, tcp) = addresses();
        let start = Instant::now();
        let mut fallback = TcpFallback::default();
        fallback.handle_udp(udp);
        fallback.handle_tcp(start, tcp);

        assert_eq!(opened(&mut fallback, start + GRACE / 2), []);
        assert_eq!(opened(&mut fallback, start + GRACE), [tcp]);
        assert_eq!(opened(&mut fallback, start + GRACE * 2), []);
        assert_eq!(fallback.deadline(), None);
    }

    #[test]
    fn an_answer_on_udp_saves_the_connection() {
        let (udp, tcp) = addresses();
        let start = Instant::now();
        let mut fallback = TcpFallback::default();
        fallback.handle_udp(udp);
        fallback.handle_tcp(start, tcp);

        fallback.handle_udp_packet(udp);

        assert_eq!(opened(&mut fallback, start + GRACE), []);
    }

    #[test]
    fn packets_from_elsewhere_do_not_count() {
        let (udp, tcp) = addresses();
        let start = Instant::now();
        let mut fallback = TcpFallback::default();
        fallback.handle_tcp(start, tcp);

        fallback.handle_udp_packet(udp);

        assert_eq!(opened(&mut fallback, start + GRACE), [tcp]);
    }

    #[test]
    fn a_late_candidate_is_opened_at_once_when_udp_already_failed() {
        let (_, tcp) = addresses();
        let late = "192.0.2.2:7881".parse().unwrap();
        let start = Instant::now();
        let mut fallback = TcpFallback::default();
        fallback.handle_tcp(start, tcp);
        assert_eq!(opened(&mut fallback, start + GRACE), [tcp]);

        fallback.handle_tcp(start + GRACE * 3, late);

        assert_eq!(opened(&mut fallback, start + GRACE * 3), [late]);
    }

    #[test]
    fn a_flood_of_candidates_opens_few_connections() {
        let start = Instant::now();
        let mut fallback = TcpFallback::default();
        for port in 1..1000 {
            fallback.handle_tcp(start, SocketAddr::from(([192, 0, 2, 1], port)));
        }

        assert_eq!(opened(&mut fallback, start + GRACE).len(), MAX_REMOTES);
    }
}
