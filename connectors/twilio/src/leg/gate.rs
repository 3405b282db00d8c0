//! Keeps hush from everybody once it has lasted: quiet lines cost nothing. Pure.

use std::time::Duration;

use room_media::is_hush;

use super::pace::TICK;

/// So much hush is passed on: whoever listens knows by it that a word is over.
const PASSED_ON: Duration = Duration::from_secs(1);

/// Opens with the first tick that has sound in it.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// How long there has been nothing but hush.
    hush: Duration,
}

impl Gate {
    /// Returns whether others get to hear a tick.
    pub(super) fn lets_through(&mut self, tick: &[i16]) -> bool {
        self.hush = if is_hush(tick) {
            self.hush.saturating_add(TICK)
        } else {
            Duration::ZERO
        };
        self.hush <= PASSED_ON
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hush_is_passed_on_for_a_second_and_sound_at_once() {
        let mut gate = Gate::default();
        let passed =
            |gate: &mut Gate, sample| (0..200).filter(|_| gate.lets_through(&[0, sample])).count();

        assert_eq!(passed(&mut gate, 1_000), 200);
        assert_eq!(passed(&mut gate, 30), 50);
        assert_eq!(passed(&mut gate, -1_000), 200);
    }
}
