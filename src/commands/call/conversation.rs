//! One call: says what is to be said, waits for the answers, listens.

use std::time::Duration;

use room_media::Level;
use tokio::time::{Instant, sleep_until};

use super::RATE;
use super::line::CallLine;
use super::watcher::{Told, Watcher};
use crate::commands::terminal::clock::Clock;
use crate::commands::terminal::recorder::Recording;
use crate::commands::terminal::screen::Screen;
use crate::commands::terminal::sound::Cue;
use crate::wiring::twilio::twin::{Call, FRAME, Listener, What};

/// A call is taken within this time.
const TAKEN: Duration = Duration::from_secs(15);

/// An agent that greets has begun by then.
const GREETING: Duration = Duration::from_secs(4);

/// An agent that is quiet for so long has said what it wanted to.
const QUIET: Duration = Duration::from_millis(1_500);

/// No reply is listened to for longer.
const LONGEST_REPLY: Duration = Duration::from_secs(90);

/// A server that was hung up on notices within this time.
const HANGS_UP: Duration = Duration::from_secs(5);

/// Softer is silence.
const AUDIBLE: f32 = -50.0;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    Unanswered,
    NotTaken,
    CutOff,
}

pub(super) struct Conversation {
    call: Call,
    listener: Listener,
    watcher: Watcher,
    recording: Recording,
    begun: Instant,
    clock: Clock,
    has_ended: bool,
    screen: Screen,
    patience: Duration,
}

enum Seen {
    Sound(Option<Box<[i16; FRAME]>>),
    Line(Told),
    Time,
}

impl Conversation {
    pub(super) fn begin(call: Call, screen: Screen, line: &CallLine) -> Self {
        let session = format!("phone-{}", call.sid());
        Self {
            listener: call.listen(),
            watcher: Watcher::of(line.server.clone(), session),
            call,
            recording: Recording::at(RATE),
            begun: Instant::now(),
            clock: Clock::default(),
            has_ended: false,
            screen,
            patience: line.patience(),
        }
    }

    /// Does what the script says, one after the other.
    pub(super) async fn follow(&mut self, script: Vec<Cue>) -> Outcome {
        self.screen.note(&format!("call {}", self.call.sid()));
        if !self.is_taken().await {
            self.screen
                .note(&format!("the call was not taken: {:?}", self.call.status()));
            self.hears_out().await;
            return Outcome::NotTaken;
        }
        let taken = Instant::now();
        self.until(taken + GREETING, |call| call.clock.began_after(taken))
            .await;
        self.hears_out().await;
        let mut outcome = Outcome::Answered;
        for cue in script {
            if self.has_ended {
                self.screen.note("the call ended before all was said");
                return Outcome::CutOff;
            }
            if !self.takes_a_turn(cue).await {
                outcome = Outcome::Unanswered;
            }
        }
        self.screen.sum_up();
        outcome
    }

    /// Hangs up, and returns what was heard.
    pub(super) async fn hang_up(self) -> Recording {
        self.call.hang_up();
        drop(tokio::time::timeout(HANGS_UP, self.call.ended()).await);
        self.recording
    }

    async fn is_taken(&self) -> bool {
        let taken = self
            .call
            .event(|what| matches!(what, What::StreamStarted { .. }));
        let taken = tokio::time::timeout(TAKEN, taken).await;
        taken.is_ok_and(|event| event.is_some())
    }

    /// Says or presses something, and returns whether it was answered.
    async fn takes_a_turn(&mut self, cue: Cue) -> bool {
        let end = self.performs(cue).await;
        let answered = self
            .until(end + self.patience, |call| call.clock.began_after(end))
            .await;
        match answered {
            Some(at) => self.screen.answered(at - end),
            None if self.has_ended => self.screen.note("the call has ended"),
            None => self.screen.unanswered(self.patience),
        }
        self.hears_out().await;
        answered.is_some()
    }

    /// Returns when the last of it was audible.
    async fn performs(&mut self, cue: Cue) -> Instant {
        match cue {
            Cue::Sound { title, samples } => {
                self.screen.note(&format!("saying: {title}"));
                let audible = audible(&samples);
                self.call.say(&samples);
                let end = Instant::now() + RATE.duration_of(audible.len());
                self.until(end, |_| None::<()>).await;
                end
            }
            Cue::Keys(keys) => {
                self.screen.note(&format!("pressing: {keys}"));
                self.call.digits(&keys);
                Instant::now()
            }
            // A telephone has no chat.
            Cue::Text(_) => Instant::now(),
        }
    }

    /// Listens until the agent has been quiet for a while.
    async fn hears_out(&mut self) {
        let longest = Instant::now() + LONGEST_REPLY;
        while !self.has_ended && !self.clock.is_quiet(Instant::now(), QUIET) {
            let quiet = self.clock.quiet_at(QUIET).unwrap_or(longest);
            self.until(quiet.min(longest), |_| None::<()>).await;
            if Instant::now() >= longest {
                return;
            }
        }
    }

    /// Listens until something is so, the call ends, or the time has come.
    async fn until<T>(&mut self, time: Instant, found: impl Fn(&Self) -> Option<T>) -> Option<T> {
        loop {
            if let Some(found) = found(self) {
                return Some(found);
            }
            if self.has_ended {
                return None;
            }
            let seen = tokio::select! {
                biased;
                frame = self.listener.next() => Seen::Sound(frame.map(Box::new)),
                told = self.watcher.next() => Seen::Line(told),
                () = sleep_until(time) => Seen::Time,
            };
            match seen {
                Seen::Sound(Some(frame)) => self.handle_sound(&*frame),
                Seen::Sound(None) => self.has_ended = true,
                Seen::Line(Told {
                    identity,
                    text,
                    last,
                }) => self.screen.heard(&identity, &text, last),
                Seen::Time => return found(self),
            }
        }
    }

    fn handle_sound(&mut self, frame: &[i16]) {
        let now = Instant::now();
        self.clock.handle_sound(now, frame);
        self.recording.add(now - self.begun, frame);
    }
}

/// Returns the samples without the silence at their end.
fn audible(samples: &[i16]) -> &[i16] {
    let mut pieces = samples.chunks(FRAME);
    let last = pieces.rposition(|piece| Level::of(piece).rms.decibels() > AUDIBLE);
    let end = last.map_or(0, |last| (last + 1) * FRAME).min(samples.len());
    &samples[..end]
}
