use proptest::prelude::*;

use super::*;
use crate::{Channels, Dbfs, Level, tone::Tone};

const RATES: [SampleRate; 4] = [
    SampleRate::HZ_8000,
    SampleRate::HZ_16000,
    SampleRate::HZ_24000,
    SampleRate::HZ_48000,
];

fn rate(hertz: u32) -> SampleRate {
    SampleRate::new(hertz).unwrap()
}

fn resampler(from: SampleRate, to: SampleRate) -> Resampler {
    Resampler::new(Format::mono(from), to).unwrap()
}

fn converted(from: SampleRate, to: SampleRate, input: &[i16]) -> Vec<i16> {
    let mut output = Vec::new();
    resampler(from, to).process(input, &mut output);
    output
}

fn pairs() -> impl Iterator<Item = (SampleRate, SampleRate)> {
    let all = RATES
        .iter()
        .flat_map(|&from| RATES.iter().map(move |&to| (from, to)));
    all.filter(|(from, to)| from != to)
}

/// The level, against the input's, at which a tone of `hertz` leaves, at any frequency.
fn gain(from: SampleRate, to: SampleRate, hertz: f32) -> f32 {
    let level = Dbfs::new(-10.0);
    let input = Tone::new(from, hertz, level).take(from.hertz() as usize / 2);

    let output = converted(from, to, &input);

    let settled = &output[output.len() / 10..];
    Level::of(settled).rms.decibels() - level.decibels()
}

/// Edges of the slope in parts of the lower rate.
fn edges(from: SampleRate, to: SampleRate) -> (f32, f32) {
    let lower = from.min(to);
    let width = if lower == SampleRate::HZ_8000 {
        0.075
    } else {
        0.05
    };
    let rate = lower.hertz() as f32;
    (rate * (0.5 - width), rate * (0.5 + width))
}

#[test]
fn the_pass_band_is_flat() {
    for (from, to) in pairs() {
        let (pass, _) = edges(from, to);
        for part in 1..=20 {
            let hertz = pass * part as f32 / 20.0;

            let gain = gain(from, to, hertz);

            assert!(
                gain.abs() < 0.1,
                "{hertz} Hz from {from} to {to}: {gain} dB"
            );
        }
    }
}

#[test]
fn what_would_alias_is_60_db_down() {
    for (from, to) in pairs().filter(|(from, to)| from > to) {
        let (_, stop) = edges(from, to);
        let highest = from.hertz() as f32 / 2.0;
        for part in 0..20 {
            let hertz = stop + (highest - stop) * part as f32 / 20.0;

            let gain = gain(from, to, hertz);

            assert!(gain < -60.0, "{hertz} Hz from {from} to {to}: {gain} dB");
        }
    }
}

#[test]
fn images_are_60_db_down() {
    for (from, to) in pairs().filter(|(from, to)| from < to) {
        let hertz = from.hertz() as f32 * 0.4;
        let input = Tone::new(from, hertz, Dbfs::new(-10.0)).take(from.hertz() as usize / 2);
        let output = converted(from, to, &input);
        let settled = &output[output.len() / 10..];

        let image = crate::tone::power_at(settled, to, from.hertz() as f32 - hertz);

        assert!(10.0 * image.log10() < -70.0, "from {from} to {to}");
    }
}

#[test]
fn the_delay_is_under_two_milliseconds_and_as_stated() {
    for (from, to) in pairs() {
        let mut click = vec![0; from.hertz() as usize / 10];
        let at = click.len() / 2;
        click[at] = i16::MAX;

        let output = converted(from, to, &click);

        let loudest = (0..output.len())
            .max_by_key(|&i| output[i].unsigned_abs())
            .unwrap();
        let late = to
            .duration_of(loudest)
            .checked_sub(from.duration_of(at))
            .unwrap();
        let stated = resampler(from, to).delay();
        assert!(stated < Duration::from_millis(2));
        let sample = from.min(to).duration_of(1);
        assert!(
            late.abs_diff(stated) <= sample,
            "from {from} to {to}: {late:?}, {stated:?}"
        );
    }
}

