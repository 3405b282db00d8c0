//! Somebody else in the room: an agent or a visitor.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use room_contract::{
    Admission, Attributes, AudioFormat, DataPacket, Identity, JoinOptions, LocalTrack,
    ParticipantKind, PublishOptions, Recipients, Room, RoomEvent, RoomEvents, RoomName, Rooms,
    Topic,
};
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::task::JoinSet;

const FORMAT: AudioFormat = AudioFormat::mono(24_000);

/// Leaves when dropped.
pub(crate) struct Person {
    pub(crate) room: Arc<dyn Room>,
    track: Arc<dyn LocalTrack>,
    memory: Arc<Mutex<Memory>>,
    _remembering: JoinSet<()>,
}

#[derive(Default)]
struct Memory {
    heard: Vec<i16>,
    keys: Vec<String>,
    delays: Vec<String>,
    statuses: Vec<String>,
    left: Vec<Identity>,
}

impl Person {
    pub(crate) async fn enter(rooms: &dyn Rooms, room: &RoomName, who: &str) -> Self {
        let mut admission = Admission::person(room.clone(), Identity::new(who).unwrap());
        if who.starts_with("agent") {
            admission.kind = ParticipantKind::Agent;
        }
        Self::admit(rooms, &admission).await
    }

    pub(crate) async fn admit(rooms: &dyn Rooms, admission: &Admission) -> Self {
        let token = rooms.token(admission).unwrap();
        let joined = rooms.join(&token, JoinOptions::default()).await.unwrap();
        let options = PublishOptions {
            format: FORMAT,
            ..PublishOptions::voice("voice")
        };
        let track = joined.room.publish(options).await.unwrap();
        let memory = Arc::<Mutex<Memory>>::default();
        let mut remembering = JoinSet::new();
        remembering.spawn(remember(
            Arc::clone(&joined.room),
            joined.events,
            Arc::clone(&memory),
        ));
        Self {
            room: joined.room,
            track,
            memory,
            _remembering: remembering,
        }
    }

    /// Hands over a tone at once; it is sent in real time.
    pub(crate) async fn sings(&self, hertz: f32, duration: Duration) {
        let mut tone = Tone::new(SampleRate::HZ_24000, hertz, Dbfs::new(-20.0));
        let samples = tone.take(SampleRate::HZ_24000.samples_in(duration));
        self.track.capture(&samples).await.unwrap();
    }

    /// Waits until all that was handed over was sent.
    pub(crate) async fn has_sung(&self) {
        self.track.played().await;
    }

    /// Stops and asks phones to drop what was not heard.
    pub(crate) async fn hushes(&self) {
        self.track.clear();
        let packet = DataPacket {
            to: Recipients::Everybody,
            ..DataPacket::reliable(Topic::new("patchbay.hush").unwrap(), Vec::new())
        };
        self.room.send(packet).await.unwrap();
    }

    /// Returns what was heard so far at 8 kHz, and forgets it.
    pub(crate) fn heard(&self) -> Vec<i16> {
        std::mem::take(&mut self.memory.lock().unwrap().heard)
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.memory.lock().unwrap().keys.clone()
    }

    /// Returns the delays that phones have told.
    pub(crate) fn delays(&self) -> Vec<String> {
        self.memory.lock().unwrap().delays.clone()
    }

    /// Returns where the call stood, one after the other.
    pub(crate) fn statuses(&self) -> Vec<String> {
        self.memory.lock().unwrap().statuses.clone()
    }

    pub(crate) fn saw_leave(&self, who: &str) -> bool {
        let memory = self.memory.lock().unwrap();
        memory.left.iter().any(|left| left.as_str() == who)
    }
}

async fn remember(room: Arc<dyn Room>, mut events: RoomEvents, memory: Arc<Mutex<Memory>>) {
    let mut listening = JoinSet::new();
    while let Some(event) = events.next().await {
        match event {
            RoomEvent::TrackSubscribed { identity, track }
                if identity.as_str().starts_with("phone") =>
            {
                let mut stream = room.audio(&track.id, AudioFormat::mono(8_000)).unwrap();
                let memory = Arc::clone(&memory);
                listening.spawn(async move {
                    while let Some(frame) = stream.next().await {
                        memory.lock().unwrap().heard.extend(frame.samples);
                    }
                });
            }
            RoomEvent::Data {
                topic: Some(topic),
                payload,
                ..
            } if topic.as_str() == "patchbay.dtmf" => {
                let key = String::from_utf8(payload.to_vec()).unwrap();
                memory.lock().unwrap().keys.push(key);
            }
            RoomEvent::AttributesChanged { changed, .. } => {
                let mut memory = memory.lock().unwrap();
                let shown = |key| Attributes::get(&changed, key).cloned();
                memory.delays.extend(shown("patchbay.playoutMs"));
                memory.statuses.extend(shown("sip.callStatus"));
            }
            RoomEvent::ParticipantLeft(who) => memory.lock().unwrap().left.push(who),
            RoomEvent::Ended(_) => return,
            _ => {}
        }
    }
}
