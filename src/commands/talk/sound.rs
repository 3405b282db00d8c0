//! Turns a script into sound before it is played.

use std::path::Path;
use std::time::Duration;

use agent_contract::{Language, SpeakOptions, Speech, SpeechEvent, SpeechInput};
use anyhow::{Context, bail};
use room_media::{Channels, Format, Frame, Resampler, SampleRate, wav};
use tokio::time::timeout;

use super::line::{Line, Script};
use crate::wiring;

/// What goes into the room and comes out of it; mono.
pub(super) const RATE: SampleRate = SampleRate::HZ_24000;

/// Ten minutes of stereo at 48 kHz.
const MOST_VALUES: usize = 10 * 60 * 48_000 * 2;

/// A local voice speaks many times quicker than people do.
const SPEAKING: Duration = Duration::from_secs(20);

/// The voice that the offline transcriber understands best.
const VOICE: &str = "rms";

/// One thing to do, ready.
pub(super) enum Cue {
    /// Says this; mono at [`RATE`].
    Sound { title: String, samples: Vec<i16> },
    /// Writes this to the chat.
    Text(String),
}

pub(super) async fn prepare(script: &Script) -> anyhow::Result<Vec<Cue>> {
    let mut cues = Vec::with_capacity(script.0.len());
    for line in &script.0 {
        cues.push(match line {
            Line::Wav(file) => Cue::Sound {
                title: file.clone(),
                samples: read(Path::new(file))?,
            },
            Line::Say(text) => Cue::Sound {
                title: text.clone(),
                samples: speak(text).await?,
            },
            Line::Type(text) => Cue::Text(text.clone()),
        });
    }
    Ok(cues)
}

fn read(file: &Path) -> anyhow::Result<Vec<i16>> {
    let shown = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    let frame = wav::read(&bytes, MOST_VALUES).with_context(|| format!("cannot use {shown}"))?;
    let frame = frame.into_channels(Channels::Mono);
    fit(frame.samples(), frame.format().rate)
}

async fn speak(text: &str) -> anyhow::Result<Vec<i16>> {
    let speaker = wiring::local_voice();
    let options = SpeakOptions {
        voice: Some(VOICE.into()),
        language: Language::english(),
    };
    let Speech {
        input,
        mut spoken,
        task,
    } = speaker.speak(options).await?;
    input.send(SpeechInput::Text(text.to_owned())).await?;
    input.send(SpeechInput::Finish).await?;
    let mut samples = Vec::new();
    loop {
        match timeout(SPEAKING, spoken.recv()).await? {
            Some(Ok(SpeechEvent::Audio(piece))) => samples.extend(piece.samples),
            Some(Ok(SpeechEvent::Finished)) => break,
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => bail!("the local voice broke off"),
        }
    }
    drop(task);
    fit(&samples, speaker.capabilities().sample_rate)
}

fn fit(samples: &[i16], rate: SampleRate) -> anyhow::Result<Vec<i16>> {
    let mut resampler = Resampler::new(Format::mono(rate), RATE)?;
    let mut fitted = Vec::new();
    resampler.process(samples, &mut fitted);
    resampler.finish(&mut fitted);
    Ok(fitted)
}

/// Returns the WAV file of mono sound at [`RATE`].
pub(super) fn wav_of(samples: Vec<i16>) -> anyhow::Result<Vec<u8>> {
    let frame = Frame::new(Format::mono(RATE), 0, samples)?;
    Ok(wav::write(&frame)?)
}
