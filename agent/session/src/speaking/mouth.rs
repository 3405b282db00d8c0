//! Puts sound on the track, a little ahead of time and no more.

use std::{
    future::pending,
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

/// So long sound waits for the first listener, who would miss its beginning.
const FIRST_LISTENER: Duration = Duration::from_millis(1_500);

/// What must be handed over at least.
const UNIT: Duration = Duration::from_millis(10);

/// The agent's own track.
pub(crate) struct Mouth {
    track: Arc<dyn LocalTrack>,
    audience: Audience,
    piece: Vec<i16>,
}

/// Whether anybody can hear the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Nobody yet; the first words wait for them, but only until then.
    Awaited {
        until: Option<Instant>,
    },
    There,
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
            audience: Audience::Awaited { until: None },
            piece: Vec::new(),
        }
    }

    /// Waits until somebody can hear the agent; for ever once that is so.
    pub(crate) async fn first_listener(&mut self) {
        if self.audience == Audience::There {
            pending::<()>().await;
        }
        self.track.subscribed().await;
        self.audience = Audience::There;
    }

    /// Returns whether sound has to wait for the first listener.
    fn waits(&mut self, now: Instant, sound: &Sound) -> bool {
        let Audience::Awaited { until } = &mut self.audience else {
            return false;
        };
        if sound.waiting() == 0 {
            return false;
        }
        if *until.get_or_insert(now + FIRST_LISTENER) <= now {
            self.audience = Audience::There;
        }
        self.audience != Audience::There
    }

    /// Hands over what it is time for.
    ///
    /// # Errors
    /// The track's own: it is gone.
    pub(crate) async fn go_on(
        &mut self,
        now: Instant,
        sound: &mut Sound,
    ) -> Result<Progress, CaptureError> {
        if self.waits(now, sound) {
            return Ok(Progress::Speaking);
        }
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
        if let (Audience::Awaited { until: Some(until) }, 1..) = (self.audience, sound.waiting()) {
            return Some(until);
        }
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
