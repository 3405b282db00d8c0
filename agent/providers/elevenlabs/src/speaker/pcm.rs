//! Samples from bytes that are cut anywhere.

/// 16-bit little-endian samples in the making.
#[derive(Debug, Default)]
pub(super) struct Pcm {
    odd: Option<u8>,
}

impl Pcm {
    /// Returns the samples of `bytes` and of what was kept before.
    pub(super) fn handle(&mut self, bytes: &[u8]) -> Vec<i16> {
        let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
        for byte in bytes.iter().copied() {
            match self.odd.take() {
                Some(low) => samples.push(i16::from_le_bytes([low, byte])),
                None => self.odd = Some(byte),
            }
        }
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_survive_any_cut() {
        let samples: Vec<i16> = (-50..50).map(|n| n * 600).collect();
        let bytes: Vec<u8> = samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();

        for length in [1, 2, 3, 199] {
            let mut pcm = Pcm::default();
            let heard: Vec<i16> = bytes
                .chunks(length)
                .flat_map(|part| pcm.handle(part))
                .collect();

            assert_eq!(heard, samples, "cut every {length} bytes");
        }
    }
}
