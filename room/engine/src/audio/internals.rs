//! The audio parts behind a connection, for benches and fuzz targets. Not part of the API.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::codec::CodecOptions;
use super::packet::Payload;
use super::{
    AudioFormat, AudioReceiver, AudioReceiverStats, AudioSender, AudioSource, AudioStream,
    EncodedPacket, ReceivedPacket, Redundancy, RemoteAudio, SenderOptions, StreamCapacity, red,
};

/// Takes apart a RED payload, which may be anything.
pub fn unpack_red(payload: &[u8]) {
    let mut blocks = Vec::new();
    let _may_be_malformed = red::unpack(&Payload::from(payload.to_vec()), &mut blocks);
    assert!(blocks.len() <= payload.len(), "more frames than bytes");
}

/// Plays a script of packets to a receiver, whatever they are, and checks what comes out of it.
///
/// Each packet is six bytes and its payload: how many milliseconds pass before it, the steps from
/// the packet before in number and in frames, a flag for RED with two bits of timestamp noise, and
/// the length of the payload in two bytes.
///
/// # Panics
///
/// When the receiver breaks a promise.
pub fn receive(mut script: &[u8]) {
    let track = Arc::new(RemoteAudio::new());
    let mut receiver = AudioReceiver::new(track.clone());
    let format = AudioFormat::new(16_000, 1).expect("a good format");
    let mut stream = track.stream(format, StreamCapacity::frames(1_000));
    let mut now = Instant::now();
    let (mut sequence, mut timestamp, mut end) = (1_000_u64, 0_u32, 0);
    while let Some((&[pause, step, frames, flags, high, low], rest)) = script.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (payload, rest) = rest.split_at(length);
        script = rest;
        now += Duration::from_millis(u64::from(pause));
        sequence = sequence.wrapping_add_signed(i64::from(step.cast_signed()));
        timestamp = timestamp
            .wrapping_add_signed(i32::from(frames.cast_signed()) * 960)
            .wrapping_add(u32::from(flags >> 6) * 7);
        receiver.handle_timeout(now);
        let red = flags & 1 == 1;
        receiver.handle_packet(
            now,
            ReceivedPacket {
                sequence,
                timestamp,
                red,
                payload: payload.into(),
            },
        );
        assert!(
            receiver.deadline().is_none_or(|at| at > now),
            "a deadline in the past"
        );
        while let Some(frame) = stream.next().now_or_never().flatten() {
            assert!(frame.position >= end, "frames overlap");
            end = frame.position + frame.samples.len() as u64 * 3;
        }
    }
    let stats = receiver.stats();
    assert!(
        stats.concealed_samples <= stats.total_samples,
        "made up more than was delivered"
    );
}

/// A voice, a network that does no harm and an ear, without sockets.
#[derive(Debug)]
pub struct Loopback {
    source: AudioSource,
    sender: AudioSender,
    receiver: AudioReceiver,
    stream: AudioStream,
    now: Instant,
    sequence: u64,
}

impl Loopback {
    /// Returns a path for mono audio; with `red`, each packet repeats one earlier frame.
    ///
    /// # Errors
    ///
    /// When the rate is none that the engine takes.
    pub fn new(
        sample_rate: u32,
        codec: CodecOptions,
        red: bool,
    ) -> Result<Self, super::UnsupportedFormat> {
        let format = AudioFormat::new(sample_rate, 1)?;
        let source = AudioSource::new(format, Duration::from_secs(2));
        let options = SenderOptions {
            codec,
            redundancy: red.then_some(Redundancy {
                payload_type: 111,
                distance: 1,
            }),
            enabled: Arc::new(AtomicBool::new(true)),
            wake: Arc::new(Notify::new()),
            first_timestamp: 0,
        };
        let sender = AudioSender::new(source.clone(), options);
        let track = Arc::new(RemoteAudio::new());
        let receiver = AudioReceiver::new(track.clone());
        let stream = track.stream(format, StreamCapacity::default());
        Ok(Self {
            source,
            sender,
            receiver,
            stream,
            now: Instant::now(),
            sequence: 0,
        })
    }

    /// Says `samples`, and returns how many samples were heard.
    pub fn carry(&mut self, samples: &[i16]) -> usize {
        let _fits = self.source.capture(samples).now_or_never();
        self.sender.handle_timeout(self.now);
        let mut heard = self.pass_on();
        let rate = self.source.format().sample_rate();
        let until = self.now + Duration::from_secs_f64(samples.len() as f64 / f64::from(rate));
        while let Some(due) = self.sender.deadline().filter(|&due| due < until) {
            self.sender.handle_timeout(due);
            heard += self.pass_on();
        }
        self.now = until;
        heard
    }

    /// What was received so far.
    #[must_use]
    pub fn stats(&self) -> AudioReceiverStats {
        self.receiver.stats()
    }

    fn pass_on(&mut self) -> usize {
        let mut heard = 0;
        while let Some(packet) = self.sender.poll_packet() {
            let EncodedPacket {
                timestamp,
                red,
                payload,
                ..
            } = packet;
            let sequence = self.sequence;
            self.sequence += 1;
            self.receiver.handle_packet(
                self.now,
                ReceivedPacket {
                    sequence,
                    timestamp,
                    red,
                    payload,
                },
            );
            while let Some(frame) = self.stream.next().now_or_never().flatten() {
                heard += frame.samples.len();
            }
        }
        heard
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::speech;
    use super::*;

    #[test]
    fn a_loopback_carries_every_sample() {
        let mut path = Loopback::new(24_000, CodecOptions::default(), true).unwrap();
        let voice = speech(24_000, 1_000);

        let heard: usize = (0..5).map(|_| path.carry(&voice)).sum();

        assert_eq!(heard, 5 * 24_000);
        assert_eq!(path.stats().lost, 0);
    }

    /// The seeds of the fuzz targets, which have to stay good.
    #[test]
    fn committed_seeds_are_survived() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");
        let mut seeds = 0;
        for (target, entry) in [("red", unpack_red as fn(&[u8])), ("receiver", receive)] {
            for seed in std::fs::read_dir(format!("{corpus}/{target}")).unwrap() {
                entry(&std::fs::read(seed.unwrap().path()).unwrap());
                seeds += 1;
            }
        }
        assert!(seeds >= 4, "{seeds} seeds");
    }

    proptest! {
        #[test]
        fn any_script_keeps_the_promises_of_the_receiver(
            script in prop::collection::vec(any::<u8>(), 0..2_000)
        ) {
            receive(&script);
        }

        #[test]
        fn scripts_of_small_steps_do_too(
            packets in prop::collection::vec(
                (0..60_u8, -3..4_i8, -3..4_i8, 0..2_u8, prop::collection::vec(any::<u8>(), 0..40)),
                0..100,
            )
        ) {
            let mut script = Vec::new();
            for (pause, step, frames, red, payload) in packets {
                let header = [pause, step.cast_unsigned(), frames.cast_unsigned(), red, 0];
                script.extend(header);
                script.push(payload.len() as u8);
                script.extend(payload);
            }
            receive(&script);
        }

        #[test]
        fn any_red_payload_is_survived(payload in prop::collection::vec(any::<u8>(), 0..1_500)) {
            unpack_red(&payload);
        }
    }
}
