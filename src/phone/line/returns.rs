//! How often a call whose socket is lost is sent back at once. Pure.
//!
//! A socket that breaks each time it is opened would be opened as fast as Twilio can; what is not sent back at once comes
//! back by itself when Twilio has waited for a while, see [`script`](crate::phone::script).

use std::time::{Duration, Instant};

/// So many in a row.
const MOST: u32 = 3;

/// And one more after so long.
const REGAINED: Duration = Duration::from_secs(10);

/// How often one call may still be sent back at once.
#[derive(Debug)]
pub(super) struct Returns {
    left: u32,
    /// When the next one is regained is counted from here.
    since: Instant,
}

impl Returns {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: MOST,
            since: now,
        }
    }

    /// A socket is lost; tells whether the call is sent back at once.
    pub(super) fn handle_lost(&mut self, now: Instant) -> bool {
        while self.left < MOST && now.saturating_duration_since(self.since) >= REGAINED {
            self.left += 1;
            self.since += REGAINED;
        }
        if self.left == MOST {
            self.since = now;
        }
        self.left
            .checked_sub(1)
            .inspect(|left| self.left = *left)
            .is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_breaks_each_time_is_not_opened_as_fast_as_possible() {
        let start = Instant::now();
        let mut returns = Returns::new(start);

        let at = |seconds| start + Duration::from_secs(seconds);
        let told = [5, 5, 6, 6, 7, 14, 15, 16].map(|second| returns.handle_lost(at(second)));

        assert_eq!(
            told,
            [true, true, true, false, false, false, true, false],
            "three at once, then one each ten seconds"
        );
    }

    #[test]
    fn a_long_call_is_sent_back_each_time() {
        let start = Instant::now();
        let mut returns = Returns::new(start);

        let minutes = 1..100;
        for minute in minutes {
            assert!(returns.handle_lost(start + Duration::from_secs(60 * minute)));
        }
    }
}
