//! How a call gets its session, and its place in the room.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use room_contract::telephone::CALL_STATUS;
use room_contract::{Admission, Attributes, Identity, RoomName};
use tokio::time::sleep;
use tracing::warn;

use super::Line;
use crate::dial;
use crate::escalation;
use crate::phone::handle::number;
use crate::phone::{News, RingError, Ringing};
use crate::sessions::{CallId, OpenError, Opening, Session, SessionError, SessionId};
use crate::store::{LineNews, SILENT};
use crate::telemetry::chain;
use crate::wiring::twilio::{Leg, LegEvents, LegHandle, LegOptions};

/// LiveKit may just be starting again: a leg that is not let in tries so often.
const ATTEMPTS: u32 = 4;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// What a telephone's participant says of itself, in the words of LiveKit's own.
pub(in crate::phone) const CALL_ID: &str = "sip.callID";
const CALL_NUMBER: &str = "sip.phoneNumber";

impl Line {
    /// Opens the session, or finds the one that there is.
    pub(super) async fn open(&mut self) -> Result<RoomName, RingError> {
        let sessions = self.switchboard.sessions.clone();
        if let Some(room) = &self.ringing.guest_of {
            let session = sessions.find_room(room.clone()).await;
            let session = session.map_err(|error| refusal(&error))?;
            self.session = Some(session.id().clone());
            self.is_let_in(&session).await?;
            return Ok(room.clone());
        }
        let (channel, call) = (self.ringing.channel, self.ringing.call.as_str());
        let id = SessionId::of_call(channel, call);
        self.session = Some(id.clone());
        let room = RoomName::new(format!("twilio-{call}")).map_err(|_| RingError::Unavailable)?;
        if self.ringing.news == News::Returning {
            let session = match sessions.find(id.as_str().to_owned()).await {
                Err(SessionError::Gone) => self.take_over(&id).await,
                found => found,
            };
            return session.map(|_| room).map_err(|error| refusal(&error));
        }
        let opening = Opening {
            channel,
            id,
            call: CallId::random(),
            room: room.clone(),
            agent: self.switchboard.agent,
            profile: self.ringing.profile.clone(),
            metadata: String::new(),
            context: self.ringing.context.clone(),
            at: SystemTime::now(),
        };
        match sessions.open(opening).await {
            // Another process had it, or the webhook came again after a fault.
            Ok(_) | Err(SessionError::Open(OpenError::Taken)) => {
                drop(sessions.ring(room.clone()).await);
                self.keep_beginning();
                Ok(room)
            }
            Err(error) => Err(refusal(&error)),
        }
    }

    /// A contact whose server died while they were told in private what it is about does not get in by coming back.
    async fn is_let_in(&self, session: &Session) -> Result<(), RingError> {
        if self.ringing.news != News::Returning || !self.ringing.is_contact() {
            return Ok(());
        }
        let under_way = self.switchboard.store.escalation(session.id().as_str());
        match under_way.await {
            Ok(Some(state)) if !escalation::has_let_in(&state, &self.identity()) => {
                Err(RingError::Over)
            }
            Ok(_) => Ok(()),
            Err(error) => {
                warn!(
                    error = chain(&error),
                    "nobody knows whether a contact was let in"
                );
                Err(RingError::Unavailable)
            }
        }
    }

    fn identity(&self) -> Identity {
        let Ringing { call, channel, .. } = &self.ringing;
        Identity::new(format!("{}-{call}", channel.name()))
            .expect("a channel's name and an id are short and not empty")
    }

    /// A call asks here for the session of another server: that one has lost the call, and perhaps itself.
    async fn take_over(&self, id: &SessionId) -> Result<Session, SessionError> {
        let store = &self.switchboard.store;
        let adrift = store.calls_adrift(SILENT, Some(id.as_str())).await;
        let adrift = adrift.unwrap_or_else(|error| {
            warn!(
                error = chain(&error),
                "nobody knows whose session a call belongs to"
            );
            Vec::new()
        });
        let adopted = self.switchboard.sessions.adopt(adrift).await?;
        adopted.into_iter().next().ok_or(SessionError::Gone)
    }

    fn keep_beginning(&self) {
        let Ringing {
            direction,
            from,
            to,
            call,
            ..
        } = &self.ringing;
        self.keep(LineNews::Began {
            direction: *direction,
            from: number(from),
            to: number(to),
            call: dial::CallSid::new(call.as_str()),
        });
    }

    /// Enters the room as somebody whose telephone rings.
    pub(super) async fn enter(
        &self,
        room: &RoomName,
    ) -> anyhow::Result<(Leg, LegHandle, LegEvents)> {
        let options = LegOptions {
            patience: Duration::from_millis(self.switchboard.settings.resume_ms.into()),
            lateness: Arc::clone(&self.switchboard.lateness),
            ..LegOptions::new(self.ringing.call.clone())
        };
        let rooms = &*self.switchboard.rooms;
        let admission = self.admission(room);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let entered = match rooms.token(&admission) {
                Ok(token) => Leg::enter(rooms, &token, options.clone()).await,
                Err(error) => return Err(error.into()),
            };
            match entered {
                Err(error) if attempt < ATTEMPTS => {
                    warn!(error = chain(&error), "a call is not in its room yet");
                    sleep(PAUSE).await;
                }
                entered => return Ok(entered?),
            }
        }
    }

    fn admission(&self, room: &RoomName) -> Admission {
        let Ringing {
            call,
            channel,
            name,
            ..
        } = &self.ringing;
        let mut attributes = Attributes::from(
            [
                ("channel", channel.name()),
                (CALL_STATUS, "ringing"),
                (CALL_ID, call.as_str()),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        if let Some(number) = self.ringing.other_number() {
            // As it shows itself: the country and the last digits.
            attributes.insert(CALL_NUMBER.to_owned(), number.to_string());
        }
        attributes.extend(self.ringing.shows.clone());
        Admission {
            name: name.clone().unwrap_or_else(|| "Caller".to_owned()),
            attributes,
            ..Admission::person(room.clone(), self.identity())
        }
    }
}

fn refusal(error: &SessionError) -> RingError {
    match error {
        SessionError::Open(OpenError::Full) | SessionError::Overloaded => RingError::Full,
        SessionError::Open(OpenError::Draining) | SessionError::Stopped => RingError::Draining,
        SessionError::Gone => RingError::Over,
        _ => RingError::Unavailable,
    }
}
