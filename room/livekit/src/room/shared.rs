//! What the handles and the driver of one connection share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use livekit::{
    id::TrackSid,
    participant::LocalParticipant,
    prelude::{RemoteTrackPublication, TrackKind},
};
use parking_lot::Mutex;
use room_contract::{
    Identity, JoinError, JoinOptions, Listeners, ParticipantKind, RoomName, RpcRequest,
    Subscriptions,
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{audience::Audience, heard::Heard, said::Said};
use crate::{participants, track::Published};

pub(crate) struct Shared {
    pub(crate) sdk: livekit::Room,
    pub(crate) name: RoomName,
    pub(crate) identity: Identity,
    pub(crate) subscriptions: Mutex<Subscriptions>,
    /// The others' tracks that can be listened to.
    pub(crate) heard: Heard,
    /// One's own methods. Each is held here alone, so that the calls end with the connection.
    pub(crate) methods: Mutex<HashMap<String, mpsc::Sender<RpcRequest>>>,
    /// Somebody wants to leave.
    pub(crate) leave: CancellationToken,
    /// The connection is over.
    pub(crate) gone: CancellationToken,
    /// The server was told, or could not be.
    pub(crate) closed: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(super) said: Said,
    /// Who may hear what one publishes.
    pub(super) audience: Audience,
    /// Subscriptions asked for while the connection is built anew would be lost.
    held: AtomicBool,
    tracks: Mutex<Tracks>,
}

/// One's own.
#[derive(Default)]
struct Tracks {
    known: Vec<Weak<Published>>,
    /// Those that somebody received before they were known.
    early: Vec<TrackSid>,
}

impl Shared {
    pub(super) fn new(
        sdk: livekit::Room,
        options: JoinOptions,
        tasks: TaskTracker,
        leave: CancellationToken,
    ) -> Result<Self, JoinError> {
        let garbled = |error| JoinError::Garbled(Box::new(error));
        Ok(Self {
            name: RoomName::new(sdk.name()).map_err(garbled)?,
            identity: Identity::new(sdk.local_participant().identity().0).map_err(garbled)?,
            said: Said::new(&sdk.local_participant()),
            sdk,
            subscriptions: Mutex::new(Subscriptions::new(options.subscribing)),
            heard: Heard::default(),
            methods: Mutex::new(HashMap::new()),
            leave,
            gone: CancellationToken::new(),
            closed: CancellationToken::new(),
            tasks,
            audience: Audience::default(),
            held: AtomicBool::new(false),
            tracks: Mutex::default(),
        })
    }

    pub(crate) fn local(&self) -> LocalParticipant {
        self.sdk.local_participant()
    }

    pub(crate) fn kind(&self) -> ParticipantKind {
        participants::kind(self.local().kind())
    }

    /// Remembers a track of one's own, for when it gets another id.
    pub(crate) fn remember(&self, track: &Arc<Published>) {
        let mut tracks = self.tracks.lock();
        tracks.known.retain(|track| track.strong_count() > 0);
        tracks.known.push(Arc::downgrade(track));
        let sid = track.sid();
        if tracks.early.extract_if(.., |early| *early == sid).count() > 0 {
            track.handle_subscription();
        }
    }

    /// Somebody receives a track of one's own for the first time.
    pub(super) fn handle_subscription(&self, sid: TrackSid) {
        let mut tracks = self.tracks.lock();
        let mut known = tracks.known.iter().filter_map(Weak::upgrade);
        match known.find(|track| track.sid() == sid) {
            Some(track) => track.handle_subscription(),
            None => tracks.early.push(sid),
        }
    }

    pub(super) fn tracks(&self) -> Vec<Arc<Published>> {
        let tracks = self.tracks.lock();
        tracks.known.iter().filter_map(Weak::upgrade).collect()
    }

    /// Asks for no subscription until [`restore`](Self::restore).
    pub(super) fn hold_subscriptions(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Makes good what the SDK forgets when it builds a connection anew.
    pub(super) fn restore(self: &Arc<Self>) {
        self.held.store(false, Ordering::Release);
        self.apply_subscriptions();
        let shared = Arc::clone(self);
        self.tasks
            .spawn(async move { shared.said.repeat(&shared.local()).await });
    }

    /// Chooses who may hear what one publishes; the server is told as soon as it can be.
    pub(super) fn let_hear(self: &Arc<Self>, listeners: Listeners) {
        self.audience.choose(listeners);
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            if shared.audience.settle(&shared.local()).await.is_err() {
                tracing::debug!("the server could not be told who may hear");
            }
        });
    }

    /// Brings all subscriptions in line with the rule.
    pub(super) fn apply_subscriptions(&self) {
        for other in self.sdk.remote_participants().values() {
            let Some(identity) = participants::identity(other) else {
                continue;
            };
            for publication in other.track_publications().values() {
                self.apply_subscription(&identity, publication);
            }
        }
    }

    /// Subscribes or unsubscribes one track. Pictures are never subscribed to.
    pub(super) fn apply_subscription(&self, who: &Identity, publication: &RemoteTrackPublication) {
        let audio = publication.kind() == TrackKind::Audio;
        let wanted = audio && self.subscriptions.lock().wants(who);
        if self.held.load(Ordering::Acquire) {
            return;
        }
        // One that was asked for and lost is asked for again.
        let lost = wanted && publication.track().is_none();
        if lost || publication.is_desired() != wanted {
            publication.set_subscribed(wanted);
        }
    }
}
