//! Who is in the room: two of ours, stock libwebrtc and Chromium, each with a tone of its own.

use futures_util::future::{join_all, try_join_all};
use tests_harness::{Peer, PeerKind, TestServer, Token};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) const ROOM: &str = "interop";
/// What everybody sends, RMS in dBFS.
pub(crate) const LEVEL: f32 = -20.0;

/// One in the room.
pub(crate) struct Player {
    pub(crate) identity: &'static str,
    pub(crate) kind: PeerKind,
    /// Far enough apart that no tone is a harmonic or a neighbour of another.
    pub(crate) hertz: f32,
    pub(crate) is_agent: bool,
}

pub(crate) const PLAYERS: [Player; 4] = [
    Player {
        identity: "ours-1",
        kind: PeerKind::Rust,
        hertz: 440.0,
        is_agent: true,
    },
    Player {
        identity: "ours-2",
        kind: PeerKind::Rust,
        hertz: 620.0,
        is_agent: false,
    },
    Player {
        identity: "stock",
        kind: PeerKind::Python,
        hertz: 830.0,
        is_agent: false,
    },
    Player {
        identity: "browser",
        kind: PeerKind::Chromium,
        hertz: 1070.0,
        is_agent: false,
    },
];

/// A server and everybody in it.
pub(crate) struct Cast {
    pub(crate) peers: Vec<Peer>,
    pub(crate) server: TestServer,
    /// Tests of sound take turns: two at once on a small machine would measure the machine.
    _turn: MutexGuard<'static, ()>,
}

impl Cast {
    /// Starts everybody and lets them join, in this order.
    pub(crate) async fn assemble() -> Self {
        let turn = turn().await;
        let server = TestServer::start().await.unwrap();
        let peers = try_join_all(PLAYERS.map(|player| Peer::start(player.kind)))
            .await
            .unwrap();
        for (player, peer) in PLAYERS.iter().zip(&peers) {
            peer.join(&server.url(), &token(&server, player))
                .await
                .unwrap();
        }
        Self {
            peers,
            server,
            _turn: turn,
        }
    }

    /// Lets everybody publish their tone.
    pub(crate) async fn sound(&self) {
        let published = PLAYERS.iter().zip(&self.peers);
        join_all(published.map(|(player, peer)| peer.publish_tone(player.hertz, LEVEL)))
            .await
            .into_iter()
            .for_each(|sid| assert!(!sid.unwrap().is_empty()));
    }

    /// All pairs of different players, with their peers: who acts and who perceives.
    pub(crate) fn pairs(&self) -> Vec<(Actor<'_>, Actor<'_>)> {
        let actors = || PLAYERS.iter().zip(&self.peers);
        actors()
            .flat_map(|one| actors().map(move |other| (one, other)))
            .filter(|(one, other)| one.0.identity != other.0.identity)
            .collect()
    }

    /// Everybody leaves, and the server had nothing to complain about.
    pub(crate) async fn leave(self) {
        for left in join_all(self.peers.into_iter().map(Peer::leave)).await {
            left.unwrap();
        }
        self.server.finish().await.unwrap();
    }
}

/// A player and the program that plays it.
pub(crate) type Actor<'a> = (&'a Player, &'a Peer);

/// Waits until no other test of this program makes sound.
pub(crate) async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

fn token(server: &TestServer, player: &Player) -> String {
    let token = Token::new(ROOM, player.identity)
        .named("A Name")
        .attribute("since", "joining");
    let token = if player.is_agent {
        token.agent()
    } else {
        token
    };
    token.sign(server.api_key(), server.api_secret()).unwrap()
}
