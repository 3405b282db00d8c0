//! Gathers the samples of one frame, in the format that is encoded.

use std::time::Instant;

use super::super::codec::{CLOCK_RATE, is_native};
use super::super::format::AudioFormat;
use super::super::resample::{Chunk, Resampler};
use super::super::source::SourceTaker;
use super::clock::{FRAME, FRAME_SAMPLES, Fullness};

/// The frame in the making.
#[derive(Debug)]
pub(super) struct Framer {
    /// Samples as the source gives them.
    gathered: Vec<i16>,
    /// When the last of them was handed over.
    latest: Option<Instant>,
    /// Samples as they are encoded.
    frame: Vec<i16>,
    coded: AudioFormat,
    resampler: Option<Resampler>,
}

impl Framer {
    /// Returns a framer for a source of this format.
    pub(super) fn new(source: AudioFormat) -> Self {
        let mut framer = Self {
            gathered: Vec::new(),
            latest: None,
            frame: Vec::new(),
            coded: source,
            resampler: None,
        };
        if !is_native(source.sample_rate()) {
            let chunk = Chunk::Output(FRAME_SAMPLES as usize);
            framer.resampler = Resampler::new(source, CLOCK_RATE, chunk);
            framer.coded = source.at_rate(CLOCK_RATE);
        }
        framer
    }

    /// The format of the frames that `take` returns.
    pub(super) fn coded(&self) -> AudioFormat {
        self.coded
    }

    /// Takes from the source what the frame still lacks.
    pub(super) fn fill(&mut self, source: &mut SourceTaker) {
        let wanted = self.wanted();
        self.latest = source.fill(&mut self.gathered, wanted).or(self.latest);
    }

    pub(super) fn fullness(&self) -> Fullness {
        match self.gathered.len() {
            0 => Fullness::Empty,
            count if count < self.wanted() => Fullness::Partial,
            _ => Fullness::Whole,
        }
    }

    /// How many samples of the source the frame still lacks.
    pub(super) fn missing(&self) -> usize {
        self.wanted().saturating_sub(self.gathered.len())
    }

    /// Returns when the frame became whole, if it is.
    pub(super) fn whole_since(&self) -> Option<Instant> {
        self.latest.filter(|_| self.fullness() == Fullness::Whole)
    }

    /// Returns the frame, padded with silence if it was not whole, and begins the next one.
    pub(super) fn take(&mut self) -> &mut [i16] {
        self.gathered.resize(self.wanted(), 0);
        self.frame.clear();
        match &mut self.resampler {
            Some(resampler) => resampler.process(&self.gathered, &mut self.frame),
            None => self.frame.extend_from_slice(&self.gathered),
        }
        self.gathered.clear();
        &mut self.frame
    }

    fn wanted(&self) -> usize {
        match &self.resampler {
            Some(resampler) => resampler.wanted(),
            None => self.coded.samples_in(FRAME),
        }
    }
}
