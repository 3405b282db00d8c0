//! Turns a script into sound before it is played.

use std::path::Path;
use std::time::Duration;

use agent_contract::{Language, SpeakOptions, Speech, SpeechEvent, SpeechInput};
use anyhow::{Context, bail};
use room_media::{Channels, Format, Resampler, SampleRate, wav};
use tokio::time::timeout;

use super::script::{Line, Script};
use crate::wiring;

/// Ten minutes of stereo at 48 kHz.
const MOST_VALUES: usize = 10 * 60 * 48_000 * 2;

/// A local voice speaks many times quicker than people do.
const SPEAKING: Duration = Duration::from_secs(20);

/// The voice that the offline transcriber understands best.
const VOICE: &str = "rms";

/// One thing to do, ready.
pub(in crate::commands) enum Cue {
    /// Says this; mono.
    Sound { title: String, samples: Vec<i16> },
    /// Writes this to the chat.
    Text(String),
    /// Presses these keys.
    Keys(String),
}

/// Gets a script ready: mono at `rate`.
pub(in crate::commands) async fn prepare(
    script: &Script,
    rate: SampleRate,
) -> anyhow::Result<Vec<Cue>> {
    let mut cues = Vec::with_capacity(script.0.len());
    for line in &script.0 {
        cues.push(match line {
            Line::Wav(file) => Cue::Sound {
                title: file.clone(),
                samples: read(Path::new(file), rate)?,
            },
            Line::Say(text) => Cue::Sound {
                title: text.clone(),
                samples: speak(text, rate).await?,
            },
            Line::Type(text) => Cue::Text(text.clone()),
            Line::Press(keys) => Cue::Keys(keys.clone()),
        });
    }
    Ok(cues)
}

fn read(file: &Path, rate: SampleRate) -> anyhow::Result<Vec<i16>> {
    let shown = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    let frame = wav::read(&bytes, MOST_VALUES).with_context(|| format!("cannot use {shown}"))?;
    let frame = frame.into_channels(Channels::Mono);
    fit(frame.samples(), frame.format().rate, rate)
}

async fn speak(text: &str, rate: SampleRate) -> anyhow::Result<Vec<i16>> {
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
    fit(&samples, speaker.capabilities().sample_rate, rate)
}

fn fit(samples: &[i16], from: SampleRate, to: SampleRate) -> anyhow::Result<Vec<i16>> {
    let mut resampler = Resampler::new(Format::mono(from), to)?;
    let mut fitted = Vec::new();
    resampler.process(samples, &mut fitted);
    resampler.finish(&mut fitted);
    Ok(fitted)
}
