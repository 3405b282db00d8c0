//! One participant of a test, whose events are kept and who hears everybody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use livekit::prelude::*;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    ear::{Ear, Recording},
    history::History,
    logging, soon,
    voice::Voice,
};

/// A participant. It leaves without a word when dropped; [`leave`](Self::leave) is the polite way.
pub(crate) struct Guest {
    pub(crate) room: Arc<Room>,
    pub(crate) history: Arc<History>,
    ears: Arc<Ears>,
    /// Events before this are forgotten.
    mark: usize,
    _pump: JoinSet<()>,
}

type Ears = Mutex<HashMap<String, Arc<Ear>>>;

impl Guest {
    /// Joins a room.
    pub(crate) async fn join(url: &str, token: &str, options: RoomOptions) -> Result<Self> {
        logging::start();
        let (room, events) = soon("joining", Room::connect(url, token, options)).await??;
        let history = Arc::new(History::new());
        let ears = Arc::new(Ears::default());
        let mut pump = JoinSet::new();
        pump.spawn(attend(events, history.clone(), ears.clone()));
        Ok(Self {
            room: Arc::new(room),
            history,
            ears,
            mark: 0,
            _pump: pump,
        })
    }

    /// Publishes a microphone with a tone.
    pub(crate) async fn speak(&self, hertz: f32) -> Result<Voice> {
        soon("publishing", Voice::publish(&self.room, hertz)).await?
    }

    /// Takes a voice back.
    pub(crate) async fn hush(&self, voice: Voice) -> Result<()> {
        let me = self.room.local_participant();
        soon("unpublishing", me.unpublish_track(&voice.publication.sid())).await??;
        Ok(())
    }

    /// Returns the ear for somebody, who need not be there yet.
    pub(crate) fn ear(&self, identity: &str) -> Arc<Ear> {
        ear(&self.ears, identity)
    }

    /// Returns the next `duration` of somebody's sound.
    pub(crate) async fn hear(&self, identity: &str, duration: Duration) -> Result<Recording> {
        let me = self.identity();
        let sound = self.ear(identity).hear(duration).await;
        sound.with_context(|| format!("{me} hears {identity}"))
    }

    pub(crate) fn identity(&self) -> String {
        self.room.local_participant().identity().to_string()
    }

    /// Forgets the events so far: what is asked from here on is about later ones.
    pub(crate) fn forget(&mut self) {
        self.mark = self.history.len();
    }

    /// Waits for an event that was not forgotten.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        pick: impl Fn(&RoomEvent) -> Option<T>,
    ) -> Result<(Instant, T)> {
        let me = self.identity();
        let what = format!("{what} at {me}");
        soon(&what, self.history.first(self.mark, pick)).await
    }

    /// Returns how many events were like this, apart from forgotten ones.
    pub(crate) fn count(&self, like: impl Fn(&RoomEvent) -> bool) -> usize {
        let pick = |event: &RoomEvent| like(event).then_some(());
        self.history.pick(self.mark, pick).len()
    }

    /// Says good-bye.
    pub(crate) async fn leave(self) -> Result<()> {
        soon("leaving", self.room.close()).await??;
        Ok(())
    }
}

fn ear(ears: &Ears, identity: &str) -> Arc<Ear> {
    let mut ears = ears.lock().unwrap_or_else(PoisonError::into_inner);
    ears.entry(identity.to_owned())
        .or_insert_with(|| Arc::new(Ear::new()))
        .clone()
}

/// Keeps all events and listens to every audio track while it is subscribed.
async fn attend(
    mut events: mpsc::UnboundedReceiver<RoomEvent>,
    history: Arc<History>,
    ears: Arc<Ears>,
) {
    let mut listening = JoinSet::new();
    let mut listeners = HashMap::new();
    while let Some(event) = events.recv().await {
        match &event {
            RoomEvent::TrackSubscribed {
                track: RemoteTrack::Audio(track),
                participant,
                ..
            } => {
                let ear = ear(&ears, participant.identity().as_str());
                let sound = track.rtc_track();
                let listener = listening.spawn(async move { ear.listen(sound).await });
                listeners.insert(track.sid(), listener);
            }
            RoomEvent::TrackUnsubscribed { track, .. } => {
                // A section may carry another track next: who still listens would hear that.
                if let Some(listener) = listeners.remove(&track.sid()) {
                    listener.abort();
                }
            }
            _ => {}
        }
        history.add(event);
    }
    // The room is gone, and with it the tracks.
    while listening.join_next().await.is_some() {}
}
