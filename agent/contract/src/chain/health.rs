//! Whether a provider can be relied on. Pure: time is an argument.

use std::time::{Duration, Instant};

use crate::ProviderError;

/// The rest after a first failure; each further one doubles it.
const SHORTEST_REST: Duration = Duration::from_secs(5);

/// Often enough to notice a recovery within a call.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// A provider that asks for more is asked again after this.
const LONGEST_WISH: Duration = Duration::from_secs(600);

/// How a provider stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is asked.
    Well,
    /// It failed and is left alone.
    Resting,
    /// It is being tried, beside the calls.
    Probing,
}

/// What to do with a provider now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    Use,
    Skip,
    Probe,
}

/// One provider's health.
#[derive(Debug, Clone, Default)]
pub struct Health {
    state: State,
    failures: u32,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Well,
    Resting {
        until: Instant,
    },
    Probing,
}

impl Health {
    /// Returns how it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.state {
            State::Well => Standing::Well,
            State::Resting { .. } => Standing::Resting,
            State::Probing => Standing::Probing,
        }
    }

    /// Says what to do; after `Probe` it counts as being probed.
    pub(super) fn advice(&mut self, now: Instant) -> Advice {
        match self.state {
            State::Well => Advice::Use,
            State::Resting { until } if now >= until => {
                self.state = State::Probing;
                Advice::Probe
            }
            State::Resting { .. } | State::Probing => Advice::Skip,
        }
    }

    /// Takes note that it delivered.
    pub(super) fn handle_success(&mut self) {
        *self = Self::default();
    }

    /// Takes note that it failed.
    pub(super) fn handle_failure(&mut self, now: Instant, error: &ProviderError) {
        let wish = match error {
            // The request was at fault, or so it says: the next one may be another.
            ProviderError::Rejected { .. } => {
                if matches!(self.state, State::Probing) {
                    self.handle_success();
                }
                return;
            }
            // Nothing but the operator changes that.
            ProviderError::Account { .. } | ProviderError::Missing { .. } => Some(LONGEST_REST),
            ProviderError::Unavailable { retry_after, .. } => *retry_after,
            ProviderError::Stalled { .. } | ProviderError::Garbled { .. } => None,
        };
        let own = SHORTEST_REST * 2_u32.saturating_pow(self.failures.min(8));
        let rest = wish
            .unwrap_or_default()
            .min(LONGEST_WISH)
            .max(own.min(LONGEST_REST));
        self.failures = self.failures.saturating_add(1);
        self.state = State::Resting { until: now + rest };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProviderName;

    #[test]
    fn one_that_failed_rests_and_is_then_probed_once() {
        let (mut health, now) = (Health::default(), Instant::now());

        health.handle_failure(now, &stalled());

        assert_eq!(health.advice(now + secs(4)), Advice::Skip);
        assert_eq!(health.advice(now + secs(5)), Advice::Probe);
        assert_eq!(health.advice(now + secs(6)), Advice::Skip);
        health.handle_success();
        assert_eq!(health.advice(now + secs(6)), Advice::Use);
    }

    #[test]
    fn each_failed_probe_doubles_the_rest_up_to_a_minute() {
        let (mut health, mut now) = (Health::default(), Instant::now());
        let mut rests = Vec::new();

        for _ in 0..6 {
            health.handle_failure(now, &stalled());
            let begun = now;
            while health.advice(now) == Advice::Skip {
                now += secs(1);
            }
            rests.push((now - begun).as_secs());
        }

        assert_eq!(rests, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_wish_is_granted_within_reason() {
        let (mut health, now) = (Health::default(), Instant::now());

        health.handle_failure(now, &unavailable(secs(90)));
        assert_eq!(health.advice(now + secs(89)), Advice::Skip);
        assert_eq!(health.advice(now + secs(90)), Advice::Probe);

        health.handle_failure(now, &unavailable(secs(86_400)));
        assert_eq!(health.advice(now + secs(600)), Advice::Probe);
    }

    #[test]
    fn a_rejected_request_says_nothing_about_the_next() {
        let (mut health, now) = (Health::default(), Instant::now());

        health.handle_failure(
            now,
            &ProviderError::Rejected {
                provider: ProviderName::new("one"),
                source: "too long".into(),
            },
        );

        assert_eq!(health.standing(), Standing::Well);
    }

    fn stalled() -> ProviderError {
        ProviderError::Stalled {
            provider: ProviderName::new("one"),
            waited: secs(1),
        }
    }

    fn unavailable(after: Duration) -> ProviderError {
        ProviderError::Unavailable {
            provider: ProviderName::new("one"),
            retry_after: Some(after),
            source: "busy".into(),
        }
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }
}
