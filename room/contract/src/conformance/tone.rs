//! Tones: made, sent and recognised.

use std::{f64::consts::TAU, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::stage::{PATIENCE, fail};
use crate::{AudioFormat, AudioStream, LocalTrack};

/// About −10 dBFS.
const AMPLITUDE: f64 = 10_000.0;

/// Makes a tone.
pub(super) fn tone(frequency: f64, format: AudioFormat, duration: Duration) -> Vec<i16> {
    let channels = usize::from(format.channels);
    let step = TAU * frequency / f64::from(format.sample_rate);
    let samples = format.values_in(duration) / channels;
    (0..samples)
        .flat_map(|n| std::iter::repeat_n((AMPLITUDE * (step * n as f64).sin()) as i16, channels))
        .collect()
}

/// Sends a tone until it is dropped.
pub(super) struct Singing {
    _task: JoinSet<()>,
}

impl Singing {
    pub(super) fn new(track: Arc<dyn LocalTrack>, frequency: f64) -> Self {
        // Whole periods of every frequency used here, so that the tone goes on without a click.
        let second = tone(frequency, track.format(), Duration::from_secs(1));
        let piece = track.format().values_in(Duration::from_millis(20));
        let mut task = JoinSet::new();
        task.spawn(async move {
            loop {
                for samples in second.chunks(piece) {
                    if track.capture(samples).await.is_err() {
                        return;
                    }
                }
            }
        });
        Self { _task: task }
    }
}

/// Returns the share of a tone in the power of what is heard, 0 to 1.
pub(super) fn share(samples: &[i16], frequency: f64, format: AudioFormat) -> f64 {
    let channels = usize::from(format.channels);
    let step = TAU * frequency / f64::from(format.sample_rate);
    let (mut re, mut im, mut power, mut count) = (0.0, 0.0, 0.0, 0.0);
    for (n, frame) in samples.chunks_exact(channels).enumerate() {
        let value = f64::from(frame[0]);
        let angle = step * n as f64;
        re += value * angle.cos();
        im += value * angle.sin();
        power += value * value;
        count += 1.0;
    }
    if power == 0.0 {
        0.0
    } else {
        2.0 * (re * re + im * im) / (count * power)
    }
}

/// Listens until half a second in a row is the tone.
pub(super) async fn hears(stream: &mut AudioStream, frequency: f64) {
    let until = Instant::now() + PATIENCE;
    let mut heard = Vec::new();
    loop {
        let Ok(Some(frame)) = timeout_at(until, stream.next()).await else {
            fail(&format!("no {frequency} Hz heard"));
        };
        heard.extend_from_slice(&frame.samples);
        let wanted = frame.format.values_in(Duration::from_millis(500));
        if heard.len() >= wanted {
            let last = &heard[heard.len() - wanted..];
            if share(last, frequency, frame.format) > 0.95 {
                return;
            }
        }
    }
}

/// Listens until a fifth of a second passes with nothing or with silence in it.
pub(super) async fn falls_silent(stream: &mut AudioStream) {
    let until = Instant::now() + PATIENCE;
    let mut silent = Duration::ZERO;
    while silent < Duration::from_millis(200) {
        let pause = Instant::now() + Duration::from_millis(200);
        match timeout_at(pause.min(until), stream.next()).await {
            Err(_) if Instant::now() >= until => fail("it did not fall silent"),
            Err(_) | Ok(None) => return,
            Ok(Some(frame)) if is_silence(&frame.samples) => silent += frame.duration(),
            Ok(Some(_)) if Instant::now() >= until => fail("it did not fall silent"),
            Ok(Some(_)) => silent = Duration::ZERO,
        }
    }
}

fn is_silence(samples: &[i16]) -> bool {
    samples.iter().all(|sample| sample.unsigned_abs() < 200)
}
