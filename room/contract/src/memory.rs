//! Rooms in memory: they behave like real ones, without a server, a socket or a codec.
//!
//! Time is tokio's, so a paused clock governs them. Whatever runs belongs to [`MemoryRooms`]
//! and ends with it.

mod connection;
mod convert;
mod hall;
mod hooks;
mod keeper;
mod pipe;
mod seat;
mod service;
mod source;
mod speakers;
mod tickets;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::hooks::{SignedWebhook, Webhooks};
use self::{connection::MemoryRoom, service::Service};
use crate::{
    Admission, Attributes, DataPacket, Ended, Identity, JoinError, JoinOptions, Joined, Muting,
    NewRoom, Participant, RoomInfo, RoomName, Rooms, ServiceError, Token, TrackId, WebhookError,
    WebhookEvent, event,
};

/// A room service in memory. Clones share the rooms.
#[derive(Clone)]
pub struct MemoryRooms {
    service: Arc<Service>,
}

impl MemoryRooms {
    /// Opens a service without rooms.
    #[must_use]
    pub fn new() -> Self {
        Self {
            service: Arc::new(Service::new()),
        }
    }

    /// Returns the webhooks from here on; the latest listener gets them.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        self.service.hooks.listen()
    }

    /// Makes every call and join fail as if the server were down, or lets them through again.
    /// Who is inside does not notice.
    pub fn set_reachable(&self, reachable: Reachable) {
        self.service.set_reachable(reachable);
    }

    /// Cuts a participant's connection until [`restore`](Self::restore).
    pub fn interrupt(&self, room: &RoomName, who: &Identity) {
        if let Some(hall) = self.service.hall(room) {
            hall.interrupt(who);
        }
    }

    /// Brings a participant's connection back.
    pub fn restore(&self, room: &RoomName, who: &Identity) {
        if let Some(hall) = self.service.hall(room) {
            hall.restore(who);
        }
    }

    /// Ends a participant's connection for a reason that the room itself never has.
    pub fn end(&self, room: &RoomName, who: &Identity, why: Ended) {
        if let Some(hall) = self.service.hall(room) {
            hall.put_out(who, why);
        }
    }

    /// Returns how many tasks run for the rooms; none once all rooms are closed.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.service.tasks.len()
    }
}

impl Default for MemoryRooms {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachable {
    /// It answers.
    Yes,
    /// It seems down.
    No,
}

#[async_trait]
impl Rooms for MemoryRooms {
    fn url(&self) -> &'static str {
        "memory://rooms"
    }

    async fn create(&self, room: NewRoom) -> Result<RoomInfo, ServiceError> {
        self.service.answer()?;
        Ok(self.service.open(room).info())
    }

    async fn delete(&self, room: &RoomName) -> Result<(), ServiceError> {
        self.service.answer()?;
        let hall = self.service.hall(room).ok_or(ServiceError::Gone)?;
        self.service.close(&hall, Ended::RoomDeleted);
        Ok(())
    }

    async fn find(&self, room: &RoomName) -> Result<Option<RoomInfo>, ServiceError> {
        self.service.answer()?;
        Ok(self.service.hall(room).map(|hall| hall.info()))
    }

    async fn list(&self) -> Result<Vec<RoomInfo>, ServiceError> {
        self.service.answer()?;
        Ok(self
            .service
            .halls()
            .iter()
            .map(|hall| hall.info())
            .collect())
    }

    async fn participants(&self, room: &RoomName) -> Result<Vec<Participant>, ServiceError> {
        self.service.answer()?;
        Ok(self
            .service
            .hall(room)
            .ok_or(ServiceError::Gone)?
            .participants())
    }

    async fn remove(&self, room: &RoomName, who: &Identity) -> Result<(), ServiceError> {
        self.service.answer()?;
        let hall = self.service.hall(room).ok_or(ServiceError::Gone)?;
        if !hall.put_out(who, Ended::Removed) {
            return Err(ServiceError::Gone);
        }
        self.service.tickets.revoke(room, who);
        Ok(())
    }

    async fn mute(
        &self,
        room: &RoomName,
        who: &Identity,
        track: &TrackId,
        to: Muting,
    ) -> Result<(), ServiceError> {
        self.service.answer()?;
        if to == Muting::Unmuted {
            return Err(ServiceError::Refused("remote unmute is not enabled".into()));
        }
        let hall = self.service.hall(room).ok_or(ServiceError::Gone)?;
        if hall.mute(who, track, to) {
            Ok(())
        } else {
            Err(ServiceError::Gone)
        }
    }

    async fn set_attributes(
        &self,
        room: &RoomName,
        who: &Identity,
        changed: Attributes,
    ) -> Result<(), ServiceError> {
        self.service.answer()?;
        let hall = self.service.hall(room).ok_or(ServiceError::Gone)?;
        if hall.change_attributes(who, changed) {
            Ok(())
        } else {
            Err(ServiceError::Gone)
        }
    }

    async fn send(&self, room: &RoomName, packet: DataPacket) -> Result<(), ServiceError> {
        self.service.answer()?;
        let hall = self.service.hall(room).ok_or(ServiceError::Gone)?;
        hall.send(None, &packet);
        Ok(())
    }

    fn token(&self, admission: &Admission) -> Result<Token, ServiceError> {
        Ok(self.service.tickets.mint(admission))
    }

    fn webhook(&self, body: &[u8], authorization: &str) -> Result<WebhookEvent, WebhookError> {
        self.service.hooks.verify(body, authorization)
    }

    async fn join(&self, token: &Token, options: JoinOptions) -> Result<Joined, JoinError> {
        self.service
            .answer()
            .map_err(|error| JoinError::Unavailable(error.into()))?;
        let admission = self.service.tickets.check(token)?;
        let hall = self.service.open(NewRoom::named(admission.room.clone()));
        let (sender, events) = event::queue();
        let place = hall.enter(&admission, options, sender)?;
        let room = MemoryRoom::new(Arc::clone(&self.service), hall, place);
        Ok(Joined {
            room: Arc::new(room),
            events,
        })
    }
}
