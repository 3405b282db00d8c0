//! Order, waiting and filling, with frames that are named instead of heard.

use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);
const FRAME: u32 = 960;

/// First byte of an Opus frame of 20 ms: CELT, full band, mono.
const CELT_20_MS: u8 = 31 << 3;

/// First byte of the speech coder's: wide band, mono, 20 ms; and a next one with its LBRR bit set.
const SILK_20_MS_WITH_FEC: [u8; 2] = [9 << 3, 0b0100_0000];

fn frame(name: u8) -> Block {
    Block {
        age: 0,
        payload: Payload::from(vec![CELT_20_MS, name]),
    }
}

/// The frame `name`, and copies of the `copies` frames before it.
fn red(name: u8, copies: u8) -> Vec<Block> {
    let earlier = (1..=copies.min(name)).rev();
    earlier
        .map(|age| Block {
            age: u32::from(age) * FRAME,
            ..frame(name - age)
        })
        .chain([frame(name)])
        .collect()
}

fn names(sequencer: &mut Sequencer) -> Vec<String> {
    std::iter::from_fn(|| sequencer.poll_step())
        .map(|step| match step.sound {
            Sound::Frame(payload, FrameOrigin::Recovered) => format!("copy {}", payload.bytes()[1]),
            Sound::Frame(payload, _) => payload.bytes()[1].to_string(),
            Sound::Fec(_) => "fec".to_owned(),
            Sound::Concealment => "concealed".to_owned(),
        })
        .collect()
}

struct Bench {
    start: Instant,
    sequencer: Sequencer,
}

impl Bench {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            sequencer: Sequencer::default(),
        }
    }

    /// Lets packet `name` arrive, whose number and timestamp count from its name.
    fn arrives(&mut self, at: u32, name: u8, copies: u8) {
        let timestamp = u32::from(name) * FRAME;
        let now = self.start + MS * at;
        assert!(self.sequencer.handle_packet(
            now,
            100 + u64::from(name),
            timestamp,
            &red(name, copies)
        ));
    }

    fn heard(&mut self) -> Vec<String> {
        names(&mut self.sequencer)
    }

    fn waits_until(&self) -> Option<u32> {
        let wait = self.sequencer.deadline()? - self.start;
        Some(u32::try_from(wait.as_millis()).unwrap())
    }

    fn time_passes_to(&mut self, at: u32) {
        self.sequencer.handle_timeout(self.start + MS * at);
    }
}

#[test]
fn packets_in_order_never_wait() {
    let mut bench = Bench::new();

    for name in 0..5 {
        bench.arrives(u32::from(name) * 20, name, 0);
        assert_eq!(bench.heard(), [name.to_string()]);
        assert_eq!(bench.waits_until(), None);
    }
}

#[test]
fn a_packet_that_was_overtaken_is_waited_for() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    bench.arrives(20, 2, 0);

    assert_eq!(bench.heard(), ["0"]);
    assert_eq!(bench.waits_until(), Some(60));
    bench.arrives(30, 1, 0);

    assert_eq!(bench.heard(), ["1", "2"]);
    assert_eq!(bench.sequencer.stats().lost, 0);
}

#[test]
fn a_packet_that_stays_away_is_made_up_after_forty_milliseconds() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    bench.arrives(40, 2, 0);
    bench.time_passes_to(79);
    assert_eq!(bench.heard(), ["0"]);

    bench.time_passes_to(80);

    assert_eq!(bench.heard(), ["concealed", "2"]);
    let stats = bench.sequencer.stats();
    assert_eq!(
        (
            stats.lost,
            stats.concealed_samples,
            stats.concealment_events
        ),
        (1, 960, 1)
    );
    assert_eq!(stats.total_samples, 3 * 960);
}

#[test]
fn a_copy_in_the_next_packet_fills_the_hole_at_once() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 1);
    bench.arrives(40, 2, 1);

    assert_eq!(bench.heard(), ["0", "copy 1", "2"]);
    assert_eq!(bench.waits_until(), None);
    assert_eq!(bench.sequencer.stats().recovered, 1);
}

