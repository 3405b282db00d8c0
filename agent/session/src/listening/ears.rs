//! Everybody's sound, in one place.

use std::{
    collections::{BTreeMap, VecDeque},
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use agent_contract::{ListenOptions, Transcriber};
use agent_turn::VoiceEvent;
use room_contract::{Identity, Room, TrackId};
use tokio::{
    sync::mpsc,
    time::{Sleep, sleep_until},
};

use super::{
    FORMAT,
    ear::Ear,
    feed::Feed,
    link::{Link, Told},
    own::{Message, OwnTranscriber, Words},
};
use crate::reply::now;

/// What transcribers have told and nobody has taken; they wait when it is full.
const TOLD: usize = 256;

/// People with a transcriber of their own; those of further ones are not listened to.
const MOST_OWN: usize = 32;

/// Something that was noticed about somebody.
#[derive(Debug)]
pub(crate) enum Noticed {
    /// A voice began or ended.
    Voice(VoiceEvent),
    /// A transcriber told something.
    Told(Told),
}

/// Somebody's own transcriber, in place of the agent's.
struct Own {
    words: Words,
    _link: Link,
}

/// The ears of an agent.
pub(crate) struct Ears {
    transcriber: Arc<dyn Transcriber>,
    options: ListenOptions,
    open: Vec<Ear>,
    own: BTreeMap<Identity, Own>,
    /// Where to look first, so that nobody is overheard for long.
    first: usize,
    noticed: VecDeque<(Identity, Noticed)>,
    teller: mpsc::Sender<(Identity, Told)>,
    told: mpsc::Receiver<(Identity, Told)>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Ears {
    pub(crate) fn new(transcriber: Arc<dyn Transcriber>, options: ListenOptions) -> Self {
        let (teller, told) = mpsc::channel(TOLD);
        Self {
            transcriber,
            options,
            open: Vec::new(),
            own: BTreeMap::new(),
            first: 0,
            noticed: VecDeque::new(),
            teller,
            told,
            alarm: None,
        }
    }

    /// Begins to listen to somebody's track.
    pub(crate) fn open(&mut self, room: &dyn Room, who: Identity, track: TrackId) {
        // A track in place of another one of the same person takes its place here as well.
        self.open.retain(|ear| ear.who != who);
        let stream = match room.audio(&track, FORMAT) {
            Ok(stream) => stream,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "a track went at once");
                return;
            }
        };
        let feed = self.feed(&who);
        self.open.push(Ear::new(who, track, stream, feed));
    }

    /// Takes in what somebody's own transcriber tells.
    pub(crate) fn handle_own(&mut self, who: &Identity, payload: &[u8]) {
        match Message::read(payload) {
            Some(Message::Hears { hears: true }) => self.take_own(who),
            Some(Message::Hears { hears: false }) => {
                self.own.remove(who);
                self.feed_again(who);
            }
            Some(Message::Words { text, is_final }) => {
                self.take_own(who);
                if let Some(own) = self.own.get(who) {
                    own.words.take_in(text, is_final);
                }
            }
            None => {}
        }
    }

    fn take_own(&mut self, who: &Identity) {
        if self.own.contains_key(who) || self.own.len() == MOST_OWN {
            return;
        }
        let (transcriber, words) = OwnTranscriber::new();
        let _link = self.link(Arc::new(transcriber), who);
        self.own.insert(who.clone(), Own { words, _link });
        self.feed_again(who);
    }

    fn feed_again(&mut self, who: &Identity) {
        let feed = self.feed(who);
        if let Some(ear) = self.open.iter_mut().find(|ear| ear.who == *who) {
            ear.set_feed(feed);
        }
    }

    /// Returns the way of somebody's sound to the agent's transcriber, unless they have one of their own.
    fn feed(&self, who: &Identity) -> Option<Feed> {
        if self.own.contains_key(who) {
            return None;
        }
        Feed::new(self.link(Arc::clone(&self.transcriber), who))
            .inspect_err(|error| {
                let error = error as &dyn std::error::Error;
                tracing::error!(
                    error,
                    "the transcriber wants sound at a rate that nobody can make"
                );
            })
            .ok()
    }

    fn link(&self, transcriber: Arc<dyn Transcriber>, who: &Identity) -> Link {
        Link::open(
            transcriber,
            self.options.clone(),
            who.clone(),
            self.teller.clone(),
        )
    }

    pub(crate) fn close(&mut self, track: &TrackId) {
        self.open.retain(|ear| ear.track != *track);
    }

    pub(crate) fn close_person(&mut self, who: &Identity) {
        self.open.retain(|ear| ear.who != *who);
        self.own.remove(who);
    }

    /// Stops listening to everybody, at once.
    pub(crate) fn close_all(&mut self) {
        self.open.clear();
        self.noticed.clear();
        while self.told.try_recv().is_ok() {}
    }

    /// Returns the track that somebody is heard on.
    pub(crate) fn track_of(&self, who: &Identity) -> Option<&TrackId> {
        self.open
            .iter()
            .find(|ear| ear.who == *who)
            .map(|ear| &ear.track)
    }

    /// Asks somebody's transcriber for what is still open.
    pub(crate) fn finalize(&mut self, who: &str) {
        for ear in self.open.iter_mut().filter(|ear| ear.who.as_str() == who) {
            ear.finalize();
        }
    }

    /// Waits until something is noticed; for ever while there is nobody.
    pub(crate) async fn next(&mut self) -> (Identity, Noticed) {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(Identity, Noticed)> {
        loop {
            self.hear_all(cx);
            while let Poll::Ready(Some((who, told))) = self.told.poll_recv(cx) {
                self.noticed.push_back((who, Noticed::Told(told)));
            }
            if let Some(noticed) = self.noticed.pop_front() {
                return Poll::Ready(noticed);
            }
            if self.poll_alarm(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Takes in all frames that are there.
    fn hear_all(&mut self, cx: &mut Context<'_>) {
        let now = now();
        let mut at = 0;
        while at < self.open.len() {
            let turn = (self.first + at) % self.open.len();
            let ear = &mut self.open[turn];
            let heard = ear.poll_hear(now, cx);
            if heard.is_pending() {
                // What was late is there by now, or does not come.
                ear.handle_timeout(now);
            }
            while let Some(event) = ear.poll_voice() {
                self.noticed
                    .push_back((ear.who.clone(), Noticed::Voice(event)));
            }
            match heard {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) => {
                    self.open.remove(turn);
                }
                Poll::Pending => at += 1,
            }
        }
        self.first = self.first.wrapping_add(1);
    }

    /// Waits until silence takes the place of a frame.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.open.iter().filter_map(Ear::deadline).min() else {
            self.alarm = None;
            return Poll::Pending;
        };
        let deadline = deadline.into();
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        alarm.as_mut().poll(cx)
    }
}
