//! What callers say and do not say: speech by flite, a cough.

use std::path::{Path, PathBuf};
use std::time::Duration;

use room_media::{Format, Frame, Level, Resampler, SampleRate, tone, wav};
use tokio::process::Command;

use crate::house::soon;

/// The rate of flite's voices and of the peers' microphones.
const RATE: u32 = 16_000;

/// What a telephone carries, and what PocketSphinx hears.
pub(crate) const LINE: SampleRate = SampleRate::HZ_8000;
const EAR: SampleRate = SampleRate::HZ_16000;

/// A voice that PocketSphinx understands best; the agent's own is another one.
pub(crate) const RMS: &str = "rms";

/// The notes of the chords of the music for those who wait, in hertz.
const NOTES: [f32; 7] = [277.18, 293.66, 329.63, 369.99, 392.0, 440.0, 493.88];

/// Long enough to tell a note from a voice.
const BAR: Duration = Duration::from_millis(500);

/// Quieter than any music that is heard.
const QUIETEST: f32 = -50.0;

/// Half a second of what is heard.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bar {
    Silent,
    /// Its power is in the notes of the chords.
    Music,
    /// Anything else, music below it or not.
    Voice,
}

/// Returns how long there is music and nothing above it.
pub(crate) fn music(samples: &[i16], rate: SampleRate) -> Duration {
    let music = bars(samples, rate).filter(|bar| *bar == Bar::Music);
    BAR * u32::try_from(music.count()).unwrap()
}

/// Returns how long there is anything else after the music has begun.
pub(crate) fn voice_in_music(samples: &[i16], rate: SampleRate) -> Duration {
    let begun = bars(samples, rate).skip_while(|bar| *bar != Bar::Music);
    BAR * u32::try_from(begun.filter(|bar| *bar == Bar::Voice).count()).unwrap()
}

fn bars(samples: &[i16], rate: SampleRate) -> impl Iterator<Item = Bar> {
    let bars = samples.chunks_exact(rate.samples_in(BAR));
    bars.map(move |bar| {
        let level = Level::of(bar).rms;
        let notes = NOTES.map(|hertz| tone::power_at(bar, rate, hertz));
        if level.decibels() <= QUIETEST {
            Bar::Silent
        } else if notes.iter().sum::<f64>() > 0.5 * f64::from(level.amplitude()).powi(2) {
            Bar::Music
        } else {
            Bar::Voice
        }
    })
}

/// Writes into a file what was heard over a telephone so that PocketSphinx understands it. Its model expects 16 kHz:
/// each sample twice leaves a mirror image above 4 kHz, where the model takes emptiness for another sound.
pub(crate) fn for_ears(samples: &[i16], rate: SampleRate, file: &Path) {
    let narrow = resampled(samples, rate, LINE);
    let wide = narrow.into_iter().flat_map(|sample| [sample, sample]);
    let frame = Frame::new(Format::mono(EAR), 0, wide.collect()).unwrap();
    std::fs::write(file, wav::write(&frame).unwrap()).unwrap();
}

/// Returns the same sound at another rate.
pub(crate) fn resampled(samples: &[i16], from: SampleRate, to: SampleRate) -> Vec<i16> {
    let mut resampler = Resampler::new(Format::mono(from), to).unwrap();
    let mut resampled = Vec::new();
    resampler.process(samples, &mut resampled);
    resampler.finish(&mut resampled);
    resampled
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
    std::fs::write(&file, recording(samples.collect())).unwrap();
    file
}

/// Says nothing for a second, into a file.
pub(crate) fn silence(folder: &Path) -> PathBuf {
    let file = folder.join("silence.wav");
    std::fs::write(&file, recording(vec![0; RATE as usize])).unwrap();
    file
}

fn recording(samples: Vec<i16>) -> Vec<u8> {
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
    assert_eq!(voice_in_music(&samples, rate), Duration::ZERO);
}

#[tokio::test]
async fn a_voice_is_noticed_in_the_music() {
    let folder = tempfile::tempdir().unwrap();
    let told = "Hello Thomas. Somebody would like to talk to you, on the telephone. Say yes to take the call.";
    let voice = crate::phone::at_rate(&speech(folder.path(), RMS, told).await, LINE);
    let mut samples = vec![0; voice.len() + LINE.samples_in(Duration::from_secs(3))];
    room_media::Music::new(LINE).fill(&mut samples);
    let begun = LINE.samples_in(Duration::from_secs(3));

    for (sample, voice) in samples[begun..].iter_mut().zip(&voice) {
        *sample = sample.saturating_add(*voice);
    }

    let heard = voice_in_music(&samples, LINE);
    assert!(heard > LINE.duration_of(voice.len()) / 2, "{heard:?}");
}