#[test]
fn copies_of_what_was_said_before_we_listened_are_heard_and_not_counted_as_lost() {
    let mut bench = Bench::new();
    bench.arrives(0, 10, 2);

    assert_eq!(bench.heard(), ["8", "9", "10"]);
    let stats = bench.sequencer.stats();
    assert_eq!(
        (stats.lost, stats.recovered, stats.total_samples),
        (0, 0, 3 * 960)
    );
}

#[test]
fn a_packet_that_comes_after_its_copy_is_late() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 1);
    bench.arrives(20, 2, 1);
    bench.arrives(30, 1, 1);

    assert_eq!(bench.heard(), ["0", "copy 1", "2"]);
    assert_eq!(bench.sequencer.stats().late, 1);
}

#[test]
fn of_two_lost_packets_one_copy_and_one_made_up_frame_come_out() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 1);
    bench.arrives(60, 3, 1);
    assert_eq!(bench.waits_until(), Some(100));

    bench.time_passes_to(100);

    assert_eq!(bench.heard(), ["0", "concealed", "copy 2", "3"]);
    assert_eq!(bench.sequencer.stats().lost, 2);
}

#[test]
fn in_band_fec_fills_the_last_missing_frame() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    let payload = Payload::from([SILK_20_MS_WITH_FEC.as_slice(), &[0; 20]].concat());
    let packet = [Block { age: 0, payload }];
    bench
        .sequencer
        .handle_packet(bench.start, 103, 3 * FRAME, &packet);

    bench.time_passes_to(40);

    assert_eq!(bench.heard(), ["0", "concealed", "fec", "64"]);
}

#[test]
fn silence_of_the_sender_is_neither_waited_for_nor_filled() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    let second = 48_000;
    bench
        .sequencer
        .handle_packet(bench.start + 1_000 * MS, 101, 5 * second, &[frame(9)]);

    let steps: Vec<_> = std::iter::from_fn(|| bench.sequencer.poll_step()).collect();

    assert_eq!(
        steps.iter().map(|step| step.position).collect::<Vec<_>>(),
        [0, 5 * 48_000]
    );
    assert_eq!(bench.waits_until(), None);
}

#[test]
fn a_long_outage_is_filled_for_120_milliseconds_only() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    bench.arrives(2_000, 100, 0);

    bench.time_passes_to(2_040);

    let steps: Vec<_> = std::iter::from_fn(|| bench.sequencer.poll_step()).collect();
    assert_eq!(steps.len(), 8, "six made-up frames between two real ones");
    assert_eq!(steps[7].position, 100 * 960);
}

#[test]
fn a_duplicate_is_heard_once() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    bench.arrives(1, 0, 0);
    bench.arrives(20, 1, 0);
    bench.arrives(21, 1, 0);

    assert_eq!(bench.heard(), ["0", "1"]);
    assert_eq!(bench.sequencer.stats().duplicates, 2);
}

#[test]
fn timestamps_and_numbers_wrap_unnoticed() {
    let start = Instant::now();
    let mut sequencer = Sequencer::default();

    for packet in 0..10_u32 {
        let timestamp = (u32::MAX - 3 * FRAME).wrapping_add(packet * FRAME);
        sequencer.handle_packet(
            start,
            65_530 + u64::from(packet),
            timestamp,
            &[frame(packet as u8)],
        );
    }

    assert_eq!(names(&mut sequencer).len(), 10);
    assert_eq!(sequencer.stats().total_samples, 10 * 960);
}

#[test]
fn a_sender_that_sets_its_clock_back_is_heard_on() {
    let start = Instant::now();
    let mut sequencer = Sequencer::default();
    sequencer.handle_packet(start, 1, 3_000_000, &[frame(1)]);

    sequencer.handle_packet(start, 2, 5, &[frame(2)]);

    let steps: Vec<_> = std::iter::from_fn(|| sequencer.poll_step()).collect();
    assert_eq!(
        steps.iter().map(|step| step.position).collect::<Vec<_>>(),
        [0, 960]
    );
}

