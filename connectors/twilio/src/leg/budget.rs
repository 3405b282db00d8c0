//! What a socket may do before it is cut off. Pure: time is an argument.

use tokio::time::Instant;

use super::Breach;

/// Messages at once: a way that stood still for half a minute brings 1,500.
const BURST: f64 = 3_000.0;

/// Messages a second in the long run; Twilio sends fifty-odd.
const PER_SECOND: f64 = 200.0;

/// Frames that are no messages, in the life of a socket.
const GARBLED: u32 = 20;

/// Messages of another stream, in the life of a socket.
const STRANGERS: u32 = 20;

/// Marks that come back unsent, in the life of a socket. A few may cross a clear.
const UNSENT_MARKS: u32 = 100;

/// What a socket has left.
#[derive(Debug)]
pub(super) struct Budget {
    messages: f64,
    counted: Instant,
    garbled: u32,
    strangers: u32,
    unsent_marks: u32,
}

impl Budget {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            messages: BURST,
            counted: now,
            garbled: 0,
            strangers: 0,
            unsent_marks: 0,
        }
    }

    /// Takes note of any message.
    pub(super) fn message(&mut self, now: Instant) -> Result<(), Breach> {
        let passed = now.saturating_duration_since(self.counted).as_secs_f64();
        self.counted = now;
        self.messages = (self.messages + passed * PER_SECOND).min(BURST) - 1.0;
        if self.messages < 0.0 {
            return Err(Breach::TooFast);
        }
        Ok(())
    }

    /// Takes note of a frame that is no message.
    pub(super) fn garbled(&mut self) -> Result<(), Breach> {
        spend(&mut self.garbled, GARBLED, Breach::Garbled)
    }

    /// Takes note of a message of another stream.
    pub(super) fn stranger(&mut self) -> Result<(), Breach> {
        spend(&mut self.strangers, STRANGERS, Breach::WrongStream)
    }

    /// Takes note of a mark that was never sent.
    pub(super) fn unsent_mark(&mut self) -> Result<(), Breach> {
        spend(&mut self.unsent_marks, UNSENT_MARKS, Breach::Marks)
    }
}

fn spend(spent: &mut u32, most: u32, breach: Breach) -> Result<(), Breach> {
    *spent += 1;
    if *spent > most { Err(breach) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_call_and_a_burst_are_within_the_budget_and_a_flood_is_not() {
        let start = Instant::now();
        let mut budget = Budget::new(start);

        for message in 0..50_000 {
            let now = start + Duration::from_millis(20 * message);
            assert_eq!(budget.message(now), Ok(()));
        }
        let later = start + Duration::from_secs(2_000);
        for _ in 0..3_000 {
            assert_eq!(budget.message(later), Ok(()));
        }

        assert_eq!(budget.message(later), Err(Breach::TooFast));
    }
}
