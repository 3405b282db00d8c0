//! One visit to a room: says what is to be said, waits for the answers, listens.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use room_contract::{
    Attributes, AudioFormat, AudioFrame, AudioStream, Identity, Joined, Participant,
    PublishOptions, Role, Room, RoomEvent, RoomEvents, StreamOptions, Topic, TrackId, role,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::RATE;
use super::mouth::Mouth;
use super::transcript::{Line, Transcript};
use crate::commands::terminal::clock::Clock;
use crate::commands::terminal::recorder::Recording;
use crate::commands::terminal::screen::Screen;
use crate::commands::terminal::sound::Cue;

const FORMAT: AudioFormat = AudioFormat::mono(RATE.hertz());

/// An agent enters a new room within this time.
const ARRIVAL: Duration = Duration::from_secs(10);

/// An agent that greets has begun by then.
const GREETING: Duration = Duration::from_secs(3);

/// An agent that is quiet for so long has said what it wanted to.
const QUIET: Duration = Duration::from_millis(1_500);

/// No reply is listened to for longer.
const LONGEST_REPLY: Duration = Duration::from_secs(90);

/// Saying something takes at most so much longer than it lasts.
const LATE: Duration = Duration::from_secs(5);

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    Unanswered,
    Nobody,
    CutOff,
}

pub(super) struct Visit {
    room: Arc<dyn Room>,
    events: RoomEvents,
    mouth: Mouth,
    ears: Vec<(TrackId, AudioStream)>,
    transcript: Transcript,
    recording: Recording,
    begun: Instant,
    clock: Clock,
    agents: Vec<Identity>,
    /// Something is being said.
    saying: Option<oneshot::Receiver<Instant>>,
    /// When the last of it was audible.
    said: Option<Instant>,
    /// When an agent wrote something last.
    wrote: Option<Instant>,
    has_ended: bool,
    screen: Screen,
    patience: Duration,
}

enum Seen {
    Event(Option<RoomEvent>),
    Sound(AudioFrame),
    Line(Option<Line>),
    Said(Option<Instant>),
    Time,
}

impl Visit {
    pub(super) async fn enter(
        joined: Joined,
        screen: Screen,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let voice = PublishOptions {
            format: FORMAT,
            ..PublishOptions::voice("terminal")
        };
        let track = joined
            .room
            .publish(voice)
            .await
            .context("cannot speak in the room")?;
        let agents = joined.room.participants().into_iter();
        let agents = agents.filter(is_agent);
        Ok(Self {
            agents: agents.map(|who| who.identity).collect(),
            room: joined.room,
            events: joined.events,
            mouth: Mouth::open(track),
            ears: Vec::new(),
            transcript: Transcript::default(),
            recording: Recording::at(RATE),
            begun: Instant::now(),
            clock: Clock::default(),
            saying: None,
            said: None,
            wrote: None,
            has_ended: false,
            screen,
            patience,
        })
    }

    /// Does what the script says, one after the other.
    pub(super) async fn follow(&mut self, script: Vec<Cue>) -> Outcome {
        if !self.finds_an_agent().await {
            self.screen.note("there is no agent in the room");
            return Outcome::Nobody;
        }
        let arrived = Instant::now();
        self.until(arrived + GREETING, |visit| visit.clock.began_after(arrived))
            .await;
        self.hears_out().await;
        let mut outcome = Outcome::Answered;
        let mut cues = VecDeque::from(script);
        while let Some(cue) = cues.pop_front() {
            if self.has_ended {
                self.screen.note("the room ended before all was said");
                return Outcome::CutOff;
            }
            if !self.takes_a_turn(cue).await {
                outcome = Outcome::Unanswered;
            }
        }
        self.screen.sum_up();
        outcome
    }

    /// Leaves, and returns what was heard.
    pub(super) async fn leave(self) -> Recording {
        self.room.leave().await;
        self.recording
    }

    /// Says or writes something, and returns whether it was answered.
    async fn takes_a_turn(&mut self, cue: Cue) -> bool {
        let Some(end) = self.performs(cue).await else {
            return false;
        };
        let answered = self
            .until(end + self.patience, |visit| {
                let wrote = visit.wrote.filter(|wrote| *wrote >= end);
                visit.clock.began_after(end).or(wrote)
            })
            .await;
        match answered {
            Some(at) => self.screen.answered(at - end),
            None if self.has_ended => self.screen.note("the room has ended"),
            None => self.screen.unanswered(self.patience),
        }
        self.hears_out().await;
        answered.is_some()
    }

    /// Returns when it was said or written.
    async fn performs(&mut self, cue: Cue) -> Option<Instant> {
        match cue {
            Cue::Sound { title, samples } => {
                self.screen.note(&format!("saying: {title}"));
                let longest = Instant::now() + RATE.duration_of(samples.len()) + LATE;
                self.said = None;
                self.saying = self.mouth.say(samples);
                self.until(longest, |visit| visit.said).await
            }
            Cue::Text(text) => {
                self.screen.note(&format!("typing: {text}"));
                self.writes(&text).await.ok()?;
                Some(Instant::now())
            }
            // A browser has none.
            Cue::Keys(_) => None,
        }
    }

