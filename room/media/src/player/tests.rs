use proptest::prelude::*;

use super::*;
use crate::{
    Dbfs,
    tone::{Tone, measure},
};

const RATE: SampleRate = SampleRate::HZ_16000;
const FRAME: Duration = Duration::from_millis(20);
const PIECE: Duration = Duration::from_millis(10);
const HERTZ: f32 = 200.0;
const LEVEL: Dbfs = Dbfs::new(-12.0);

/// A player with a clock turned by hand and a sender of a tone.
struct Line {
    player: Player,
    begin: Instant,
    /// When the next piece is due, since the beginning.
    due: Duration,
    /// Length of a piece in real time; differs from its sound when the player's clock is off.
    tick: Duration,
    piece: Duration,
    tone: Tone,
    heard: Vec<i16>,
}

impl Line {
    fn new() -> Self {
        Self {
            player: Player::new(PlayerOptions::new(Format::mono(RATE))),
            begin: any_instant(),
            due: Duration::from_millis(3),
            tick: PIECE,
            piece: PIECE,
            tone: Tone::new(RATE, HERTZ, LEVEL),
            heard: Vec::new(),
        }
    }

    /// Plays until `at`, when 20 ms of the tone arrive.
    fn arrives(&mut self, at: Duration) {
        self.play_until(at);
        let sound = self.tone.take(RATE.samples_in(FRAME));
        self.player.handle_frame(self.begin + at, &sound);
    }

    /// Lets frames arrive at the given times, which must not fall.
    fn arrive(&mut self, times: impl IntoIterator<Item = Duration>) {
        for at in times {
            self.arrives(at);
        }
    }

    fn play_until(&mut self, end: Duration) {
        while self.due <= end {
            let mut output = vec![99; RATE.samples_in(self.piece)];
            self.player.play(self.begin + self.due, &mut output);
            self.heard.extend(output);
            self.due += self.tick;
        }
    }

    fn stats(&self) -> PlayerStats {
        self.player.stats()
    }

    /// The largest step from one sample heard to the next, against the tone's own largest.
    fn roughest_step(&self) -> f32 {
        let steps = self
            .heard
            .windows(2)
            .map(|pair| (f32::from(pair[1]) - f32::from(pair[0])).abs());
        let amplitude = LEVEL.amplitude() * f32::sqrt(2.0) * 32_767.0;
        let own = amplitude * std::f32::consts::TAU * HERTZ / RATE.hertz() as f32;
        steps.fold(0.0, f32::max) / own
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the beginning"
)]
fn any_instant() -> Instant {
    Instant::now()
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Times of `count` frames sent evenly and delayed by `delay` each, in order like decoded sound.
fn delayed(count: u64, mut delay: impl FnMut(u64) -> Duration) -> Vec<Duration> {
    let mut latest = Duration::ZERO;
    (0..count)
        .map(|index| {
            latest = latest.max(FRAME * index as u32 + delay(index));
            latest
        })
        .collect()
}

/// Something between 0 and `most`, the same in each run.
fn jitter(most: Duration) -> impl FnMut(u64) -> Duration {
    let mut state = 1_u64;
    move |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        most.mul_f64((state >> 33) as f64 / f64::from(1_u32 << 31))
    }
}

#[test]
fn an_even_stream_waits_five_milliseconds_and_passes_untouched() {
    let mut line = Line::new();

    line.arrive(delayed(1_000, |_| Duration::ZERO));

    let stats = line.stats();
    assert_eq!(
        (stats.concealed, stats.underflows, stats.dropped),
        (0, 0, 0),
        "{stats:?}"
    );
    assert!(
        stats.delay <= millis(15) && stats.target == millis(5),
        "{stats:?}"
    );
    // The first delay is given up in a cut or two; after that every sample comes as it was sent.
    let settled = &line.heard[RATE.samples_in(millis(2_000))..];
    let mut sent = Tone::new(RATE, HERTZ, LEVEL);
    let sent = sent.take(settled.len() + 80);
    assert!((0..80).any(|shift| sent[shift..].starts_with(settled)));
}

#[test]
fn heavy_jitter_is_absorbed_with_little_concealment() {
    let mut line = Line::new();

    line.arrive(delayed(3_000, jitter(millis(160))));

    let stats = line.stats();
    assert!(stats.concealed * 100 < stats.played * 2, "{stats:?}");
    assert!(stats.delay < millis(200) && stats.dropped == 0, "{stats:?}");
    let report = measure(&line.heard, RATE, HERTZ);
    assert!(
        report.longest_gap <= millis(40) && report.share > 0.95,
        "{report:?}"
    );
}

