//! Twilio's end of a media socket: plays what it is sent at its own pace, sends marks back, lets a caller talk.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use connectors_twilio::{
    leg::{Wire, WireLost, WireMessage},
    sid::CallSid,
};
use room_media::{Dbfs, SampleRate, tone::Tone, ulaw};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, interval, sleep, sleep_until},
};

pub(crate) const CALL: &str = "CA00000000000000000000000000000001";
pub(crate) const STREAM: &str = "MZ00000000000000000000000000000001";
const TICK: Duration = Duration::from_millis(20);
const FRAME: usize = 160;

pub(crate) fn call() -> CallSid {
    CallSid::new(CALL).unwrap()
}

/// The end that tests hold.
pub(crate) struct Phone {
    to_leg: mpsc::Sender<WireMessage>,
    shared: Arc<Shared>,
    chunk: u64,
    _playing: JoinSet<()>,
}

/// The end that the leg holds.
pub(crate) struct PhoneWire {
    from_phone: mpsc::Receiver<WireMessage>,
    shared: Arc<Shared>,
}

struct Shared {
    memory: Mutex<Memory>,
    deaf: AtomicBool,
    latency: Duration,
}

#[derive(Default)]
struct Memory {
    buffer: VecDeque<(Instant, Item)>,
    heard: Vec<i16>,
    frames: usize,
    longest_buffer: Duration,
    marks: usize,
    clears: usize,
    closed: bool,
}

enum Item {
    Sound(VecDeque<u8>),
    Mark(String),
}

impl Phone {
    /// A phone that hears what is sent so long after it was sent.
    pub(crate) fn new(latency: Duration) -> (Self, PhoneWire) {
        let (to_leg, from_phone) = mpsc::channel(8_192);
        let shared = Arc::new(Shared {
            memory: Mutex::default(),
            deaf: AtomicBool::new(false),
            latency,
        });
        let mut playing = JoinSet::new();
        playing.spawn(play(Arc::clone(&shared), to_leg.clone()));
        let wire = PhoneWire {
            from_phone,
            shared: Arc::clone(&shared),
        };
        let phone = Self {
            to_leg,
            shared,
            chunk: 0,
            _playing: playing,
        };
        (phone, wire)
    }

    pub(crate) async fn sends(&self, message: Value) {
        self.sends_raw(WireMessage::Text(message.to_string())).await;
    }

    pub(crate) async fn sends_raw(&self, message: WireMessage) {
        // A leg that is over takes nothing.
        let _ = self.to_leg.send(message).await;
    }

