use std::time::Duration;

use super::*;

const FORMAT: AudioFormat = AudioFormat::mono(8_000);
const PIECE: Duration = Duration::from_millis(20);

struct Stage {
    relay: Arc<Relay>,
    tasks: TaskTracker,
    begun: Instant,
}

impl Stage {
    fn new() -> Self {
        Self {
            relay: Arc::new(Relay::new(FORMAT, Arc::default())),
            tasks: TaskTracker::new(),
            begun: Instant::now(),
        }
    }

    fn listen(&self) -> AudioStream {
        self.relay.listen(&ann(), FORMAT).expect("a stream")
    }

    /// Sends a piece for a time after the beginning.
    fn send(&self, value: i16, due: Duration) {
        let turn = Turn {
            due: self.begun + due,
            is_out: false,
        };
        let relay = &self.relay;
        relay.send(Instant::now(), turn, &[value; 160], &self.tasks);
    }
}

fn ann() -> Identity {
    Identity::new("ann").expect("a name")
}

async fn value(stream: &mut AudioStream) -> Option<i16> {
    Some(stream.next().await?.samples[0])
}

#[tokio::test(start_paused = true)]
async fn what_is_due_is_heard_at_once() {
    let stage = Stage::new();
    let mut stream = stage.listen();

    stage.send(1, Duration::ZERO);

    assert_eq!(value(&mut stream).await, Some(1));
    assert_eq!(stage.begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_is_ahead_of_its_time_waits_for_it_and_keeps_its_order() {
    let stage = Stage::new();
    let mut stream = stage.listen();

    stage.send(1, PIECE);
    stage.send(2, PIECE * 2);
    stage.send(3, Duration::ZERO);

    assert_eq!(value(&mut stream).await, Some(1));
    assert_eq!(stage.begun.elapsed(), PIECE);
    assert_eq!(value(&mut stream).await, Some(2));
    assert_eq!(value(&mut stream).await, Some(3));
    assert_eq!(stage.begun.elapsed(), PIECE * 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_cleared_is_not_heard() {
    let stage = Stage::new();
    let mut stream = stage.listen();
    stage.send(1, PIECE);

    stage.relay.clear();
    stage.send(2, Duration::ZERO);

    assert_eq!(value(&mut stream).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn what_is_muted_is_not_heard() {
    let stage = Stage::new();
    let mut stream = stage.listen();
    stage.relay.set_muted(true);
    stage.send(1, Duration::ZERO);

    stage.relay.set_muted(false);
    stage.send(2, Duration::ZERO);

    assert_eq!(value(&mut stream).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_hear_gets_not_another_sample() {
    let stage = Stage::new();
    let mut stream = stage.listen();
    stage.send(1, PIECE);

    stage.relay.let_hear(Listeners::Only(BTreeSet::new()));
    assert!(!stage.relay.lets_hear(&ann()));
    sleep_until(stage.begun + PIECE * 2).await;
    stage.relay.let_hear(Listeners::Everybody);
    stage.send(2, Duration::ZERO);

    assert_eq!(value(&mut stream).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn whoever_may_hear_at_last_hears_nothing_of_what_others_heard_before() {
    let stage = Stage::new();
    let bob = Identity::new("bob").expect("a name");
    let listen = |who: &Identity| {
        let stream = stage.relay.listen(who, AudioFormat::mono(16_000));
        stream.expect("a stream")
    };
    let (mut anns, _bobs) = (listen(&ann()), listen(&bob));
    stage.relay.let_hear(Listeners::Only(BTreeSet::from([bob])));
    stage.send(5_000, Duration::ZERO);

    stage.relay.let_hear(Listeners::Everybody);
    stage.send(0, Duration::ZERO);

    let heard = anns.next().await.map(|frame| frame.samples);
    assert_eq!(heard, Some(vec![0; 320]));
}

#[tokio::test(start_paused = true)]
async fn each_hears_it_in_their_own_format_and_some_in_the_same() {
    let stage = Stage::new();
    let listen = |who: &str, rate| {
        let who = Identity::new(who).expect("a name");
        let stream = stage.relay.listen(&who, AudioFormat::mono(rate));
        (who, stream.expect("a stream"))
    };
    let (ann, mut anns) = listen("ann", 8_000);
    let (_, mut bobs) = listen("bob", 8_000);
    let (carl, mut carls) = listen("carl", 16_000);

    stage.send(1, Duration::ZERO);
    let all = [&mut anns, &mut bobs, &mut carls].map(|stream| stream.next());
    let heard = futures_util::future::join_all(all).await;
    let only = Listeners::Only(BTreeSet::from([ann, carl]));
    stage.relay.let_hear(only);
    stage.send(2, Duration::ZERO);
    stage.relay.let_hear(Listeners::Everybody);
    drop(anns);
    stage.send(3, Duration::ZERO);

    let lengths = heard.into_iter().flatten().map(|frame| frame.samples.len());
    assert_eq!(lengths.collect::<Vec<_>>(), [160, 160, 320]);
    assert_eq!(value(&mut bobs).await, Some(3));
    assert_eq!(
        carls.next().await.map(|frame| frame.samples.len()),
        Some(320)
    );
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_taken_out_once() {
    let stage = Stage::new();
    let mut stream = stage.listen();
    stage.send(1, Duration::ZERO);
    stage.send(2, PIECE);

    assert_eq!(stage.relay.take_out(), [[2; 160]]);
    assert_eq!(stage.relay.take_out(), [[0; 0]; 0]);

    assert_eq!(value(&mut stream).await, Some(1));
    assert_eq!(value(&mut stream).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn the_beginning_and_the_end_of_speech_are_told() {
    let stage = Stage::new();
    let _stream = stage.listen();
    let news = Arc::clone(&stage.relay.news);

    stage.send(5_000, Duration::ZERO);
    news.notified().await;
    let begun = stage.relay.loudness(Instant::now());
    stage.send(5_000, PIECE);
    news.notified().await;

    assert!(begun.is_some());
    assert_eq!(stage.relay.loudness(Instant::now()), None);
    assert_eq!(stage.begun.elapsed(), PIECE + Duration::from_millis(400));
}

#[tokio::test(start_paused = true)]
async fn a_closed_relay_ends_its_streams_and_its_pump() {
    let stage = Stage::new();
    let mut stream = stage.listen();
    stage.send(1, PIECE);

    stage.relay.close();

    assert_eq!(value(&mut stream).await, None);
    stage.tasks.close();
    stage.tasks.wait().await;
}
