//! The coders against each other, and against anything.

use proptest::prelude::*;

use super::super::format::AudioFormat;
use super::super::level::level_dbov;
use super::super::testing::{mono, share, tone};
use super::*;

fn encoded(codec: CodecOptions, format: AudioFormat, frame: usize) -> Vec<Vec<u8>> {
    let mut encoder = OpusEncoder::new(format, codec).unwrap();
    let samples = tone(format, 440.0, 1_000);
    samples
        .chunks_exact(frame)
        .map(|frame| encoder.encode(frame).unwrap().to_vec())
        .collect()
}

#[test]
fn every_mode_keeps_the_tone_and_about_the_bit_rate() {
    for mode in [CodecMode::LowDelay, CodecMode::Voice, CodecMode::General] {
        let codec = CodecOptions {
            mode,
            bitrate: 40_000,
            ..CodecOptions::default()
        };
        let packets = encoded(codec, mono(24_000), 480);
        let mut decoder = OpusDecoder::new(mono(48_000)).unwrap();
        let mut samples = Vec::new();

        for packet in &packets {
            decoder.decode(packet, &mut samples).unwrap();
        }

        assert_eq!(samples.len(), 48_000);
        assert!(
            share(&samples[4_800..43_200], 48_000, 440.0) > 0.98,
            "{mode:?}"
        );
        let bytes: usize = packets.iter().map(Vec::len).sum();
        assert!(
            (2_000..6_500).contains(&bytes),
            "{mode:?}: {bytes} bytes a second"
        );
    }
}

#[test]
fn the_low_delay_coder_looks_ahead_by_two_and_a_half_milliseconds() {
    let look_ahead = |mode| {
        let codec = CodecOptions {
            mode,
            ..CodecOptions::default()
        };
        OpusEncoder::new(mono(24_000), codec)
            .unwrap()
            .look_ahead()
            .unwrap()
    };

    assert_eq!(look_ahead(CodecMode::LowDelay), 24_000 / 400);
    assert_eq!(look_ahead(CodecMode::Voice), 24_000 * 65 / 10_000);
}

#[test]
fn onsets_stay_sharp() {
    let format = mono(24_000);
    let strike = 4_000;
    let mut dice = fastrand::Rng::with_seed(42);
    let mut samples = vec![0; 9_600];
    for (at, sample) in samples[strike..strike + 2_400].iter_mut().enumerate() {
        let fading = 9_000.0 * (-(at as f32) / 300.0).exp();
        *sample = (fading * dice.f32().mul_add(2.0, -1.0)) as i16;
    }
    let mut encoder = OpusEncoder::new(format, CodecOptions::default()).unwrap();
    let mut decoder = OpusDecoder::new(format).unwrap();
    let mut heard = Vec::new();

    for frame in samples.chunks_exact(480) {
        let packet = encoder.encode(frame).unwrap();
        decoder.decode(packet, &mut heard).unwrap();
    }

    let strike = strike + encoder.look_ahead().unwrap() as usize;
    let before = level_dbov(&heard[strike - 120..strike]);
    let onset = level_dbov(&heard[strike..strike + 480]);
    // 22 to 29 dB below it, and 11 to 12 at complexity 0.
    assert!(
        before <= onset - 18,
        "{before} dBov before an onset of {onset}"
    );
}

#[test]
fn in_band_fec_is_seen_where_it_is() {
    let voice = CodecOptions {
        mode: CodecMode::Voice,
        bitrate: 20_000,
        ..CodecOptions::default()
    };
    let with_fec = CodecOptions {
        expected_loss: 20,
        ..voice
    };
    let count = |codec, format: AudioFormat| {
        let frame = format.samples_of(960);
        encoded(codec, format, frame)
            .iter()
            .filter(|packet| has_in_band_fec(packet))
            .count()
    };

    assert!(count(with_fec, mono(16_000)) > 40);
    assert!(count(with_fec, AudioFormat::new(16_000, 2).unwrap()) > 40);
    assert_eq!(count(voice, mono(16_000)), 0);
    assert_eq!(count(CodecOptions::default(), mono(16_000)), 0);
}

#[test]
fn rates_that_opus_does_not_code_are_refused() {
    let odd = mono(44_100);

    assert_eq!(
        OpusDecoder::new(odd).err(),
        Some(CodecError::SampleRate(44_100))
    );
    assert!(OpusEncoder::new(odd, CodecOptions::default()).is_err());
}

#[test]
fn a_frame_of_an_odd_length_is_refused() {
    let mut encoder = OpusEncoder::new(mono(48_000), CodecOptions::default()).unwrap();

    assert!(encoder.encode(&[0; 961]).is_err());
    assert!(encoder.encode(&[0; 960]).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_to_their_duration_or_refused(
        packet in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        let mut decoder = OpusDecoder::new(mono(48_000)).unwrap();
        let mut samples = Vec::new();

        let decoded = decoder.decode(&packet, &mut samples);

        let _only_looks = has_in_band_fec(&packet);
        match (decoded, duration_of(&packet)) {
            (Ok(()), Some(duration)) => prop_assert_eq!(samples.len(), duration as usize),
            (Ok(()), None) => prop_assert!(false, "decoded what has no duration"),
            (Err(_), _) => prop_assert!(samples.is_empty()),
        }
    }
}
