//! Mouth to ear in pure code: a sender, a bad path, a receiver. Prints what it measured
//! (`cargo test -p room-engine path_tests -- --nocapture`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::codec::{CodecMode, CodecOptions};
use super::stream::FrameOrigin;
use super::testing::{
    beginning, heard, mono, options, received, redundancy, run_sender, speak, speech,
};
use super::{
    AudioReceiver, AudioReceiverStats, AudioSender, AudioSource, EncodedPacket, ReceivedPacket,
    RemoteAudio, StreamCapacity,
};

const MS: Duration = Duration::from_millis(1);
const FRAME: Duration = Duration::from_millis(20);
const SECONDS: u32 = 60;

/// What a path does to packets.
#[derive(Debug, Clone, Copy, Default)]
struct Path {
    /// Share of packets that are lost, in percent, independent of each other.
    loss: u32,
    /// Largest extra delay of a packet.
    jitter: Duration,
    /// Whether packets keep their order: the jitter of a queue. Otherwise they overtake each other.
    in_order: bool,
    /// Share of packets that are held up by 30 ms, so that the next one overtakes them, in percent.
    reordered: u32,
}

/// What arrived at the other end.
struct Outcome {
    stats: AudioReceiverStats,
    frames: usize,
    /// Delay from the moment a frame left to the moment it was heard, of those whose packet came.
    delays: Vec<Duration>,
}

impl Outcome {
    fn concealed_percent(&self) -> f64 {
        self.stats.concealed_samples as f64 * 100.0 / self.stats.total_samples as f64
    }

    fn delay(&self, percentile: usize) -> Duration {
        let mut sorted = self.delays.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() - 1) * percentile / 100]
    }

    /// By how much the last tenth was heard later than the first, on average.
    fn growth(&self) -> f64 {
        let tenth = self.delays.len() / 10;
        let mean =
            |delays: &[Duration]| delays.iter().sum::<Duration>().as_secs_f64() / tenth as f64;
        mean(&self.delays[self.delays.len() - tenth..]) - mean(&self.delays[..tenth])
    }
}

/// Packets of a voice without a pause, each 20 ms after the one before.
fn spoken(codec: CodecOptions, distance: u8) -> Vec<(Instant, EncodedPacket)> {
    let start = beginning();
    let mut options = options(codec);
    options.redundancy = (distance > 0).then(|| redundancy(distance)).flatten();
    let source = AudioSource::new(mono(16_000), Duration::from_secs(1));
    let mut sender = AudioSender::new(source.clone(), options);
    let voice = speech(16_000, 5_000);
    let mut packets = Vec::new();
    let seconds = voice.chunks_exact(16_000).cycle().take(SECONDS as usize);
    for (passed, second) in seconds.enumerate() {
        speak(&source, second);
        let now = start + Duration::from_secs(passed as u64);
        sender.handle_timeout(now);
        packets.extend(std::iter::from_fn(|| sender.poll_packet()).map(|packet| (now, packet)));
        packets.extend(run_sender(
            &mut sender,
            now + Duration::from_secs(1) - FRAME,
        ));
    }
    packets
}

/// Sends the packets over the path, always by the same dice.
fn travel(packets: &[(Instant, EncodedPacket)], path: Path) -> Outcome {
    let start = packets[0].0;
    let mut dice = fastrand::Rng::with_seed(42);
    let mut arrivals: BTreeMap<(Instant, usize), ReceivedPacket> = BTreeMap::new();
    let mut latest = start;
    for (number, (left, packet)) in packets.iter().enumerate() {
        if dice.u32(..100) < path.loss {
            continue;
        }
        let mut arrives = *left + path.jitter.mul_f64(dice.f64());
        if dice.u32(..100) < path.reordered {
            arrives += 30 * MS;
        }
        if path.in_order {
            latest = latest.max(arrives);
            arrives = latest;
        }
        arrivals.insert((arrives, number), received(number as u64, packet));
    }
    listen(start, arrivals)
}

fn listen(start: Instant, arrivals: BTreeMap<(Instant, usize), ReceivedPacket>) -> Outcome {
    let track = Arc::new(RemoteAudio::new());
    let mut receiver = AudioReceiver::new(track.clone());
    let mut stream = track.stream(mono(16_000), StreamCapacity::LARGE);
    let mut delays = Vec::new();
    let mut frames = 0;
    let mut hear = |now: Instant, receiver: &AudioReceiver| {
        for frame in heard(&mut stream) {
            let left = start + Duration::from_secs_f64(frame.position as f64 / 48_000.0);
            if frame.origin == FrameOrigin::Received {
                delays.push(now.saturating_duration_since(left));
            }
            frames += 1;
        }
        assert!(receiver.deadline().is_none_or(|at| at <= now + 40 * MS));
    };
    for ((now, _), packet) in arrivals {
        while let Some(due) = receiver.deadline().filter(|&at| at <= now) {
            receiver.handle_timeout(due);
            hear(due, &receiver);
        }
        receiver.handle_packet(now, packet);
        hear(now, &receiver);
    }
    Outcome {
        stats: receiver.stats(),
        frames,
        delays,
    }
}

