//! What callers say and do not say: speech by flite, a cough.

use std::path::{Path, PathBuf};
use std::time::Duration;

use room_media::{Level, SampleRate, tone};
use tokio::process::Command;

use crate::house::soon;

/// The rate of flite's voices and of the peers' microphones.
const RATE: u32 = 16_000;

/// A voice that PocketSphinx understands best; the agent's own is another one.
pub(crate) const RMS: &str = "rms";

/// The notes of the chords of the music for those who wait, in hertz.
const NOTES: [f32; 7] = [277.18, 293.66, 329.63, 369.99, 392.0, 440.0, 493.88];

/// Long enough to tell a note from a voice.
const BAR: Duration = Duration::from_millis(500);

/// Quieter than any music that is heard.
const QUIETEST: f32 = -50.0;

/// Returns how long there is music: sound whose power is in the notes of its chords.
pub(crate) fn music(samples: &[i16], rate: SampleRate) -> Duration {
    let bars = samples.chunks_exact(rate.samples_in(BAR));
    let is_music = |bar: &&[i16]| {
        let level = Level::of(bar).rms;
        let notes = NOTES.map(|hertz| tone::power_at(bar, rate, hertz));
        level.decibels() > QUIETEST
            && notes.iter().sum::<f64>() > 0.5 * f64::from(level.amplitude()).powi(2)
    };
    BAR * u32::try_from(bars.filter(is_music).count()).unwrap()
}

/// Speaks words into a file.
pub(crate) async fn speech(folder: &Path, voice: &str, words: &str) -> PathBuf {
    let file = folder.join(format!(
        "{voice}-{}.wav",
        words.replace(|c: char| !c.is_alphanumeric(), "-")
    ));
    let mut flite = Command::new("flite");
    flite
        .args(["-voice", voice, "-t", words, "-o"])
        .arg(&file)
        .kill_on_drop(true);
    let status = soon(flite.status()).await.unwrap();
    assert!(status.success(), "flite: {status}");
    file
}

/// Coughs into a file: a burst of noise that dies away within a fifth of a second.
pub(crate) fn cough(folder: &Path) -> PathBuf {
    let file = folder.join("cough.wav");
    let length = RATE / 5;
    let mut noise = fastrand::Rng::with_seed(7);
    let samples = (0..length).map(|at| {
        let fading = 1.0 - at as f32 / length as f32;
        (fading * fading * 12_000.0 * (noise.f32() * 2.0 - 1.0)) as i16
    });
    std::fs::write(&file, wav(samples.collect())).unwrap();
    file
}

fn wav(samples: Vec<i16>) -> Vec<u8> {
    let bytes = u32::try_from(samples.len() * 2).unwrap();
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // Plain samples, one channel.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.into_iter().flat_map(i16::to_le_bytes));
    file
}

#[test]
fn music_is_told_from_speech_and_silence() {
    let rate = SampleRate::HZ_8000;
    let mut samples = vec![0; rate.samples_in(Duration::from_secs(20))];
    assert_eq!(music(&samples, rate), Duration::ZERO);

    room_media::Music::new(rate).fill(&mut samples);

    let heard = music(&samples, rate);
    assert!(heard > Duration::from_secs(15), "{heard:?}");
}
