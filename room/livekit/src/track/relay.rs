//! One's own sound for those who are in the same process: what the engine sends, when it sends it.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use parking_lot::Mutex;
use room_contract::{
    AudioFormat, AudioFrame, AudioStream, Identity, Listeners,
    audio::{self, FrameSender},
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::{converter::Converter, speech::Speech};

/// Hands on what a track is given.
pub(crate) struct Relay {
    format: AudioFormat,
    state: Mutex<State>,
    /// Told when speech begins or ends.
    news: Arc<Notify>,
}

struct State {
    allowed: Listeners,
    groups: Vec<Group>,
    /// What was handed over ahead of its time; as long as the SDK's own queue at most.
    waiting: VecDeque<Piece>,
    pumping: bool,
    muted: bool,
    speech: Speech,
    /// Somebody waits for the end of speech.
    watching: bool,
}

struct Piece {
    turn: Turn,
    samples: Vec<i16>,
}

/// When a piece is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) due: Instant,
    /// The engine has it as well.
    pub(super) is_out: bool,
}

/// Those who listen in one format.
struct Group {
    converter: Converter,
    ears: Vec<Ear>,
}

struct Ear {
    who: Identity,
    frames: FrameSender,
}

impl Relay {
    pub(super) fn new(format: AudioFormat, news: Arc<Notify>) -> Self {
        let state = State {
            allowed: Listeners::Everybody,
            groups: Vec::new(),
            waiting: VecDeque::new(),
            pumping: false,
            muted: false,
            speech: Speech::default(),
            watching: false,
        };
        Self {
            format,
            state: Mutex::new(state),
            news,
        }
    }

    /// Chooses who may hear; nobody else gets another sample.
    pub(crate) fn let_hear(&self, allowed: Listeners) {
        self.state.lock().allowed = allowed;
    }

    pub(crate) fn lets_hear(&self, who: &Identity) -> bool {
        self.state.lock().allowed.include(who)
    }

    /// Opens a stream from here on. None if the rates do not convert.
    pub(super) fn listen(&self, who: &Identity, format: AudioFormat) -> Option<AudioStream> {
        let (frames, stream) = audio::channel();
        let who = who.clone();
        let ear = Ear { who, frames };
        let mut state = self.state.lock();
        let same = |group: &&mut Group| group.converter.to() == format;
        match state.groups.iter_mut().find(same) {
            Some(group) => group.ears.push(ear),
            None => state.groups.push(Group {
                converter: Converter::new(self.format, format)?,
                ears: vec![ear],
            }),
        }
        Some(stream)
    }

    /// Takes a piece.
    pub(super) fn send(
        self: &Arc<Self>,
        now: Instant,
        turn: Turn,
        samples: &[i16],
        tasks: &TaskTracker,
    ) {
        let mut state = self.state.lock();
        if state.groups.is_empty() {
            return;
        }
        if turn.due <= now && state.waiting.is_empty() {
            self.deliver(&mut state, now, samples, tasks);
            return;
        }
        let samples = samples.to_vec();
        state.waiting.push_back(Piece { turn, samples });
        if !std::mem::replace(&mut state.pumping, true) {
            tasks.spawn(pump(Arc::clone(self), tasks.clone()));
        }
    }

    /// Returns what waits and the engine does not have, which it has from here on.
    pub(super) fn take_out(&self) -> Vec<Vec<i16>> {
        let mut state = self.state.lock();
        let waiting = state.waiting.iter_mut().filter(|piece| !piece.turn.is_out);
        let pieces = waiting.map(|piece| {
            piece.turn.is_out = true;
            piece.samples.clone()
        });
        pieces.collect()
    }

    /// Returns how loud those nearby hear it, 0 to 1, while somebody speaks.
    pub(crate) fn loudness(&self, now: Instant) -> Option<f32> {
        self.state.lock().speech.loudness(now)
    }

    /// Drops what waits.
    pub(super) fn clear(&self) {
        self.state.lock().waiting.clear();
    }

    pub(super) fn set_muted(&self, muted: bool) {
        self.state.lock().muted = muted;
    }

    /// Ends all streams.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.allowed = Listeners::Only(BTreeSet::new());
        state.groups.clear();
        state.waiting.clear();
    }

    /// Delivers what is due; returns when the next piece is, or none if the pump is no longer needed.
    fn deliver_due(self: &Arc<Self>, now: Instant, tasks: &TaskTracker) -> Option<Instant> {
        let mut state = self.state.lock();
        while let Some(piece) = state.waiting.pop_front_if(|piece| piece.turn.due <= now) {
            self.deliver(&mut state, now, &piece.samples, tasks);
        }
        let next = state.waiting.front().map(|piece| piece.turn.due);
        state.pumping = next.is_some();
        next
    }

    fn deliver(
        self: &Arc<Self>,
        state: &mut State,
        now: Instant,
        samples: &[i16],
        tasks: &TaskTracker,
    ) {
        if state.muted {
            return;
        }
        state.deliver(samples);
        if state.speech.handle(now, samples) {
            self.news.notify_one();
            if !std::mem::replace(&mut state.watching, true) {
                tasks.spawn(tell_of_silence(Arc::clone(self)));
            }
        }
    }

    /// Returns until when speech goes on, or none if it is over and nobody need wait.
    fn speech_until(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state.lock();
        let until = state.speech.until().filter(|until| now < *until);
        state.watching = until.is_some();
        until
    }
}

impl State {
    fn deliver(&mut self, samples: &[i16]) {
        self.groups.retain_mut(|group| {
            group.ears.retain(|ear| !ear.frames.is_closed());
            group.deliver(&self.allowed, samples);
            !group.ears.is_empty()
        });
    }
}

impl Group {
    /// Converts a piece, once, for all who may hear it.
    fn deliver(&mut self, allowed: &Listeners, samples: &[i16]) {
        let all = self.ears.iter();
        let mut listening = all.filter(|ear| allowed.include(&ear.who));
        let Some(first) = listening.next() else {
            return;
        };
        let frame = AudioFrame {
            samples: self.converter.convert(samples),
            format: self.converter.to(),
        };
        for ear in listening {
            ear.frames.send(frame.clone());
        }
        first.frames.send(frame);
    }
}

async fn pump(relay: Arc<Relay>, tasks: TaskTracker) {
    while let Some(due) = relay.deliver_due(Instant::now(), &tasks) {
        sleep_until(due).await;
    }
}

async fn tell_of_silence(relay: Arc<Relay>) {
    while let Some(until) = relay.speech_until(Instant::now()) {
        sleep_until(until).await;
    }
    relay.news.notify_one();
}

#[cfg(test)]
mod tests {
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
}