fn measure(name: &str, packets: &[(Instant, EncodedPacket)], path: Path) -> Outcome {
    let outcome = travel(packets, path);
    report(name, &outcome);
    outcome
}

#[expect(clippy::print_stdout, reason = "figures for whoever asks for them")]
fn report(name: &str, outcome: &Outcome) {
    println!(
        "{name}: concealed {:.2} %, recovered {}, late {}, delay p50 {:.1} p95 {:.1} max {:.1} ms, growth {:.2} ms",
        outcome.concealed_percent(),
        outcome.stats.recovered,
        outcome.stats.late,
        outcome.delay(50).as_secs_f64() * 1e3,
        outcome.delay(95).as_secs_f64() * 1e3,
        outcome.delay(100).as_secs_f64() * 1e3,
        outcome.growth() * 1e3,
    );
}

#[test]
fn a_clean_path_adds_no_delay_and_loses_nothing() {
    let outcome = measure(
        "clean",
        &spoken(CodecOptions::default(), 1),
        Path::default(),
    );

    assert_eq!(outcome.delay(100), Duration::ZERO);
    assert_eq!(outcome.frames, SECONDS as usize * 50);
    assert_eq!(outcome.stats.lost, 0);
}

#[test]
fn red_keeps_concealment_under_one_and_a_half_percent_at_five_percent_loss() {
    for (loss, distance, bound) in [
        (1, 1, 0.1),
        (5, 1, 1.5),
        (5, 2, 0.2),
        (20, 1, 6.0),
        (20, 2, 2.0),
    ] {
        let packets = spoken(CodecOptions::default(), distance);
        let path = Path {
            loss,
            ..Path::default()
        };

        let outcome = measure(&format!("{loss} % loss, RED {distance}"), &packets, path);

        assert!(outcome.concealed_percent() <= bound);
        assert!(outcome.growth().abs() < 0.005);
        assert!(outcome.delay(100) <= 40 * MS);
    }
}

#[test]
fn in_band_fec_mends_most_of_what_red_would() {
    let codec = CodecOptions {
        mode: CodecMode::Voice,
        bitrate: 32_000,
        expected_loss: 10,
        dtx: false,
        ..CodecOptions::default()
    };
    let path = Path {
        loss: 5,
        ..Path::default()
    };

    let outcome = measure("5 % loss, in-band FEC", &spoken(codec, 0), path);

    assert!(outcome.concealed_percent() <= 1.5);
}

#[test]
fn without_redundancy_what_is_lost_is_made_up() {
    let path = Path {
        loss: 5,
        ..Path::default()
    };

    let outcome = measure(
        "5 % loss, no RED",
        &spoken(CodecOptions::default(), 0),
        path,
    );

    assert!((3.0..7.0).contains(&outcome.concealed_percent()));
    assert!(outcome.growth().abs() < 0.005);
    assert!(outcome.delay(100) <= 40 * MS);
}

#[test]
fn a_jitter_of_eighty_milliseconds_each_way_is_passed_on_and_not_added_to() {
    let packets = spoken(CodecOptions::default(), 1);
    let path = Path {
        jitter: 160 * MS,
        in_order: true,
        ..Path::default()
    };

    let outcome = measure("± 80 ms jitter in order", &packets, path);

    assert_eq!(outcome.frames, SECONDS as usize * 50);
    assert_eq!(outcome.stats.concealed_samples, 0);
    assert!(outcome.delay(100) <= path.jitter);
    assert!(outcome.growth().abs() < 0.02);
}

#[test]
fn a_jitter_that_shuffles_packets_is_bridged_by_copies() {
    let packets = spoken(CodecOptions::default(), 1);
    let path = Path {
        jitter: 160 * MS,
        ..Path::default()
    };

    let outcome = measure("± 80 ms jitter shuffled", &packets, path);

    assert!(outcome.concealed_percent() < 12.0);
    assert!(outcome.growth().abs() < 0.02);
}

#[test]
fn reordering_is_undone() {
    for (distance, packets) in [0, 1].map(|d| (d, spoken(CodecOptions::default(), d))) {
        let path = Path {
            reordered: 5,
            ..Path::default()
        };

        let outcome = measure(&format!("5 % reordered, RED {distance}"), &packets, path);

        assert_eq!(outcome.stats.concealed_samples, 0);
        assert_eq!(outcome.frames, SECONDS as usize * 50);
        assert!(outcome.delay(100) <= 40 * MS);
    }
}
