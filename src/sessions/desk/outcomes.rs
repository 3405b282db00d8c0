//! What comes back from errands, and who hears of it.

use std::sync::Arc;

use room_contract::{BoxError, RoomName, ServiceError};
use tokio::task::{Id, JoinError};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{AFTERWARDS, Desk, answer, now};
use crate::sessions::errand::{Errand, Outcome};
use crate::sessions::feed::News;
use crate::sessions::{Departure, EndReason, Serial, Session, SessionError};
use crate::telemetry::chain;

impl Desk {
    pub(super) fn handle_outcome(&mut self, result: Result<(Id, Outcome), JoinError>) {
        let (id, outcome) = match result {
            Ok((id, outcome)) => (id, Some(outcome)),
            Err(failure) => {
                error!(panicked = failure.is_panic(), "an errand broke off");
                (failure.id(), None)
            }
        };
        let Some(errand) = self.out.remove(&id) else {
            return;
        };
        match errand {
            Errand::Open(serial, room) => self.handle_opened(serial, &room, outcome),
            Errand::Look(serial, room) => self.handle_seen(serial, &room, outcome),
            Errand::Close(room, why) => self.handle_closed(&room, why, outcome),
            Errand::List => self.handle_rooms(outcome),
            Errand::Evict => {
                if let Some(Outcome::Evicted(Err(error))) = outcome {
                    warn!(error = chain(&error), "a lost agent cannot be put out");
                }
            }
            Errand::Attend {
                serial,
                room,
                leave,
            } => {
                self.handle_left(serial, &leave, &room, outcome.as_ref());
            }
        }
    }

    fn handle_opened(&mut self, serial: Serial, room: &RoomName, outcome: Option<Outcome>) {
        let result = match outcome {
            Some(Outcome::Opened(result)) => result,
            _ => Err(broke_off()),
        };
        let opener = self.openers.remove(&serial);
        match result {
            Ok(()) => {
                self.book.handle_opened(now(), room, serial);
                if let Some(reply) = opener {
                    answer(reply, self.session(room));
                }
            }
            Err(error) => {
                warn!(error = chain(&error), "LiveKit did not open a room");
                self.book.handle_open_failed(now(), room, serial);
                if let Some(reply) = opener {
                    answer(reply, Err(SessionError::LiveKit(Arc::new(error))));
                }
            }
        }
    }

    fn handle_seen(&mut self, serial: Serial, room: &RoomName, outcome: Option<Outcome>) {
        let result = match outcome {
            Some(Outcome::Seen(result)) => result,
            _ => Err(broke_off()),
        };
        let failure = match result {
            Ok(people) => {
                self.book.handle_people(now(), room, serial, people);
                if let Some(line) = self.lines.get(&serial) {
                    line.tell(News::Seen);
                }
                None
            }
            Err(error) => {
                debug!(
                    error = chain(&error),
                    "LiveKit did not say who is in a room"
                );
                self.book.handle_look_failed(now(), room, serial);
                Some(SessionError::LiveKit(Arc::new(error)))
            }
        };
        if self.book.session(room).is_some_and(Session::is_looked_at) {
            return; // the answer may be stale, and the next look is under way
        }
        for viewer in self.viewers.remove(room).into_iter().flatten() {
            answer(
                viewer,
                failure.clone().map_or_else(|| self.session(room), Err),
            );
        }
    }

    fn handle_closed(&mut self, room: &RoomName, why: Option<EndReason>, outcome: Option<Outcome>) {
        let result = match outcome {
            Some(Outcome::Closed(result)) => result,
            Some(Outcome::UsedElsewhere) => {
                self.book.handle_used_elsewhere(room);
                return self.answer_enders(room, &Ok(()));
            }
            _ => Err(broke_off()),
        };
        match result {
            Ok(()) => {
                self.book.handle_closed(now(), room);
                self.afterwards.get_or_insert(now() + AFTERWARDS);
                self.answer_enders(room, &Ok(()));
            }
            Err(error @ ServiceError::Unavailable(_)) => {
                warn!(error = chain(&error), "a room cannot be closed yet");
                self.answer_enders(room, &Err(SessionError::LiveKit(Arc::new(error))));
                self.close(room.clone(), why); // there may be people in it
            }
            Err(error) => {
                error!(error = chain(&error), "a room cannot be closed");
                self.book.handle_closed(now(), room);
                self.answer_enders(room, &Err(SessionError::LiveKit(Arc::new(error))));
            }
        }
    }

    fn handle_rooms(&mut self, outcome: Option<Outcome>) {
        match outcome {
            Some(Outcome::Listed(Ok(rooms))) => self.book.handle_rooms(now(), &rooms),
            Some(Outcome::Listed(Err(error))) => {
                debug!(error = chain(&error), "LiveKit did not list its rooms");
            }
            _ => {}
        }
        if self.book.has_closed(now()) {
            self.afterwards = Some(now() + AFTERWARDS);
        }
    }

    fn answer_enders(&mut self, room: &RoomName, result: &Result<(), SessionError>) {
        for ender in self.enders.remove(room).into_iter().flatten() {
            answer(ender, result.clone());
        }
    }

    fn handle_left(
        &mut self,
        serial: Serial,
        leave: &CancellationToken,
        room: &RoomName,
        outcome: Option<&Outcome>,
    ) {
        if let Some(Outcome::Left(Err(error))) = outcome {
            warn!(error = chain(&**error), "an agent failed");
        }
        if leave.is_cancelled() {
            return; // it was asked to
        }
        if let Some(line) = self.lines.get_mut(&serial) {
            line.dismiss();
        }
        match outcome {
            Some(Outcome::Left(Ok(Departure::SaidGoodbye))) => {
                self.book.end(now(), room, EndReason::Completed);
            }
            Some(Outcome::Left(Ok(Departure::PutOut))) if self.store.is_out_of_touch() => {
                info!("an agent was put out, perhaps by a server that has its session");
                self.book.handle_agent_put_out(room, serial);
            }
            _ => self.book.handle_agent_left(now(), room, serial),
        }
    }
}

fn broke_off() -> ServiceError {
    ServiceError::Unavailable(BoxError::from("the call broke off"))
}
