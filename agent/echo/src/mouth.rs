//! Says samples without ever waiting for the wire.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use room_contract::{CaptureError, LocalTrack};

use crate::utterance::samples_in;

/// What is handed over ahead of time: enough to survive a busy moment, little to clear.
const AHEAD: Duration = Duration::from_millis(200);

/// What is handed over at once.
const PIECE: Duration = Duration::from_millis(100);

/// What must be handed over at least.
const UNIT: Duration = Duration::from_millis(10);

/// One's own track and what is still to be said on it.
pub(crate) struct Mouth {
    track: Arc<dyn LocalTrack>,
    speech: Option<Speech>,
}

struct Speech {
    samples: Vec<i16>,
    said: usize,
}

/// Whether there is more to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There is.
    Speaking,
    /// All was said.
    Done,
}

impl Mouth {
    pub(crate) fn new(track: Arc<dyn LocalTrack>) -> Self {
        Self {
            track,
            speech: None,
        }
    }

    /// Begins to say something.
    pub(crate) fn say(&mut self, mut samples: Vec<i16>) {
        samples.resize(samples.len().next_multiple_of(samples_in(UNIT)), 0);
        self.speech = Some(Speech { samples, said: 0 });
    }

    /// Falls silent.
    pub(crate) fn stop(&mut self) {
        self.speech = None;
        self.track.clear();
    }

    /// Returns when to go on.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let speech = self.speech.as_ref()?;
        let ahead = if speech.is_over() {
            Duration::ZERO
        } else {
            AHEAD
        };
        Some(now + self.track.queued().saturating_sub(ahead))
    }

    /// Hands the next piece over, if it is time.
    ///
    /// # Errors
    /// The track's own: it is gone.
    pub(crate) async fn go_on(&mut self) -> Result<Progress, CaptureError> {
        let Some(speech) = &mut self.speech else {
            return Ok(Progress::Speaking);
        };
        let queued = self.track.queued();
        if speech.is_over() && queued.is_zero() {
            self.speech = None;
            return Ok(Progress::Done);
        }
        if !speech.is_over() && queued <= AHEAD {
            let end = speech.samples.len().min(speech.said + samples_in(PIECE));
            self.track
                .capture(&speech.samples[speech.said..end])
                .await?;
            speech.said = end;
        }
        Ok(Progress::Speaking)
    }
}

impl Speech {
    fn is_over(&self) -> bool {
        self.said == self.samples.len()
    }
}
