//! What streams hear of a sender.

use std::time::Duration;

use proptest::prelude::*;

use super::super::codec::{CodecMode, CodecOptions};
use super::super::format::AudioFormat;
use super::super::stream::{AudioFrame, AudioStream, FrameOrigin, StreamCapacity};
use super::super::testing::{
    heard, mono, options, received, redundancy, run_sender, samples, share, speak, tone,
};
use super::super::{AudioSender, AudioSource, EncodedPacket};
use super::*;

const MS: Duration = Duration::from_millis(1);
const LONG: StreamCapacity = StreamCapacity::LARGE;

/// A second of a tone, in packets.
fn packets(codec: CodecOptions, distance: u8) -> Vec<EncodedPacket> {
    let start = Instant::now();
    let mut options = options(codec);
    options.redundancy = (distance > 0).then(|| redundancy(distance)).flatten();
    let source = AudioSource::new(mono(24_000), Duration::from_secs(2));
    let mut sender = AudioSender::new(source.clone(), options);
    speak(&source, &tone(mono(24_000), 440.0, 1_000));
    sender.handle_timeout(start);
    let first = sender.poll_packet().unwrap();
    let rest = run_sender(&mut sender, start + Duration::from_secs(5));
    [first]
        .into_iter()
        .chain(rest.into_iter().map(|(_, packet)| packet))
        .collect()
}

fn receiver() -> (Arc<RemoteAudio>, AudioReceiver) {
    let track = Arc::new(RemoteAudio::new());
    (track.clone(), AudioReceiver::new(track))
}

/// Lets the packets arrive on time, but for those that are lost.
fn listen(
    receiver: &mut AudioReceiver,
    stream: &mut AudioStream,
    packets: &[EncodedPacket],
    lost: impl Fn(usize) -> bool,
) -> Vec<AudioFrame> {
    let mut frames = Vec::new();
    let mut now = Instant::now();
    for (number, packet) in packets.iter().enumerate() {
        if !lost(number) {
            receiver.handle_packet(now, received(number as u64, packet));
        }
        frames.extend(heard(stream));
        now += 20 * MS;
        receiver.handle_timeout(now);
    }
    frames
}

#[test]
fn streams_of_several_formats_hear_the_same_tone() {
    let (track, mut receiver) = receiver();
    let formats = [
        (8_000, 1),
        (16_000, 1),
        (24_000, 2),
        (44_100, 1),
        (48_000, 2),
    ]
    .map(|(rate, channels)| AudioFormat::new(rate, channels).unwrap());
    let mut streams = formats.map(|format| track.stream(format, LONG));

    for (number, packet) in packets(CodecOptions::default(), 0).iter().enumerate() {
        receiver.handle_packet(Instant::now(), received(number as u64, packet));
    }

    for (format, stream) in formats.iter().zip(&mut streams) {
        let frames = heard(stream);
        let channels = usize::from(format.channels());
        let left: Vec<i16> = samples(&frames).into_iter().step_by(channels).collect();
        let rate = format.sample_rate() as usize;
        assert!(
            left.len().abs_diff(rate / 1_000 * 1_020) <= 100,
            "{format:?}: {}",
            left.len()
        );
        let share = share(&left[rate / 10..rate * 9 / 10], format.sample_rate(), 440.0);
        assert!(share > 0.98, "{format:?}: {share}");
        assert_eq!(frames[3].position, 3 * 960);
    }
}

#[test]
fn without_a_stream_packets_are_counted_and_not_decoded() {
    let (track, mut receiver) = receiver();
    let packets = packets(CodecOptions::default(), 0);

    receiver.handle_packet(Instant::now(), received(0, &packets[0]));
    let mut stream = track.stream(mono(16_000), LONG);
    receiver.handle_packet(Instant::now(), received(1, &packets[1]));

    assert_eq!(receiver.stats().received, 2);
    assert_eq!(
        heard(&mut stream)
            .iter()
            .map(|frame| frame.position)
            .collect::<Vec<_>>(),
        [960]
    );
}

#[test]
fn red_gives_back_exactly_what_was_lost() {
    let packets = packets(CodecOptions::default(), 1);
    let (whole_track, mut whole) = receiver();
    let (holed_track, mut holed) = receiver();
    let mut whole_stream = whole_track.stream(mono(24_000), LONG);
    let mut holed_stream = holed_track.stream(mono(24_000), LONG);

    let expected = listen(&mut whole, &mut whole_stream, &packets, |_| false);
    let frames = listen(&mut holed, &mut holed_stream, &packets, |number| {
        number % 4 == 1
    });

    assert!(samples(&frames) == samples(&expected));
    assert_eq!(frames[1].origin, FrameOrigin::Recovered);
    assert_eq!(holed.stats().concealed_samples, 0);
    assert_eq!(holed.stats().recovered, 13);
}

