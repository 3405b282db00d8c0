//! The buffer between a server and an ear: plays in order, at its own pace, and knows when a mark is reached.

use std::{collections::VecDeque, time::Duration};

use room_media::ulaw;

use crate::{FRAME, TICK};

/// Ten minutes: beyond it Twilio discards what comes (31931).
const MOST_SOUND: usize = 10 * 60 * 8_000;

/// In pieces of 20 ms: longer is a pause, not a hole.
const LONGEST_GAP: u32 = 10;

/// More marks than words in ten minutes; what comes beyond is discarded as sound is.
const MOST_MARKS: usize = 10_000;

/// Sound that waits to be played, with marks between its samples.
#[derive(Debug, Default)]
pub(crate) struct Playout {
    sound: VecDeque<u8>,
    /// Samples put in and taken out since the beginning.
    put: u64,
    played: u64,
    /// Each mark with the count of samples before it.
    marks: VecDeque<(u64, String)>,
    /// Pieces of 20 ms that had nothing in them since the last sound.
    empty: u32,
    /// Whether that was silence.
    hushed: bool,
}

impl Playout {
    /// Adds sound; returns false when it did not fit.
    pub(crate) fn put(&mut self, sound: &[u8]) -> bool {
        let room = MOST_SOUND - self.sound.len();
        let taken = &sound[..sound.len().min(room)];
        self.sound.extend(taken);
        self.put += taken.len() as u64;
        taken.len() == sound.len()
    }

    /// Returns how long there was nothing to play, when sound goes on after so short a time that a listener misses a piece.
    /// Nothing is missed behind silence: it was a pause.
    pub(crate) fn gap(&self) -> Option<Duration> {
        let is_gap = self.sound.is_empty()
            && self.played > 0
            && !self.hushed
            && (1..=LONGEST_GAP).contains(&self.empty);
        is_gap.then(|| TICK * self.empty)
    }

    /// Adds a mark after the sound that is there; returns false when it did not fit.
    pub(crate) fn mark(&mut self, name: String) -> bool {
        let fits = self.marks.len() < MOST_MARKS;
        if fits {
            self.marks.push_back((self.put, name));
        }
        fits
    }

    /// Drops all sound; all marks are reached.
    pub(crate) fn clear(&mut self) {
        self.played = self.put;
        self.sound.clear();
        // What was cleared is not missed.
        self.empty = LONGEST_GAP;
    }

    /// Returns the next 20 ms; silence where there is nothing to play.
    pub(crate) fn play(&mut self) -> [u8; FRAME] {
        let count = self.sound.len().min(FRAME);
        let mut frame = [ulaw::SILENCE; FRAME];
        for (code, sound) in frame.iter_mut().zip(self.sound.drain(..count)) {
            *code = sound;
        }
        self.played += count as u64;
        if count > 0 {
            self.hushed = frame.iter().all(|code| ulaw::decode(*code) == 0);
        }
        self.empty = if count == FRAME {
            0
        } else {
            self.empty.saturating_add(1)
        };
        frame
    }

    /// Returns the next mark whose sound was played.
    pub(crate) fn poll_mark(&mut self) -> Option<String> {
        let (position, _) = self.marks.front()?;
        if *position > self.played {
            return None;
        }
        self.marks.pop_front().map(|(_, name)| name)
    }

    pub(crate) fn buffered(&self) -> Duration {
        Duration::from_micros(self.sound.len() as u64 * 125)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sound_is_played_in_order_and_then_silence() {
        let mut playout = Playout::default();
        playout.put(&[1; 200]);

        assert_eq!(playout.play(), [1; FRAME]);
        let last = playout.play();

        assert_eq!(last[..40], [1; 40]);
        assert_eq!(last[40..], [ulaw::SILENCE; 120]);
    }

    #[test]
    fn a_mark_comes_back_when_what_is_before_it_was_played() {
        let mut playout = Playout::default();
        playout.put(&[1; FRAME]);
        playout.mark("a".into());
        playout.put(&[1; 1]);
        playout.mark("b".into());

        assert_eq!(playout.poll_mark(), None);
        playout.play();
        assert_eq!(playout.poll_mark().as_deref(), Some("a"));
        assert_eq!(playout.poll_mark(), None);
        playout.play();
        assert_eq!(playout.poll_mark().as_deref(), Some("b"));
    }

    #[test]
    fn a_mark_on_an_empty_buffer_comes_back_at_once() {
        let mut playout = Playout::default();
        playout.mark("a".into());

        assert_eq!(playout.poll_mark().as_deref(), Some("a"));
    }

    #[test]
    fn after_a_clear_all_marks_come_back_in_order() {
        let mut playout = Playout::default();
        playout.put(&[1; 1_000]);
        playout.mark("a".into());
        playout.put(&[1; 1_000]);
        playout.mark("b".into());

        playout.clear();

        assert_eq!(playout.poll_mark().as_deref(), Some("a"));
        assert_eq!(playout.poll_mark().as_deref(), Some("b"));
        assert_eq!(playout.play(), [ulaw::SILENCE; FRAME]);
    }

    #[test]
    fn sound_that_comes_late_leaves_a_gap_and_a_new_utterance_does_not() {
        let mut playout = Playout::default();
        assert_eq!(playout.gap(), None);
        playout.put(&[1; FRAME]);
        playout.play();
        assert_eq!(playout.gap(), None);

        playout.play();
        playout.play();
        assert_eq!(playout.gap(), Some(Duration::from_millis(40)));
        for _ in 0..10 {
            playout.play();
        }

        assert_eq!(playout.gap(), None);
    }

    #[test]
    fn sound_that_follows_silence_leaves_no_gap() {
        let mut playout = Playout::default();
        playout.put(&[1; FRAME]);
        playout.put(&[ulaw::SILENCE; FRAME]);
        for _ in 0..3 {
            playout.play();
        }

        assert_eq!(playout.gap(), None);
    }

    #[test]
    fn more_than_ten_minutes_are_discarded() {
        let mut playout = Playout::default();

        assert!(playout.put(&vec![1; MOST_SOUND - 1]));
        assert!(!playout.put(&[1; 2]));
        assert_eq!(playout.buffered(), Duration::from_mins(10));
    }

    proptest! {
        #[test]
        fn marks_come_back_in_the_order_they_were_sent(steps in prop::collection::vec((0_usize..400, 0_u8..4), 1..60)) {
            let mut playout = Playout::default();
            let mut back = Vec::new();
            for (index, (length, deed)) in steps.iter().enumerate() {
                match deed {
                    0 => drop(playout.put(&vec![1; *length])),
                    1 => drop(playout.mark(index.to_string())),
                    2 => drop(playout.play()),
                    _ => playout.clear(),
                }
                while let Some(name) = playout.poll_mark() {
                    back.push(name.parse::<usize>().unwrap());
                }
            }

            prop_assert!(back.is_sorted());
        }
    }
}
