//! What a voice costs from the application's samples to the listener's, without the network: time
//! for one second of it. `cargo bench -p room-engine --features internals --bench audio_path`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use room_engine::audio::codec::{CodecMode, CodecOptions};
use room_engine::audio::internals::Loopback;

#[path = "support/speech.rs"]
mod speech;

fn carry(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("carry one second");
    group.sample_size(20);
    let low_delay = CodecOptions::default();
    let voice = CodecOptions {
        mode: CodecMode::Voice,
        ..low_delay
    };
    let silence = vec![0; 24_000];
    for (name, codec, red, samples) in [
        ("low delay", low_delay, false, speech::seconds(24_000, 1)),
        (
            "low delay, RED",
            low_delay,
            true,
            speech::seconds(24_000, 1),
        ),
        ("voice, RED", voice, true, speech::seconds(24_000, 1)),
        ("silence", low_delay, true, silence),
    ] {
        let mut path = Loopback::new(24_000, codec, red).expect("a good format");
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| black_box(path.carry(&samples)));
        });
    }
    group.finish();
}

criterion_group!(benches, carry);
criterion_main!(benches);
