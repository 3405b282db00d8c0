//! When sound begins after silence, one way of a stream.

use room_media::ulaw;

/// In pieces of 20 ms: less is a pause between two words.
const SILENCE: u32 = 5;

/// Watches one way.
#[derive(Debug)]
pub(super) struct Onset {
    /// Pieces of 20 ms since the last sound.
    silent: u32,
}

impl Default for Onset {
    fn default() -> Self {
        Self { silent: SILENCE }
    }
}

impl Onset {
    /// Takes sound; tells whether it begins with it.
    pub(super) fn handle_sound(&mut self, codes: &[u8]) -> bool {
        let sounds = codes.iter().any(|code| ulaw::decode(*code) != 0);
        let silent = self.silent;
        if sounds {
            self.silent = 0;
        }
        sounds && silent >= SILENCE
    }

    /// Takes note that 20 ms have passed.
    pub(super) fn handle_tick(&mut self) {
        self.silent = self.silent.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: [u8; 4] = [ulaw::SILENCE; 4];

    #[test]
    fn sound_begins_where_a_tenth_of_a_second_had_none() {
        let mut onset = Onset::default();

        let told = [&QUIET, &[1; 4], &[1; 4], &QUIET, &[1; 4]].map(|codes| {
            let told = onset.handle_sound(codes);
            onset.handle_tick();
            told
        });
        for _ in 0..SILENCE {
            onset.handle_sound(&QUIET);
            onset.handle_tick();
        }

        assert_eq!(told, [false, true, false, false, false]);
        assert!(onset.handle_sound(&[1; 4]));
    }
}
