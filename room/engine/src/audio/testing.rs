//! What the tests of the audio parts share: tones, a sender by hand, and ears.

use std::f64::consts::TAU;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::codec::CodecOptions;
use super::{
    AudioFormat, AudioFrame, AudioSource, AudioStream, EncodedPacket, ReceivedPacket, Redundancy,
    SenderOptions,
};

/// The first timestamp of the senders here: close before the wrap, so that every test crosses it.
pub(super) const FIRST_TIMESTAMP: u32 = u32::MAX - 5_000;

pub(super) fn mono(sample_rate: u32) -> AudioFormat {
    AudioFormat::new(sample_rate, 1).unwrap()
}

/// Returns a sine of `frequency` Hz at a quarter of full scale, the same in all channels.
pub(super) fn tone(format: AudioFormat, frequency: f64, milliseconds: u32) -> Vec<i16> {
    let count = format.sample_rate() / 1_000 * milliseconds;
    let sample = |i: u32| {
        let phase = f64::from(i) * frequency / f64::from(format.sample_rate());
        ((phase * TAU).sin() * 8_192.0) as i16
    };
    (0..count)
        .flat_map(|i| vec![sample(i); usize::from(format.channels())])
        .collect()
}

/// Returns mono samples that coders take for speech: a wandering pitch with overtones, in
/// syllables. The same each time.
pub(super) fn speech(sample_rate: u32, milliseconds: u32) -> Vec<i16> {
    let count = sample_rate / 1_000 * milliseconds;
    let mut phase = 0.0;
    let sample = |i: u32| {
        let time = f64::from(i) / f64::from(sample_rate);
        phase += (130.0 + 30.0 * (time * 1.3 * TAU).sin()) / f64::from(sample_rate);
        let overtones: f64 = (1..20)
            .map(|n| (phase * TAU * f64::from(n)).sin() / f64::from(n))
            .sum();
        let syllable = (time * 4.0 * TAU / 2.0).sin().abs();
        (overtones * syllable * 5_000.0) as i16
    };
    (0..count).map(sample).collect()
}

/// Returns which part of the energy of mono `samples` is a sine of `frequency` Hz: 1 is all of it.
pub(super) fn share(samples: &[i16], sample_rate: u32, frequency: f64) -> f64 {
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 0.0);
    for (i, &sample) in samples.iter().enumerate() {
        let phase = i as f64 * frequency / f64::from(sample_rate) * TAU;
        let sample = f64::from(sample);
        sine += sample * phase.sin();
        cosine += sample * phase.cos();
        energy += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / samples.len() as f64 / energy
}

pub(super) fn options(codec: CodecOptions) -> SenderOptions {
    SenderOptions {
        codec,
        redundancy: None,
        enabled: Arc::new(AtomicBool::new(true)),
        wake: Arc::new(Notify::new()),
        first_timestamp: FIRST_TIMESTAMP,
    }
}

pub(super) fn redundancy(distance: u8) -> Option<Redundancy> {
    Some(Redundancy {
        payload_type: 111,
        distance,
    })
}

/// Hands over samples to a source that has room for them.
pub(super) fn speak(source: &AudioSource, samples: &[i16]) {
    source
        .capture(samples)
        .now_or_never()
        .expect("the queue has room")
        .unwrap();
}

/// Returns when a test's clock begins: far behind the moments at which its samples are handed over,
/// so that all of them are there ahead of time.
pub(super) fn beginning() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Lets all that is due happen up to `until`, and returns the packets with the times they left.
pub(super) fn run_sender(
    sender: &mut super::AudioSender,
    until: Instant,
) -> Vec<(Instant, EncodedPacket)> {
    let mut packets = Vec::new();
    while let Some(now) = sender.deadline().filter(|&at| at <= until) {
        sender.handle_timeout(now);
        packets.extend(std::iter::from_fn(|| sender.poll_packet()).map(|packet| (now, packet)));
    }
    packets
}

pub(super) fn received(sequence: u64, packet: &EncodedPacket) -> ReceivedPacket {
    ReceivedPacket {
        sequence,
        timestamp: packet.timestamp,
        red: packet.red,
        payload: packet.payload.clone(),
    }
}

/// Takes the frames that wait in a stream.
pub(super) fn heard(stream: &mut AudioStream) -> Vec<AudioFrame> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
}

pub(super) fn samples(frames: &[AudioFrame]) -> Vec<i16> {
    frames
        .iter()
        .flat_map(|frame| frame.samples.iter().copied())
        .collect()
}
