//! Which of the latest packets have come.

/// Remembers the sequence numbers of the latest packets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    newest: u64,
    /// Bit n is set if the packet n before the newest has come.
    came: u128,
}

/// Whether a packet has come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    New,
    Again,
    /// It is too old to tell.
    Forgotten,
}

impl Window {
    /// Returns a window in which nothing has come, neither `sequence` nor what is before it.
    pub(super) fn before(sequence: u64) -> Self {
        Self {
            newest: sequence,
            came: 0,
        }
    }

    /// Notes that a packet came.
    pub(super) fn note(&mut self, sequence: u64) -> Seen {
        if sequence > self.newest {
            let steps = sequence - self.newest;
            self.newest = sequence;
            self.came = self.shifted(steps) | 1;
            return Seen::New;
        }
        let bit = self.bit(self.newest - sequence);
        if bit == 0 {
            return Seen::Forgotten;
        }
        let seen = if self.came & bit == 0 {
            Seen::New
        } else {
            Seen::Again
        };
        self.came |= bit;
        seen
    }

    fn shifted(&self, steps: u64) -> u128 {
        u32::try_from(steps)
            .ok()
            .and_then(|steps| self.came.checked_shl(steps))
            .unwrap_or(0)
    }

    fn bit(&self, age: u64) -> u128 {
        u32::try_from(age)
            .ok()
            .and_then(|age| 1_u128.checked_shl(age))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_new_once() {
        let mut window = Window::before(1_000);

        assert_eq!(window.note(1_000), Seen::New);
        assert_eq!(window.note(1_000), Seen::Again);
        assert_eq!(window.note(1_002), Seen::New);
        assert_eq!(window.note(1_001), Seen::New);
        assert_eq!(window.note(1_001), Seen::Again);
        assert_eq!(window.note(5_000), Seen::New);
        assert_eq!(window.note(1_003), Seen::Forgotten);
        assert_eq!(window.note(u64::MAX), Seen::New);
    }
}
