//! Samples from bytes that are cut anywhere.

use std::time::Duration;

use room_media::SampleRate;

/// Kept back until it is known whether it is the end: a clause's last sound tells that it was the last.
const TAIL: Duration = Duration::from_millis(5);

/// 16-bit little-endian samples in the making.
#[derive(Debug)]
pub(super) struct Pcm {
    odd: Option<u8>,
    tail: Vec<i16>,
    tail_length: usize,
    is_new: bool,
}

impl Pcm {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            odd: None,
            tail: Vec::new(),
            tail_length: rate.samples_in(TAIL),
            is_new: true,
        }
    }

    /// Whether nothing has come yet.
    pub(super) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Returns the samples of `bytes` and of what was kept before.
    pub(super) fn handle(&mut self, bytes: &[u8]) -> Vec<i16> {
        self.is_new &= bytes.is_empty();
        let mut samples = std::mem::take(&mut self.tail);
        samples.reserve(bytes.len() / 2 + 1);
        let mut bytes = bytes.iter().copied();
        if let Some(low) = self.odd.take() {
            match bytes.next() {
                Some(high) => samples.push(i16::from_le_bytes([low, high])),
                None => self.odd = Some(low),
            }
        }
        while let Some(low) = bytes.next() {
            match bytes.next() {
                Some(high) => samples.push(i16::from_le_bytes([low, high])),
                None => self.odd = Some(low),
            }
        }
        self.tail = samples.split_off(samples.len().saturating_sub(self.tail_length));
        samples
    }

    /// Returns what was kept back; half a sample is none.
    pub(super) fn rest(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_survive_any_cut() {
        let samples: Vec<i16> = (0..2000).map(|n| n * 13).collect();
        let bytes: Vec<u8> = samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();

        for length in [1, 2, 3, 7, 999, 4000] {
            let mut pcm = Pcm::new(SampleRate::HZ_24000);
            let mut heard: Vec<i16> = bytes
                .chunks(length)
                .flat_map(|part| pcm.handle(part))
                .collect();
            heard.extend(pcm.rest());

            assert_eq!(heard, samples, "cut every {length} bytes");
        }
    }

    #[test]
    fn the_last_sound_is_kept_for_the_end() {
        let mut pcm = Pcm::new(SampleRate::HZ_24000);

        let first = pcm.handle(&[1; 2400]);

        assert_eq!(first.len(), 1200 - 120);
        assert_eq!(pcm.rest().len(), 120);
    }
}
