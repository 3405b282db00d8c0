//! The one loop that owns a conversation.

use std::sync::Arc;

use room_contract::{
    Admission, JoinError, JoinOptions, LocalTrack, PublishOptions, Room, RoomError, RoomEvent,
    RoomEvents, Rooms, ServiceError, Subscribing,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Ended, Event, Handle, Setup, handle::Command};

/// Why an agent could not enter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnterError {
    /// There was no token: see its source.
    #[error("the agent got no token")]
    Token(#[source] ServiceError),
    /// It was not let in: see its source.
    #[error("the agent could not join")]
    Join(#[source] JoinError),
    /// It was not given a voice: see its source.
    #[error("the agent could not publish its voice")]
    Publish(#[source] RoomError),
}

/// An agent in a room.
pub struct Conversation {
    room: Arc<dyn Room>,
    events: RoomEvents,
    _voice: Arc<dyn LocalTrack>,
    handle: Handle,
    inbox: mpsc::Receiver<Command>,
}

impl Conversation {
    /// Enters the room and publishes a voice. The conversation begins with [`run`](Self::run).
    ///
    /// # Errors
    /// [`EnterError`] says which step failed; whatever was begun is undone.
    pub async fn enter(rooms: &dyn Rooms, setup: Setup) -> Result<Self, EnterError> {
        let mut admission = Admission::agent(setup.room.clone(), setup.identity.clone());
        admission.name.clone_from(&setup.profile.name);
        let token = rooms.token(&admission).map_err(EnterError::Token)?;
        let options = JoinOptions {
            subscribing: Subscribing::Nobody,
        };
        let joined = rooms
            .join(&token, options)
            .await
            .map_err(EnterError::Join)?;
        let voice = joined.room.publish(PublishOptions::voice("voice")).await;
        let (handle, inbox) = Handle::new();
        Ok(Self {
            room: joined.room,
            events: joined.events,
            _voice: voice.map_err(EnterError::Publish)?,
            handle,
            inbox,
        })
    }

    /// Returns a handle to the conversation.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Talks until the conversation is over or `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) -> Ended {
        let reason = loop {
            tokio::select! {
                biased; // leaving comes first, then news
                () = stop.cancelled() => break Ended::Stopped,
                event = self.events.next() => match event {
                    Some(RoomEvent::Ended(_)) => break Ended::RoomOver,
                    None => break Ended::ConnectionLost,
                    Some(_) => {}
                },
                Some(_) = self.inbox.recv() => {}
            }
        };
        self.room.leave().await;
        self.handle.tell(Event::Ended { reason });
        reason
    }
}