#[test]
fn in_band_fec_and_concealment_keep_the_timeline_and_the_tone() {
    let codec = CodecOptions {
        mode: CodecMode::Voice,
        expected_loss: 20,
        ..CodecOptions::default()
    };
    for (codec, origin) in [
        (codec, FrameOrigin::Recovered),
        (CodecOptions::default(), FrameOrigin::Concealed),
    ] {
        let packets = packets(codec, 0);
        let (track, mut receiver) = receiver();
        let mut stream = track.stream(mono(24_000), LONG);

        let frames = listen(&mut receiver, &mut stream, &packets, |number| {
            number % 10 == 5
        });

        assert_eq!(frames.len(), packets.len());
        assert!(
            frames
                .iter()
                .enumerate()
                .all(|(i, frame)| frame.position == i as u64 * 960)
        );
        assert_eq!(frames[15].origin, origin);
        let share = share(&samples(&frames)[2_400..22_000], 24_000, 440.0);
        assert!(share > 0.9, "{codec:?}: {share}");
    }
}

#[test]
fn a_new_sender_is_heard_after_a_reset() {
    let packets = packets(CodecOptions::default(), 0);
    let (track, mut receiver) = receiver();
    let mut stream = track.stream(mono(24_000), LONG);
    listen(&mut receiver, &mut stream, &packets, |_| false);

    receiver.reset();
    receiver.handle_packet(Instant::now(), received(3, &packets[0]));

    let frames = heard(&mut stream);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].position, packets.len() as u64 * 960);
}

#[test]
fn a_slow_reader_loses_the_oldest_frames() {
    let packets = packets(CodecOptions::default(), 0);
    let (track, mut receiver) = receiver();
    let mut stream = track.stream(mono(24_000), StreamCapacity::frames(3));

    for (number, packet) in packets.iter().take(10).enumerate() {
        receiver.handle_packet(Instant::now(), received(number as u64, packet));
    }

    assert_eq!(
        heard(&mut stream).first().map(|frame| frame.position),
        Some(7 * 960)
    );
    assert_eq!(stream.dropped_frames(), 7);
}

#[test]
fn streams_end_with_their_track_after_the_last_frame() {
    let packets = packets(CodecOptions::default(), 0);
    let (track, mut receiver) = receiver();
    let mut stream = track.stream(mono(24_000), LONG);
    receiver.handle_packet(Instant::now(), received(0, &packets[0]));

    drop(receiver);

    let next = |stream: &mut AudioStream| futures_util::FutureExt::now_or_never(stream.next());
    assert!(matches!(next(&mut stream), Some(Some(_))));
    assert_eq!(next(&mut stream), Some(None));
    let mut late = track.stream(mono(24_000), LONG);
    assert_eq!(next(&mut late), Some(None));
}

#[test]
fn dropped_streams_leave_nothing_behind() {
    let packets = packets(CodecOptions::default(), 0);
    let (track, mut receiver) = receiver();

    for _ in 0..100 {
        let _dropped = track.stream(mono(24_000), LONG);
    }
    receiver.handle_packet(Instant::now(), received(0, &packets[0]));
    receiver.handle_packet(Instant::now(), received(1, &packets[1]));

    assert!(track.sinks().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_decoded_or_counted(
        payloads in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..400)), 1..40)
    ) {
        let (track, mut receiver) = receiver();
        let mut stream = track.stream(mono(16_000), LONG);
        let mut now = Instant::now();
        let count = payloads.len() as u64;

        for (number, (red, payload)) in payloads.into_iter().enumerate() {
            let packet = ReceivedPacket {
                sequence: number as u64,
                timestamp: number as u32 * 960,
                red,
                payload: payload.into(),
            };
            receiver.handle_packet(now, packet);
            now += 50 * MS;
            receiver.handle_timeout(now);
        }

        let stats = receiver.stats();
        prop_assert_eq!(stats.received + stats.late + stats.malformed, count);
        let decoded: usize = heard(&mut stream).iter().map(|frame| frame.samples.len()).sum();
        prop_assert_eq!(decoded as u64 * 3, stats.total_samples);
    }
}
