//! What was heard lately and what comes next, in one row.

use std::time::Duration;

use super::splice;
use crate::Format;

/// How far back a period is looked for: the longest and the piece it is compared by, twice.
const HISTORY: Duration = Duration::from_millis(40);
/// Values let pile up behind the history before they are cleared away in one go.
const CLEAR_AFTER: usize = 16 * 1024;

/// One row of samples with a playing position in it.
#[derive(Debug)]
pub(super) struct Tape {
    format: Format,
    values: Vec<i16>,
    /// Everything before has been heard, just as it stands here.
    position: usize,
}

impl Tape {
    pub(super) fn new(format: Format) -> Self {
        let silence = format.values_in(HISTORY);
        Self {
            format,
            values: vec![0; silence],
            position: silence,
        }
    }

    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// Returns how many samples per channel are still to be played.
    pub(super) const fn available(&self) -> usize {
        (self.values.len() - self.position) / self.format.channels.count()
    }

    pub(super) fn push(&mut self, samples: &[i16]) {
        self.values.extend_from_slice(samples);
    }

    /// Plays as much of `output` as there is; returns how many values that were.
    pub(super) fn play(&mut self, output: &mut [i16]) -> usize {
        let upcoming = &self.values[self.position..];
        let count = upcoming.len().min(output.len());
        output[..count].copy_from_slice(&upcoming[..count]);
        self.position += count;
        self.clear_away();
        count
    }

    /// Takes note that something else was heard before what comes next.
    pub(super) fn insert_heard(&mut self, samples: &[i16]) {
        self.insert(samples);
        self.position += samples.len();
        self.clear_away();
    }

    /// Puts `samples` before what comes next. Their last `overlap` (per channel) melt into it.
    pub(super) fn insert_melting(&mut self, samples: &[i16], overlap: usize) {
        let overlap = overlap * self.format.channels.count();
        let (before, melting) = samples.split_at(samples.len() - overlap);
        let next = &mut self.values[self.position..self.position + overlap];
        splice::melt(melting, next, self.format.channels);
        self.insert(before);
    }

    /// Leaves out the next `count` samples, melting what would have come into what comes.
    pub(super) fn cut(&mut self, count: usize) {
        let channels = self.format.channels;
        let overlap = splice::overlap(self.format.rate)
            .min(count)
            .min(self.available() - count);
        let (count, overlap) = (count * channels.count(), overlap * channels.count());
        let (before, after) = self.values[self.position..].split_at_mut(count);
        splice::melt(&before[..overlap], &mut after[..overlap], channels);
        self.values.drain(self.position..self.position + count);
    }

    /// Returns the last `count` samples heard, per channel.
    pub(super) fn heard(&self, count: usize) -> &[i16] {
        &self.values[self.position - count * self.format.channels.count()..self.position]
    }

    /// Returns the next `count` samples.
    pub(super) fn upcoming(&self, count: usize) -> &[i16] {
        &self.values[self.position..self.position + count * self.format.channels.count()]
    }

    fn insert(&mut self, samples: &[i16]) {
        self.values
            .splice(self.position..self.position, samples.iter().copied());
    }

    fn clear_away(&mut self) {
        let history = self.format.values_in(HISTORY);
        if self.position > history + CLEAR_AFTER {
            self.values.drain(..self.position - history);
            self.position = history;
        }
    }
}