    /// Begins the stream.
    pub(crate) async fn begins(&self) {
        self.sends(json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            .await;
        self.sends(json!({
            "event": "start", "sequenceNumber": "1", "streamSid": STREAM,
            "start": {
                "accountSid": "AC00000000000000000000000000000001", "streamSid": STREAM, "callSid": CALL,
                "tracks": ["inbound"], "customParameters": {"token": "once"},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }))
        .await;
    }

    /// Sends a tone of so many frames; `late` says how late the frame of a number comes.
    pub(crate) async fn talks(&mut self, hertz: f32, frames: u32, late: impl Fn(u32) -> Duration) {
        let tone = Tone::new(SampleRate::HZ_8000, hertz, Dbfs::new(-20.0));
        self.sounds(tone, frames, late).await;
    }

    /// Sends so many frames of a line on which nobody speaks.
    pub(crate) async fn hushes(&mut self, frames: u32) {
        let hum = Tone::new(SampleRate::HZ_8000, 50.0, Dbfs::new(-60.0));
        self.sounds(hum, frames, |_| Duration::ZERO).await;
    }

    async fn sounds(&mut self, mut tone: Tone, frames: u32, late: impl Fn(u32) -> Duration) {
        let begun = Instant::now();
        for number in 0..frames {
            sleep_until(begun + TICK * number + late(number)).await;
            let codes: Vec<u8> = tone.take(FRAME).into_iter().map(ulaw::encode).collect();
            self.chunk += 1;
            self.sends(media(self.chunk, &codes)).await;
        }
    }

    pub(crate) async fn presses(&self, digit: char) {
        self.sends(
            json!({"event": "dtmf", "streamSid": STREAM, "sequenceNumber": "5",
            "dtmf": {"track": "inbound_track", "digit": digit.to_string()}}),
        )
        .await;
    }

    pub(crate) async fn stops(&self) {
        self.sends(
            json!({"event": "stop", "streamSid": STREAM, "sequenceNumber": "9",
            "stop": {"accountSid": "AC00000000000000000000000000000001", "callSid": CALL}}),
        )
        .await;
    }

    /// Breaks the socket.
    pub(crate) async fn breaks(&self) {
        self.sends_raw(WireMessage::Closed).await;
    }

    /// Takes nothing more from the socket, without closing it.
    pub(crate) fn goes_deaf(&self) {
        self.shared.deaf.store(true, Ordering::Relaxed);
    }

    /// Returns what the caller heard so far, silence included, and forgets it.
    pub(crate) fn heard(&self) -> Vec<i16> {
        std::mem::take(&mut self.memory().heard)
    }

    /// Returns how many messages of sound came.
    pub(crate) fn frames(&self) -> usize {
        self.memory().frames
    }

    pub(crate) fn marks(&self) -> usize {
        self.memory().marks
    }

    pub(crate) fn clears(&self) -> usize {
        self.memory().clears
    }

    /// Returns how much sound waited to be played at the most.
    pub(crate) fn longest_buffer(&self) -> Duration {
        self.memory().longest_buffer
    }

    pub(crate) fn was_closed(&self) -> bool {
        self.memory().closed
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.shared.memory.lock().unwrap()
    }
}

pub(crate) fn media(chunk: u64, codes: &[u8]) -> Value {
    json!({"event": "media", "sequenceNumber": (chunk + 1).to_string(), "streamSid": STREAM,
        "media": {"track": "inbound", "chunk": chunk.to_string(), "timestamp": (20 * chunk).to_string(),
            "payload": STANDARD.encode(codes)}})
}

/// Plays 20 ms each 20 ms; what has not come is silence.
async fn play(shared: Arc<Shared>, to_leg: mpsc::Sender<WireMessage>) {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let echoes = shared.memory.lock().unwrap().play();
        for name in echoes {
            let echo = json!({"event": "mark", "sequenceNumber": "4", "streamSid": STREAM, "mark": {"name": name}});
            if to_leg
                .try_send(WireMessage::Text(echo.to_string()))
                .is_err()
            {
                return;
            }
        }
    }
}

impl Memory {
    fn play(&mut self) -> Vec<String> {
        let (now, mut echoes, mut played) = (Instant::now(), Vec::new(), 0);
        while let Some((came, item)) = self.buffer.front_mut().filter(|(came, _)| *came <= now) {
            let _ = came;
            match item {
                Item::Mark(name) => echoes.push(std::mem::take(name)),
                Item::Sound(codes) => {
                    while played < FRAME
                        && let Some(code) = codes.pop_front()
                    {
                        self.heard.push(ulaw::decode(code));
                        played += 1;
                    }
                    if !codes.is_empty() {
                        break;
                    }
                }
            }
            self.buffer.pop_front();
        }
        self.heard.extend(std::iter::repeat_n(0, FRAME - played));
        echoes
    }

    fn buffered(&self) -> Duration {
        let bytes: usize = self
            .buffer
            .iter()
            .map(|(_, item)| match item {
                Item::Sound(codes) => codes.len(),
                Item::Mark(_) => 0,
            })
            .sum();
        SampleRate::HZ_8000.duration_of(bytes)
    }

    /// Takes what the leg sent; returns the marks that come back at once.
    fn take(&mut self, message: &Value, at: Instant) -> Vec<String> {
        assert_eq!(message["streamSid"], STREAM);
        match message["event"].as_str().unwrap() {
            "media" => {
                let codes = STANDARD
                    .decode(message["media"]["payload"].as_str().unwrap())
                    .unwrap();
                self.frames += 1;
                self.buffer.push_back((at, Item::Sound(codes.into())));
                self.longest_buffer = self.longest_buffer.max(self.buffered());
                Vec::new()
            }
            "mark" => {
                let name = message["mark"]["name"].as_str().unwrap().to_owned();
                self.marks += 1;
                self.buffer.push_back((at, Item::Mark(name)));
                Vec::new()
            }
            "clear" => {
                self.clears += 1;
                let dropped = self.buffer.drain(..);
                dropped
                    .filter_map(|(_, item)| match item {
                        Item::Mark(name) => Some(name),
                        Item::Sound(_) => None,
                    })
                    .collect()
            }
            other => panic!("Twilio knows no {other}"),
        }
    }
}

#[async_trait]
impl Wire for PhoneWire {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<WireMessage> {
        let next = self.from_phone.poll_recv(cx);
        next.map(|message| message.unwrap_or(WireMessage::Closed))
    }

    async fn send(&mut self, text: &str) -> Result<(), WireLost> {
        if self.shared.deaf.load(Ordering::Relaxed) {
            sleep(Duration::from_secs(3_600)).await;
        }
        let message: Value = serde_json::from_str(text).unwrap();
        let at = Instant::now() + self.shared.latency;
        let echoes = self.shared.memory.lock().unwrap().take(&message, at);
        for name in echoes {
            self.shared
                .memory
                .lock()
                .unwrap()
                .buffer
                .push_back((at, Item::Mark(name)));
        }
        Ok(())
    }

    async fn close(&mut self) {
        self.shared.memory.lock().unwrap().closed = true;
    }
}
