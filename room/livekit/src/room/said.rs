//! What one has said about oneself, and the server in one's place. The SDK keeps tracks across a connection built anew, but not
//! attributes and metadata: the server then knows those of the token only.

use livekit::{id::ParticipantSid, participant::LocalParticipant};
use parking_lot::Mutex;
use room_contract::{Attributes, RoomError, deadline};

use crate::failure::{self, within};

pub(crate) struct Said {
    attributes: Mutex<Attributes>,
    metadata: Mutex<Option<String>>,
    /// Who one is for the server; somebody else after a connection was built anew.
    sid: Mutex<ParticipantSid>,
}

impl Said {
    pub(super) fn new(local: &LocalParticipant) -> Self {
        Self {
            attributes: Mutex::default(),
            metadata: Mutex::default(),
            sid: Mutex::new(local.sid()),
        }
    }

    pub(super) async fn set_attributes(
        &self,
        local: &LocalParticipant,
        changed: Attributes,
    ) -> Result<(), RoomError> {
        let told = changed.clone().into_iter().collect();
        let set = within(deadline::SEND, local.set_attributes(told)).await;
        set.map_err(failure::late)?.map_err(failure::room)?;
        self.attributes.lock().extend(changed);
        Ok(())
    }

    pub(super) async fn set_metadata(
        &self,
        local: &LocalParticipant,
        metadata: String,
    ) -> Result<(), RoomError> {
        let set = within(deadline::SEND, local.set_metadata(metadata.clone())).await;
        set.map_err(failure::late)?.map_err(failure::room)?;
        *self.metadata.lock() = Some(metadata);
        Ok(())
    }

    /// Remembers what was changed from outside, so that a connection built anew does not undo it. What a new one
    /// tells before it stands is of the token.
    pub(super) fn note(&self, local: &LocalParticipant, changed: &Attributes) {
        if *self.sid.lock() == local.sid() {
            self.attributes.lock().extend(changed.clone());
        }
    }

    /// Says again what the server does not know any more.
    pub(super) async fn repeat(&self, local: &LocalParticipant) {
        *self.sid.lock() = local.sid();
        let forgotten = forgotten(&self.attributes.lock(), |key| {
            local.attributes().get(key).cloned()
        });
        let metadata = self
            .metadata
            .lock()
            .clone()
            .filter(|said| *said != local.metadata());
        if !forgotten.is_empty() && self.set_attributes(local, forgotten).await.is_err() {
            tracing::debug!("attributes are lost with the former connection");
        }
        if let Some(metadata) = metadata
            && self.set_metadata(local, metadata).await.is_err()
        {
            tracing::debug!("metadata is lost with the former connection");
        }
    }
}

fn forgotten(said: &Attributes, known: impl Fn(&str) -> Option<String>) -> Attributes {
    let differs = |key: &str, value: &str| known(key).unwrap_or_default() != value;
    let forgotten = said.iter().filter(|(key, value)| differs(key, value));
    forgotten
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_does_not_know_is_said_again() {
        let said = Attributes::from(
            [("state", "busy"), ("mood", "fine"), ("from_token", "")]
                .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        let known = |key: &str| match key {
            "mood" => Some("fine".to_owned()),
            "from_token" => Some("old".to_owned()),
            _ => None,
        };

        let again = forgotten(&said, known);

        assert_eq!(again.keys().collect::<Vec<_>>(), ["from_token", "state"]);
    }
}
