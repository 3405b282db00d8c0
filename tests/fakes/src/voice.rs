//! A voice of tones: one for each letter, so that a text has its own sound and its own length.

use std::f64::consts::TAU;

/// How long a character is spoken, as people do on average.
pub(crate) const CHARACTER_MS: u64 = 60;

/// Far from clipping, and louder than any threshold.
const LOUDNESS: f64 = 8000.0;

/// Speaks a text.
pub(crate) fn speech(text: &str, rate: u32) -> Vec<i16> {
    let length = (u64::from(rate) * CHARACTER_MS / 1000) as usize;
    let mut samples = Vec::with_capacity(text.len() * length);
    for character in text.chars() {
        let pitch = 200.0 + f64::from(u32::from(character) % 64) * 20.0;
        let loudness = if character.is_whitespace() {
            0.0
        } else {
            LOUDNESS
        };
        let sine = sine(TAU * pitch / f64::from(rate)).take(length);
        samples.extend(sine.map(|sample| (sample * loudness) as i16));
    }
    samples
}

/// A sine by recurrence: voices must not take the time that a benchmark measures.
fn sine(step: f64) -> impl Iterator<Item = f64> {
    let turn = 2.0 * step.cos();
    let pairs = std::iter::successors(Some((-step.sin(), 0.0)), move |&(before, now)| {
        Some((now, turn * now - before))
    });
    pairs.map(|(_, now)| now)
}

/// Returns samples as little-endian bytes.
pub(crate) fn bytes(samples: &[i16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

/// Returns what stands before 16-bit mono samples in a WAV file.
pub(crate) fn wav_header(data: usize, rate: u32) -> Vec<u8> {
    let data = u32::try_from(data).unwrap_or(u32::MAX - 36);
    let mut header = b"RIFF".to_vec();
    header.extend((data + 36).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend(rate.to_le_bytes());
    header.extend((rate * 2).to_le_bytes());
    header.extend(b"\x02\0\x10\0data");
    header.extend(data.to_le_bytes());
    header
}

/// Returns whether anything can be heard in samples.
pub(crate) fn is_loud(samples: impl Iterator<Item = i16>) -> bool {
    let (mut power, mut count) = (0.0, 0.0);
    for sample in samples {
        power += f64::from(sample).powi(2);
        count += 1.0;
    }
    // About -45 dBFS: above a line's noise, below a quiet voice.
    power > 180.0 * 180.0 * count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_lasts_as_long_as_its_characters() {
        let samples = speech("Hi you", 24_000);

        assert_eq!(samples.len(), 6 * 1440);
        assert!(is_loud(samples.iter().copied()));
        assert!(!is_loud(samples[2 * 1440..3 * 1440].iter().copied()));
    }

    #[test]
    fn a_header_has_the_known_length() {
        assert_eq!(wav_header(100, 24_000).len(), 44);
    }
}
