//! Interarrival jitter (RFC 3550 §6.4.1).

use std::time::Instant;

use super::super::codec::CLOCK_RATE;

/// Weight of the past, as the standard has it.
const SMOOTHING: f64 = 16.0;

/// How unevenly packets arrive.
#[derive(Debug, Default)]
pub(super) struct Jitter {
    last: Option<(Instant, u32)>,
    seconds: f64,
}

impl Jitter {
    pub(super) fn handle_arrival(&mut self, now: Instant, timestamp: u32) {
        if let Some((then, earlier)) = self.last.replace((now, timestamp)) {
            let arrived = now.saturating_duration_since(then).as_secs_f64();
            let spoken = f64::from(timestamp.wrapping_sub(earlier).cast_signed());
            let difference = (arrived - spoken / f64::from(CLOCK_RATE)).abs();
            self.seconds += (difference - self.seconds) / SMOOTHING;
        }
    }

    /// Forgets the last packet: the next one has another clock.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_even_stream_has_none_and_an_uneven_one_tends_to_its_unevenness() {
        let start = Instant::now();
        let mut even = Jitter::default();
        let mut uneven = Jitter::default();

        for packet in 0..200_u32 {
            let due = start + Duration::from_millis(20) * packet;
            let late = Duration::from_millis(if packet % 2 == 0 { 0 } else { 10 });
            even.handle_arrival(due, (packet * 960).wrapping_sub(48_000));
            uneven.handle_arrival(due + late, packet * 960);
        }

        assert!(even.seconds() < 1e-6);
        assert!(
            (uneven.seconds() - 0.010).abs() < 0.000_1,
            "{}",
            uneven.seconds()
        );
    }
}
