//! Somebody in the room: speaks, types, and remembers what they heard and read.

use std::{sync::Arc, time::Duration};

use agent_contract::stub::hear;
use parking_lot::Mutex;
use room_contract::{
    Admission, Attributes, AudioFormat, AudioStream, DataPacket, Identity, JoinOptions, LocalTrack,
    Method, PublishOptions, Room, RoomEvent, RoomEvents, RoomName, Rooms, RpcRequests,
    StreamOptions, Subscribing, TextReader, Topic, Whom, circle::circle,
};
use room_media::{Level, SampleRate};
use tokio::{task::JoinSet, time::Instant};

use crate::voice::{RATE, voice};

const FORMAT: AudioFormat = AudioFormat::mono(24_000);

/// Somebody in the room. Leaves when dropped.
pub(crate) struct Caller {
    room: Arc<dyn Room>,
    track: Arc<dyn LocalTrack>,
    memory: Arc<Mutex<Memory>>,
    _remembering: JoinSet<()>,
}

/// What somebody heard and read.
#[derive(Default)]
struct Memory {
    sound: Vec<i16>,
    /// When the agent was last heard.
    heard_last: Option<Instant>,
    states: Vec<String>,
    lines: Vec<Line>,
    hushed: usize,
}

/// A line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) topic: String,
    pub(crate) sender: String,
    pub(crate) text: String,
    pub(crate) last: bool,
}

impl Caller {
    pub(crate) async fn enter(rooms: &dyn Rooms, name: &RoomName, who: &str) -> Self {
        Self::enter_with(rooms, name, who, &[]).await
    }

    /// Enters without a subscription to anybody.
    pub(crate) async fn enter_deaf(rooms: &dyn Rooms, name: &RoomName, who: &str) -> Self {
        Self::enter_as(rooms, name, who, &[], Subscribing::Nobody).await
    }

    /// Enters with these attributes, as a telephone does.
    pub(crate) async fn enter_with(
        rooms: &dyn Rooms,
        name: &RoomName,
        who: &str,
        attributes: &[(&str, &str)],
    ) -> Self {
        Self::enter_as(rooms, name, who, attributes, Subscribing::default()).await
    }

