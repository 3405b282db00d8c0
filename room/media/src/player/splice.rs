//! Finds two places that sound alike and joins them, so that time can be cut out or put in.

use std::time::Duration;

use super::tape::Tape;
use crate::{Channels, Level, SampleRate, sample::nearest};

/// The shortest piece cut or repeated. Shorter pitch periods are taken several at a time.
const SHORTEST: Duration = Duration::from_millis(5);
/// The longest: the pitch period of the deepest voice, 67 Hz.
const LONGEST: Duration = Duration::from_millis(15);
/// How much is compared, and over how much one place melts into the other.
const OVERLAP: Duration = Duration::from_millis(5);
/// Below this level nobody hears a splice.
const INAUDIBLE: f32 = -50.0;
/// Places are first compared at this many samples a second: enough for a voice's pitch.
const COARSE_RATE: u32 = 8_000;

/// A place that resembles a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// Where it begins, in samples from the beginning of what was searched.
    pub(super) at: usize,
    /// 1 for the same shape, 0 for nothing in common.
    pub(super) similarity: f32,
}

pub(super) const fn overlap(rate: SampleRate) -> usize {
    rate.samples_in(OVERLAP)
}

pub(super) const fn shortest(rate: SampleRate) -> usize {
    rate.samples_in(SHORTEST)
}

pub(super) const fn longest(rate: SampleRate) -> usize {
    rate.samples_in(LONGEST)
}

/// Cuts a period of at most `most` samples out of what comes next, if what is then joined has the
/// similarity asked for, and leaves at least `keep`. Returns how many samples that were.
pub(super) fn shorten(tape: &mut Tape, most: usize, keep: usize, similarity: f32) -> usize {
    let rate = tape.format().rate;
    let overlap = overlap(rate);
    let spare = tape.available().saturating_sub(keep.max(overlap));
    let (shortest, longest) = (shortest(rate), longest(rate).min(most).min(spare));
    if longest < shortest {
        return 0;
    }
    let next = tape.upcoming(longest + overlap);
    let count = if is_inaudible(next) {
        longest
    } else {
        let next = mono(next, tape.format().channels);
        let found = most_similar(&next[..overlap], &next[shortest..], rate);
        if found.similarity < similarity {
            return 0;
        }
        shortest + found.at
    };
    tape.cut(count);
    count
}

/// Repeats a period of at most `most` samples that was heard last, if it resembles what comes next
/// as much as asked for. Returns how many samples that were.
pub(super) fn lengthen(tape: &mut Tape, most: usize, similarity: f32) -> usize {
    let (rate, channels) = (tape.format().rate, tape.format().channels);
    let (overlap, shortest, longest) = (overlap(rate), shortest(rate), longest(rate).min(most));
    if longest < shortest || tape.available() < overlap {
        return 0;
    }
    let next = tape.upcoming(overlap);
    let heard = tape.heard(longest);
    let back = if is_inaudible(heard) && is_inaudible(next) {
        longest
    } else {
        let searched = mono(
            &heard[..(longest - shortest + overlap) * channels.count()],
            channels,
        );
        let found = most_similar(&mono(next, channels), &searched, rate);
        if found.similarity < similarity {
            return 0;
        }
        longest - found.at
    };
    // What comes next melts into what was heard `back` samples ago, and runs on from there.
    let mut repeated = tape.heard(back).to_vec();
    melt(
        tape.upcoming(overlap),
        &mut repeated[..overlap * channels.count()],
        channels,
    );
    tape.insert_melting(&repeated, 0);
    back
}

/// Returns the place in `searched` most similar to `pattern`. `searched` is at least as long.
pub(super) fn most_similar(pattern: &[f32], searched: &[f32], rate: SampleRate) -> Match {
    let last = searched.len() - pattern.len();
    let stride = (rate.hertz() / COARSE_RATE).max(1) as usize;
    let coarse = best_of((0..=last).step_by(stride), pattern, searched, stride);
    if stride == 1 {
        return coarse;
    }
    let near = coarse.at.saturating_sub(stride - 1)..=(coarse.at + stride - 1).min(last);
    best_of(near, pattern, searched, 1)
}

/// Melts `from` into `to`, which must be of the same length: begins as the first, ends as the
/// second.
pub(super) fn melt(from: &[i16], to: &mut [i16], channels: Channels) {
    let count = from.len() / channels.count();
    let step = 1.0 / (count + 1) as f32;
    for (index, (from, to)) in from.iter().zip(to).enumerate() {
        let weight = (index / channels.count() + 1) as f32 * step;
        let melted = f32::from(*from) * (1.0 - weight) + f32::from(*to) * weight;
        *to = nearest(melted);
    }
}

/// Returns the mean of the channels.
pub(super) fn mono(samples: &[i16], channels: Channels) -> Vec<f32> {
    let values = samples.iter().copied().map(f32::from);
    match channels {
        Channels::Mono => values.collect(),
        Channels::Stereo => {
            let (pairs, _) = samples.as_chunks::<2>();
            pairs
                .iter()
                .map(|&[left, right]| f32::from(left.midpoint(right)))
                .collect()
        }
    }
}

fn is_inaudible(samples: &[i16]) -> bool {
    Level::of(samples).rms.decibels() < INAUDIBLE
}

/// Compares at every `stride`th sample only.
fn best_of(
    places: impl Iterator<Item = usize>,
    pattern: &[f32],
    searched: &[f32],
    stride: usize,
) -> Match {
    let mut best = Match {
        at: 0,
        similarity: f32::NEG_INFINITY,
    };
    for at in places {
        let similarity = similarity(pattern, &searched[at..], stride);
        if similarity > best.similarity {
            best = Match { at, similarity };
        }
    }
    best
}

fn similarity(pattern: &[f32], place: &[f32], stride: usize) -> f32 {
    let (mut product, mut pattern_power, mut place_power) = (0.0, 1.0, 1.0);
    for (a, b) in pattern.iter().zip(place).step_by(stride) {
        product += a * b;
        pattern_power += a * a;
        place_power += b * b;
    }
    product / f32::sqrt(pattern_power * place_power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dbfs, tone::Tone};

    #[test]
    fn a_period_is_found_to_the_sample() {
        for rate in [
            SampleRate::HZ_8000,
            SampleRate::HZ_24000,
            SampleRate::HZ_48000,
        ] {
            let period = rate.hertz() as usize / 125;
            let tone = Tone::new(rate, 125.0, Dbfs::new(-20.0)).take(period * 3);
            let tone = mono(&tone, Channels::Mono);
            let pattern = &tone[..overlap(rate)];

            let found = most_similar(pattern, &tone[shortest(rate)..][..longest(rate)], rate);

            assert_eq!(found.at + shortest(rate), period, "{rate}");
            assert!(found.similarity > 0.99);
        }
    }

    #[test]
    fn melting_begins_as_one_and_ends_as_the_other() {
        let mut to = [0; 9];

        melt(&[1_000; 9], &mut to, Channels::Mono);

        assert_eq!(to, [900, 800, 700, 600, 500, 400, 300, 200, 100]);
    }

    #[test]
    fn the_loudest_sounds_melt_without_overflow() {
        let mut to = [i16::MIN; 4];

        melt(&[i16::MIN; 4], &mut to, Channels::Stereo);

        assert_eq!(to, [i16::MIN; 4]);
    }
}