#[test]
fn a_sender_that_counts_anew_is_heard_after_half_a_second() {
    let start = Instant::now();
    let mut sequencer = Sequencer::default();
    sequencer.handle_packet(start, 60_000, 0, &[frame(0)]);
    names(&mut sequencer);

    for packet in 0..30_u32 {
        sequencer.handle_packet(
            start,
            5 + u64::from(packet),
            960 * packet,
            &[frame(packet as u8)],
        );
    }

    assert_eq!(names(&mut sequencer), ["25", "26", "27", "28", "29"]);
}

#[test]
fn restarting_hands_out_what_waits() {
    let mut bench = Bench::new();
    bench.arrives(0, 0, 0);
    bench.arrives(20, 2, 0);

    bench.sequencer.restart();

    assert_eq!(bench.heard(), ["0", "2"]);
    assert_eq!(bench.waits_until(), None);
}

/// A packet of a hostile or unlucky network: how long after the one before, its number, timestamp
/// and frames with their ages.
type Arrival = (u32, u64, u32, Vec<(u32, Vec<u8>)>);

fn arrival() -> impl Strategy<Value = Arrival> {
    let sequence = prop_oneof![8 => 0..60_u64, 1 => any::<u64>()];
    let timestamp = prop_oneof![8 => (0..60_u32).prop_map(|n| n * FRAME), 2 => any::<u32>()];
    let bytes = prop::collection::vec(any::<u8>(), 0..6);
    let frames = prop::collection::vec((0..16_384_u32, bytes), 0..5);
    (0..50_u32, sequence, timestamp, frames)
}

proptest! {
    #[test]
    fn any_packets_in_any_order_keep_the_timeline_and_the_bounds(
        arrivals in prop::collection::vec(arrival(), 0..200)
    ) {
        let mut now = Instant::now();
        let mut sequencer = Sequencer::default();
        let mut end = 0;
        let mut total = 0;

        for (pause, sequence, timestamp, frames) in arrivals {
            now += MS * pause;
            sequencer.handle_timeout(now);
            let blocks: Vec<_> = frames
                .into_iter()
                .map(|(age, bytes)| Block { age, payload: Payload::from(bytes) })
                .collect();
            sequencer.handle_packet(now, sequence, timestamp, &blocks);
            while let Some(step) = sequencer.poll_step() {
                prop_assert!(step.position >= end, "overlap at {}", step.position);
                end = step.position + u64::from(step.duration);
                total += u64::from(step.duration);
            }
            prop_assert!(sequencer.waiting.len() <= MAX_WAITING + 1);
            prop_assert!(sequencer.deadline().is_none_or(|at| at > now && at <= now + PATIENCE));
        }
        prop_assert_eq!(total, sequencer.stats().total_samples);
    }

    #[test]
    fn whatever_is_lost_the_samples_delivered_are_the_timeline(
        fates in prop::collection::vec((prop::bool::weighted(0.7), 0..60_u32), 2..120),
        copies in 0..3_u8,
    ) {
        let start = Instant::now();
        let mut arrivals: Vec<_> = fates
            .iter()
            .enumerate()
            .filter(|(_, (arrives, _))| *arrives)
            .map(|(packet, (_, delay))| (packet as u32 * 20 + delay, packet as u8))
            .collect();
        arrivals.sort_unstable();
        let mut bench = Bench { start, sequencer: Sequencer::default() };

        for (at, name) in &arrivals {
            bench.time_passes_to(*at);
            bench.arrives(*at, *name, copies);
        }
        bench.time_passes_to(100_000);

        let mut end = None;
        while let Some(step) = bench.sequencer.poll_step() {
            let gap = end.map_or(0, |end| step.position - end);
            // Only an outage of more than 120 ms may leave a jump.
            prop_assert!(gap == 0 || gap >= u64::from(FRAME), "{gap}");
            end = Some(step.position + u64::from(step.duration));
        }
        let stats = bench.sequencer.stats();
        prop_assert_eq!(stats.received + stats.late, arrivals.len() as u64);
    }
}
