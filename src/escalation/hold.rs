//! Music for those who wait.

use std::sync::Arc;

use agent_music::{Musician, Setup, Volume};
use async_trait::async_trait;
use room_contract::role::MUSIC;
use room_contract::{Identity, RoomName, Rooms};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::ports::Musicians;
use crate::random;

/// Plays in rooms.
struct Band {
    rooms: Arc<dyn Rooms>,
}

/// Returns who plays to those who wait.
pub(crate) fn musicians(rooms: Arc<dyn Rooms>) -> Arc<dyn Musicians> {
    Arc::new(Band { rooms })
}

#[async_trait]
impl Musicians for Band {
    async fn play(&self, room: RoomName, mut duck: watch::Receiver<bool>, stop: CancellationToken) {
        let musician = tokio::select! {
            () = stop.cancelled() => return,
            entered = self.enter(room) => match entered {
                Ok(musician) => musician,
                // The agent's words alone have to do.
                Err(error) => return warn!(error = format!("{error:#}"), "there is no music"),
            },
        };
        let handle = musician.handle();
        let mut playing = std::pin::pin!(musician.run(stop));
        loop {
            let volume = if *duck.borrow_and_update() {
                Volume::Ducked
            } else {
                Volume::Full
            };
            handle.turn_to(volume);
            tokio::select! {
                _ = &mut playing => return,
                changed = duck.changed() => if changed.is_err() {
                    playing.await;
                    return;
                },
            }
        }
    }
}

impl Band {
    async fn enter(&self, room: RoomName) -> anyhow::Result<Musician> {
        let identity = Identity::new(random::id(MUSIC))?;
        let setup = Setup {
            room,
            identity,
            circle: None,
            volume: Volume::Full,
        };
        Ok(Musician::enter(&*self.rooms, setup).await?)
    }
}
