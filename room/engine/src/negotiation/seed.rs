//! SCTP streams that exist only to get a data section into an offer.
//!
//! str0m writes `m=application` only for a channel that is part of the offer, keeps the channel
//! even when the offer is dropped, and panics when a negotiated stream is used twice. So each
//! attempt brings a channel on a stream of its own that nobody else uses: negotiated out of band,
//! it sends nothing.

use std::collections::HashSet;

/// The highest stream that may be used: RFC 8832 reserves 65535.
const HIGHEST: u16 = u16::MAX - 1;

/// Hands out unused streams from the top, and remembers every stream in use.
#[derive(Debug, Default)]
pub(crate) struct StreamLedger {
    seeds: HashSet<u16>,
    claimed: HashSet<u16>,
}

impl StreamLedger {
    /// Returns a stream for the next attempt; `None` after 65,000 attempts.
    pub(crate) fn seed(&mut self) -> Option<u16> {
        let stream = (0..=HIGHEST)
            .rev()
            .find(|s| !self.seeds.contains(s) && !self.claimed.contains(s))?;
        self.seeds.insert(stream);
        Some(stream)
    }

    /// Reserves a stream for a channel of the application; `false` when it is taken.
    pub(crate) fn claim(&mut self, stream: u16) -> bool {
        stream <= HIGHEST && !self.seeds.contains(&stream) && self.claimed.insert(stream)
    }

    /// Gives a stream back after its channel was closed.
    pub(crate) fn release(&mut self, stream: u16) {
        self.claimed.remove(&stream);
    }

    pub(crate) fn is_seed(&self, stream: u16) -> bool {
        self.seeds.contains(&stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_and_claimed_streams_never_meet() {
        let mut ledger = StreamLedger::default();

        assert!(ledger.claim(HIGHEST));
        assert_eq!(ledger.seed(), Some(HIGHEST - 1));
        assert!(!ledger.claim(HIGHEST - 1));
        assert!(!ledger.claim(u16::MAX));
    }

    #[test]
    fn a_released_stream_can_be_claimed_again() {
        let mut ledger = StreamLedger::default();
        ledger.claim(100);

        assert!(!ledger.claim(100));
        ledger.release(100);
        assert!(ledger.claim(100));
    }
}
