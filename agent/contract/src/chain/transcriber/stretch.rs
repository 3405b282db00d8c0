//! The sound that is not known to be final text: what the next transcriber has to hear again. Pure.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use room_media::{Level, SampleRate};

use crate::TranscriptionInput;

/// More is not heard again; nobody speaks for so long without a pause.
const LONGEST: Duration = Duration::from_secs(20);

/// Silence that is kept before speech: its first sound is softer than speech.
const LEAD: Duration = Duration::from_millis(500);

/// A gap between words.
const GAP: Duration = Duration::from_millis(100);

/// Louder may be speech.
const SPEECH: f32 = -50.0;

#[derive(Debug)]
pub(super) struct Stretch {
    rate: SampleRate,
    pieces: VecDeque<Piece>,
    /// Where the first piece begins, since the beginning of all.
    begins: Duration,
    ends: Duration,
}

#[derive(Debug)]
enum Piece {
    Sound { samples: Arc<[i16]>, is_loud: bool },
    Finalize,
}

impl Stretch {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            pieces: VecDeque::new(),
            begins: Duration::ZERO,
            ends: Duration::ZERO,
        }
    }

    pub(super) fn begins(&self) -> Duration {
        self.begins
    }

    pub(super) fn length(&self) -> Duration {
        self.ends.saturating_sub(self.begins)
    }

    /// Keeps more sound, and returns whether it may be speech.
    pub(super) fn push(&mut self, samples: Arc<[i16]>) -> bool {
        let is_loud = Level::of(&samples).rms.decibels() > SPEECH;
        self.ends += self.rate.duration_of(samples.len());
        self.pieces.push_back(Piece::Sound { samples, is_loud });
        let most = if self.has_speech() { LONGEST } else { LEAD };
        while self.length() > most {
            self.drop_first();
        }
        is_loud
    }

    /// Remembers that the text of all sound so far was asked for.
    pub(super) fn finalize(&mut self) {
        if self.has_speech() {
            self.pieces.push_back(Piece::Finalize);
        }
    }

    pub(super) fn has_speech(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Sound { is_loud: true, .. }))
    }

    /// Returns whether text was asked for and has not come.
    pub(super) fn is_asked_for(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Finalize))
    }

    /// Forgets the sound of a final text: up to where it was asked for, else up to the last gap between words.
    pub(super) fn handle_final(&mut self) {
        let asked = self
            .pieces
            .iter()
            .position(|piece| matches!(piece, Piece::Finalize));
        let count = match asked {
            Some(at) => at + 1,
            None => self.last_gap().unwrap_or(self.pieces.len()),
        };
        for _ in 0..count {
            self.drop_first();
        }
    }

    /// Forgets the sound before a place that was told.
    pub(super) fn handle_covered(&mut self, until: Duration) {
        while self.begins < until && !self.pieces.is_empty() {
            self.drop_first();
        }
        while matches!(self.pieces.front(), Some(Piece::Finalize)) {
            self.pieces.pop_front();
        }
    }

    /// Returns what has to be heard again.
    pub(super) fn inputs(&self) -> impl Iterator<Item = TranscriptionInput> {
        self.pieces.iter().map(|piece| match piece {
            Piece::Sound { samples, .. } => TranscriptionInput::Audio(Arc::clone(samples)),
            Piece::Finalize => TranscriptionInput::Finalize,
        })
    }

    /// Returns the number of pieces up to the end of the last gap.
    fn last_gap(&self) -> Option<usize> {
        let mut quiet = Duration::ZERO;
        let mut end = self.pieces.len();
        for (at, piece) in self.pieces.iter().enumerate().rev() {
            match piece {
                Piece::Sound {
                    samples,
                    is_loud: false,
                } => {
                    quiet += self.rate.duration_of(samples.len());
                    if quiet >= GAP {
                        return Some(end);
                    }
                }
                Piece::Sound { is_loud: true, .. } => {
                    quiet = Duration::ZERO;
                    end = at;
                }
                Piece::Finalize => {}
            }
        }
        None
    }

    fn drop_first(&mut self) {
        if let Some(Piece::Sound { samples, .. }) = self.pieces.pop_front() {
            self.begins += self.rate.duration_of(samples.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_16000;

    #[test]
    fn silence_is_kept_only_as_a_lead() {
        let mut stretch = Stretch::new(RATE);

        quiet(&mut stretch, 500);
        assert_eq!(
            (stretch.length(), stretch.begins()),
            (LEAD, Duration::from_millis(9_500))
        );

        loud(&mut stretch, 5);
        quiet(&mut stretch, 5);
        assert_eq!(stretch.length(), LEAD + Duration::from_millis(200));
    }

    #[test]
    fn speech_without_end_is_kept_within_bounds() {
        let mut stretch = Stretch::new(RATE);

        loud(&mut stretch, 3_000);

        assert_eq!(stretch.length(), LONGEST);
    }

    #[test]
    fn a_final_text_that_was_asked_for_ends_where_it_was() {
        let mut stretch = Stretch::new(RATE);
        loud(&mut stretch, 10);
        stretch.finalize();
        loud(&mut stretch, 3);

        stretch.handle_final();

        assert!(!stretch.is_asked_for());
        assert_eq!(stretch.inputs().count(), 3);
    }

    #[test]
    fn a_final_text_unasked_ends_at_the_last_gap() {
        let mut stretch = Stretch::new(RATE);
        loud(&mut stretch, 10);
        quiet(&mut stretch, 8);
        loud(&mut stretch, 4);
        quiet(&mut stretch, 1);

        stretch.handle_final();

        assert_eq!(stretch.inputs().count(), 5);
    }

    #[test]
    fn a_place_that_was_told_is_where_it_ends() {
        let mut stretch = Stretch::new(RATE);
        loud(&mut stretch, 10);
        stretch.finalize();
        loud(&mut stretch, 10);

        stretch.handle_covered(Duration::from_millis(200));

        assert_eq!(
            (stretch.inputs().count(), stretch.is_asked_for()),
            (10, false)
        );
        assert_eq!(stretch.begins(), Duration::from_millis(200));
    }

    fn loud(stretch: &mut Stretch, pieces: usize) {
        push(stretch, pieces, 3_000);
    }

    fn quiet(stretch: &mut Stretch, pieces: usize) {
        push(stretch, pieces, 0);
    }

    fn push(stretch: &mut Stretch, pieces: usize, value: i16) {
        for _ in 0..pieces {
            stretch.push(vec![value; 320].into());
        }
    }
}
