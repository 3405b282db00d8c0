//! What the desk does with the agents in its sessions.

use agent_session::{HandleError, Switch};
use room_contract::RoomName;
use tracing::warn;

use super::{Desk, now};
use crate::sessions::{Serial, Session, SessionError, Switching, Talker, Watch};
use crate::store::Entry;

impl Desk {
    pub(super) fn switch(
        &mut self,
        room: &RoomName,
        to: Switching,
    ) -> Result<Session, SessionError> {
        let profile = self.session(room)?.profile().map(str::to_owned);
        let stays = self
            .agent
            .as_ref()
            .is_some_and(|agent| agent.listens_while_off(profile.as_deref()));
        let to = match to {
            Switching::Off if stays => Switching::OffListening,
            other => other,
        };
        self.book.switch(now(), room, to);
        let session = self.session(room)?;
        self.store.records().push(Entry::Cast {
            call: session.call().clone(),
            profile: session.profile().map(str::to_owned),
            agent: session.opening().agent.name(),
        });
        Ok(session)
    }

    pub(super) fn tell_agent(
        &self,
        room: &RoomName,
        tell: impl FnOnce(&dyn Talker) -> Result<(), HandleError>,
    ) -> Result<Session, SessionError> {
        let session = self.session(room)?;
        let talker = self
            .lines
            .get(&session.serial())
            .filter(|_| session.has_agent())
            .and_then(|line| line.talker())
            .ok_or(SessionError::NoAgent)?;
        match tell(&*talker) {
            Ok(()) => Ok(session),
            Err(HandleError::Over) => Err(SessionError::NoAgent),
            Err(_) => Err(SessionError::Overloaded),
        }
    }

    pub(super) fn watch(&self, id: &str) -> Result<Watch, SessionError> {
        let session = self
            .book
            .session_by_id(id)
            .cloned()
            .ok_or(SessionError::Gone)?;
        let line = self
            .lines
            .get(&session.serial())
            .ok_or(SessionError::Gone)?;
        let events = line.watch().ok_or(SessionError::Overloaded)?;
        Ok(Watch { session, events })
    }

    /// An agent that cannot be told leaves: silence is what was asked for.
    pub(super) fn switch_in_place(&mut self, serial: Serial, to: Switch) {
        let Some(line) = self.lines.get_mut(&serial) else {
            return;
        };
        let told = line
            .talker()
            .is_some_and(|talker| talker.switch(to).is_ok());
        if !told && to == Switch::Off {
            warn!("an agent could not be switched off and leaves");
            line.dismiss();
        }
    }
}
