//! Agents for tests: one that attends, one that fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use patchbay::sessions::{Agent, Attending, Departure};
use room_contract::memory::MemoryRooms;
use room_contract::{Admission, BoxError, Identity, JoinOptions, RoomEvent, Rooms};

/// Joins, says that it listens, and stays until it is asked to leave or the room closes.
pub(crate) struct Attendant(MemoryRooms);

impl Attendant {
    pub(crate) fn new(rooms: MemoryRooms) -> Self {
        Self(rooms)
    }
}

#[async_trait]
impl Agent for Attendant {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        let mut admission = Admission::agent(attending.room, Identity::new("agent-test")?);
        admission
            .attributes
            .insert("lk.agent.state".to_owned(), "listening".to_owned());
        let token = self.0.token(&admission)?;
        let mut joined = self.0.join(&token, JoinOptions::default()).await?;

        loop {
            tokio::select! {
                () = attending.leave.cancelled() => break,
                event = joined.events.next() => match event {
                    Some(RoomEvent::Ended(_)) | None => return Ok(Departure::Left),
                    Some(_) => {}
                },
            }
        }
        joined.room.leave().await;
        Ok(Departure::Left)
    }
}

/// Panics the first time, fails the second, attends the third.
pub(crate) struct Unlucky {
    attempts: AtomicUsize,
    attendant: Attendant,
}

impl Unlucky {
    pub(crate) fn new(rooms: MemoryRooms) -> Self {
        Self {
            attempts: AtomicUsize::new(0),
            attendant: Attendant::new(rooms),
        }
    }
}

#[async_trait]
impl Agent for Unlucky {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        match self.attempts.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("an agent's fault"),
            1 => Err("the agent could not join".into()),
            _ => self.attendant.attend(attending).await,
        }
    }
}
