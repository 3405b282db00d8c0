//! A caller: speaks as a microphone would, and hears the agent.

use std::{
    f32::consts::TAU,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use room_contract::{
    Admission, AudioFormat, Identity, JoinOptions, LocalTrack, PublishOptions, Room, RoomEvent,
    RoomEvents, RoomName, Rooms,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::ear::Ear;

/// The rate that agents speak at, for both sides.
pub(crate) const FORMAT: AudioFormat = AudioFormat::mono(24_000);
/// What is handed over at once.
pub(crate) const BLOCK: Duration = Duration::from_millis(10);
/// No agent takes so long to come, and no speech.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest thing that a caller says.
const LONGEST: Duration = Duration::from_secs(3);

/// Made once: it costs more than all that happens to it.
static VOICE: LazyLock<Vec<i16>> = LazyLock::new(|| voice(LONGEST));

/// Somebody in a room who has not met the agent.
pub(crate) struct Caller {
    room: Arc<dyn Room>,
    events: RoomEvents,
    voice: Arc<dyn LocalTrack>,
}

/// When a piece of speech was handed over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) began: Instant,
    ended: Option<Instant>,
}

/// A caller who hears the agent.
pub(crate) struct Line {
    room: Arc<dyn Room>,
    pub(crate) ear: Ear,
    speech: watch::Sender<Vec<i16>>,
    spoken: watch::Receiver<Option<Spoken>>,
    _microphone: AbortOnDropHandle<()>,
}

impl Caller {
    pub(crate) async fn join(rooms: &dyn Rooms, room: &str) -> Result<Self> {
        let name = RoomName::new(room).context("a name of a room")?;
        let admission = Admission::person(name, Identity::new("caller").context("a name")?);
        let joined = rooms
            .join(&rooms.token(&admission)?, JoinOptions::default())
            .await?;
        let options = PublishOptions {
            format: FORMAT,
            ..PublishOptions::voice("voice")
        };
        let voice = joined.room.publish(options).await?;
        Ok(Self {
            room: joined.room,
            events: joined.events,
            voice,
        })
    }

    /// Waits for the agent's voice.
    pub(crate) async fn find_the_agent(mut self) -> Result<Line> {
        let track = loop {
            let event = timeout(PATIENCE, self.events.next())
                .await
                .context("no agent comes")?;
            if let RoomEvent::TrackSubscribed { track, .. } = event.context("the room is gone")? {
                break track;
            }
        };
        let (speech, sound) = watch::channel(Vec::new());
        let (told, spoken) = watch::channel(None);
        let microphone = run_microphone(self.voice, sound, told);
        Ok(Line {
            ear: Ear::open(self.room.audio(&track.id, FORMAT)?),
            room: self.room,
            speech,
            spoken,
            _microphone: AbortOnDropHandle::new(tokio::spawn(microphone)),
        })
    }
}

impl Line {
<<<<<<< HEAD
    /// Begins to speak for so long; returns at once.
    pub(crate) fn speak(&self, length: Duration) {
        self.speech.send_replace(voice(length));
    }

    /// Returns when the present speech was handed over; the end is there when it is.
    pub(crate) fn spoken(&self) -> Option<Spoken> {
        *self.spoken.borrow()
    }

    /// Waits until everything was handed over.
    pub(crate) async fn speak_to_the_end(&mut self, length: Duration) -> Result<Spoken> {
        self.told_anew(length);
        let spoken = self
            .spoken
            .wait_for(|spoken| spoken.is_some_and(|s| s.ended.is_some()));
        let spoken = timeout(PATIENCE, spoken)
            .await
            .context("the microphone hangs")??;
        spoken.context("it was spoken")
    }

    fn told_anew(&mut self, length: Duration) {
=======
    /// Begins to speak for so long; returns when the first block is handed over.
    pub(crate) async fn begin_to_speak(&mut self, length: Duration) -> Result<Instant> {
>>>>>>> f61e45b (benches: Measure the agent with real adapters on real sockets)
        self.spoken.mark_unchanged();
        self.speech.send_replace(VOICE[..FORMAT.values_in(length)].to_vec());
        timeout(PATIENCE, self.spoken.changed()).await.context("the microphone hangs")??;
        let spoken = *self.spoken.borrow();
        Ok(spoken.context("it was spoken")?.began)
    }

<<<<<<< HEAD
    /// Waits for the agent to sound; returns when the frame was at hand.
    pub(crate) async fn hear_sound(&mut self) -> Result<Instant> {
        loop {
            let frame = timeout(PATIENCE, self.stream.next())
                .await
                .context("the agent is silent")?;
            let frame = frame.context("the agent is gone")?;
            if is_loud(&frame.samples) {
                return Ok(Instant::now());
            }
        }
    }

    /// Listens until the agent has been silent for so long; returns when it was last heard.
    pub(crate) async fn hear_silence(&mut self, length: Duration) -> Result<Instant> {
        let mut last = Instant::now();
        while last.elapsed() < length {
            match timeout(length, self.stream.next()).await {
                Ok(frame) => {
                    if is_loud(&frame.context("the agent is gone")?.samples) {
                        last = Instant::now();
                    }
                }
                Err(_) => break,
            }
        }
        Ok(last)
=======
    /// Speaks; returns when the last block was handed over.
    pub(crate) async fn speak(&mut self, length: Duration) -> Result<Instant> {
        self.begin_to_speak(length).await?;
        let ended = self.spoken.wait_for(|spoken| spoken.is_some_and(|s| s.ended.is_some()));
        let spoken = *timeout(PATIENCE, ended).await.context("the microphone hangs")??;
        spoken.and_then(|spoken| spoken.ended).context("it has ended")
>>>>>>> f61e45b (benches: Measure the agent with real adapters on real sockets)
    }

    pub(crate) async fn leave(self) {
        self.room.leave().await;
    }
}

/// Hands a block over every 10 ms, silence when there is nothing to say.
async fn run_microphone(
    voice: Arc<dyn LocalTrack>,
    mut speech: watch::Receiver<Vec<i16>>,
    told: watch::Sender<Option<Spoken>>,
) {
    let block = FORMAT.values_in(BLOCK);
    let silence = vec![0; block];
    let (mut saying, mut at) = (Vec::new(), 0);
    let mut clock = interval(BLOCK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        if speech.has_changed().unwrap_or(false) {
            saying.clone_from(&speech.borrow_and_update());
            at = 0;
        }
        let now = Instant::now();
        let piece = saying.get(at..at + block);
        if voice.capture(piece.unwrap_or(&silence)).await.is_err() {
            return;
        }
        if piece.is_none() {
            continue;
        }
        let is_last = at + 2 * block > saying.len();
        told.send_modify(|spoken| {
            let began = spoken.filter(|_| at > 0).map_or(now, |spoken| spoken.began);
            *spoken = Some(Spoken {
                began,
                ended: is_last.then_some(now),
            });
        });
        at += block;
    }
}

/// Something like speech: a voice that goes up and down under moving formants, loud from the first sample to the last.
fn voice(length: Duration) -> Vec<i16> {
    let rate = FORMAT.values_in(Duration::from_secs(1)) as f32;
    let mut phase = 0.0;
    (0..FORMAT.values_in(length))
        .map(|at| {
            let time = at as f32 / rate;
            let pitch = 130.0 + 15.0 * (TAU * 1.7 * time).sin();
            phase = (phase + pitch / rate) % 1.0;
            let formants = [550.0 + 250.0 * (TAU * 2.1 * time).sin(), 1_500.0, 2_500.0];
            let voiced: f32 = (1..=24)
                .map(|harmonic| {
                    let hertz = pitch * harmonic as f32;
                    let gain: f32 = formants
                        .iter()
                        .map(|f| (-((hertz - f) / 220.0).powi(2)).exp())
                        .sum();
                    gain * (TAU * phase * harmonic as f32).sin()
                })
                .sum();
            (voiced * 4_000.0).clamp(-30_000.0, 30_000.0) as i16
        })
        .collect()
}
