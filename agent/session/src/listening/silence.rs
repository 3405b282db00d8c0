//! Silence in place of frames that do not come.
//!
//! A sender that pauses sends nothing, and nothing looks the same as late. So a frame is waited for as long as this
//! path has been seen to delay frames, and no longer. A guess that was wrong leaves more sound than there was time:
//! the next hush pays it back, so that a path that jitters does not make pauses longer than they are.

use std::time::{Duration, Instant};

/// A frame that is so late is waited for on any path. Behind hush nothing is waited for longer: what comes then is
/// more hush, which was told by then, or a word that begins.
const LEAST: Duration = Duration::from_millis(10);

/// A frame that is so late does not come, or is too late to be waited for.
const MOST: Duration = Duration::from_millis(80);

/// A frame is late when it takes so many times the lateness that is usual.
const UNUSUAL: u32 = 3;

/// What is usual before any frame has come.
const FIRST_LATENESS: Duration = Duration::from_millis(10);

/// By which parts the usual lateness follows one frame that was later, and one that was less late.
const RISE: u32 = 4;
const FALL: u32 = 16;

/// The pace of silence.
const PIECE: Duration = Duration::from_millis(20);

/// So much silence tells everybody that a voice has ended; more is not told.
const ENOUGH: Duration = Duration::from_millis(2_500);

/// Decides when silence takes the place of frames, and how much.
#[derive(Debug)]
pub(super) struct Silence {
    due: Option<Instant>,
    /// Told since the last frame.
    filled: Duration,
    /// When the last frame came.
    last: Option<Instant>,
    /// How far frames are off their pace.
    lateness: Duration,
    /// The sound that was told lasts until then.
    told: Option<Instant>,
}

/// What is in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Sound,
    Hush,
}

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Heard,
    /// Silence was told in its place.
    Told,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            due: None,
            filled: Duration::ZERO,
            last: None,
            lateness: FIRST_LATENESS,
            told: None,
        }
    }
}

impl Silence {
    /// Returns when silence takes the place of the next frame.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// Takes note of a frame.
    pub(super) fn handle_frame(
        &mut self,
        now: Instant,
        length: Duration,
        content: Content,
    ) -> Fate {
        self.learn(now, length);
        self.filled = Duration::ZERO;
        // Far behind the clock: frames of a sender that had paused, or whose own clock is slow.
        let told = self.told.filter(|told| *told + MOST + length >= now);
        let is_told = content == Content::Hush && told.is_some_and(|told| told >= now);
        let told = match told {
            Some(told) if is_told => told,
            Some(told) => told + length,
            None => now,
        };
        self.told = Some(told);
        let patience = match content {
            Content::Sound => self.patience(),
            Content::Hush => LEAST,
        };
        self.due = Some(told.max(now + length) + patience);
        if is_told { Fate::Told } else { Fate::Heard }
    }

    /// Returns how much silence it is time for.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Duration {
        if self.due.is_none_or(|due| due > now) {
            return Duration::ZERO;
        }
        let told = self.told.unwrap_or(now);
        let silence = now
            .saturating_duration_since(told)
            .min(ENOUGH - self.filled);
        self.filled += silence;
        self.told = Some(told + silence);
        self.due = (self.filled < ENOUGH).then(|| now + PIECE);
        silence
    }

    fn patience(&self) -> Duration {
        (LEAST + UNUSUAL * self.lateness).min(MOST)
    }

    fn learn(&mut self, now: Instant, length: Duration) {
        let Some(gap) = self.last.replace(now).map(|last| now - last) else {
            return;
        };
        // A longer one is a pause of the sender.
        if gap > length + MOST {
            return;
        }
        let lateness = gap.abs_diff(length);
        if lateness > self.lateness {
            self.lateness += (lateness - self.lateness) / RISE;
        } else {
            self.lateness -= (self.lateness - lateness) / FALL;
        }
    }
}

#[cfg(test)]
mod tests;
