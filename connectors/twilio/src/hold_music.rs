//! Music for those who wait in a conference of Twilio's: a recording that `<Play>` fetches.

use std::time::Duration;

use room_media::wav::{self, WavError};
use room_media::{Format, Frame, Music, SampleRate};

/// Twilio's own rate: whatever is higher, it would throw away.
const RATE: SampleRate = SampleRate::HZ_8000;

/// How long it takes to fade away, so that it can be played again and again.
const FADING: Duration = Duration::from_millis(1_500);

/// Returns so much hold music as a WAV file: 8 kHz, mono, 16 bits. It begins and ends softly.
///
/// # Errors
///
/// [`WavError::TooLong`] beyond what the container can describe: three days.
pub fn hold_music(duration: Duration) -> Result<Vec<u8>, WavError> {
    let mut samples = vec![0; RATE.samples_in(duration)];
    Music::new(RATE).fill(&mut samples);
    let fading = RATE.samples_in(FADING).min(samples.len());
    for (left, sample) in samples.iter_mut().rev().take(fading).enumerate() {
        let share = left as f32 / fading as f32;
        *sample = (f32::from(*sample) * share) as i16;
    }
    let frame = Frame::new(Format::mono(RATE), 0, samples).expect("mono has no half samples");
    wav::write(&frame)
}

#[cfg(test)]
mod tests {
    use room_media::Level;

    use super::*;

    #[test]
    fn it_is_a_recording_that_fades_away() {
        let file = hold_music(Duration::from_secs(20)).expect("it is short");

        let frame = wav::read(&file, 1_000_000).expect("it is one");

        assert_eq!(frame.format(), Format::mono(RATE));
        assert_eq!(frame.duration(), Duration::from_secs(20));
        let samples = frame.samples();
        let loudness = |part: &[i16]| Level::of(part).rms.decibels();
        assert!(loudness(samples) > -40.0);
        assert!(loudness(&samples[samples.len() - 400..]) < -45.0);
        assert_eq!(samples.last(), Some(&0));
    }
}
