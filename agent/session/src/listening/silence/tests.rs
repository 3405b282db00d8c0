//! What is told of pauses, on paths of several kinds.

use proptest::prelude::*;

use super::*;

const FRAME: Duration = Duration::from_millis(20);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Hands over frames with what is in them when they come, and lets time pass between them.
struct Path {
    start: Instant,
    silence: Silence,
    /// What was told: when it was, how much, and whether it came in a frame.
    told: Vec<(Duration, Duration, Option<Content>)>,
}

impl Path {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            silence: Silence::default(),
            told: Vec::new(),
        }
    }

    fn pass_until(&mut self, at: Duration) {
        while let Some(due) = self.silence.deadline().filter(|due| *due < self.start + at) {
            let silence = self.silence.handle_timeout(due);
            self.told.push((due - self.start, silence, None));
        }
    }

    fn frame(&mut self, at: Duration, content: Content) {
        self.pass_until(at);
        if self.silence.handle_frame(self.start + at, FRAME, content) == Fate::Heard {
            self.told.push((at, FRAME, Some(content)));
        }
    }

    fn sum(&self) -> Duration {
        self.told.iter().map(|(_, length, _)| *length).sum()
    }

    /// Returns when so much silence had been told behind the last sound.
    fn silent_for(&self, length: Duration) -> Option<Duration> {
        let is_sound = |content| content == Some(Content::Sound);
        let last = self.told.iter().rposition(|told| is_sound(told.2))?;
        let mut silence = Duration::ZERO;
        let enough = self.told[last + 1..].iter().find(|(_, piece, _)| {
            silence += *piece;
            silence >= length
        });
        enough.map(|(at, ..)| *at)
    }
}

#[test]
fn a_frame_is_waited_for_as_long_as_the_path_has_delayed_frames() {
    let (mut quick, mut slow) = (Path::new(), Path::new());
    for n in 0..200 {
        quick.frame(ms(20 * n + n % 3), Content::Sound);
        slow.frame(ms(20 * n + 37 * (n % 2)), Content::Sound);
    }

    assert!(quick.silence.patience() <= ms(20), "{:?}", quick.silence);
    assert_eq!(slow.silence.patience(), MOST);
    assert!(
        slow.told.iter().skip(10).all(|told| told.2.is_some()),
        "a path that always jitters so much makes no holes"
    );
}

#[test]
fn silence_does_not_fall_behind_the_frames_it_takes_the_place_of() {
    let mut path = Path::new();
    for n in 0..100 {
        path.frame(ms(20 * n), Content::Sound);
    }

    path.pass_until(ms(20 * 99) + ms(301));

    let late = path.silent_for(ms(100)).expect("it was told") - ms(20 * 99);
    assert!(
        late <= ms(120),
        "100 ms of silence were told after {late:?}"
    );
}

#[test]
fn behind_hush_more_hush_is_told_at_once() {
    let mut path = Path::new();
    for n in 0..10 {
        path.frame(ms(20 * n + 60 * (n % 2)), Content::Sound);
    }
    assert!(path.silence.patience() > ms(40));

    path.frame(ms(240), Content::Hush);

    assert_eq!(
        path.silence.deadline(),
        Some(path.start + ms(240) + FRAME + LEAST)
    );
}

/// Stock libwebrtc, and browsers with it: hush for 200 ms, then a frame each 400 ms.
#[test]
fn a_browser_that_pauses_is_told_to_be_silent_without_delay() {
    let mut path = Path::new();
    for n in 0..50 {
        path.frame(ms(20 * n), Content::Sound);
    }
    for n in 50..61 {
        path.frame(ms(20 * n), Content::Hush);
    }
    for n in 1..4 {
        path.frame(ms(1_200 + 400 * n), Content::Hush);
    }

    for pause in (20..1_000).step_by(20).map(ms) {
        let told = path.silent_for(pause).expect("it was told") - ms(20 * 49);
        assert!(
            told <= pause + ms(40),
            "{pause:?} of silence were told after {told:?}"
        );
    }
}

#[test]
fn silence_ends_when_everybody_knows() {
    let mut path = Path::new();
    path.frame(ms(0), Content::Sound);

    path.pass_until(ms(60_000));

    assert_eq!(path.sum(), FRAME + ENOUGH);
    assert_eq!(path.silence.deadline(), None);
}

#[test]
fn a_loop_that_was_held_up_does_not_tell_more_than_enough() {
    let mut path = Path::new();
    path.frame(ms(0), Content::Sound);

    let silence = path.silence.handle_timeout(path.start + ms(60_000));

    assert_eq!(silence, ENOUGH);
}

proptest! {
    /// Words and pauses whose frames come up to 80 ms late, but in order.
    #[test]
    fn a_path_that_jitters_does_not_make_pauses_longer(
        delays in prop::collection::vec(0_u64..80, 400),
    ) {
        let mut path = Path::new();
        let mut came = Duration::ZERO;
        for (n, delay) in (0..).zip(delays) {
            let content = if n / 20 % 2 == 0 { Content::Sound } else { Content::Hush };
            came = came.max(ms(20 * n + delay));
            path.frame(came, content);
        }

        let lasted = ms(400 * 20);
        let told = path.sum();
        prop_assert!(told >= lasted - MOST - FRAME * 2, "{told:?} of {lasted:?}");
        prop_assert!(told <= lasted + MOST + FRAME * 2, "{told:?} of {lasted:?}");
    }

    /// The same for frames at random: nothing panics, and nothing is told ahead of the clock but what came.
    #[test]
    fn silence_never_runs_ahead_of_the_clock(
        frames in prop::collection::vec((0_u64..300, any::<bool>()), 1..200),
    ) {
        let mut path = Path::new();
        let (mut now, mut sound) = (Duration::ZERO, Duration::ZERO);
        for (gap, is_sound) in frames {
            now += ms(gap);
            let content = if is_sound { Content::Sound } else { Content::Hush };
            path.frame(now, content);
            sound += FRAME;
        }

        prop_assert!(path.sum() <= now + sound);
    }
}
