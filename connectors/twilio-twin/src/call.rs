//! A call, seen by the person who holds the phone.

use std::time::Duration;

use room_media::ulaw;
use tokio::sync::mpsc;

use crate::{
    CallStatus, Ended, Event, FRAME, TICK, What,
    core::{Does, Input},
    journal::Journal,
};

/// A call in the hands of a person: what they say, press and hear. Clones are the same call.
///
/// Deeds are done in order and come with the next 20 ms; after the end of the call they do nothing.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) sid: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) inbox: mpsc::Sender<Input>,
    pub(crate) heard: Journal<u8>,
    pub(crate) events: Journal<Event>,
}

impl Call {
    /// Returns the call's identifier, `CA…`.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// Returns who calls.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Returns who is called.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Speaks mono samples at 8 kHz, after what is still being spoken.
    pub fn say(&self, samples: &[i16]) {
        self.does(Does::Say(samples.to_vec()));
    }

    /// Stops speaking in the middle of a word.
    pub fn hush(&self) {
        self.does(Does::Hush);
    }

    /// Says words to whoever understands speech: `<Gather>` and `<ConversationRelay>`. Nothing sounds.
    pub fn words(&self, text: &str) {
        self.does(Does::Words(text.into()));
    }

    /// Presses keys, one after the other; `w` waits for half a second.
    pub fn digits(&self, keys: &str) {
        self.does(Does::Press(keys.into()));
    }

    /// Hangs up.
    pub fn hang_up(&self) {
        self.does(Does::HangUp);
    }

    /// Breaks the call's sockets without a goodbye, as a dead network does. The call itself goes on.
    pub fn kill_socket(&self) {
        self.does(Does::KillSockets);
    }

    /// Returns everything that reached the ear since the answer, mono at 8 kHz, silence included.
    #[must_use]
    pub fn heard(&self) -> Vec<i16> {
        self.heard.all().into_iter().map(ulaw::decode).collect()
    }

    /// Returns what reaches the ear from the answer on, piece by piece.
    #[must_use]
    pub fn listen(&self) -> Listener {
        Listener {
            heard: self.heard.clone(),
            position: 0,
        }
    }

    /// Returns what happened until now.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.all()
    }

    /// Returns the first event that fits, also one long ago, waiting for it; nothing when the call ends without one.
    pub async fn event(&self, fits: impl Fn(&What) -> bool) -> Option<Event> {
        self.events.find(|event| fits(&event.what)).await
    }

    /// Returns the event with number `index`, from 0, waiting for it; nothing when the call ended before.
    pub async fn nth_event(&self, index: usize) -> Option<Event> {
        self.events.reaches(index + 1).await;
        self.events.from(index, 1).pop()
    }

    /// Returns the status of the call.
    #[must_use]
    pub fn status(&self) -> CallStatus {
        let events = self.events.all();
        let statuses = events.iter().rev().find_map(|event| match event.what {
            What::Status(status) => Some(status),
            _ => None,
        });
        statuses.unwrap_or(CallStatus::Queued)
    }

    /// Waits for the end of the call.
    pub async fn ended(&self) -> Ended {
        let end = self.event(|what| matches!(what, What::Ended(_))).await;
        match end.map(|event| event.what) {
            Some(What::Ended(ended)) => ended,
            _ => Ended {
                status: self.status(),
                reason: crate::Reason::Stopped,
                talked: Duration::ZERO,
            },
        }
    }

    /// A full inbox belongs to a call that does not run any more, or to a test that never lets it run: both lose the deed.
    fn does(&self, does: Does) {
        if self.inbox.try_send(Input::Person(does)).is_err() {
            tracing::debug!(call.id = self.sid, "the call does not listen to its person");
        }
    }
}

/// Hears a call piece by piece, from the answer on, at its own pace.
#[derive(Clone, Debug)]
pub struct Listener {
    heard: Journal<u8>,
    position: usize,
}

impl Listener {
    /// Returns the next 20 ms, mono at 8 kHz, waiting for them; nothing after the end of the call.
    pub async fn next(&mut self) -> Option<[i16; FRAME]> {
        let length = self.heard.reaches(self.position + FRAME).await;
        if length < self.position + FRAME {
            return None;
        }
        let codes = self.heard.from(self.position, FRAME);
        self.position += FRAME;
        let mut samples = [0; FRAME];
        for (sample, code) in samples.iter_mut().zip(codes) {
            *sample = ulaw::decode(code);
        }
        Some(samples)
    }

    /// Returns how much was heard, from the answer on.
    #[must_use]
    pub fn position(&self) -> Duration {
        TICK * u32::try_from(self.position / FRAME).unwrap_or(u32::MAX)
    }
}
