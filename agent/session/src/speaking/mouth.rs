//! Puts sound on the track, a little ahead of time and no more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use room_contract::{CaptureError, LocalTrack};
use room_media::SampleRate;

use super::Sound;

/// What the agent speaks in.
pub(crate) const RATE: SampleRate = SampleRate::HZ_24000;

/// What is handed over ahead of time: enough to survive a busy moment, little to leak when interrupted.
const AHEAD: Duration = Duration::from_millis(60);

/// What is handed over at once: a packet.
const PIECE: Duration = Duration::from_millis(20);

/// What must be handed over at least.
const UNIT: Duration = Duration::from_millis(10);

/// The agent's own track.
pub(crate) struct Mouth {
    track: Arc<dyn LocalTrack>,
    piece: Vec<i16>,
}

/// How far a sound has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It goes on, or waits for more.
    Speaking,
    /// All of it was heard.
    Done,
}

impl Mouth {
    pub(crate) fn new(track: Arc<dyn LocalTrack>) -> Self {
        Self {
            track,
            piece: Vec::new(),
        }
    }

    /// Hands over what it is time for.
    ///
    /// # Errors
    /// The track's own: it is gone.
    pub(crate) async fn go_on(&mut self, sound: &mut Sound) -> Result<Progress, CaptureError> {
        let (piece, unit) = (RATE.samples_in(PIECE), RATE.samples_in(UNIT));
        while self.track.queued() + PIECE <= AHEAD && sound.take(piece, unit, &mut self.piece) {
            self.track.capture(&self.piece).await?;
        }
        let over = sound.is_finished() && sound.waiting() == 0 && self.track.queued().is_zero();
        Ok(if over {
            Progress::Done
        } else {
            Progress::Speaking
        })
    }

    /// Returns when to go on.
    pub(crate) fn deadline(&self, now: Instant, sound: &Sound) -> Option<Instant> {
        let queued = self.track.queued();
        if sound.waiting() >= RATE.samples_in(UNIT) || (sound.is_finished() && sound.waiting() > 0)
        {
            Some(now + (queued + PIECE).saturating_sub(AHEAD))
        } else if sound.is_finished() {
            Some(now + queued)
        } else {
            None
        }
    }

    /// Returns how much of a sound was heard.
    pub(crate) fn heard(&self, sound: &Sound) -> u64 {
        let queued = RATE.samples_in(self.track.queued()) as u64;
        sound.sent().saturating_sub(queued)
    }

    /// Falls silent at once; returns how much of the sound was heard by those who hear it so late.
    pub(crate) fn hold(&self, sound: &Sound, delay: Duration) -> u64 {
        let on_its_way = RATE.samples_in(delay) as u64;
        let heard = self.heard(sound).saturating_sub(on_its_way);
        self.track.clear();
        heard
    }
}
