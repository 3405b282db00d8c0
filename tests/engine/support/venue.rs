//! A server of a test's own, and whether others may use the machine meanwhile.

use anyhow::Result;
use livekit::RoomOptions;
use room_launcher::Options;
use tests_harness::TestServer;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::guest::Guest;

/// The room of every test; each test has a server of its own.
const ROOM: &str = "hall";

/// Tests that count what the process uses must run alone in it.
static MACHINE: RwLock<()> = RwLock::const_new(());

/// A server for one test.
pub(crate) struct Venue {
    pub(crate) server: TestServer,
    _turn: Turn,
}

#[expect(dead_code, reason = "held, not read")]
enum Turn {
    Together(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

impl Venue {
    /// Starts a server.
    pub(crate) async fn open() -> Result<Self> {
        Self::open_with(Options::default()).await
    }

    /// Starts a server with other settings.
    pub(crate) async fn open_with(options: Options) -> Result<Self> {
        let turn = Turn::Together(MACHINE.read().await);
        let server = TestServer::start_with(options).await?;
        Ok(Self {
            server,
            _turn: turn,
        })
    }

    /// Starts a server when no other test runs, and keeps the others waiting.
    pub(crate) async fn open_alone() -> Result<Self> {
        let turn = Turn::Alone(MACHINE.write().await);
        let server = TestServer::start().await?;
        Ok(Self {
            server,
            _turn: turn,
        })
    }

    /// Lets somebody join.
    pub(crate) async fn guest(&self, identity: &str) -> Result<Guest> {
        self.guest_with(identity, RoomOptions::default()).await
    }

    /// Lets somebody join in a way of their own.
    pub(crate) async fn guest_with(&self, identity: &str, options: RoomOptions) -> Result<Guest> {
        Guest::join(&self.server.url(), &self.token(identity)?, options).await
    }

    /// Returns a token for the one room.
    pub(crate) fn token(&self, identity: &str) -> Result<String> {
        self.server.token(ROOM, identity)
    }
}
