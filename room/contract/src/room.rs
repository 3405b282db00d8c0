//! One connection to a room, from inside.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Attributes, AudioFormat, AudioStream, ByteWriter, DataPacket, Identity, Listeners, LocalTrack,
    Method, Participant, PublishOptions, RoomError, RoomName, RpcCall, RpcFailure, RpcRequests,
    StreamError, StreamOptions, TextWriter, TrackId, Whom,
};

/// A participant's own connection. Every call keeps its [deadline](crate::deadline).
#[async_trait]
pub trait Room: Send + Sync + 'static {
    /// Returns the room's name.
    fn name(&self) -> RoomName;

    /// Returns who one is here.
    fn identity(&self) -> Identity;

    /// Returns what one carries oneself, as the room last told.
    fn attributes(&self) -> Attributes;

    /// Returns whether the connection stands.
    fn connection(&self) -> Connection;

    /// Returns the others.
    fn participants(&self) -> Vec<Participant>;

    /// Publishes an audio track.
    ///
    /// # Errors
    /// [`RoomError`] says whether to try again.
    async fn publish(&self, options: PublishOptions) -> Result<Arc<dyn LocalTrack>, RoomError>;

    /// Listens to somebody's audio, or to everybody's, whoever comes later included.
    /// [`RoomEvent::TrackSubscribed`](crate::RoomEvent) follows for each track.
    fn subscribe(&self, whom: Whom);

    /// Stops listening.
    fn unsubscribe(&self, whom: Whom);

    /// Chooses who may hear what one publishes, now and later; what is published after this obeys
    /// it from its first packet. Whoever is let hear no more gets silence, or the end of the
    /// stream; whoever is let hear again gets
    /// [`RoomEvent::TrackSubscribed`](crate::RoomEvent) anew.
    fn let_hear(&self, listeners: Listeners);

    /// Opens a subscribed track's sound in the wanted format. Each call opens another stream.
    ///
    /// # Errors
    /// [`RoomError::Gone`] when no such audio track is subscribed to.
    fn audio(&self, track: &TrackId, format: AudioFormat) -> Result<AudioStream, RoomError>;

    /// Sends a packet.
    ///
    /// # Errors
    /// [`RoomError`] says whether to try again.
    async fn send(&self, packet: DataPacket) -> Result<(), RoomError>;

    /// Opens a text stream, to be written piece by piece.
    ///
    /// # Errors
    /// [`StreamError`] as for each piece.
    async fn write_text(&self, options: StreamOptions) -> Result<Box<dyn TextWriter>, StreamError>;

    /// Opens a byte stream, to be written piece by piece.
    ///
    /// # Errors
    /// [`StreamError`] as for each piece.
    async fn write_bytes(&self, options: StreamOptions)
    -> Result<Box<dyn ByteWriter>, StreamError>;

    /// Calls a method of another participant and waits for the answer.
    ///
    /// # Errors
    /// [`RpcFailure`] says whether the other side refused or could not be reached.
    async fn call(&self, call: RpcCall) -> Result<String, RpcFailure>;

    /// Offers a method to the others until the returned queue is dropped. A later offer of the
    /// same method takes its place.
    fn serve(&self, method: Method) -> RpcRequests;

    /// Merges attributes into one's own; an empty value removes the key.
    ///
    /// # Errors
    /// [`RoomError::Refused`] without the grant.
    async fn set_attributes(&self, changed: Attributes) -> Result<(), RoomError>;

    /// Replaces one's own metadata.
    ///
    /// # Errors
    /// [`RoomError::Refused`] without the grant.
    async fn set_metadata(&self, metadata: String) -> Result<(), RoomError>;

    /// Leaves. The events end with [`Ended::Left`](crate::Ended). Leaving twice is leaving once.
    async fn leave(&self);
}

/// Whether a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Everything flows.
    Connected,
    /// It was lost and is being restored; what is sent waits or fails.
    Reconnecting,
    /// It is over.
    Ended,
}
