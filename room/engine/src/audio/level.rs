//! Loudness of a frame, as the audio level extension wants it (RFC 6464).

/// Lowest value of the extension: digital silence.
pub(super) const SILENCE_DBOV: i8 = -127;

/// Frames louder than this count as voice. Rooms and microphones hum below it, speech peaks 20 to
/// 30 dB above; listeners that care about loudness set their own bound on the level itself.
const VOICE_DBOV: i8 = -55;

/// Returns the level of `samples` in dBov: 0 for a square wave at full scale, −3 for such a sine.
pub(super) fn level_dbov(samples: &[i16]) -> i8 {
    if samples.is_empty() {
        return SILENCE_DBOV;
    }
    let energy: f64 = samples
        .iter()
        .map(|&sample| f64::from(sample) * f64::from(sample))
        .sum();
    let mean_square = energy / samples.len() as f64 / (32_768.0 * 32_768.0);
    // Of silence the logarithm is −∞, which the cast saturates and the clamp brings home.
    let dbov = (10.0 * mean_square.log10()).round() as i8;
    dbov.clamp(SILENCE_DBOV, 0)
}

/// Returns whether a frame of this level is somebody talking.
pub(super) fn is_voice(dbov: i8) -> bool {
    dbov > VOICE_DBOV
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_scale_square_wave_is_zero_and_silence_is_the_floor() {
        let square: Vec<i16> = (0..960)
            .map(|i| if i % 96 < 48 { i16::MAX } else { i16::MIN })
            .collect();

        assert_eq!(level_dbov(&square), 0);
        assert_eq!(level_dbov(&[0; 960]), SILENCE_DBOV);
        assert_eq!(level_dbov(&[]), SILENCE_DBOV);
    }

    #[test]
    fn a_sine_is_three_decibels_below_its_square_wave() {
        let sine: Vec<i16> = (0..960)
            .map(|i| ((f64::from(i) / 48.0 * std::f64::consts::TAU).sin() * 3_276.8) as i16)
            .collect();

        assert_eq!(level_dbov(&sine), -23);
        assert!(is_voice(level_dbov(&sine)));
        assert!(!is_voice(level_dbov(&[10; 960])));
    }
}
