//! What can be made to go wrong.

use std::time::Duration;

/// Faults of the network and habits of Twilio that an application has to bear. Everything is off by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Knobs {
    /// How many times more each status callback is sent.
    pub callback_copies: u32,
    /// How long each status callback waits before it is sent.
    pub callback_delay: Duration,
    /// Up to how much longer some wait than others: it shuffles them.
    pub callback_spread: Duration,
    /// Which part of the status callbacks never arrives, from 0 to 1.
    pub callback_loss: f64,
    /// How many times more each request for a document is sent; the answer to the first counts.
    pub webhook_copies: u32,
    /// When a media socket breaks after it was opened, as by a dead network.
    pub kill_socket_after: Option<Duration>,
    /// A call whose socket breaks ends instead of going on with its document.
    pub hang_up_on_lost_socket: bool,
    /// How much faster the phone's clock runs than this machine's, in millionths; slower when negative.
    pub clock_drift_ppm: i32,
    /// The way to the server stalls now and then.
    pub stalls: Option<Stalls>,
}

/// How a network stalls: messages are kept for a while and arrive all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stalls {
    /// From the beginning of one to the beginning of the next; the first comes after as much time.
    pub every: Duration,
    /// How long each lasts.
    pub length: Duration,
}

impl Stalls {
    /// Returns whether nothing gets through `elapsed` after the beginning.
    pub(crate) fn holds(&self, elapsed: Duration) -> bool {
        let every = self.every.as_millis().max(1);
        let elapsed = elapsed.as_millis();
        elapsed >= every && elapsed % every < self.length.as_millis()
    }
}

impl Knobs {
    /// Returns 20 ms as the phone's clock has them.
    pub(crate) fn tick(&self) -> Duration {
        const NANOSECONDS: i64 = 20_000_000;
        let drift = NANOSECONDS * i64::from(self.clock_drift_ppm) / 1_000_000;
        Duration::from_nanos((NANOSECONDS - drift).max(1_000_000).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_ticks_sooner() {
        let tick = |clock_drift_ppm| {
            let knobs = Knobs {
                clock_drift_ppm,
                ..Knobs::default()
            };
            knobs.tick().as_nanos()
        };

        assert_eq!(
            [tick(0), tick(100), tick(-100)],
            [20_000_000, 19_998_000, 20_002_000]
        );
    }

    #[test]
    fn a_stall_begins_after_each_interval() {
        let stalls = Stalls {
            every: Duration::from_secs(2),
            length: Duration::from_millis(300),
        };
        let holds = [100, 1_999, 2_000, 2_299, 2_300, 4_100]
            .map(|at| stalls.holds(Duration::from_millis(at)));

        assert_eq!(holds, [false, false, true, true, false, true]);
    }
}
