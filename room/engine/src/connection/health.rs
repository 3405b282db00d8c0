//! Decides what state a connection is in, from what ICE and DTLS report and from time passing.
//!
//! str0m knows no failure: it goes on checking a dead path. A connection fails when the path was
//! gone for [`GONE_IS_FAILED`], when it was not found within [`CONNECT_DEADLINE`], or when the peer
//! said goodbye and nobody closed the connection within [`GOODBYE_IS_FAILED`].

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::state::{ConnectionState, IceState};

/// How long a lost path may come back by itself before the connection counts as failed.
const GONE_IS_FAILED: Duration = Duration::from_secs(10);

/// Long enough for every relay and every repetition, short enough for someone who waits.
const CONNECT_DEADLINE: Duration = Duration::from_secs(15);

/// A server closes the transport and says why by its signalling, in any order: the reason shall be
/// heard before the connection counts as failed.
const GOODBYE_IS_FAILED: Duration = Duration::from_secs(1);

/// Holds no clock: time is an argument.
#[derive(Debug)]
pub(crate) struct Health {
    connection: ConnectionState,
    ice: IceState,
    /// DTLS was through once, so packets may be sent whatever ICE is doing.
    was_connected: bool,
    fails_at: Option<Instant>,
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
            changes: VecDeque::new(),
        }
    }

    pub(crate) fn was_connected(&self) -> bool {
        self.was_connected
    }

    /// ICE and DTLS are through.
    pub(crate) fn handle_connected(&mut self) {
        self.was_connected = true;
        self.fails_at = None;
        self.enter(ConnectionState::Connected);
    }

    pub(crate) fn handle_ice(&mut self, ice: IceState, now: Instant) {
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
            IceState::Disconnected => {
                self.fails_at = Some(now + GONE_IS_FAILED);
                self.enter(ConnectionState::Disconnected);
            }
            IceState::New
            | IceState::Connected
            | IceState::Completed
            | IceState::Failed
            | IceState::Closed => {}
        }
    }

    /// The addresses of this machine changed under a connection: whatever path it had, it needs a
    /// new one, and waiting for ICE to notice costs seconds.
    pub(crate) fn handle_path_lost(&mut self, now: Instant) {
        if self.connection == ConnectionState::Connected {
            self.handle_ice(IceState::Disconnected, now);
        }
    }

    /// The peer said goodbye.
    pub(crate) fn handle_goodbye(&mut self, now: Instant) {
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

    pub(crate) fn handle_closed(&mut self) {
        self.fails_at = None;
        self.enter_ice(IceState::Closed);
        self.enter(ConnectionState::Closed);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.fails_at
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.fails_at.is_some_and(|at| at <= now) {
            self.fail();
        }
    }

    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
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
    fn a_path_that_stays_away_fails_the_connection_after_ten_seconds() {
        let now = Instant::now();
        let mut health = connected(now);
        health.handle_ice(IceState::Disconnected, now);

        health.handle_timeout(now + Duration::from_millis(9_999));
        assert_eq!(states(&mut health), [ConnectionState::Disconnected]);
        health.handle_timeout(now + GONE_IS_FAILED);

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
        assert_eq!(states(&mut health), [ConnectionState::Disconnected]);
        health.handle_timeout(now + GOODBYE_IS_FAILED);

        assert_eq!(states(&mut health), [ConnectionState::Failed]);
    }

    #[test]
    fn a_failed_connection_comes_back_with_a_restart() {
        let now = Instant::now();
        let mut health = connected(now);
        health.handle_broken();

        health.handle_ice(IceState::Checking, now);
        health.handle_ice(IceState::Completed, now);

        use ConnectionState::{Connected, Connecting, Failed};
        assert_eq!(states(&mut health), [Failed, Connecting, Connected]);
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
