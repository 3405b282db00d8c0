//! What voice detection costs: 20 ms over the time shown is how many speakers a core hears.

use std::hint::black_box;

use agent_turn::VoiceDetector;
use criterion::{Criterion, criterion_group, criterion_main};

const FRAME: usize = VoiceDetector::SAMPLE_RATE as usize / 50;

fn voice(criterion: &mut Criterion) {
    let speech: Vec<i16> = (0..FRAME * 50)
        .map(|at| {
            let pulse = if at % 130 < 4 { 9_000.0 } else { 0.0 };
            (pulse + 2_000.0 * (at as f32 * 0.35).sin()) as i16
        })
        .collect();
    let silence = vec![0; FRAME * 50];
    for (name, sound) in [("speech", speech), ("silence", silence)] {
        criterion.bench_function(&format!("detect voice in 20 ms of {name}"), |bencher| {
            let mut detector = VoiceDetector::new();
            let mut frames = sound.chunks_exact(FRAME).cycle();
            bencher.iter(|| {
                detector.handle(black_box(frames.next().expect("frames go round")));
                while let Some(event) = detector.poll_event() {
                    black_box(event);
                }
            });
        });
    }
}

criterion_group!(benches, voice);
criterion_main!(benches);
