//! Sound made up when there is none: the last pitch period again and again, fading to silence.

use std::time::Duration;

use super::{
    splice::{self, melt, mono},
    tape::Tape,
};
use crate::{Format, sample::nearest};

/// A period may be repeated this long before it begins to sound like a machine.
const FULL: Duration = Duration::from_millis(20);
/// When nothing is left to hear. Longer holes are heard as holes anyway.
const FADED: Duration = Duration::from_millis(90);
/// The step from the last sample heard to the first made up is spread over this long.
const SMOOTHED: Duration = Duration::from_micros(2_500);
/// What has no pitch is repeated at the longest distance, where repetition is heard least.
const PITCHED: f32 = 0.4;
/// Made-up sound as quiet as this need not be joined at a fitting place.
const TOO_QUIET_TO_JOIN: f32 = 0.3;

/// A source of made-up sound.
#[derive(Clone, Debug)]
pub(super) struct Concealment {
    format: Format,
    /// Repeated. Its end has been melted so that it runs into its beginning.
    period: Vec<i16>,
    /// Samples per channel made up so far.
    made_up: usize,
    /// For each channel, the step to be smoothed.
    steps: Vec<f32>,
}

impl Concealment {
    /// Returns what could have come after all that was heard.
    pub(super) fn after(tape: &Tape) -> Self {
        let format = tape.format();
        let channels = format.channels.count();
        let overlap = splice::overlap(format.rate);
        let period = pitch_period(tape);

        let mut repeated = tape.heard(period).to_vec();
        let before = &tape.heard(period + overlap)[..overlap * channels];
        let end = repeated.len() - overlap * channels;
        let mut melted = before.to_vec();
        melt(&repeated[end..], &mut melted, format.channels);
        repeated[end..].copy_from_slice(&melted);

        let last = tape.heard(1);
        let last_of_period_before = &before[before.len() - channels..];
        let steps = last.iter().zip(last_of_period_before);
        let steps = steps
            .map(|(&last, &before)| f32::from(last) - f32::from(before))
            .collect();
        Self {
            format,
            period: repeated,
            made_up: 0,
            steps,
        }
    }

    /// Fills `output` with what comes next.
    pub(super) fn fill(&mut self, output: &mut [i16]) {
        let channels = self.format.channels.count();
        let smoothed = self.format.rate.samples_in(SMOOTHED) as f32;
        for sample in output.chunks_exact_mut(channels) {
            let gain = self.gain();
            let step_left = (1.0 - self.made_up as f32 / smoothed).max(0.0);
            let at = self.made_up * channels % self.period.len();
            for (channel, value) in sample.iter_mut().enumerate() {
                let repeated = f32::from(self.period[at + channel]);
                let smooth = repeated + self.steps[channel] * step_left;
                *value = nearest(smooth * gain);
            }
            self.made_up += 1;
        }
    }

    /// Returns how many samples per channel have been made up.
    pub(super) const fn made_up(&self) -> usize {
        self.made_up
    }

    pub(super) fn has_faded(&self) -> bool {
        self.gain() <= 0.0
    }

    /// Runs on until it fits what comes next on `tape`, and melts into that. Returns how many
    /// samples were put in between. `tape` has at least one sample to come.
    pub(super) fn join(&self, tape: &mut Tape) -> usize {
        let rate = self.format.rate;
        let overlap = splice::overlap(rate).min(tape.available());
        let mut onward = vec![0; (splice::longest(rate) + overlap) * self.format.channels.count()];
        self.clone().fill(&mut onward);
        let between = if self.gain() < TOO_QUIET_TO_JOIN {
            0
        } else {
            let next = mono(tape.upcoming(overlap), self.format.channels);
            let found = splice::most_similar(&next, &mono(&onward, self.format.channels), rate);
            if found.similarity < PITCHED {
                0
            } else {
                found.at
            }
        };
        let joining = &onward[..(between + overlap) * self.format.channels.count()];
        tape.insert_melting(joining, overlap);
        between
    }

    fn gain(&self) -> f32 {
        let full = self.format.rate.samples_in(FULL) as f32;
        let faded = self.format.rate.samples_in(FADED) as f32;
        ((faded - self.made_up as f32) / (faded - full)).clamp(0.0, 1.0)
    }
}

/// Returns after how many samples the sound heard last repeats itself best.
fn pitch_period(tape: &Tape) -> usize {
    let rate = tape.format().rate;
    let (overlap, shortest, longest) = (
        splice::overlap(rate),
        splice::shortest(rate),
        splice::longest(rate),
    );
    let heard = mono(tape.heard(longest + overlap), tape.format().channels);
    let (searched, pattern) = (&heard[..heard.len() - shortest], &heard[longest..]);
    let found = splice::most_similar(pattern, searched, rate);
    if found.similarity < PITCHED {
        longest
    } else {
        longest - found.at
    }
}
