//! Decides what state a connection is in, from what ICE and DTLS report and from time passing.
//!
//! str0m knows no failure: it goes on checking a dead path. A connection fails when the path was
//! silent for [`SILENT_IS_FAILED`], when it was not found within [`CONNECT_DEADLINE`], or when the
//! peer said goodbye and nobody closed the connection within [`GOODBYE_IS_FAILED`]. It stays failed
//! until ICE is restarted (W3C WebRTC, `RTCIceTransportState`), though a path may be found again and
//! carry packets before: whoever restarts ICE can tell by the state that the restart was through.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::state::{ConnectionState, IceState};

/// A living path brings an answer to a check every 1.5 seconds: three are missing.
const SILENT_IS_DISCONNECTED: Duration = Duration::from_secs(5);

/// How long a path may be silent and still come back by itself. Servers wait about as long.
const SILENT_IS_FAILED: Duration = Duration::from_secs(15);

/// Long enough for every relay and every repetition, short enough for someone who waits.
const CONNECT_DEADLINE: Duration = Duration::from_secs(15);

/// A server closes the transport and says why by its signalling, in any order: the reason shall be
/// heard before the connection counts as failed.
const GOODBYE_IS_FAILED: Duration = Duration::from_millis(500);

/// Holds no clock: time is an argument.
#[derive(Debug)]
pub(crate) struct Health {
    connection: ConnectionState,
    ice: IceState,
    /// DTLS was through once, so packets may be sent whatever ICE is doing.
    was_connected: bool,
    fails_at: Option<Instant>,
    /// When the last packet came.
    heard: Option<Instant>,
    /// Whatever still comes from the peer is no sign of life.
    has_gone: bool,
    changes: VecDeque<Change>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Connection(ConnectionState),
    Ice(IceState),
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            connection: ConnectionState::New,
            ice: IceState::New,
            was_connected: false,
            fails_at: None,
            heard: None,
            has_gone: false,
            changes: VecDeque::new(),
        }
    }

    pub(crate) fn was_connected(&self) -> bool {
        self.was_connected
    }

    /// The peer said goodbye.
    pub(crate) fn has_gone(&self) -> bool {
        self.has_gone
    }

    /// The peer said goodbye, and nothing came of it.
    pub(crate) fn has_failed_for_good(&self) -> bool {
        self.has_gone && self.connection == ConnectionState::Failed
    }

    /// ICE and DTLS are through.
    pub(crate) fn handle_connected(&mut self) {
        self.was_connected = true;
        if self.connection == ConnectionState::Failed {
            return;
        }
        self.fails_at = None;
        self.enter(ConnectionState::Connected);
    }

    pub(crate) fn handle_ice(&mut self, ice: IceState, now: Instant) {
        if self.connection == ConnectionState::Failed {
            return;
        }
        self.enter_ice(ice);
        match ice {
            IceState::Checking => {
                self.fails_at = Some(now + CONNECT_DEADLINE);
                self.enter(ConnectionState::Connecting);
            }
            IceState::Connected | IceState::Completed if self.was_connected => {
                self.fails_at = None;
                self.enter(ConnectionState::Connected);
            }
            IceState::Disconnected => self.lose_path(now),
            IceState::New
            | IceState::Connected
            | IceState::Completed
            | IceState::Failed
            | IceState::Closed => {}
        }
    }

    /// Something came from the network.
    pub(crate) fn handle_packet(&mut self, now: Instant) {
        self.heard = Some(now);
        if self.connection == ConnectionState::Disconnected && !self.has_gone {
            self.fails_at = None;
            self.enter_ice(IceState::Connected);
            self.enter(ConnectionState::Connected);
        }
    }

    /// The path in use went with an address of this machine. It takes an ICE restart, which is what
    /// a failure asks for; waiting for ICE to notice costs seconds.
    pub(crate) fn handle_path_lost(&mut self) {
        if self.was_connected {
            self.fail();
        }
    }

    /// The peer said goodbye.
    pub(crate) fn handle_goodbye(&mut self, now: Instant) {
        self.has_gone = true;
        self.fails_at = Some(now + GOODBYE_IS_FAILED);
        self.enter_ice(IceState::Disconnected);
        self.enter(ConnectionState::Disconnected);
    }

    /// The transport cannot go on.
    pub(crate) fn handle_broken(&mut self) {
        self.fail();
    }

    /// An exchange was completed: from here on a path has to be found in time.
    pub(crate) fn handle_negotiated(&mut self, now: Instant) {
        if self.connection == ConnectionState::New {
            self.fails_at = Some(now + CONNECT_DEADLINE);
            self.enter(ConnectionState::Connecting);
        }
    }

    /// ICE begins anew.
    pub(crate) fn handle_restart(&mut self, now: Instant) {
        if self.connection == ConnectionState::Failed && !self.has_gone {
            self.fails_at = Some(now + CONNECT_DEADLINE);
            self.enter_ice(IceState::Checking);
            self.enter(ConnectionState::Connecting);
        }
    }

    pub(crate) fn handle_closed(&mut self) {
        self.fails_at = None;
        self.enter_ice(IceState::Closed);
        self.enter(ConnectionState::Closed);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        [self.fails_at, self.silent_at()]
            .into_iter()
            .flatten()
            .min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.silent_at().is_some_and(|at| at <= now) {
            self.enter_ice(IceState::Disconnected);
            self.lose_path(now);
        }
        if self.fails_at.is_some_and(|at| at <= now) {
            self.fail();
        }
    }

    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// When a connected path counts as lost unless something comes.
    fn silent_at(&self) -> Option<Instant> {
        let is_connected = self.connection == ConnectionState::Connected;
        self.heard
            .filter(|_| is_connected)
            .map(|heard| heard + SILENT_IS_DISCONNECTED)
    }

    /// A goodbye fails sooner.
    fn lose_path(&mut self, now: Instant) {
        if !self.has_gone {
            self.fails_at = Some(self.heard.unwrap_or(now) + SILENT_IS_FAILED);
            self.enter(ConnectionState::Disconnected);
        }
    }

    fn fail(&mut self) {
        self.fails_at = None;
        self.enter_ice(IceState::Failed);
        self.enter(ConnectionState::Failed);
    }

    fn enter(&mut self, state: ConnectionState) {
        if self.connection != state && self.connection != ConnectionState::Closed {
            self.connection = state;
            self.changes.push_back(Change::Connection(state));
        }
    }

    fn enter_ice(&mut self, state: IceState) {
        if self.ice != state && self.ice != IceState::Closed {
            self.ice = state;
            self.changes.push_back(Change::Ice(state));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(health: &mut Health) -> Vec<ConnectionState> {
        std::iter::from_fn(|| health.poll_change())
            .filter_map(|change| match change {
                Change::Connection(state) => Some(state),
                Change::Ice(_) => None,
            })
            .collect()
    }

    fn connected(now: Instant) -> Health {
        let mut health = Health::new();
        health.handle_negotiated(now);
        health.handle_ice(IceState::Checking, now);
        health.handle_ice(IceState::Completed, now);
        health.handle_connected();
        states(&mut health);
        health
    }

    #[test]
    fn ice_alone_is_not_connected_before_dtls() {
        let (mut health, now) = (Health::new(), Instant::now());

        health.handle_negotiated(now);
        health.handle_ice(IceState::Completed, now);
        assert_eq!(states(&mut health), [ConnectionState::Connecting]);

        health.handle_connected();
        assert_eq!(states(&mut health), [ConnectionState::Connected]);
    }

    #[test]
    fn a_restart_passes_through_connecting_back_to_connected() {
        let now = Instant::now();
        let mut health = connected(now);

        health.handle_ice(IceState::Checking, now);
        health.handle_ice(IceState::Completed, now);

        let expected = [ConnectionState::Connecting, ConnectionState::Connected];
        assert_eq!(states(&mut health), expected);
        assert_eq!(health.deadline(), None);
    }

    #[test]
    fn silence_disconnects_after_five_seconds_and_fails_after_fifteen() {
        let now = Instant::now();
        let mut health = connected(now);
        health.handle_packet(now);

        assert_eq!(health.deadline(), Some(now + SILENT_IS_DISCONNECTED));
        health.handle_timeout(now + SILENT_IS_DISCONNECTED);
        assert_eq!(states(&mut health), [ConnectionState::Disconnected]);

        assert_eq!(health.deadline(), Some(now + SILENT_IS_FAILED));
        health.handle_timeout(now + SILENT_IS_FAILED);
        assert_eq!(states(&mut health), [ConnectionState::Failed]);
    }

    #[test]
    fn a_path_that_comes_back_in_time_is_connected_with_its_first_packet() {
        let now = Instant::now();
        let mut health = connected(now);
        health.handle_packet(now);
        health.handle_timeout(now + SILENT_IS_DISCONNECTED);

        health.handle_packet(now + SILENT_IS_DISCONNECTED * 2);
        health.handle_timeout(now + SILENT_IS_FAILED - Duration::from_secs(1));

        use ConnectionState::{Connected, Disconnected};
        assert_eq!(states(&mut health), [Disconnected, Connected]);
    }

    #[test]
    fn a_lost_address_fails_at_once_and_ice_giving_up_later_is_no_news() {
        let now = Instant::now();
        let mut health = connected(now);

        health.handle_path_lost();
        health.handle_ice(IceState::Disconnected, now);
        health.handle_timeout(now + SILENT_IS_FAILED * 2);

        assert_eq!(states(&mut health), [ConnectionState::Failed]);
    }

    #[test]
    fn a_path_that_is_never_found_fails_after_fifteen_seconds() {
        let (mut health, now) = (Health::new(), Instant::now());
        health.handle_negotiated(now);

        health.handle_timeout(now + CONNECT_DEADLINE);

        let expected = [ConnectionState::Connecting, ConnectionState::Failed];
        assert_eq!(states(&mut health), expected);
    }

    #[test]
    fn a_goodbye_is_a_failure_only_when_nobody_closes() {
        let now = Instant::now();
        let mut health = connected(now);

        health.handle_goodbye(now);
        health.handle_packet(now);
        health.handle_ice(IceState::Disconnected, now);
        assert_eq!(states(&mut health), [ConnectionState::Disconnected]);
        health.handle_timeout(now + GOODBYE_IS_FAILED);

        assert_eq!(states(&mut health), [ConnectionState::Failed]);
    }

    #[test]
    fn a_failed_connection_comes_back_with_a_restart_and_not_before() {
        let now = Instant::now();
        let mut health = connected(now);
        let found = |health: &mut Health| {
            health.handle_ice(IceState::Checking, now);
            health.handle_ice(IceState::Completed, now);
            states(health)
        };
        health.handle_broken();

        use ConnectionState::{Connected, Connecting, Failed};
        assert_eq!(found(&mut health), [Failed]);
        health.handle_restart(now);
        assert_eq!(found(&mut health), [Connecting, Connected]);
        assert_eq!(health.deadline(), None);
    }

    #[test]
    fn a_restart_that_leads_nowhere_fails_in_time() {
        let now = Instant::now();
        let mut health = connected(now);
        health.handle_broken();

        health.handle_restart(now);
        health.handle_timeout(now + CONNECT_DEADLINE);

        use ConnectionState::{Connecting, Failed};
        assert_eq!(states(&mut health), [Failed, Connecting, Failed]);
    }

    #[test]
    fn closed_is_final() {
        let now = Instant::now();
        let mut health = connected(now);
        health.handle_closed();

        health.handle_ice(IceState::Checking, now);
        health.handle_connected();

        assert_eq!(states(&mut health), [ConnectionState::Closed]);
    }
}
