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
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::converter::Converter;

/// Hands on what a track is given.
pub(crate) struct Relay {
    format: AudioFormat,
    state: Mutex<State>,
}

struct State {
    allowed: Listeners,
    ears: Vec<Ear>,
    /// What was handed over ahead of its time, with that time; as long as the SDK's own queue at most.
    waiting: VecDeque<(Instant, Vec<i16>)>,
    pumping: bool,
    muted: bool,
}

struct Ear {
    who: Identity,
    converter: Converter,
    frames: FrameSender,
}

impl Relay {
    pub(super) fn new(format: AudioFormat) -> Self {
        let state = State {
            allowed: Listeners::Everybody,
            ears: Vec::new(),
            waiting: VecDeque::new(),
            pumping: false,
            muted: false,
        };
        Self {
            format,
            state: Mutex::new(state),
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
        let converter = Converter::new(self.format, format)?;
        let (frames, stream) = audio::channel();
        self.state.lock().ears.push(Ear {
            who: who.clone(),
            converter,
            frames,
        });
        Some(stream)
    }

    /// Takes a piece that is sent at `due`.
    pub(super) fn send(
        self: &Arc<Self>,
        now: Instant,
        due: Instant,
        samples: &[i16],
        tasks: &TaskTracker,
    ) {
        let mut state = self.state.lock();
        if state.ears.is_empty() {
            return;
        }
        if due <= now && state.waiting.is_empty() {
            state.deliver(samples);
            return;
        }
        state.waiting.push_back((due, samples.to_vec()));
        if !std::mem::replace(&mut state.pumping, true) {
            tasks.spawn(pump(Arc::clone(self)));
        }
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
        state.ears.clear();
        state.waiting.clear();
    }

    /// Delivers what is due; returns when the next piece is, or none if the pump is no longer needed.
    fn deliver_due(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state.lock();
        while let Some((_, samples)) = state.waiting.pop_front_if(|(due, _)| *due <= now) {
            state.deliver(&samples);
        }
        let next = state.waiting.front().map(|(due, _)| *due);
        state.pumping = next.is_some();
        next
    }
}

impl State {
    fn deliver(&mut self, samples: &[i16]) {
        if self.muted {
            return;
        }
        self.ears.retain(|ear| !ear.frames.is_closed());
        let listening = self.ears.iter_mut();
        for ear in listening.filter(|ear| self.allowed.include(&ear.who)) {
            ear.frames.send(AudioFrame {
                samples: ear.converter.convert(samples),
                format: ear.converter.to(),
            });
        }
    }
}

async fn pump(relay: Arc<Relay>) {
    while let Some(due) = relay.deliver_due(Instant::now()) {
        sleep_until(due).await;
    }
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
                relay: Arc::new(Relay::new(FORMAT)),
                tasks: TaskTracker::new(),
                begun: Instant::now(),
            }
        }

        fn listen(&self) -> AudioStream {
            self.relay.listen(&ann(), FORMAT).expect("a stream")
        }

        /// Sends a piece for a time after the beginning.
        fn send(&self, value: i16, due: Duration) {
            let (now, due) = (Instant::now(), self.begun + due);
            self.relay.send(now, due, &[value; 160], &self.tasks);
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
