//! How much delay the arrivals need: a histogram of lateness that slowly forgets.

use std::time::Duration;

use super::nanos;

/// The histogram's resolution, and the least delay there is: what a timer wobbles.
const BUCKET: Duration = Duration::from_millis(5);
/// Everything later is as late as the last.
const BUCKETS: usize = 128;
/// The share of frames that may come too late and be concealed.
const TOO_LATE: f32 = 0.03;
/// The weight of a second of sound: half of everything is forgotten in seven seconds.
const WEIGHT_PER_SECOND: f32 = 0.1;

/// Aims at a delay that all but a few frames stay within.
#[derive(Debug)]
pub(super) struct Target {
    /// Shares of frames that were late by a multiple of [`BUCKET`]; their sum is 1.
    shares: Vec<f32>,
    recorded: u32,
}

impl Target {
    /// Returns the target `first`, which gives way to what is recorded within about half a second.
    pub(super) fn new(first: Duration) -> Self {
        let mut shares = vec![0.0; BUCKETS];
        shares[bucket(nanos(first) - 1)] = 1.0;
        Self {
            shares,
            recorded: 0,
        }
    }

    /// Takes note that a frame of the given duration was late by so many nanoseconds.
    pub(super) fn record(&mut self, late_by: i64, frame: Duration) {
        self.recorded = self.recorded.saturating_add(1);
        let first = 1.0 / (self.recorded as f32 + 1.0);
        let weight = (WEIGHT_PER_SECOND * frame.as_secs_f32())
            .max(first)
            .min(1.0);
        for share in &mut self.shares {
            *share *= 1.0 - weight;
        }
        self.shares[bucket(late_by)] += weight;
    }

    pub(super) fn delay(&self) -> Duration {
        let mut later = 0.0;
        for (bucket, share) in self.shares.iter().enumerate().rev() {
            later += share;
            if later > TOO_LATE {
                return BUCKET * (bucket as u32 + 1);
            }
        }
        BUCKET
    }
}

fn bucket(late_by: i64) -> usize {
    usize::try_from(late_by / nanos(BUCKET))
        .unwrap_or(0)
        .min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::MILLI;

    const FRAME: Duration = Duration::from_millis(20);

    fn recorded(target: &mut Target, late_by: impl IntoIterator<Item = i64>) -> u128 {
        for late in late_by {
            target.record(late * MILLI, FRAME);
        }
        target.delay().as_millis()
    }

    #[test]
    fn the_first_target_is_the_one_given() {
        for millis in [5, 20, 100] {
            assert_eq!(
                Target::new(Duration::from_millis(millis))
                    .delay()
                    .as_millis(),
                millis.into()
            );
        }
    }

    #[test]
    fn half_a_second_of_even_sound_brings_the_least_delay() {
        let mut target = Target::new(Duration::from_millis(40));

        assert_eq!(recorded(&mut target, [0; 35]), 5);
    }

    #[test]
    fn all_but_a_few_frames_are_in_time() {
        let mut target = Target::new(FRAME);

        let delay = recorded(&mut target, (0..5_000).map(|i| i * 37 % 100));

        assert_eq!(delay, 100);
    }

    #[test]
    fn one_late_frame_changes_nothing_and_a_burst_is_forgotten() {
        let mut target = Target::new(FRAME);
        recorded(&mut target, [0; 500]);

        assert_eq!(recorded(&mut target, [200]), 5);
        assert!(recorded(&mut target, [200; 50]) > 200);
        assert_eq!(recorded(&mut target, [0; 1_000]), 5);
    }

    #[test]
    fn beyond_all_measure_is_the_last_bucket() {
        let mut target = Target::new(FRAME);

        assert_eq!(recorded(&mut target, [i64::MAX / MILLI; 10]), 640);
    }
}
