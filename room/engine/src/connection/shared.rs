//! What the handle and the loop of a connection both see.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::channel::DataChannel;
use crate::description::Description;
use crate::events::{EventQueue, Handlers};
use crate::latch::Latch;
use crate::net::{IceServer, TransportPolicy};
use crate::state::{ConnectionState, IceState, SignalingState};
use crate::transceiver::Transceiver;

/// The loop writes it after each change, anybody reads it without waiting for the loop. Audio
/// never passes through it.
pub(crate) struct Shared {
    pub(crate) snapshot: Mutex<Snapshot>,
    /// Ends the loop.
    pub(crate) closing: CancellationToken,
    /// Set once the loop has ended and its sockets are released.
    pub(crate) closed: Latch,
    pub(crate) events: Arc<EventQueue>,
    pub(crate) handlers: Arc<Handlers>,
}

pub(crate) struct Snapshot {
    pub(crate) connection: ConnectionState,
    pub(crate) ice: IceState,
    pub(crate) signaling: SignalingState,
    pub(crate) local: Option<Description>,
    pub(crate) remote: Option<Description>,
    /// In the order they were added, by either side.
    pub(crate) transceivers: Vec<Transceiver>,
    /// Channels that are not closed yet.
    pub(crate) channels: Vec<DataChannel>,
    /// Servers that the loop has not been told about yet.
    pub(crate) new_servers: Option<(Vec<IceServer>, TransportPolicy)>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            snapshot: Mutex::new(Snapshot {
                connection: ConnectionState::New,
                ice: IceState::New,
                signaling: SignalingState::Stable,
                local: None,
                remote: None,
                transceivers: Vec::new(),
                channels: Vec::new(),
                new_servers: None,
            }),
            closing: CancellationToken::new(),
            closed: Latch::default(),
            events: Arc::default(),
            handlers: Arc::default(),
        }
    }

    /// Lets the loop write its news. A connection that was closed meanwhile stays as it is.
    pub(crate) fn publish(&self, write: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = self.snapshot.lock();
        if snapshot.signaling != SignalingState::Closed {
            write(&mut snapshot);
        }
    }

    /// Closes the connection: the states say so at once, the loop says goodbye to the peer.
    pub(crate) fn close(&self) {
        let transceivers = {
            let mut snapshot = self.snapshot.lock();
            snapshot.connection = ConnectionState::Closed;
            snapshot.ice = IceState::Closed;
            snapshot.signaling = SignalingState::Closed;
            std::mem::take(&mut snapshot.transceivers)
        };
        for transceiver in transceivers {
            transceiver.end();
        }
        self.closing.cancel();
    }
}
