//! What a person says and presses, in pieces of 20 ms.

use std::collections::VecDeque;

use room_media::ulaw;

use crate::FRAME;

/// An hour: whoever wants to say more has to wait.
const MOST_SOUND: usize = 3_600 * 8_000;
/// A quick finger: one key each 100 ms.
const TICKS_PER_KEY: u32 = 5;
const TICKS_PER_WAIT: u32 = 25;
const MOST_KEYS: usize = 1_000;

/// Sound and keys that are still to come.
#[derive(Debug, Default)]
pub(crate) struct Mouth {
    sound: VecDeque<u8>,
    keys: VecDeque<char>,
    /// Ticks until the next key.
    pause: u32,
}

impl Mouth {
    pub(crate) fn say(&mut self, samples: &[i16]) {
        let room = MOST_SOUND - self.sound.len();
        let samples = samples.iter().take(room);
        self.sound
            .extend(samples.map(|&sample| ulaw::encode(sample)));
    }

    pub(crate) fn hush(&mut self) {
        self.sound.clear();
    }

    pub(crate) fn press(&mut self, keys: &str) {
        let room = MOST_KEYS - self.keys.len();
        let known = |key: &char| matches!(key, '0'..='9' | 'A'..='D' | '*' | '#' | 'w' | 'W');
        self.keys.extend(keys.chars().filter(known).take(room));
    }

    /// Returns the next 20 ms of sound.
    pub(crate) fn speak(&mut self) -> [u8; FRAME] {
        let mut frame = [ulaw::SILENCE; FRAME];
        let count = self.sound.len().min(FRAME);
        for (code, sound) in frame.iter_mut().zip(self.sound.drain(..count)) {
            *code = sound;
        }
        frame
    }

    /// Returns the key that is pressed in these 20 ms.
    pub(crate) fn poll_key(&mut self) -> Option<char> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        match self.keys.pop_front()? {
            'w' => {
                self.pause = TICKS_PER_WAIT;
                None
            }
            'W' => {
                self.pause = 2 * TICKS_PER_WAIT;
                None
            }
            key => {
                self.pause = TICKS_PER_KEY - 1;
                Some(key)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_pressed_one_after_the_other() {
        let mut mouth = Mouth::default();
        mouth.press("1w#x");

        let pressed: Vec<(usize, char)> = (0..60)
            .filter_map(|tick| mouth.poll_key().map(|key| (tick, key)))
            .collect();

        assert_eq!(pressed, [(0, '1'), (31, '#')]);
    }

    #[test]
    fn the_last_piece_is_filled_with_silence() {
        let mut mouth = Mouth::default();
        mouth.say(&[1_000; 200]);

        assert!(mouth.speak().iter().all(|&code| code != ulaw::SILENCE));
        let last = mouth.speak();

        assert_eq!(
            last.iter().filter(|&&code| code == ulaw::SILENCE).count(),
            120
        );
    }
}
