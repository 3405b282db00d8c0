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
        let mut state = self.state.lock();
        let State {
            allowed: current,
            groups,
            ..
        } = &mut *state;
        let former = std::mem::replace(current, allowed);
        for group in groups {
            group.welcome(&former, current);
        }
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
    /// Has those who may hear from now on hear nothing of before.
    fn welcome(&mut self, former: &Listeners, allowed: &Listeners) {
        let is_new = |ear: &Ear| allowed.include(&ear.who) && !former.include(&ear.who);
        if self.ears.iter().any(is_new) {
            self.converter.forget();
        }
    }

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
mod tests;
