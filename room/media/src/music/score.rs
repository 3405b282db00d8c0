//! Which note begins when: four chords and eight bells, round and round.

use crate::SampleRate;

/// Slow enough that nobody waits for the next one.
const CHORD_MS: u32 = 4_000;

const ROUND_MS: u32 = CHORD_MS * 4;

/// D major, A major, B minor, G major, each close to the one before. In hertz.
const CHORDS: [[f64; 3]; 4] = [
    [293.66, 369.99, 440.00],
    [277.18, 329.63, 440.00],
    [293.66, 369.99, 493.88],
    [293.66, 392.00, 493.88],
];

/// When bells ring, in milliseconds of the round, and at how many hertz.
const BELLS: [(u32, f64); 8] = [
    (1_500, 739.99),
    (3_000, 587.33),
    (5_500, 659.26),
    (7_000, 554.37),
    (9_500, 739.99),
    (11_000, 987.77),
    (13_500, 783.99),
    (15_000, 587.33),
];

/// A note of the score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Note {
    pub(super) hertz: f64,
    pub(super) part: Part,
}

/// Who plays it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Swells and fades into the next chord.
    Chord,
    /// Rings and dies away.
    Bell,
}

/// The score, and how far it has been played.
#[derive(Clone, Debug)]
pub(super) struct Score {
    rate: SampleRate,
    /// Samples since the round began.
    played: u64,
    /// The next note of the round.
    next: usize,
}

impl Score {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            played: 0,
            next: 0,
        }
    }

    /// Returns a note that is to begin now.
    pub(super) fn poll_note(&mut self) -> Option<Note> {
        let (at, note) = note(self.next)?;
        (self.samples(at) <= self.played).then(|| {
            self.next += 1;
            note
        })
    }

    /// Takes in that so many samples are being played.
    pub(super) fn handle_samples(&mut self, samples: usize) {
        self.played += samples as u64;
        let round = self.samples(ROUND_MS);
        if self.played >= round && note(self.next).is_none() {
            self.played -= round;
            self.next = 0;
        }
    }

    fn samples(&self, ms: u32) -> u64 {
        u64::from(ms) * u64::from(self.rate.hertz()) / 1_000
    }
}

/// Returns a note of the round and when it begins, in milliseconds: of each chord its three notes, then its two bells.
fn note(number: usize) -> Option<(u32, Note)> {
    const EACH: usize = 5;
    let (chord, member) = (number / EACH, number % EACH);
    let notes = CHORDS.get(chord)?;
    Some(match notes.get(member) {
        Some(&hertz) => {
            let part = Part::Chord;
            (CHORD_MS * u32::try_from(chord).ok()?, Note { hertz, part })
        }
        None => {
            let (at, hertz) = BELLS[chord * 2 + member - notes.len()];
            let part = Part::Bell;
            (at, Note { hertz, part })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_in_order_and_within_the_round() {
        let notes: Vec<u32> = (0..).map_while(note).map(|(at, _)| at).collect();

        assert_eq!(notes.len(), 20);
        assert!(notes.is_sorted() && notes[19] < ROUND_MS);
    }

    #[test]
    fn the_round_begins_again_without_losing_a_sample() {
        let mut score = Score::new(SampleRate::HZ_8000);
        let mut begun = 0;

        for _ in 0..16_000 * 3 {
            while score.poll_note().is_some() {
                begun += 1;
            }
            score.handle_samples(8);
        }

        assert_eq!((begun, score.played, score.next), (60, 0, 0));
    }
}
