//! Maps RTP timestamps, which wrap, to positions, which do not.

/// Where timestamps lie in the track's timeline, in samples on the 48 kHz clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeline {
    timestamp: u32,
    position: u64,
}

impl Timeline {
    /// Returns a timeline in which `timestamp` lies at `position`.
    pub(super) fn new(timestamp: u32, position: u64) -> Self {
        Self {
            timestamp,
            position,
        }
    }

    /// Returns where `timestamp` lies: within 12 hours of the newest timestamp that was placed;
    /// `None` before the beginning.
    pub(super) fn position(&self, timestamp: u32) -> Option<u64> {
        let distance = timestamp.wrapping_sub(self.timestamp).cast_signed();
        self.position.checked_add_signed(i64::from(distance))
    }

    /// Remembers `timestamp` as the one that others are measured against, if it is the newest.
    pub(super) fn advance(&mut self, timestamp: u32) {
        if let Some(position) = self.position(timestamp).filter(|&it| it > self.position) {
            *self = Self {
                timestamp,
                position,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_on_when_timestamps_wrap() {
        let mut timeline = Timeline::new(u32::MAX - 100, 0);

        timeline.advance(860);

        assert_eq!(timeline.position(860), Some(961));
        assert_eq!(timeline.position(u32::MAX - 100), Some(0));
        assert_eq!(timeline.position(u32::MAX - 101), None);
    }
}