#[test]
fn twenty_milliseconds_in_are_twenty_milliseconds_out_each_time() {
    for (from, to) in pairs() {
        let mut stream = resampler(from, to);
        for _ in 0..10 {
            let mut output = Vec::new();
            stream.process(&vec![0; from.hertz() as usize / 50], &mut output);
            assert_eq!(
                output.len(),
                to.hertz() as usize / 50,
                "from {from} to {to}"
            );
        }
    }
}

#[test]
fn up_and_down_again_is_the_same_sound() {
    for (low, high) in pairs().filter(|(low, high)| low < high) {
        let input = Tone::new(low, 1_000.0, Dbfs::new(-12.0)).take(low.hertz() as usize / 5);
        let up = converted(low, high, &input);

        let back = converted(high, low, &up);

        let late =
            (resampler(low, high).delay().as_secs_f64() * 2.0 * f64::from(low.hertz())).round();
        let late = late as usize;
        let settled = back.len() / 5;
        let error = error(&input[settled..back.len() - late], &back[settled + late..]);
        assert!(error < -70.0, "{low} over {high}: error {error} dBFS");
    }
}

#[test]
fn equal_rates_pass_untouched() {
    let input = [1, -2, 3, i16::MIN, i16::MAX];

    assert_eq!(
        converted(SampleRate::HZ_8000, SampleRate::HZ_8000, &input),
        input
    );
}

#[test]
fn channels_do_not_leak_into_each_other() {
    let left = Tone::new(SampleRate::HZ_48000, 440.0, Dbfs::new(-12.0)).take(48_000);
    let input: Vec<i16> = left.iter().flat_map(|&left| [left, 0]).collect();
    let format = Format {
        rate: SampleRate::HZ_48000,
        channels: Channels::Stereo,
    };
    let mut output = Vec::new();

    Resampler::new(format, SampleRate::HZ_16000)
        .unwrap()
        .process(&input, &mut output);

    let alone = converted(SampleRate::HZ_48000, SampleRate::HZ_16000, &left);
    assert!(
        output
            .chunks_exact(2)
            .zip(alone)
            .all(|(both, left)| both == [left, 0])
    );
}

#[test]
fn finishing_brings_out_the_last_sample() {
    let mut stream = resampler(SampleRate::HZ_8000, SampleRate::HZ_48000);
    let mut output = Vec::new();
    stream.process(&[0, 0, 20_000], &mut output);

    stream.finish(&mut output);

    assert!(output.iter().max().unwrap() > &19_000);
}

#[test]
fn rates_with_nothing_in_common_are_refused() {
    let refused = Resampler::new(Format::mono(rate(47_999)), rate(48_000)).unwrap_err();

    assert_eq!(
        refused,
        ResampleError::AwkwardRatio {
            from: rate(47_999),
            to: rate(48_000)
        }
    );
}

#[test]
fn every_rate_in_use_converts_into_every_other() {
    let hertz = [8, 12, 16, 24, 32, 48, 96].map(|kilo| kilo * 1_000);
    let all: Vec<u32> = hertz.into_iter().chain([11_025, 22_050, 44_100]).collect();
    for &from in &all {
        for &to in &all {
            assert!(
                Resampler::new(Format::mono(rate(from)), rate(to)).is_ok(),
                "{from} to {to}"
            );
        }
    }
}

fn error(a: &[i16], b: &[i16]) -> f32 {
    let difference: Vec<i16> = a.iter().zip(b).map(|(a, b)| a.saturating_sub(*b)).collect();
    Level::of(&difference).rms.decibels()
}

proptest! {
    #[test]
    fn cutting_the_input_differently_changes_nothing(
        samples in prop::collection::vec(any::<i16>(), 0..2_000),
        cuts in prop::collection::vec(1_usize..300, 1..20),
        from in prop::sample::select(RATES.to_vec()),
        to in prop::sample::select(RATES.to_vec()),
    ) {
        let whole = converted(from, to, &samples);
        let mut stream = resampler(from, to);
        let (mut pieces, mut rest) = (Vec::new(), &samples[..]);

        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, later) = rest.split_at((*cut).min(rest.len()));
            stream.process(piece, &mut pieces);
            rest = later;
        }

        let expected = (samples.len() as u64 * u64::from(to.hertz())).div_ceil(u64::from(from.hertz()));
        prop_assert_eq!(whole.len() as u64, expected);
        prop_assert_eq!(pieces, whole);
    }
}