#[test]
fn the_delay_returns_after_a_burst_of_jitter() {
    let mut line = Line::new();
    let mut wild = jitter(millis(200));

    line.arrive(delayed(2_000, |index| {
        if (500..600).contains(&index) {
            wild(index)
        } else {
            Duration::ZERO
        }
    }));

    let stats = line.stats();
    assert_eq!(stats.target, millis(5));
    assert!(stats.delay <= millis(16), "{stats:?}");
}

#[test]
fn a_frame_held_up_is_concealed_and_the_time_made_up_again() {
    let mut line = Line::new();

    let held_up = |index| {
        if (100..104).contains(&index) {
            millis(80)
        } else {
            Duration::ZERO
        }
    };
    line.arrive(delayed(1_500, held_up));

    let stats = line.stats();
    assert!((1..=2).contains(&stats.underflows), "{stats:?}");
    assert!(stats.concealed > 0 && stats.faded == 0, "{stats:?}");
    assert!(stats.delay <= stats.target + millis(11), "{stats:?}");
    assert!(line.roughest_step() < 1.5, "{}", line.roughest_step());
    let report = measure(&line.heard, RATE, HERTZ);
    assert_eq!(report.longest_gap, Duration::ZERO);
}

#[test]
fn an_hour_of_drifting_clocks_is_not_heard() {
    for parts_per_million in [-100, 100] {
        let mut line = Line::new();
        line.tick = Duration::from_nanos((10_000_000 + 10 * parts_per_million) as u64);

        line.arrive(delayed(3_600 * 50, |_| Duration::ZERO));

        let stats = line.stats();
        assert_eq!((stats.concealed, stats.dropped), (0, 0), "{stats:?}");
        assert!(stats.delay <= millis(16), "{stats:?}");
        let corrected = RATE.duration_of((stats.accelerated + stats.decelerated) as usize);
        assert!(
            corrected.abs_diff(millis(360)) < millis(30),
            "{corrected:?} {stats:?}"
        );
        assert!(line.roughest_step() < 1.5, "{}", line.roughest_step());
    }
}

#[test]
fn drift_is_absorbed_under_jitter_as_well() {
    for parts_per_million in [-100, 100] {
        let mut line = Line::new();
        line.tick = Duration::from_nanos((10_000_000 + 10 * parts_per_million) as u64);

        line.arrive(delayed(10 * 60 * 50, jitter(millis(30))));

        let stats = line.stats();
        assert!(stats.concealed * 100 < stats.played, "{stats:?}");
        assert!(stats.delay <= millis(50), "{stats:?}");
    }
}

#[test]
fn the_senders_silence_is_silence_and_costs_no_delay() {
    let mut line = Line::new();
    let sentences = (0..50).map(|sentence| millis(1_000 * sentence + sentence % 7));

    line.arrive(sentences.flat_map(|begin| (0..15).map(move |frame| begin + FRAME * frame)));
    line.play_until(line.due + millis(500));

    let stats = line.stats();
    assert_eq!((stats.concealed, stats.underflows), (0, 50), "{stats:?}");
    assert!(stats.target <= millis(10), "{stats:?}");
    assert!(
        line.heard[line.heard.len() - RATE.samples_in(millis(350))..]
            .iter()
            .all(|&s| s == 0)
    );
}

#[test]
fn the_first_sound_after_silence_is_heard_after_the_target() {
    let mut line = Line::new();
    line.arrive(delayed(100, |_| Duration::ZERO));

    line.arrives(millis(5_000));
    line.play_until(millis(5_040));

    let after = RATE.samples_in(millis(5_000) - millis(3));
    let first = line.heard[after..]
        .iter()
        .position(|&sample| sample != 0)
        .unwrap();
    assert!(
        RATE.duration_of(first) <= line.stats().target + millis(1),
        "{first}"
    );
}

#[test]
fn a_senders_short_pauses_do_not_add_up() {
    let mut line = Line::new();
    let (mut at, mut times) = (Duration::ZERO, Vec::new());
    for index in 0..3_000 {
        at += if index % 40 == 39 { millis(60) } else { FRAME };
        times.push(at);
    }

    line.arrive(times);

    let stats = line.stats();
    assert!(
        stats.delay < millis(100) && stats.target < millis(100),
        "{stats:?}"
    );
}

