//! A caller: speaks as a microphone would, and hears the agent.

use std::{
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

use crate::{ear::Ear, vowels::vowels};

/// The rate that agents speak at, for both sides.
pub(crate) const FORMAT: AudioFormat = AudioFormat::mono(24_000);
/// What is handed over at once.
pub(crate) const BLOCK: Duration = Duration::from_millis(10);
/// No agent takes so long to come, and no speech.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest thing that a caller says.
const LONGEST: Duration = Duration::from_secs(3);

/// Made once: it costs more than all that happens to it.
static VOICE: LazyLock<Vec<i16>> = LazyLock::new(|| vowels(FORMAT, LONGEST));

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
    /// Begins to speak for so long; returns when the first block is handed over.
    pub(crate) async fn begin_to_speak(&mut self, length: Duration) -> Result<Instant> {
        self.spoken.mark_unchanged();
        self.speech
            .send_replace(VOICE[..FORMAT.values_in(length)].to_vec());
        timeout(PATIENCE, self.spoken.changed())
            .await
            .context("the microphone hangs")??;
        let spoken = *self.spoken.borrow();
        Ok(spoken.context("it was spoken")?.began)
    }

    /// Speaks; returns when the last block was handed over.
    pub(crate) async fn speak(&mut self, length: Duration) -> Result<Instant> {
        self.begin_to_speak(length).await?;
        let ended = self
            .spoken
            .wait_for(|spoken| spoken.is_some_and(|s| s.ended.is_some()));
        let spoken = *timeout(PATIENCE, ended)
            .await
            .context("the microphone hangs")??;
        spoken
            .and_then(|spoken| spoken.ended)
            .context("it has ended")
    }

    pub(crate) async fn leave(self) {
        self.room.leave().await;
    }
}

/// Hands a block over every 10 ms, the hush of a room when there is nothing to say.
async fn run_microphone(
    voice: Arc<dyn LocalTrack>,
    mut speech: watch::Receiver<Vec<i16>>,
    told: watch::Sender<Option<Spoken>>,
) {
    let block = FORMAT.values_in(BLOCK);
    let hush: Vec<i16> = (0..block).map(|_| fastrand::i16(-6..=6)).collect();
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
        if voice.capture(piece.unwrap_or(&hush)).await.is_err() {
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
