//! What a stream costs: each function handles 20 ms of speech-like sound, so 20 ms over the time
//! shown is how many streams a core carries.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use room_media::{
    Dbfs, Format, Level, Mixer, Player, PlayerOptions, Resampler, SampleRate, tone::Tone, ulaw,
};

const FRAME: Duration = Duration::from_millis(20);

fn sound(rate: SampleRate) -> Vec<i16> {
    let count = rate.samples_in(FRAME);
    let low = Tone::new(rate, 150.0, Dbfs::new(-20.0)).take(count);
    let high = Tone::new(rate, 2_300.0, Dbfs::new(-35.0)).take(count);
    low.iter().zip(high).map(|(low, high)| low + high).collect()
}

fn resampling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("resample 20 ms");
    let pairs = [
        (8, 48),
        (48, 8),
        (16, 48),
        (48, 16),
        (24, 48),
        (48, 24),
        (8, 16),
        (24, 8),
    ];
    for (from, to) in pairs {
        let [from, to] = [from, to].map(|kilo| SampleRate::new(kilo * 1_000).expect("in range"));
        let mut stream = Resampler::new(Format::mono(from), to).expect("common rates");
        let (input, mut output) = (sound(from), Vec::new());
        group.bench_function(format!("{from} to {to}"), |bencher| {
            bencher.iter(|| {
                output.clear();
                stream.process(black_box(&input), &mut output);
                black_box(&output);
            });
        });
    }
    group.finish();
}

fn coding(criterion: &mut Criterion) {
    let input = sound(SampleRate::HZ_8000);
    let mut codes = Vec::new();
    criterion.bench_function("encode 20 ms of μ-law", |bencher| {
        bencher.iter(|| {
            codes.clear();
            ulaw::encode_into(black_box(&input), &mut codes);
            black_box(&codes);
        });
    });
    let mut samples = Vec::new();
    criterion.bench_function("decode 20 ms of μ-law", |bencher| {
        bencher.iter(|| {
            samples.clear();
            ulaw::decode_into(black_box(&codes), &mut samples);
            black_box(&samples);
        });
    });
    let input = sound(SampleRate::HZ_48000);
    criterion.bench_function("level of 20 ms at 48 kHz", |bencher| {
        bencher.iter(|| black_box(Level::of(black_box(&input))));
    });
}

fn mixing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mix 20 ms at 24 kHz for all of");
    let input = sound(SampleRate::HZ_24000);
    for participants in [3, 10, 50] {
        let mut mixer = Mixer::new(Format::mono(SampleRate::HZ_24000), input.len());
        let seats: Vec<_> = (0..participants).map(|_| mixer.join()).collect();
        let mut output = vec![0; input.len()];
        group.bench_function(BenchmarkId::from_parameter(participants), |bencher| {
            bencher.iter(|| {
                for &seat in &seats {
                    mixer.put(seat, black_box(&input));
                }
                for &seat in &seats {
                    mixer.hear(seat, &mut output);
                    black_box(&output);
                }
                mixer.next_tick();
            });
        });
    }
    group.finish();
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the beginning"
)]
fn playing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("play 20 ms at 24 kHz");
    let rate = SampleRate::HZ_24000;
    let input = sound(rate);
    for (line, frames) in [("even", [1, 1, 1, 1]), ("unsteady", [0, 0, 3, 1])] {
        let mut player = Player::new(PlayerOptions::new(Format::mono(rate)));
        let mut output = vec![0; rate.samples_in(FRAME)];
        let (mut now, mut index) = (Instant::now(), 0);
        group.bench_function(line, |bencher| {
            bencher.iter(|| {
                now += FRAME;
                index += 1;
                for _ in 0..frames[index % frames.len()] {
                    player.handle_frame(now, black_box(&input));
                }
                player.play(now, &mut output);
                black_box(&output);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, resampling, coding, mixing, playing);
criterion_main!(benches);
