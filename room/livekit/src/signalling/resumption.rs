//! How a connection that was cut goes on. The SDK takes everybody for gone whom the server has not named by the time
//! the path is back. A path that comes back by itself is sooner back than the names arrive, and whoever is taken for
//! gone is not heard again. So the SDK learns that it may go on together with who is there.

use std::collections::VecDeque;
use std::time::Duration;

use livekit_protocol::signal_response::Message;
use tokio::time::Instant;

/// The server names them right after its answer; one that does not shall not keep the SDK, which waits for 5 s.
const PATIENCE: Duration = Duration::from_secs(1);

/// What was read and not handed on yet. Holds no clock: time is an argument.
#[derive(Debug, Default)]
pub(super) struct Resumption {
    frames: VecDeque<Vec<u8>>,
    /// Until when the answer waits for the names.
    until: Option<Instant>,
}

impl Resumption {
    /// Takes a frame from the server and what it says.
    pub(super) fn handle(&mut self, now: Instant, frame: Vec<u8>, message: Option<&Message>) {
        match message {
            Some(Message::Reconnect(_)) => self.until = Some(now + PATIENCE),
            // The SDK goes by these at once.
            Some(Message::Update(_) | Message::Leave(_)) => self.until = None,
            _ => {}
        }
        self.frames.push_back(frame);
    }

    /// Until when there is nothing to hand on, unless something comes.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Waits no longer: the names are late, or the line has ended.
    pub(super) fn give_up(&mut self) {
        self.until = None;
    }

    /// Returns what is to be handed on next.
    pub(super) fn poll(&mut self) -> Option<Vec<u8>> {
        self.frames.pop_front_if(|_| self.until.is_none())
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{ParticipantUpdate, ReconnectResponse, SpeakersChanged};

    use super::*;

    const ANSWER: &[u8] = b"answer";
    const OTHER: &[u8] = b"other";
    const NAMES: &[u8] = b"names";

    fn answered(now: Instant) -> Resumption {
        let mut resumption = Resumption::default();
        let answer = Message::Reconnect(ReconnectResponse::default());
        resumption.handle(now, ANSWER.to_vec(), Some(&answer));
        let other = Message::SpeakersChanged(SpeakersChanged::default());
        resumption.handle(now, OTHER.to_vec(), Some(&other));
        resumption
    }

    fn handed_on(resumption: &mut Resumption) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| resumption.poll()).collect()
    }

    #[test]
    fn what_resumes_nothing_is_handed_on_at_once() {
        let mut resumption = Resumption::default();

        resumption.handle(Instant::now(), OTHER.to_vec(), None);

        assert_eq!(handed_on(&mut resumption), [OTHER]);
        assert_eq!(resumption.deadline(), None);
    }

    #[test]
    fn the_answer_waits_for_the_names_and_comes_first() {
        let now = Instant::now();
        let mut resumption = answered(now);

        assert_eq!(handed_on(&mut resumption), [[0; 0]; 0]);
        assert_eq!(resumption.deadline(), Some(now + PATIENCE));
        let names = Message::Update(ParticipantUpdate::default());
        resumption.handle(now, NAMES.to_vec(), Some(&names));

        assert_eq!(handed_on(&mut resumption), [ANSWER, OTHER, NAMES]);
        assert_eq!(resumption.deadline(), None);
    }

    #[test]
    fn names_that_do_not_come_are_not_waited_for() {
        let mut resumption = answered(Instant::now());

        resumption.give_up();

        assert_eq!(handed_on(&mut resumption), [ANSWER, OTHER]);
    }
}