    async fn writes(&self, text: &str) -> anyhow::Result<()> {
        let topic = Topic::new("lk.chat")?;
        let mut writer = self.room.write_text(StreamOptions::topic(topic)).await?;
        writer.write(text).await?;
        writer.close(Attributes::new()).await?;
        Ok(())
    }

    async fn finds_an_agent(&mut self) -> bool {
        let found = |visit: &Self| (!visit.agents.is_empty()).then_some(());
        self.until(Instant::now() + ARRIVAL, found).await.is_some()
    }

    /// Listens until the agent has been quiet for a while.
    async fn hears_out(&mut self) {
        let longest = Instant::now() + LONGEST_REPLY;
        loop {
            let quiet = self.clock.quiet_at(QUIET).unwrap_or(longest);
            if self.has_ended || self.clock.is_quiet(Instant::now(), QUIET) {
                return;
            }
            self.until(quiet.min(longest), |_| None::<()>).await;
            if Instant::now() >= longest {
                return;
            }
        }
    }

    /// Listens until something is so, the room ends, or the time has come.
    async fn until<T>(&mut self, time: Instant, found: impl Fn(&Self) -> Option<T>) -> Option<T> {
        loop {
            if let Some(found) = found(self) {
                return Some(found);
            }
            if self.has_ended {
                return None;
            }
            let Self {
                events,
                ears,
                transcript,
                saying,
                ..
            } = self;
            let seen = tokio::select! {
                biased;
                event = events.next() => Seen::Event(event),
                frame = next_frame(ears) => Seen::Sound(frame),
                line = transcript.next() => Seen::Line(line),
                said = told(saying.as_mut()) => Seen::Said(said),
                () = sleep_until(time) => Seen::Time,
            };
            match seen {
                Seen::Event(event) => self.handle_event(event),
                Seen::Sound(frame) => self.handle_sound(&frame),
                Seen::Line(line) => self.handle_line(line),
                Seen::Said(said) => (self.saying, self.said) = (None, said),
                Seen::Time => return found(self),
            }
        }
    }

    fn handle_event(&mut self, event: Option<RoomEvent>) {
        match event {
            None | Some(RoomEvent::Ended(_)) => self.has_ended = true,
            Some(RoomEvent::ParticipantJoined(who)) if is_agent(&who) => {
                self.agents.push(who.identity);
            }
            Some(RoomEvent::ParticipantLeft(who)) => {
                let were = self.agents.len();
                self.agents.retain(|agent| *agent != who);
                if self.agents.is_empty() && were > 0 {
                    self.screen.note("the agent has left");
                    self.has_ended = true;
                }
            }
            Some(RoomEvent::TrackSubscribed { identity, track })
                if self.agents.contains(&identity) =>
            {
                // A track that went at once has nothing to say.
                if let Ok(stream) = self.room.audio(&track.id, FORMAT) {
                    self.ears.push((track.id, stream));
                }
            }
            Some(RoomEvent::TrackUnsubscribed { track, .. }) => {
                self.ears.retain(|(id, _)| *id != track);
            }
            Some(RoomEvent::TextStream(reader)) => self.transcript.open(reader),
            Some(RoomEvent::Reconnecting) => self.screen.note("the network went away"),
            Some(RoomEvent::Reconnected) => self.screen.note("the network is back"),
            // Nothing else is to be seen or heard.
            Some(_) => {}
        }
    }

    fn handle_sound(&mut self, frame: &AudioFrame) {
        let now = Instant::now();
        self.clock.handle_sound(now, &frame.samples);
        self.recording.add(now - self.begun, &frame.samples);
    }

    fn handle_line(&mut self, line: Option<Line>) {
        let Some(Line { who, text, last }) = line else {
            return;
        };
        if last && self.agents.contains(&who) {
            self.wrote = Some(Instant::now());
        }
        let name = if who == self.room.identity() {
            "you"
        } else {
            who.as_str()
        };
        self.screen.heard(name, &text, last);
    }
}

/// Waits for the next frame of anybody; for ever while there is nobody.
async fn next_frame(ears: &mut Vec<(TrackId, AudioStream)>) -> AudioFrame {
    poll_fn(|cx| {
        let mut at = 0;
        while at < ears.len() {
            match ears[at].1.poll_next(cx) {
                Poll::Ready(Some(frame)) => {
                    // The others come first the next time.
                    ears.rotate_left(at + 1);
                    return Poll::Ready(frame);
                }
                Poll::Ready(None) => {
                    ears.remove(at);
                }
                Poll::Pending => at += 1,
            }
        }
        Poll::Pending
    })
    .await
}

/// Waits until all was said; for ever while nothing is.
async fn told(saying: Option<&mut oneshot::Receiver<Instant>>) -> Option<Instant> {
    match saying {
        Some(saying) => saying.await.ok(),
        None => std::future::pending().await,
    }
}

fn is_agent(who: &Participant) -> bool {
    role(who.kind, &who.identity) == Role::Agent
}
