use super::*;

const LEAD: Duration = Duration::from_millis(20);
const SOUND: [i16; 160] = [900; 160];
const NOTHING: [i16; 160] = [0; 160];

/// A playout whose ticks are counted from its beginning.
struct Line {
    playout: Playout,
    start: Instant,
    tick: u32,
    late: Late,
}

impl Line {
    fn new() -> Self {
        Self {
            playout: Playout::new(LEAD),
            start: Instant::now(),
            tick: 0,
            late: Late::default(),
        }
    }

    fn at(&self, millis: u64) -> Instant {
        self.start + Duration::from_millis(millis)
    }

    fn says(&mut self, mix: [i16; 160]) -> Tick {
        let due = self.start + TICK * self.tick;
        self.tick += 1;
        self.playout.handle_tick(due, self.late, &mix)
    }

    /// Sends so many ticks; returns the names of the marks.
    fn says_for(&mut self, ticks: u32) -> Vec<String> {
        (0..ticks).filter_map(|_| self.says(SOUND).mark).collect()
    }

    fn echo(&mut self, millis: u64, name: &str) -> Echo {
        let now = self.at(millis);
        self.playout.handle_echo(now, name)
    }
}

#[test]
fn sound_after_silence_has_a_lead_and_a_mark_every_200_ms() {
    let mut line = Line::new();

    assert_eq!(line.says(NOTHING), Tick::default());
    let first = line.says(SOUND);
    let marks = line.says_for(29);

    assert_eq!((first.lead, first.times), (LEAD, 1));
    assert_eq!(marks, ["p0.0", "p0.1", "p0.2"]);
}

#[test]
fn on_a_late_machine_more_is_kept_in_hand_from_the_next_pause_on() {
    let mut line = Line::new();
    line.says_for(5);
    line.late.machine = Duration::from_millis(30);

    let times = [SOUND, NOTHING, NOTHING].map(|mix| line.says(mix).times);

    assert_eq!(times, [1, 3, 1]);
}

#[test]
fn a_pause_that_is_made_shorter_counts_as_heard() {
    let mut line = Line::new();
    line.late.machine = Duration::from_millis(30);
    line.says_for(8);
    line.late.machine = Duration::ZERO;

    let pause = [(); 2].map(|()| line.says(NOTHING));
    line.echo(400, pause[1].mark.as_deref().unwrap());

    assert_eq!(pause.map(|tick| tick.times), [0, 1]);
    assert_eq!(line.playout.heard(), TICK * 10);
}

#[test]
fn a_short_silence_is_sent_and_a_long_one_ends_with_a_mark() {
    let mut line = Line::new();
    line.says_for(3);

    let within: Vec<u32> = (0..9).map(|_| line.says(NOTHING).times).collect();
    let last = line.says(NOTHING);
    let after = line.says(NOTHING);

    assert_eq!(within, [1; 9]);
    assert_eq!((last.times, last.mark.as_deref()), (0, Some("p0.1")));
    assert_eq!(after, Tick::default());
}

#[test]
fn a_mark_that_comes_back_says_what_was_heard_and_how_late() {
    let mut line = Line::new();
    let marks = line.says_for(20);

    let first = line.echo(320, &marks[0]);

    assert_eq!(first, Echo::Heard);
    assert_eq!(line.playout.heard(), Duration::from_millis(200));
    assert_eq!(
        line.playout.poll_delay(Duration::from_millis(25)),
        Some(Duration::from_millis(140))
    );
    assert!(!line.playout.is_all_heard());
    assert_eq!(line.echo(520, &marks[1]), Echo::Heard);
    assert!(line.playout.is_all_heard());
}

#[test]
fn the_delay_is_told_when_it_has_moved_by_40_ms() {
    let mut line = Line::new();
    let marks = line.says_for(200);
    let mut told = Vec::new();

    for (number, mark) in marks.iter().enumerate() {
        let late = if number < 5 { 110 } else { 210 };
        let over = 200 * (number as u64 + 1);
        line.echo(over + late, mark);
        told.extend(
            line.playout
                .poll_delay(Duration::ZERO)
                .map(|delay| delay.as_millis()),
        );
    }

    assert_eq!(told, [120, 160, 200]);
}

#[test]
fn marks_that_a_clear_sends_back_do_not_count_as_heard() {
    let mut line = Line::new();
    let marks = line.says_for(40);
    line.echo(250, &marks[0]);

    let cleared = line.at(800);
    line.playout.handle_clear(cleared);
    let stale = [
        line.echo(810, &marks[1]),
        line.echo(810, &marks[2]),
        line.echo(811, &marks[3]),
    ];
    let again = line.echo(812, &marks[3]);
    let next = line.says_for(10);

    assert_eq!(stale, [Echo::Stale; 3]);
    assert_eq!(again, Echo::Unsent);
    // By the time of the clear, two more marks must have been played, 50 ms late as the first was.
    assert_eq!(line.playout.heard(), Duration::from_millis(600));
    assert_eq!(next, ["p1.4"]);
    assert_eq!(line.echo(1_100, "p1.4"), Echo::Heard);
    assert_eq!(line.playout.heard(), Duration::from_millis(800));
}

#[test]
fn marks_that_were_never_sent_are_told_apart() {
    let mut line = Line::new();
    line.says_for(10);

    for name in ["p0.1", "p1.0", "m1", "", "p0", "p0.x", "p99999999999.0"] {
        assert_eq!(line.echo(300, name), Echo::Unsent, "{name}");
    }
}

#[test]
fn marks_that_never_come_back_are_given_up() {
    let mut line = Line::new();

    line.says_for(10_000);

    assert_eq!(line.playout.out.len(), MOST_OUT);
}

#[test]
fn what_was_lost_with_the_socket_was_not_heard() {
    let mut line = Line::new();
    let marks = line.says_for(20);
    line.echo(250, &marks[0]);

    let lost = line.at(400);
    line.playout.handle_lost(lost);

    assert_eq!(line.playout.heard(), Duration::from_millis(200));
    assert!(line.playout.is_all_heard());
    assert_eq!(line.echo(460, &marks[1]), Echo::Unsent);
}
