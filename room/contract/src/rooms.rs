//! The room service from outside: rooms, tokens, webhooks, joining.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{
    Admission, Attributes, DataPacket, Identity, JoinError, Muting, Participant, Room, RoomEvents,
    RoomName, ServiceError, Subscribing, Token, TrackId, WebhookError, WebhookEvent,
};

/// A room service. Shared by everything that needs rooms; every call keeps its
/// [deadline](crate::deadline).
#[async_trait]
pub trait Rooms: Send + Sync + 'static {
    /// Returns the address that participants connect to.
    fn url(&self) -> &str;

    /// Opens a room; one that exists is returned as it is.
    ///
    /// # Errors
    /// [`ServiceError`] says whether to try again.
    async fn create(&self, room: NewRoom) -> Result<RoomInfo, ServiceError>;

    /// Closes a room and puts everybody out.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when there is no such room.
    async fn delete(&self, room: &RoomName) -> Result<(), ServiceError>;

    /// Returns a room, or `None` when there is no such room.
    ///
    /// # Errors
    /// [`ServiceError`] says whether to try again.
    async fn find(&self, room: &RoomName) -> Result<Option<RoomInfo>, ServiceError>;

    /// Returns every open room.
    ///
    /// # Errors
    /// [`ServiceError`] says whether to try again.
    async fn list(&self) -> Result<Vec<RoomInfo>, ServiceError>;

    /// Returns who is in a room.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when there is no such room.
    async fn participants(&self, room: &RoomName) -> Result<Vec<Participant>, ServiceError>;

    /// Puts a participant out; their token no longer opens the room.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when there is no such room or participant.
    async fn remove(&self, room: &RoomName, who: &Identity) -> Result<(), ServiceError>;

    /// Silences a participant's track for everybody. Most servers refuse the way back.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when there is no such track.
    async fn mute(
        &self,
        room: &RoomName,
        who: &Identity,
        track: &TrackId,
        to: Muting,
    ) -> Result<(), ServiceError>;

    /// Merges attributes into a participant's; an empty value removes the key. Everybody inside is
    /// told, the participant included.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when there is no such room or participant.
    async fn set_attributes(
        &self,
        room: &RoomName,
        who: &Identity,
        changed: Attributes,
    ) -> Result<(), ServiceError>;

    /// Sends a packet into a room without being in it.
    ///
    /// # Errors
    /// [`ServiceError::Gone`] when there is no such room.
    async fn send(&self, room: &RoomName, packet: DataPacket) -> Result<(), ServiceError>;

    /// Mints a token.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the service's own keys are unusable.
    fn token(&self, admission: &Admission) -> Result<Token, ServiceError>;

    /// Checks a webhook's signature and reads it. `body` is what arrived, byte by byte;
    /// `authorization` the header's value.
    ///
    /// # Errors
    /// [`WebhookError`] separates a forgery from a message that cannot be read.
    fn webhook(&self, body: &[u8], authorization: &str) -> Result<WebhookEvent, WebhookError>;

    /// Enters the room that the token names. A room that does not exist is opened.
    ///
    /// # Errors
    /// [`JoinError`] says whether to try again, with the same token or with a new one.
    async fn join(&self, token: &Token, options: JoinOptions) -> Result<Joined, JoinError>;
}

/// A room to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Its name.
    pub name: RoomName,
    /// How long it waits for the first participant.
    pub empty_timeout: Duration,
    /// How long it waits after the last one that [keeps it open](crate::ParticipantKind).
    pub departure_timeout: Duration,
    /// How many may be inside, agents not counted; 0 = any number.
    pub max_participants: u32,
    /// Free text; often JSON.
    pub metadata: String,
}

impl NewRoom {
    /// Describes a room with the usual time-outs.
    #[must_use]
    pub fn named(name: RoomName) -> Self {
        Self {
            name,
            empty_timeout: Duration::from_secs(300),
            departure_timeout: Duration::from_secs(20),
            max_participants: 0,
            metadata: String::new(),
        }
    }
}

/// A room, seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomInfo {
    /// Its name.
    pub name: RoomName,
    /// The server's id of this room; new each time a room of that name opens.
    pub id: String,
    /// When it was opened, in milliseconds since 1970 (UTC).
    pub created_at_ms: u64,
    /// Free text given at creation.
    pub metadata: String,
    /// How many are inside, as the server counts (its figure may lag by seconds).
    pub participants: u32,
}

/// How to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JoinOptions {
    /// Whether others' audio is subscribed to as it appears.
    pub subscribing: Subscribing,
}

/// A connection and what happens on it.
pub struct Joined {
    /// The connection. It is left when the last handle is dropped.
    pub room: Arc<dyn Room>,
    /// What happens, beginning with who is there already.
    pub events: RoomEvents,
}

impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined").finish_non_exhaustive()
    }
}