#[test]
fn a_tone_is_stretched_without_a_click() {
    let mut line = Line::new();
    let steps = |index| {
        if index % 400 < 200 {
            Duration::ZERO
        } else {
            millis(index % 4 * 30)
        }
    };

    line.arrive(delayed(6_000, steps));

    let stats = line.stats();
    assert!(
        stats.accelerated > 1_000 && stats.decelerated > 1_000,
        "{stats:?}"
    );
    assert!(line.roughest_step() < 1.5, "{}", line.roughest_step());
}

#[test]
fn long_pieces_and_short_frames_work_together() {
    let mut line = Line::new();
    (line.piece, line.tick) = (millis(20), millis(20));

    for index in 0..1_000 {
        line.play_until(millis(10 * index));
        let sound = line.tone.take(RATE.samples_in(millis(10)));
        line.player
            .handle_frame(line.begin + millis(10 * index), &sound);
    }

    let stats = line.stats();
    assert!(stats.underflows <= 1, "{stats:?}");
    assert!(stats.delay <= millis(30), "{stats:?}");
}

#[test]
fn a_player_that_nobody_listens_to_keeps_a_bounded_amount() {
    let mut line = Line::new();
    line.due = millis(100_000);

    line.arrive(delayed(2_000, |_| Duration::ZERO));
    line.player
        .handle_frame(line.begin + millis(40_000), &[1; 1_000_000]);

    let stats = line.stats();
    assert!(stats.dropped > 900_000, "{stats:?}");
    assert!(line.player.tape.available() <= RATE.samples_in(millis(601)) + 1_000_000);
    line.player
        .handle_frame(line.begin + millis(40_001), &[1; 160]);
    assert!(line.player.tape.available() < RATE.samples_in(millis(700)));
}

#[derive(Clone, Debug)]
enum Step {
    Frame { after_micros: u32, values: usize },
    Piece { after_micros: u32, values: usize },
}

fn any_step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![0..100_u32, 0..25_000_u32, 0..2_000_000_u32];
    let values = prop_oneof![0..10_usize, Just(480), Just(960), 0..3_000_usize];
    (after, values, any::<bool>()).prop_map(|(after_micros, values, frame)| {
        if frame {
            Step::Frame {
                after_micros,
                values,
            }
        } else {
            Step::Piece {
                after_micros,
                values,
            }
        }
    })
}

proptest! {
    #[test]
    fn any_pattern_is_played_in_full_length(
        steps in prop::collection::vec(any_step(), 1..300),
        hertz in prop::sample::select(vec![8_000, 11_025, 16_000, 24_000, 44_100, 48_000]),
        stereo in any::<bool>(),
        noise in any::<i16>(),
    ) {
        let rate = SampleRate::new(hertz).unwrap();
        let format = if stereo { Format::stereo(rate) } else { Format::mono(rate) };
        let mut player = Player::new(PlayerOptions::new(format));
        let (mut now, mut played, mut sample) = (any_instant(), 0, noise);

        for step in steps {
            match step {
                Step::Frame { after_micros, values } => {
                    now += Duration::from_micros(after_micros.into());
                    let sound: Vec<i16> = (0..values).map(|_| {
                        sample = sample.wrapping_mul(25_173).wrapping_add(13_849);
                        sample
                    }).collect();
                    player.handle_frame(now, &sound);
                }
                Step::Piece { after_micros, values } => {
                    now += Duration::from_micros(after_micros.into());
                    player.play(now, &mut vec![99; values]);
                    played += (values / format.channels.count()) as u64;
                }
            }
            let most = rate.samples_in(millis(600));
            prop_assert!(player.tape.available() <= most);
        }

        prop_assert_eq!(player.stats().played, played);
    }

    #[test]
    fn the_delay_comes_back_from_any_jitter(
        most in 1_u64..250,
        seed in any::<u64>(),
        trouble in 1_u64..200,
    ) {
        let mut line = Line::new();
        let mut wild = jitter(millis(most));
        for _ in 0..seed % 50 { wild(0); }

        line.arrive(delayed(trouble + 2_500, |index| {
            if index < trouble { wild(index) } else { Duration::ZERO }
        }));

        let stats = line.stats();
        prop_assert!(stats.delay <= stats.target + millis(11), "{:?}", stats);
        prop_assert!(stats.target <= millis(10), "{:?}", stats);
    }
}
