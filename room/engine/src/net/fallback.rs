//! Decides when ICE-TCP is worth a connection, and when UDP is given up for it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// UDP answers within a round trip where it is allowed at all. Waiting this long keeps one or two
/// needless connections per participant away from the server, and costs this much where only TCP
/// is open.
const GRACE: Duration = Duration::from_millis(200);

/// A living path brings an answer to a check every 1.5 seconds.
const SILENCE: Duration = Duration::from_secs(3);

/// Time between two rounds of connecting, longer than one takes to fail.
const RETRY: Duration = Duration::from_secs(5);

/// After this many rounds TCP is as closed as UDP.
const MAX_ROUNDS: u32 = 5;

/// How long TCP has to work alone before UDP counts as dead: when a path that was cut altogether
/// comes back, TCP may be a moment earlier.
const PROOF: Duration = Duration::from_secs(2);

/// A server has one address, sometimes a few: more is nonsense or an attack.
const MAX_REMOTES: usize = 8;

/// Opens TCP when UDP is silent, from the start or later. Holds no socket and no clock.
#[derive(Debug, Default)]
pub(super) struct TcpFallback {
    udp: Vec<SocketAddr>,
    tcp: Vec<SocketAddr>,
    due: VecDeque<SocketAddr>,
    rounds: u32,
    next_round: Option<Instant>,
    /// The last packet from one of `udp`.
    heard: Option<Instant>,
    takes_over_at: Option<Instant>,
    took_over: bool,
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
        if self.tcp.len() >= MAX_REMOTES || self.tcp.contains(&remote) {
            return;
        }
        self.tcp.push(remote);
        if self.rounds > 0 && self.is_silent(now) {
            self.due.push_back(remote);
        }
        self.next_round.get_or_insert(now + GRACE);
    }

    /// A UDP packet came. Only the peer's own addresses of this generation count: after an ICE
    /// restart packets of the old path say nothing about the new one.
    pub(super) fn handle_udp_packet(&mut self, now: Instant, source: SocketAddr) {
        if self.udp.contains(&source) {
            self.heard = Some(now);
            self.takes_over_at = None;
        }
    }

    /// A TCP connection stands.
    pub(super) fn handle_connected(&mut self, now: Instant) {
        if self.heard.is_some() && self.is_silent(now) && !self.took_over {
            self.takes_over_at.get_or_insert(now + PROOF);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.next_round, self.takes_over_at]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.next_round.is_some_and(|at| at <= now) {
            self.next_round = match self.heard {
                Some(heard) if !self.is_silent(now) => {
                    self.rounds = 0;
                    Some(heard + SILENCE)
                }
                _ => {
                    self.rounds += 1;
                    self.due.extend(&self.tcp);
                    (self.rounds < MAX_ROUNDS).then_some(now + RETRY)
                }
            };
        }
    }

    /// Returns the next address to connect to, unless there is a connection already.
    pub(super) fn poll_open(&mut self) -> Option<SocketAddr> {
        self.due.pop_front()
    }

    /// Returns true once when UDP is dead and TCP stands ready in its place. It takes an ICE restart:
    /// a peer that is being checked stays on the pair with the higher priority, dead or not.
    pub(super) fn poll_takeover(&mut self, now: Instant) -> bool {
        if self.takes_over_at.is_none_or(|at| at > now) {
            return false;
        }
        self.takes_over_at = None;
        self.took_over = true;
        true
    }

    fn is_silent(&self, now: Instant) -> bool {
        self.heard
            .is_none_or(|heard| now.saturating_duration_since(heard) >= SILENCE)
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

    fn fallback(start: Instant) -> TcpFallback {
        let (udp, tcp) = addresses();
        let mut fallback = TcpFallback::default();
        fallback.handle_udp(udp);
        fallback.handle_tcp(start, tcp);
        fallback
    }

    fn opened(fallback: &mut TcpFallback, now: Instant) -> Vec<SocketAddr> {
        fallback.handle_timeout(now);
        std::iter::from_fn(|| fallback.poll_open()).collect()
    }

    #[test]
    fn silence_on_udp_opens_tcp_after_the_grace() {
        let (start, (_, tcp)) = (Instant::now(), addresses());
        let mut fallback = fallback(start);

        assert_eq!(opened(&mut fallback, start + GRACE / 2), []);
        assert_eq!(opened(&mut fallback, start + GRACE), [tcp]);
        assert_eq!(opened(&mut fallback, start + GRACE * 2), []);
    }

    #[test]
    fn rounds_repeat_a_few_times_and_end() {
        let start = Instant::now();
        let mut fallback = fallback(start);

        let mut rounds = 0;
        while let Some(deadline) = fallback.deadline() {
            rounds += opened(&mut fallback, deadline).len();
        }

        assert_eq!(rounds, 5);
    }

    #[test]
    fn an_answer_on_udp_saves_the_connection() {
        let (start, (udp, _)) = (Instant::now(), addresses());
        let mut fallback = fallback(start);

        for second in 0..60 {
            let now = start + Duration::from_secs(second);
            fallback.handle_udp_packet(now, udp);
            assert_eq!(opened(&mut fallback, now + GRACE), []);
        }
    }

    #[test]
    fn packets_from_elsewhere_do_not_count() {
        let (start, (_, tcp)) = (Instant::now(), addresses());
        let mut fallback = fallback(start);

        fallback.handle_udp_packet(start, "203.0.113.1:9".parse().unwrap());

        assert_eq!(opened(&mut fallback, start + GRACE), [tcp]);
    }

    #[test]
    fn udp_that_dies_later_is_replaced_when_tcp_works_alone() {
        let (start, (udp, tcp)) = (Instant::now(), addresses());
        let mut fallback = fallback(start);
        fallback.handle_udp_packet(start, udp);
        assert_eq!(opened(&mut fallback, start + GRACE), []);

        let silent = start + SILENCE;
        assert_eq!(fallback.deadline(), Some(silent));
        assert_eq!(opened(&mut fallback, silent), [tcp]);
        fallback.handle_connected(silent);

        assert!(!fallback.poll_takeover(silent + PROOF / 2));
        assert!(fallback.poll_takeover(silent + PROOF));
        assert!(!fallback.poll_takeover(silent + PROOF * 2));
    }

    #[test]
    fn udp_that_comes_back_together_with_tcp_stays() {
        let (start, (udp, _)) = (Instant::now(), addresses());
        let mut fallback = fallback(start);
        fallback.handle_udp_packet(start, udp);
        opened(&mut fallback, start + GRACE);
        opened(&mut fallback, start + SILENCE);
        fallback.handle_connected(start + SILENCE);

        fallback.handle_udp_packet(start + SILENCE + PROOF / 2, udp);

        assert!(!fallback.poll_takeover(start + SILENCE + PROOF));
    }

    #[test]
    fn a_late_candidate_is_opened_at_once_when_udp_already_failed() {
        let start = Instant::now();
        let late = "192.0.2.2:7881".parse().unwrap();
        let mut fallback = fallback(start);
        opened(&mut fallback, start + GRACE);

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
