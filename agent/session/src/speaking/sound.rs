//! A reply's sound: what is to come, and the last moments of what went out. Pure.

use std::{collections::VecDeque, time::Duration};

use super::RATE;

/// So much of what went out is kept, so that a held reply can go back to the beginning of a word.
const KEPT: usize = RATE.samples_in(Duration::from_millis(1_500));

/// So much may wait; past it the speaker waits.
const WAITING: usize = RATE.samples_in(Duration::from_secs(10));

/// The sound of a reply on its own timeline, which begins with its first sample.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    samples: VecDeque<i16>,
    /// Where `samples` begins on the timeline.
    start: u64,
    /// How much went out.
    sent: u64,
    finished: bool,
}

impl Sound {
    pub(crate) fn add(&mut self, samples: &[i16]) {
        self.samples.extend(samples);
    }

    /// Takes in that nothing more will come.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Returns how much has come.
    pub(crate) fn received(&self) -> u64 {
        self.start + self.samples.len() as u64
    }

    /// Returns how much went out.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Returns how much waits to go out.
    pub(crate) fn waiting(&self) -> usize {
        usize::try_from(self.received() - self.sent).unwrap_or(usize::MAX)
    }

    /// Returns whether more would be too much.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting() >= WAITING
    }

    /// Takes out the next samples: as many as asked for; fewer, filled up to whole units, at the end only.
    pub(crate) fn take(&mut self, wanted: usize, unit: usize, into: &mut Vec<i16>) -> bool {
        into.clear();
        let waiting = self.waiting();
        let count = if self.finished || waiting >= wanted {
            waiting.min(wanted)
        } else {
            waiting - waiting % unit
        };
        if count == 0 {
            return false;
        }
        let from = usize::try_from(self.sent - self.start).unwrap_or(usize::MAX);
        into.extend(self.samples.range(from..from + count));
        into.resize(count.next_multiple_of(unit), 0);
        self.sent += count as u64;
        let spare = (from + count).saturating_sub(KEPT);
        self.samples.drain(..spare);
        self.start += spare as u64;
        true
    }

    /// Goes back, as far as it is kept, or forgets that something went out.
    pub(crate) fn go_back_to(&mut self, position: u64) {
        self.sent = position.clamp(self.start, self.sent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_comes_out_in_units_and_its_end_is_filled_up() {
        let (mut sound, mut out) = (Sound::default(), Vec::new());
        sound.add(&[1; 500]);

        assert!(sound.take(480, 240, &mut out));
        assert_eq!(out, [1; 480]);
        assert!(!sound.take(480, 240, &mut out), "20 samples are no unit");
        sound.finish();
        assert!(sound.take(480, 240, &mut out));

        assert_eq!((out.len(), out[19], out[20]), (240, 1, 0));
        assert_eq!(sound.sent(), 500, "what was filled up does not count");
    }

    #[test]
    fn what_went_out_can_be_said_again() {
        let (mut sound, mut out) = (Sound::default(), Vec::new());
        sound.add(&(0..960).collect::<Vec<i16>>());
        sound.take(960, 240, &mut out);

        sound.go_back_to(240);
        sound.take(240, 240, &mut out);

        assert_eq!(out[0], 240);
    }

    #[test]
    fn only_the_last_moments_are_kept() {
        let (mut sound, mut out) = (Sound::default(), Vec::new());
        for _ in 0..1_000 {
            sound.add(&[0; 480]);
            sound.take(480, 240, &mut out);
        }

        sound.go_back_to(0);

        assert_eq!(sound.waiting(), KEPT);
        assert!(sound.samples.capacity() < 2 * KEPT + 960);
    }
}
