//! Somebody who waits: listens to the music, and may sing.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use room_contract::{
    Admission, AudioFormat, Identity, JoinOptions, LocalTrack, PublishOptions, Room, RoomEvent,
    RoomEvents, RoomName, Rooms, circle::moved_to,
};
use room_media::{Dbfs, Level, SampleRate, tone::Tone};
use tokio::task::JoinSet;

const FORMAT: AudioFormat = AudioFormat::mono(8_000);

/// Leaves when dropped.
pub(crate) struct Guest {
    pub(crate) room: Arc<dyn Room>,
    track: Arc<dyn LocalTrack>,
    heard: Arc<Mutex<Vec<i16>>>,
    singing: Mutex<JoinSet<()>>,
    _listening: JoinSet<()>,
}

impl Guest {
    pub(crate) async fn enter(
        rooms: &dyn Rooms,
        room: &RoomName,
        who: &str,
        circle: Option<&str>,
    ) -> Self {
        let mut admission = Admission::person(room.clone(), Identity::new(who).unwrap());
        admission.attributes = moved_to(circle);
        let token = rooms.token(&admission).unwrap();
        let joined = rooms.join(&token, JoinOptions::default()).await.unwrap();
        let track = joined.room.publish(PublishOptions::voice("voice")).await;
        let heard = Arc::<Mutex<Vec<i16>>>::default();
        let mut listening = JoinSet::new();
        listening.spawn(listen(
            Arc::clone(&joined.room),
            joined.events,
            Arc::clone(&heard),
        ));
        Self {
            room: joined.room,
            track: track.unwrap(),
            heard,
            singing: Mutex::default(),
            _listening: listening,
        }
    }

    /// Returns how loud the music is from here on, in dBFS.
    pub(crate) async fn hears_for(&self, ms: u64) -> f32 {
        self.heard.lock().clear();
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Level::of(&self.heard.lock()).rms.decibels()
    }

    pub(crate) fn begins_to_sing(&self) {
        let track = Arc::clone(&self.track);
        let mut tone = Tone::new(SampleRate::HZ_24000, 440.0, Dbfs::new(-20.0));
        self.singing
            .lock()
            .spawn(async move { while track.capture(&tone.take(480)).await.is_ok() {} });
    }

    pub(crate) fn stops_singing(&self) {
        self.singing.lock().abort_all();
        self.track.clear();
    }
}

/// Remembers what comes from the musician.
async fn listen(room: Arc<dyn Room>, mut events: RoomEvents, heard: Arc<Mutex<Vec<i16>>>) {
    let mut listening = JoinSet::new();
    while let Some(event) = events.next().await {
        let RoomEvent::TrackSubscribed { identity, track } = event else {
            continue;
        };
        if !identity.as_str().starts_with("music-") {
            continue;
        }
        let Ok(mut stream) = room.audio(&track.id, FORMAT) else {
            continue;
        };
        let heard = Arc::clone(&heard);
        listening.spawn(async move {
            while let Some(frame) = stream.next().await {
                heard.lock().extend(frame.samples);
            }
        });
    }
}
