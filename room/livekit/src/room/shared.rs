//! What the handles and the driver of one connection share.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use livekit::{
    id::TrackSid,
    participant::LocalParticipant,
    prelude::{LocalTrackPublication, RemoteTrackPublication, TrackKind},
};
use parking_lot::Mutex;
use room_contract::{
    Identity, JoinError, JoinOptions, Listeners, ParticipantKind, RoomName, RpcRequest,
    Subscriptions,
};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{audience::Audience, heard::Heard, said::Said};
use crate::{nearby::Nearby, participants, track::Outlet};

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
    /// Others may be wanted that were not, or have come within reach of this process, or gone out of it.
    pub(crate) listen_anew: Arc<Notify>,
    nearby: Arc<Nearby>,
    /// Subscriptions asked for while the connection is built anew would be lost.
    held: AtomicBool,
    tracks: Mutex<Tracks>,
}

/// One's own.
#[derive(Default)]
struct Tracks {
    known: Vec<Arc<Outlet>>,
    /// Those that somebody received before they were known.
    early: Vec<TrackSid>,
}

impl Tracks {
    /// Tells those that are known by now of what came early.
    fn settle(&mut self) {
        for track in &self.known {
            let sid = track.sid();
            if self.early.extract_if(.., |early| *early == sid).count() > 0 {
                track.handle_subscription();
            }
        }
    }
}

impl Shared {
    pub(super) fn new(
        sdk: livekit::Room,
        options: JoinOptions,
        nearby: Arc<Nearby>,
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
            listen_anew: Arc::default(),
            nearby,
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

    /// Has those nearby hear a track of one's own.
    pub(crate) fn remember(&self, track: &Arc<Outlet>) {
        let mut tracks = self.tracks.lock();
        tracks.known.push(Arc::clone(track));
        track.relay.let_hear(self.audience.chosen());
        tracks.settle();
        drop(tracks);
        self.tell_nearby();
    }

    /// Ends what others hear of a track of one's own.
    pub(crate) fn forget(&self, track: &Arc<Outlet>) {
        track.relay.close();
        let mut tracks = self.tracks.lock();
        tracks.known.retain(|known| !Arc::ptr_eq(known, track));
    }

    /// Somebody receives a track of one's own for the first time.
    pub(super) fn handle_subscription(&self, sid: TrackSid) {
        match self.outlet(&sid) {
            Some(track) => track.handle_subscription(),
            None => self.tracks.lock().early.push(sid),
        }
    }

    /// A track of one's own has got another id.
    pub(super) fn republished(&self, previous: &TrackSid, publication: &LocalTrackPublication) {
        let mut tracks = self.tracks.lock();
        for track in &tracks.known {
            track.republished(previous, publication);
        }
        tracks.settle();
        drop(tracks);
        self.tell_nearby();
    }

    /// Returns a track of one's own.
    pub(super) fn outlet(&self, sid: &TrackSid) -> Option<Arc<Outlet>> {
        let tracks = self.tracks.lock();
        tracks
            .known
            .iter()
            .find(|track| track.sid() == *sid)
            .cloned()
    }

    /// Returns what there is to hear of a track without the server, and may be heard.
    pub(super) fn outlet_nearby(&self, who: &Identity, sid: &TrackSid) -> Option<Arc<Outlet>> {
        let granted = self
            .local()
            .permission()
            .is_none_or(|granted| granted.can_subscribe);
        if !granted || !self.subscriptions.lock().wants(who) {
            return None;
        }
        let outlet = self.nearby.find(&self.name, who)?.outlet(sid)?;
        outlet.relay.lets_hear(&self.identity).then_some(outlet)
    }

    /// Has those nearby look anew at what there is to hear of this one.
    pub(super) fn tell_nearby(&self) {
        self.nearby.tell_others(self);
    }

    /// Returns whether somebody may listen who is seen by nobody.
    pub(crate) fn has_hidden_listeners(&self) -> bool {
        self.nearby.are_overheard || self.sdk.active_recording()
    }

    /// Returns how loud one is, 0 to 1, if one speaks. The server does not know of what only those nearby hear.
    pub(super) fn loudness(&self) -> Option<f32> {
        let local = self.local();
        let by_server = local.is_speaking().then(|| local.audio_level());
        by_server.or_else(|| {
            let now = Instant::now();
            let tracks = self.tracks.lock();
            let nearby = tracks
                .known
                .iter()
                .filter_map(|track| track.relay.loudness(now));
            nearby.max_by(f32::total_cmp)
        })
    }

    /// Returns how loud somebody is who is heard without the server.
    pub(super) fn loudness_nearby(&self, who: &Identity) -> Option<f32> {
        let other = self.nearby.find(&self.name, who)?;
        if !other.audience.chosen().include(&self.identity) {
            return None;
        }
        other.loudness()
    }

    /// Is heard by nobody any more.
    pub(super) fn depart(&self) {
        self.nearby.leave(self);
        for track in self.tracks.lock().known.drain(..) {
            track.relay.close();
        }
    }

    /// Asks for no subscription until [`restore`](Self::restore).
    pub(super) fn hold_subscriptions(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Makes good what the SDK forgets when it builds a connection anew.
    pub(super) fn restore(self: &Arc<Self>) {
        self.held.store(false, Ordering::Release);
        self.listen_anew.notify_one();
        let shared = Arc::clone(self);
        self.tasks
            .spawn(async move { shared.said.repeat(&shared.local()).await });
    }

    /// Chooses who may hear what one publishes; the server is told as soon as it can be.
    pub(super) fn let_hear(self: &Arc<Self>, listeners: &Listeners) {
        self.audience.choose(listeners.clone());
        for track in &self.tracks.lock().known {
            track.relay.let_hear(listeners.clone());
        }
        self.tell_nearby();
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            if shared.audience.settle(&shared.local()).await.is_err() {
                tracing::debug!("the server could not be told who may hear");
            }
        });
    }

    /// Subscribes or unsubscribes one track at the server, which has no need to send what there is to hear nearby.
    /// Pictures are never subscribed to.
    pub(super) fn apply_subscription(&self, who: &Identity, publication: &RemoteTrackPublication) {
        let audio = publication.kind() == TrackKind::Audio;
        let wanted = audio
            && self.subscriptions.lock().wants(who)
            && self.nearby.find(&self.name, who).is_none();
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
