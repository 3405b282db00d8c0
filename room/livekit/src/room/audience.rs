//! Who may hear what one publishes. The server enforces it; the SDK tells it again whenever a
//! connection was lost.

use livekit::participant::{LocalParticipant, ParticipantTrackPermission};
use parking_lot::Mutex;
use room_contract::{Identity, Listeners, RoomError, deadline};

use crate::failure::{self, within};

#[derive(Default)]
pub(crate) struct Audience {
    chosen: Mutex<Listeners>,
    /// What the server was told last; one at a time tells it, so that the latest choice holds.
    told: tokio::sync::Mutex<Listeners>,
}

impl Audience {
    pub(super) fn choose(&self, listeners: Listeners) {
        *self.chosen.lock() = listeners;
    }

    pub(super) fn chosen(&self) -> Listeners {
        self.chosen.lock().clone()
    }

    /// Returns once the server was told the latest choice.
    pub(super) async fn settle(&self, local: &LocalParticipant) -> Result<(), RoomError> {
        let settled = within(deadline::SEND, async {
            let mut told = self.told.lock().await;
            let chosen = self.chosen();
            if *told == chosen {
                return Ok(());
            }
            let (everybody, few) = permissions(&chosen);
            local
                .set_track_subscription_permissions(everybody, few)
                .await?;
            *told = chosen;
            Ok(())
        });
        settled.await.map_err(failure::late)?.map_err(failure::room)
    }
}

fn permissions(listeners: &Listeners) -> (bool, Vec<ParticipantTrackPermission>) {
    let allowed = |who: &Identity| ParticipantTrackPermission {
        participant_identity: who.as_str().to_owned().into(),
        allow_all: true,
        allowed_track_sids: Vec::new(),
    };
    match listeners {
        Listeners::Everybody => (true, Vec::new()),
        Listeners::Only(few) => (false, few.iter().map(allowed).collect()),
    }
}
