//! What a sender makes of a source, with the clock turned by hand.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::codec::{CodecMode, OpusDecoder};
use super::super::format::AudioFormat;
use super::super::testing::{
    FIRST_TIMESTAMP, beginning, mono, options, redundancy, run_sender, share, speak, tone,
};
use super::*;

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(10);

fn sender(format: AudioFormat, options: SenderOptions) -> (AudioSource, AudioSender) {
    let source = AudioSource::new(format, LONG);
    let sender = AudioSender::new(source.clone(), options);
    (source, sender)
}

fn plain(format: AudioFormat) -> (AudioSource, AudioSender) {
    sender(format, options(CodecOptions::default()))
}

/// Milliseconds from `start` at which packets left.
fn times(start: Instant, packets: &[(Instant, EncodedPacket)]) -> Vec<u128> {
    packets
        .iter()
        .map(|(at, _)| (*at - start).as_millis())
        .collect()
}

fn offsets(packets: &[(Instant, EncodedPacket)]) -> Vec<u32> {
    packets
        .iter()
        .map(|(_, packet)| packet.timestamp.wrapping_sub(FIRST_TIMESTAMP))
        .collect()
}

fn wake(sender: &mut AudioSender, now: Instant) -> Vec<(Instant, EncodedPacket)> {
    sender.handle_timeout(now);
    std::iter::from_fn(|| sender.poll_packet())
        .map(|packet| (now, packet))
        .collect()
}

#[test]
fn an_utterance_given_at_once_leaves_at_the_pace_of_its_samples() {
    let start = beginning();
    let (source, mut sender) = plain(mono(24_000));

    speak(&source, &tone(mono(24_000), 440.0, 100));
    let mut packets = wake(&mut sender, start);
    packets.extend(run_sender(&mut sender, start + LONG));

    // Five frames, and one of silence behind them, once no more comes.
    assert_eq!(times(start, &packets), [0, 20, 40, 60, 80, 120]);
    assert_eq!(offsets(&packets), [0, 960, 1_920, 2_880, 3_840, 4_800]);
    let markers: Vec<_> = packets.iter().map(|(_, packet)| packet.marker).collect();
    assert_eq!(markers, [true, false, false, false, false, false]);
    assert_eq!(sender.deadline(), None);
}

#[test]
fn after_five_seconds_of_silence_the_first_sample_starts_the_clock() {
    let start = beginning();
    let (source, mut sender) = plain(mono(24_000));
    speak(&source, &tone(mono(24_000), 440.0, 20));
    wake(&mut sender, start);
    run_sender(&mut sender, start + LONG);

    speak(&source, &tone(mono(24_000), 440.0, 20));
    let packets = wake(&mut sender, start + 5_007 * MS);

    assert_eq!(times(start, &packets), [5_007]);
    assert!(packets[0].1.marker);
    assert_eq!(offsets(&packets), [5_007 * 48]);
}

#[test]
fn ten_millisecond_calls_in_real_time_make_frames_of_twenty() {
    let start = beginning();
    let (source, mut sender) = plain(mono(48_000));
    let piece = tone(mono(48_000), 440.0, 10);
    let mut packets = Vec::new();

    for call in 0..100_u32 {
        speak(&source, &piece);
        let now = start + 10 * MS * call;
        packets.extend(run_sender(&mut sender, now));
        packets.extend(wake(&mut sender, now));
    }

    assert_eq!(packets.len(), 50);
    assert_eq!(times(start, &packets[..3]), [10, 30, 50]);
    assert_eq!(offsets(&packets).last(), Some(&(49 * 960)));
}

#[test]
fn five_minutes_of_speech_stay_on_their_schedule() {
    let start = beginning();
    let (source, mut sender) = plain(mono(8_000));
    let ten_seconds = tone(mono(8_000), 440.0, 10_000);
    let mut packets = Vec::new();

    for passed in 0..30_u32 {
        speak(&source, &ten_seconds);
        let now = start + LONG * passed;
        packets.extend(wake(&mut sender, now));
        packets.extend(run_sender(&mut sender, now + LONG - 20 * MS));
    }

    assert_eq!(packets.len(), 300 * 50);
    assert_eq!(
        packets.last().map(|(at, _)| *at - start),
        Some(LONG * 30 - 20 * MS)
    );
    assert!(packets.iter().skip(1).all(|(_, packet)| !packet.marker));
}

#[test]
fn clearing_stops_the_voice_at_the_next_packet() {
    let start = beginning();
    let (source, mut sender) = plain(mono(24_000));
    speak(&source, &tone(mono(24_000), 440.0, 2_000));
    wake(&mut sender, start);
    run_sender(&mut sender, start + 100 * MS);

    source.clear();
    let packets = run_sender(&mut sender, start + LONG);

    assert_eq!(times(start, &packets), [140], "silence, to end with");
    assert!(!packets[0].1.voice);
}

