//! What participants say: a voice to be coded, and beeps to be timed.

use std::{
    f32::consts::TAU,
    time::{Duration, Instant},
};

use room_media::{Dbfs, Format, Frame, SampleRate, tone::Tone};

/// The rate at which agents speak.
pub(crate) const RATE: SampleRate = SampleRate::HZ_24000;
/// What is handed over at once.
pub(crate) const BLOCK: Duration = Duration::from_millis(10);
/// Blocks from beep to beep: odd, so that a beep begins now in the first, now in the second half of
/// a packet.
const BLOCKS_PER_BEEP: u32 = 51;
/// Blocks that a beep lasts.
const BEEP_BLOCKS: u32 = 2;
/// A beep is far above this part of full scale, and what sounds between beeps far below.
const LOUD: i16 = 5_000;
/// Beeps are this far apart at least; within, nothing new is a beep.
const BETWEEN_BEEPS: Duration = Duration::from_millis(300);
/// A beep that is heard later than this was another one.
const LOST: Duration = Duration::from_millis(450);

/// Returns ten seconds of something like speech: harmonics under moving formants, in syllables,
/// over a little noise. It never pauses, since silence would cost nothing.
pub(crate) fn voice() -> Frame {
    let count = RATE.hertz() as usize * 10;
    let rate = RATE.hertz() as f32;
    let mut random = fastrand::Rng::with_seed(1);
    let mut phase = 0.0;
    let samples = (0..count).map(|index| {
        let time = index as f32 / rate;
        let pitch = 120.0 + 20.0 * (TAU * 0.7 * time).sin();
        phase = (phase + pitch / rate) % 1.0;
        let syllable = 0.15 + 0.85 * (TAU * 2.0 * time).sin().powi(2);
        let formants = [500.0 + 200.0 * (TAU * 1.3 * time).sin(), 1_500.0, 2_600.0];
        let voiced: f32 = (1..=30)
            .map(|harmonic| {
                let hertz = pitch * harmonic as f32;
                let gain: f32 = formants
                    .iter()
                    .map(|f| (-((hertz - f) / 250.0).powi(2)).exp())
                    .sum();
                gain * (TAU * phase * harmonic as f32).sin()
            })
            .sum();
        let noise = random.f32() - 0.5;
        ((voiced * syllable * 0.12 + noise * 0.01) * 20_000.0).clamp(-32_000.0, 32_000.0) as i16
    });
    Frame::new(Format::mono(RATE), 0, samples.collect()).unwrap_or_else(|_| unreachable!("mono"))
}

/// Says beeps over a faint hum, so that no coder falls asleep in between.
pub(crate) struct Beeper {
    hum: Tone,
    beep: Tone,
    block: u32,
}

impl Beeper {
    pub(crate) fn new() -> Self {
        Self {
            hum: Tone::new(RATE, 300.0, Dbfs::new(-40.0)),
            beep: Tone::new(RATE, 1_500.0, Dbfs::new(-10.0)),
            block: 0,
        }
    }

    /// Returns the next block, and whether a beep begins with its first sample.
    pub(crate) fn next_block(&mut self) -> (Vec<i16>, bool) {
        let at = self.block % BLOCKS_PER_BEEP;
        self.block += 1;
        let samples = RATE.samples_in(BLOCK);
        let tone = if at < BEEP_BLOCKS {
            &mut self.beep
        } else {
            &mut self.hum
        };
        (tone.take(samples), at == 0)
    }
}

/// Finds beeps in what is heard and tells how late they are.
#[derive(Default)]
pub(crate) struct Stopwatch {
    last: Option<Instant>,
}

impl Stopwatch {
    /// Returns how long after the latest of `said` a beep in `samples` was at hand, and after how
    /// long it sounds if these samples begin to sound now.
    pub(crate) fn time(
        &mut self,
        now: Instant,
        samples: &[i16],
        said: &[Instant],
    ) -> Option<(Duration, Duration)> {
        let at = samples
            .iter()
            .position(|sample| sample.saturating_abs() > LOUD)?;
        if self.last.is_some_and(|last| now - last < BETWEEN_BEEPS) {
            return None;
        }
        self.last = Some(now);
        let said = said.iter().rev().find(|&&said| said <= now)?;
        let late = now - *said;
        (late < LOST).then(|| (late, late + RATE.duration_of(at)))
    }
}

/// Tells whether there is more than the noise that decoders make of nothing.
pub(crate) fn is_sound(samples: &[i16]) -> bool {
    samples
        .iter()
        .any(|sample| sample.saturating_abs() > LOUD / 50)
}
