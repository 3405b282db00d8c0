//! What one has said about oneself. The SDK keeps tracks across a connection built anew, but not
//! attributes and metadata: the server then knows those of the token only.

use livekit::participant::LocalParticipant;
use parking_lot::Mutex;
use room_contract::{Attributes, RoomError, deadline};

use crate::failure::{self, within};

#[derive(Default)]
pub(crate) struct Said {
    attributes: Mutex<Attributes>,
    metadata: Mutex<Option<String>>,
}

impl Said {
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

    /// Says again what the server does not know any more.
    pub(super) async fn repeat(&self, local: &LocalParticipant) {
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