#[test]
fn a_disabled_track_is_silent_but_keeps_the_pace() {
    let start = beginning();
    let options = options(CodecOptions {
        dtx: false,
        ..CodecOptions::default()
    });
    let enabled = options.enabled.clone();
    let (source, mut sender) = sender(mono(24_000), options);
    speak(&source, &tone(mono(24_000), 440.0, 2_000));
    wake(&mut sender, start);

    enabled.store(false, Ordering::Relaxed);
    let muted = run_sender(&mut sender, start + 999 * MS);
    enabled.store(true, Ordering::Relaxed);
    let unmuted = run_sender(&mut sender, start + 1_000 * MS);

    assert_eq!(times(start, &muted), [20], "one frame of silence");
    assert_eq!(muted[0].1.level_dbov, -127);
    assert!(unmuted[0].1.marker);
    assert_eq!(offsets(&unmuted), [48_000]);
}

#[test]
fn digital_silence_is_sent_once_with_dtx_and_always_without() {
    for (dtx, expected) in [(true, 3), (false, 51)] {
        let start = beginning();
        let (source, mut sender) = sender(
            mono(24_000),
            options(CodecOptions {
                dtx,
                ..CodecOptions::default()
            }),
        );
        speak(&source, &tone(mono(24_000), 440.0, 40));
        speak(&source, &vec![0; 24_000 / 50 * 48]);

        let mut packets = wake(&mut sender, start);
        packets.extend(run_sender(&mut sender, start + LONG));

        assert_eq!(packets.len(), expected, "dtx: {dtx}");
    }
}

#[test]
fn red_repeats_the_frames_before() {
    let start = beginning();
    let mut options = options(CodecOptions::default());
    options.redundancy = redundancy(2);
    let (source, mut sender) = sender(mono(24_000), options);
    speak(&source, &tone(mono(24_000), 440.0, 200));

    let mut packets = wake(&mut sender, start);
    packets.extend(run_sender(&mut sender, start + LONG));

    let mut unpacked = Vec::new();
    for (_, packet) in &packets {
        assert!(packet.red);
        let mut blocks = Vec::new();
        super::super::red::unpack(&packet.payload.clone().into(), &mut blocks).unwrap();
        unpacked.push(blocks);
    }
    let ages =
        |blocks: &[super::super::red::Block]| blocks.iter().map(|b| b.age).collect::<Vec<_>>();
    assert_eq!(ages(&unpacked[0]), [0]);
    assert_eq!(ages(&unpacked[1]), [960, 0]);
    assert_eq!(ages(&unpacked[5]), [1_920, 960, 0]);
    assert_eq!(unpacked[5][0].payload, unpacked[3][2].payload);
}

#[test]
fn packets_are_heard_as_the_tone_they_were_made_of_at_every_rate() {
    for (rate, channels) in [
        (8_000, 1),
        (16_000, 2),
        (22_050, 1),
        (24_000, 1),
        (44_100, 2),
        (48_000, 2),
    ] {
        let start = beginning();
        let format = AudioFormat::new(rate, channels).unwrap();
        let (source, mut sender) = plain(format);
        let mut decoder = OpusDecoder::new(mono(16_000)).unwrap();
        let mut samples = Vec::new();

        speak(&source, &tone(format, 1_000.0, 1_000));
        let mut packets = wake(&mut sender, start);
        packets.extend(run_sender(&mut sender, start + LONG));
        for (_, packet) in &packets {
            decoder.decode(&packet.payload, &mut samples).unwrap();
        }

        let share = share(&samples[1_600..14_400], 16_000, 1_000.0);
        assert!(share > 0.98, "{rate} Hz, {channels} channels: {share}");
        let level = level_dbov(&samples[1_600..14_400]);
        assert!(
            (-16..=-14).contains(&level),
            "{rate} Hz, {channels} channels: {level} dBov"
        );
        assert_eq!(packets[10].1.level_dbov, -15);
        assert!(packets[10].1.voice);
    }
}

#[test]
fn new_settings_hold_from_the_next_frame_on() {
    let start = beginning();
    let (source, mut sender) = plain(mono(24_000));
    speak(&source, &tone(mono(24_000), 440.0, 2_000));
    wake(&mut sender, start);
    let before = run_sender(&mut sender, start + 999 * MS);

    sender.set_codec(CodecOptions {
        bitrate: 16_000,
        mode: CodecMode::Voice,
        ..CodecOptions::default()
    });
    sender.set_redundancy(redundancy(1));
    let after = run_sender(&mut sender, start + 1_999 * MS);

    let bytes = |packets: &[(Instant, EncodedPacket)]| -> usize {
        packets.iter().map(|(_, packet)| packet.payload.len()).sum()
    };
    assert!(before.iter().all(|(_, packet)| !packet.red));
    assert!(after.iter().all(|(_, packet)| packet.red));
    assert!(
        bytes(&after) < bytes(&before),
        "two at 16 kb/s are less than one at 48 kb/s"
    );
}

#[test]
fn a_sender_whose_source_was_taken_over_falls_silent() {
    let start = beginning();
    let (source, mut old) = plain(mono(24_000));
    let mut new = AudioSender::new(source.clone(), options(CodecOptions::default()));
    speak(&source, &tone(mono(24_000), 440.0, 100));

    assert!(wake(&mut old, start).is_empty());
    assert_eq!(old.deadline(), None);
    assert_eq!(wake(&mut new, start).len(), 1);
}
