//! One's own track as the others know it.

use std::sync::Arc;

use livekit::{id::TrackSid, prelude::LocalTrackPublication};
use parking_lot::Mutex;
use room_contract::{AudioFormat, AudioStream, Identity, Muting};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::relay::Relay;

/// Stays while the track is published, whoever holds a handle to it.
pub(crate) struct Outlet {
    /// What the SDK holds now; another one after a full reconnection.
    publication: Mutex<LocalTrackPublication>,
    subscribed: CancellationToken,
    reach: Mutex<Reach>,
    pub(crate) relay: Arc<Relay>,
}

/// Who is known to listen.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    /// Somebody whom the server sends it to. It tells of the first one, and never of the last.
    by_server: bool,
    /// Somebody of this process; so the server has published the track.
    nearby: bool,
}

impl Outlet {
    pub(super) fn new(
        publication: LocalTrackPublication,
        format: AudioFormat,
        news: Arc<Notify>,
    ) -> Self {
        Self {
            publication: Mutex::new(publication),
            subscribed: CancellationToken::new(),
            reach: Mutex::default(),
            relay: Arc::new(Relay::new(format, news)),
        }
    }

    /// Takes the publication that came in place of its own.
    pub(crate) fn republished(&self, previous: &TrackSid, publication: &LocalTrackPublication) {
        let mut current = self.publication.lock();
        if current.sid() == *previous {
            *current = publication.clone();
            *self.reach.lock() = Reach::default();
        }
    }

    /// Returns the id that it is known by at present.
    pub(crate) fn sid(&self) -> TrackSid {
        self.publication.lock().sid()
    }

    /// Opens a stream for somebody of this process. None if the rates do not convert.
    pub(crate) fn listen(&self, who: &Identity, format: AudioFormat) -> Option<AudioStream> {
        let stream = self.relay.listen(who, format)?;
        self.reach.lock().nearby = true;
        self.subscribed.cancel();
        Some(stream)
    }

    /// The server sends it to somebody.
    pub(crate) fn handle_subscription(&self) {
        self.reach.lock().by_server = true;
        self.subscribed.cancel();
    }

    /// Returns whether all who are known to listen are nearby.
    pub(super) fn is_for_those_nearby(&self) -> bool {
        let reach = *self.reach.lock();
        reach.nearby && !reach.by_server
    }

    pub(super) async fn subscribed(&self) {
        self.subscribed.cancelled().await;
    }

    pub(super) fn mute(&self, to: Muting) {
        let publication = self.publication.lock().clone();
        match to {
            Muting::Muted => publication.mute(),
            Muting::Unmuted => publication.unmute(),
        }
        self.handle_muting();
    }

    /// It was silenced or opened, by whomever.
    pub(crate) fn handle_muting(&self) {
        let muted = self.publication.lock().is_muted();
        self.relay.set_muted(muted);
    }
}