    async fn enter_as(
        rooms: &dyn Rooms,
        name: &RoomName,
        who: &str,
        attributes: &[(&str, &str)],
        subscribing: Subscribing,
    ) -> Self {
        let mut admission = Admission::person(name.clone(), Identity::new(who).expect("a name"));
        admission.name = who.to_uppercase();
        admission.attributes = pairs(attributes);
        let token = rooms.token(&admission).expect("a token");
        let joined = rooms
            .join(&token, JoinOptions { subscribing })
            .await
            .expect("joined");
        let options = PublishOptions {
            format: AudioFormat::mono(RATE),
            ..PublishOptions::voice("voice")
        };
        let track = joined.room.publish(options).await.expect("published");
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

    /// Subscribes to everybody.
    pub(crate) fn listens(&self) {
        self.room.subscribe(Whom::Everybody);
    }

    /// Makes the sound of a voice, to its end.
    pub(crate) async fn speaks(&self, ms: u32) {
        self.plays(voice(ms)).await;
    }

    /// Lets a recording at the caller's rate be heard, to its end.
    pub(crate) async fn plays(&self, mut samples: Vec<i16>) {
        let unit = usize::try_from(RATE / 100).expect("10 ms");
        samples.resize(samples.len().next_multiple_of(unit), 0);
        self.track.capture(&samples).await.expect("in the room");
        self.track.played().await;
    }

    pub(crate) async fn types(&self, text: &str) {
        let options = StreamOptions::topic(Topic::new("lk.chat").expect("a topic"));
        let mut stream = self.room.write_text(options).await.expect("a stream");
        stream.write(text).await.expect("written");
        stream.close(Attributes::new()).await.expect("closed");
    }

    /// Says something else about itself from here on.
    pub(crate) async fn shows(&self, attribute: &str, value: &str) {
        let changed = pairs(&[(attribute, value)]);
        self.room.set_attributes(changed).await.expect("allowed");
    }

    /// Presses keys of a telephone.
    pub(crate) async fn presses(&self, keys: &str) {
        let attributes = self.room.attributes();
        self.pressed_in(circle(&attributes), keys).await;
    }

    /// Has pressed keys of a telephone while it was in this circle.
    pub(crate) async fn pressed_in(&self, circle: Option<&str>, keys: &str) {
        for key in keys.chars() {
            let topic = Topic::new("patchbay.dtmf").expect("a topic");
            let pressed = serde_json::json!({ "digit": key, "circle": circle });
            let packet = DataPacket::reliable(topic, pressed.to_string());
            self.room.send(packet).await.expect("in the room");
        }
    }

    /// Says which tools it brings along.
    pub(crate) async fn offers(&self, tools: &str) {
        let topic = Topic::new("patchbay.tools").expect("a topic");
        let packet = DataPacket::reliable(topic, tools.to_owned());
        self.room.send(packet).await.expect("in the room");
    }

    /// Has a transcriber of its own tell this.
    pub(crate) async fn tells(&self, heard: &str) {
        let topic = Topic::new("patchbay.heard").expect("a topic");
        let packet = DataPacket::reliable(topic, heard.to_owned());
        self.room.send(packet).await.expect("in the room");
    }

    /// Answers calls of a method until the queue is dropped.
    pub(crate) fn serves(&self, method: &str) -> RpcRequests {
        self.room.serve(Method::new(method))
    }

    /// Returns how often the agent asked to drop what was not heard yet.
    pub(crate) fn hushed(&self) -> usize {
        self.memory.lock().hushed
    }

    pub(crate) async fn leaves(&self) {
        self.room.leave().await;
    }

    /// Returns which words of the vocabulary were heard so far, and forgets them.
    pub(crate) fn heard(&self, vocabulary: &str) -> String {
        let sound = self.recording();
        hear(&sound, SampleRate::HZ_24000, vocabulary).join(" ")
    }

    /// Returns what was heard so far, at 24 kHz, and forgets it.
    pub(crate) fn recording(&self) -> Vec<i16> {
        std::mem::take(&mut self.memory.lock().sound)
    }

    /// Returns how long some sound was heard so far, and forgets it.
    pub(crate) fn heard_sound(&self) -> Duration {
        let sound = self.recording();
        let loud = sound
            .chunks(240)
            .filter(|block| Level::of(block).rms.decibels() > -45.0)
            .count();
        Duration::from_millis(10) * u32::try_from(loud).expect("minutes")
    }

    /// Returns when the agent was last heard.
    pub(crate) fn heard_last(&self) -> Option<Instant> {
        self.memory.lock().heard_last
    }

    /// Returns which states the agent has shown so far.
    pub(crate) fn states(&self) -> Vec<String> {
        self.memory.lock().states.clone()
    }

    /// Waits until the agent shows this state.
    pub(crate) async fn sees_the_agent(&self, state: &str) {
        let shown = || {
            self.memory
                .lock()
                .states
                .last()
                .is_some_and(|last| last == state)
        };
        for _ in 0..500 {
            if shown() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(shown(), "{:?}", self.states());
    }

    /// Returns what was read on a topic so far, as `sender: text`.
    pub(crate) fn read(&self, topic: &str) -> Vec<String> {
        let memory = self.memory.lock();
        let lines = memory
            .lines
            .iter()
            .filter(|line| line.topic == topic && line.last);
        lines
            .map(|line| format!("{}: {}", line.sender, line.text))
            .collect()
    }
}

async fn remember(room: Arc<dyn Room>, mut events: RoomEvents, memory: Arc<Mutex<Memory>>) {
    let mut listening = JoinSet::new();
    while let Some(event) = events.next().await {
        match event {
            RoomEvent::TrackSubscribed { identity, track }
                if identity.as_str().starts_with("agent") =>
            {
                // Whoever is in another circle may be subscribed for a moment.
                if let Ok(stream) = room.audio(&track.id, FORMAT) {
                    listening.spawn(listen(stream, Arc::clone(&memory)));
                }
            }
            RoomEvent::AttributesChanged { changed, .. } => {
                memory
                    .lock()
                    .states
                    .extend(changed.get("lk.agent.state").cloned());
            }
            RoomEvent::Data { topic, .. }
                if topic
                    .as_ref()
                    .is_some_and(|topic| topic.as_str() == "patchbay.hush") =>
            {
                memory.lock().hushed += 1;
            }
            RoomEvent::TextStream(reader) => {
                listening.spawn(read(reader, Arc::clone(&memory)));
            }
            RoomEvent::Ended(_) => return,
            _ => {}
        }
    }
}

async fn listen(mut stream: AudioStream, memory: Arc<Mutex<Memory>>) {
    while let Some(frame) = stream.next().await {
        let loud = Level::of(&frame.samples).rms.decibels() > -45.0;
        let mut memory = memory.lock();
        if loud {
            memory.heard_last = Some(Instant::now());
        }
        memory.sound.extend(frame.samples);
    }
}

async fn read(mut reader: Box<dyn TextReader>, memory: Arc<Mutex<Memory>>) {
    let Ok(text) = reader.read_all(10_000).await else {
        return;
    };
    let info = reader.info();
    let last = info
        .attributes
        .get("lk.transcription_final")
        .is_none_or(|last| last == "true");
    memory.lock().lines.push(Line {
        topic: info.topic.to_string(),
        sender: info.sender.to_string(),
        text,
        last,
    });
}

fn pairs(pairs: &[(&str, &str)]) -> Attributes {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}
