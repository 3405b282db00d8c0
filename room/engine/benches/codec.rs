//! What Opus costs: time to code one second of mono speech, in frames of 20 ms. A second divided
//! by the time is how many such voices one core codes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use room_engine::audio::AudioFormat;
use room_engine::audio::codec::{CodecMode, CodecOptions, OpusDecoder, OpusEncoder};

#[path = "support/speech.rs"]
mod speech;

const MODES: [(CodecMode, u8); 9] = [
    (CodecMode::LowDelay, 0),
    (CodecMode::LowDelay, 4),
    (CodecMode::LowDelay, 5),
    (CodecMode::LowDelay, 9),
    (CodecMode::General, 2),
    (CodecMode::General, 5),
    (CodecMode::Voice, 0),
    (CodecMode::Voice, 5),
    (CodecMode::Voice, 9),
];

fn options(mode: CodecMode, complexity: u8) -> CodecOptions {
    CodecOptions {
        mode,
        complexity,
        dtx: false,
        ..CodecOptions::default()
    }
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode one second");
    group.throughput(Throughput::Elements(50)).sample_size(20);
    for rate in [16_000, 24_000, 48_000] {
        let format = AudioFormat::new(rate, 1).expect("a good format");
        let voice = speech::seconds(rate, 1);
        for (mode, complexity) in MODES {
            let options = options(mode, complexity);
            let mut encoder = OpusEncoder::new(format, options).expect("an encoder");
            let id = BenchmarkId::new(format!("{rate} Hz"), format!("{mode:?} {complexity}"));
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    for frame in voice.chunks_exact(rate as usize / 50) {
                        black_box(encoder.encode(frame).expect("a frame of 20 ms"));
                    }
                });
            });
        }
    }
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode one second");
    group.throughput(Throughput::Elements(50)).sample_size(20);
    for rate in [16_000, 24_000, 48_000] {
        let format = AudioFormat::new(rate, 1).expect("a good format");
        let voice = speech::seconds(rate, 1);
        for mode in [CodecMode::LowDelay, CodecMode::Voice] {
            let mut encoder = OpusEncoder::new(format, options(mode, 5)).expect("an encoder");
            let frames = voice.chunks_exact(rate as usize / 50);
            let packets: Vec<_> = frames
                .map(|frame| encoder.encode(frame).expect("a packet").to_vec())
                .collect();
            let mut decoder = OpusDecoder::new(format).expect("a decoder");
            let mut samples = Vec::new();
            let id = BenchmarkId::new(format!("{rate} Hz"), format!("{mode:?}"));
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    for packet in &packets {
                        samples.clear();
                        decoder.decode(packet, &mut samples).expect("a good packet");
                        black_box(&samples);
                    }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, encode, decode);
criterion_main!(benches);
