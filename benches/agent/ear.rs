//! What a caller hears: when a voice begins, when it was last heard, and what a player would have missed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use room_contract::AudioStream;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

/// Louder than what a codec makes of silence, quieter than any voice here.
const LOUD: u16 = 600;
/// Between two words it is silent for less.
const BETWEEN_WORDS: Duration = Duration::from_millis(250);
/// Beginnings of a voice that nobody has taken; the ear waits when it is full.
const ONSETS: usize = 64;
/// A caller who hears nothing for so long has lost the agent.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody's ear.
pub(crate) struct Ear {
    onsets: mpsc::Receiver<Instant>,
    heard: watch::Receiver<Heard>,
    _listening: AbortOnDropHandle<()>,
}

/// What was heard so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard {
    /// When a voice was heard last.
    pub(crate) last: Option<Instant>,
    /// How much sound came.
    pub(crate) received: Duration,
    /// How long a player had nothing to play in mid-speech.
    pub(crate) missing: Duration,
}

impl Ear {
    pub(crate) fn open(stream: AudioStream) -> Self {
        let (teller, onsets) = mpsc::channel(ONSETS);
        let (told, heard) = watch::channel(Heard::default());
        Self {
            onsets,
            heard,
            _listening: AbortOnDropHandle::new(tokio::spawn(listen(stream, teller, told))),
        }
    }

    /// Waits for a voice to begin at `after` or later; returns when its first frame was at hand.
    pub(crate) async fn hear_voice(&mut self, after: Instant) -> Result<Instant> {
        loop {
            let onset = timeout(PATIENCE, self.onsets.recv()).await;
            let onset = onset
                .context("the agent is silent")?
                .context("the agent is gone")?;
            if onset >= after {
                return Ok(onset);
            }
        }
    }

    /// Waits until no voice was heard for so long; returns when the last one was.
    pub(crate) async fn hear_silence(&mut self, length: Duration) -> Result<Option<Instant>> {
        loop {
            let last = self.heard().last;
            let silent = last.map_or(length, |last| last.elapsed());
            if silent >= length {
                return Ok(last);
            }
            sleep(length - silent).await;
        }
    }

    pub(crate) fn heard(&self) -> Heard {
        *self.heard.borrow()
    }
}

pub(crate) fn is_loud(samples: &[i16]) -> bool {
    samples.iter().any(|sample| sample.unsigned_abs() > LOUD)
}

async fn listen(
    mut stream: AudioStream,
    onsets: mpsc::Sender<Instant>,
    told: watch::Sender<Heard>,
) {
    let mut heard = Heard::default();
    let mut player = Player::default();
    while let Some(frame) = stream.next().await {
        let now = Instant::now();
        heard.received += frame.duration();
        let is_loud = is_loud(&frame.samples);
        heard.missing += player.handle(now, frame.duration(), is_loud);
        if is_loud {
            let is_onset = heard.last.is_none_or(|last| now - last > BETWEEN_WORDS);
            heard.last = Some(now);
            if is_onset && onsets.send(now).await.is_err() {
                return;
            }
        }
        told.send_replace(heard);
    }
}

/// Plays what comes, with a little in hand.
#[derive(Debug, Default)]
struct Player {
    /// When it has nothing more to play; nothing after silence, behind which the sender may pause.
    dry: Option<Instant>,
}

/// What it keeps in hand: as much as a telephone does.
const IN_HAND: Duration = Duration::from_millis(60);
/// Nobody stops for so long in mid-speech: it was the end, however loud, and then it was the caller's turn.
const TURN: Duration = Duration::from_secs(1);

impl Player {
    /// Takes in a frame; returns how long there was nothing to play before it.
    fn handle(&mut self, now: Instant, length: Duration, is_loud: bool) -> Duration {
        let dry = self.dry.filter(|dry| now < *dry + TURN);
        let dry = dry.unwrap_or(now + IN_HAND);
        self.dry = is_loud.then(|| dry.max(now) + length);
        now.saturating_duration_since(dry)
    }
}
