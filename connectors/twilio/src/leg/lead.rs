//! How much is kept in hand at Twilio, so that nobody hears it when this machine is late. Pure.

use std::time::Duration;

use super::pace::TICK;

/// What is kept in hand for each millisecond that the machine was late.
const PER_LATENESS: u32 = 2;

/// It is measured out in such steps.
const STEP: Duration = Duration::from_millis(10);

/// More in hand would be heard as a delay.
const MOST: Duration = Duration::from_millis(100);

/// Nothing louder than this is missed or heard twice: −40 dBFS, 12 dB above hush.
const QUIET: u16 = 328;

/// Returns whether a tick may be left out or said twice.
pub(super) fn is_pause(tick: &[i16]) -> bool {
    tick.iter().all(|sample| sample.unsigned_abs() <= QUIET)
}

/// What is in hand for one leg.
#[derive(Debug)]
pub(super) struct Lead {
    least: Duration,
    in_hand: Duration,
}

impl Lead {
    pub(super) fn new(least: Duration) -> Self {
        Self {
            least,
            in_hand: Duration::ZERO,
        }
    }

    /// Begins anew after silence, on a machine that was `late` by so much; returns what to send first.
    pub(super) fn begin(&mut self, late: Duration) -> Duration {
        self.in_hand = self.wanted(late);
        self.in_hand
    }

    /// Takes in that a tick is sent so late: what Twilio lacked meanwhile, it has in hand from now on.
    pub(super) fn handle_tick(&mut self, late: Duration) {
        self.in_hand = self.in_hand.max(late);
    }

    /// Returns how many times to send a tick that is a pause, on a machine that was `late` by so much.
    pub(super) fn handle_pause(&mut self, late: Duration) -> u32 {
        let wanted = self.wanted(late);
        if self.in_hand >= wanted + 2 * TICK {
            self.in_hand -= TICK;
            return 0;
        }
        let missing = wanted.saturating_sub(self.in_hand).as_millis();
        let more = u32::try_from(missing.div_ceil(TICK.as_millis())).unwrap_or_default();
        self.in_hand += more * TICK;
        1 + more
    }

    fn wanted(&self, late: Duration) -> Duration {
        let steps = (late * PER_LATENESS).min(MOST).as_millis() / STEP.as_millis();
        self.least
            .max(STEP * u32::try_from(steps).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn twice_the_lateness_is_kept_in_hand_within_bounds() {
        let mut lead = Lead::new(ms(20));

        let first = [0, 10, 17, 40, 4_000].map(|late| lead.begin(ms(late)));

        assert_eq!(first, [20, 20, 30, 80, 100].map(ms));
    }

    #[test]
    fn a_pause_makes_up_for_what_is_missing_once() {
        let mut lead = Lead::new(ms(20));
        lead.begin(ms(0));

        let times = [15, 15, 40].map(|late| lead.handle_pause(ms(late)));

        assert_eq!(times, [2, 1, 3]);
    }

    #[test]
    fn what_twilio_lacked_need_not_be_sent() {
        let mut lead = Lead::new(ms(20));
        lead.begin(ms(0));

        lead.handle_tick(ms(35));

        assert_eq!(lead.handle_pause(ms(25)), 2);
    }

    #[test]
    fn pauses_give_back_what_is_in_hand_for_nothing() {
        let mut lead = Lead::new(ms(20));
        lead.begin(ms(50));

        let times = [(); 5].map(|()| lead.handle_pause(ms(0)));

        assert_eq!(times, [0, 0, 0, 1, 1]);
    }

    #[test]
    fn noise_is_a_pause_and_a_word_is_none() {
        assert!(is_pause(&[100, -328, 0]));
        assert!(!is_pause(&[100, -329, 0]));
    }
}
