//! One connection to a room of LiveKit.

mod audience;
mod driver;
mod heard;
mod roster;
mod said;
mod shared;

use std::sync::Arc;

use async_trait::async_trait;
use livekit::{ConnectionState, participant::ParticipantState};
use room_contract::{
    Attributes, AudioFormat, AudioStream, ByteWriter, Connection, DataPacket, Delivery, Identity,
    JoinError, JoinOptions, Listeners, LocalTrack, Method, Participant, ParticipantKind,
    PublishOptions, Room, RoomError, RoomEvents, RoomName, RpcCall, RpcFailure, RpcRequests,
    StreamError, StreamOptions, TextWriter, TrackId, Whom, data::MAX_PACKET, deadline, event,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use self::driver::Driver;
pub(crate) use self::shared::Shared;
use crate::{
    failure::{self, within},
    join::Connected,
    nearby::Nearby,
    participants,
    rooms::destinations,
    rpc,
    stream::{bytes, text},
    track::{self, Published},
};

pub(crate) struct LiveKitRoom {
    shared: Arc<Shared>,
    /// Asks the driver to leave when the last handle is dropped.
    _leave: DropGuard,
}

impl LiveKitRoom {
    /// Takes a connection over; its driver runs until the connection is over.
    pub(crate) fn enter(
        connected: Connected,
        options: JoinOptions,
        nearby: &Arc<Nearby>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<(Self, RoomEvents), JoinError> {
        let leave = stop.child_token();
        let Connected {
            sdk,
            events: sdk_events,
            farewell,
        } = connected;
        let shared = Shared::new(
            sdk,
            options,
            Arc::clone(nearby),
            tasks.clone(),
            leave.clone(),
        )?;
        let shared = Arc::new(shared);
        nearby.enter(&shared);
        let (sender, events) = event::queue();
        tasks.spawn(Driver::new(Arc::clone(&shared), sdk_events, farewell, sender).run());
        Ok((
            Self {
                shared,
                _leave: leave.drop_guard(),
            },
            events,
        ))
    }

    /// Says why a call cannot be made, if the connection does not stand.
    fn standing(&self) -> Result<(), RoomError> {
        match self.connection() {
            Connection::Ended => Err(RoomError::Gone),
            Connection::Connected | Connection::Reconnecting => Ok(()),
        }
    }
}

#[async_trait]
impl Room for LiveKitRoom {
    fn name(&self) -> RoomName {
        self.shared.name.clone()
    }

    fn identity(&self) -> Identity {
        self.shared.identity.clone()
    }

    fn attributes(&self) -> Attributes {
        participants::attributes(self.shared.local().attributes())
    }

    fn connection(&self) -> Connection {
        if self.shared.gone.is_cancelled() {
            return Connection::Ended;
        }
        match self.shared.sdk.connection_state() {
            ConnectionState::Connected => Connection::Connected,
            ConnectionState::Reconnecting => Connection::Reconnecting,
            ConnectionState::Disconnected => Connection::Ended,
        }
    }

    fn participants(&self) -> Vec<Participant> {
        let others = self.shared.sdk.remote_participants();
        let active = others
            .values()
            .filter(|other| other.state() == ParticipantState::Active);
        let mut others: Vec<_> = active.filter_map(participants::remote).collect();
        others.sort_by(|one, other| one.identity.cmp(&other.identity));
        others
    }

    async fn publish(&self, options: PublishOptions) -> Result<Arc<dyn LocalTrack>, RoomError> {
        self.standing()?;
        self.shared.audience.settle(&self.shared.local()).await?;
        Ok(Published::publish(&self.shared, options).await?)
    }

    fn subscribe(&self, whom: Whom) {
        self.shared.subscriptions.lock().subscribe(whom);
        self.shared.listen_anew.notify_one();
    }

    fn unsubscribe(&self, whom: Whom) {
        self.shared.subscriptions.lock().unsubscribe(whom);
        self.shared.listen_anew.notify_one();
    }

    fn let_hear(&self, listeners: Listeners) {
        self.shared.let_hear(&listeners);
    }

    fn audio(&self, track: &TrackId, format: AudioFormat) -> Result<AudioStream, RoomError> {
        track::check(format)?;
        self.shared.heard.open(track, format)
    }

    async fn send(&self, packet: DataPacket) -> Result<(), RoomError> {
        self.standing()?;
        if packet.payload.len() > MAX_PACKET {
            return Err(RoomError::Refused("the packet is too long".to_owned()));
        }
        let packet = livekit::DataPacket {
            destination_identities: destinations(&packet.to, Some(&self.shared.identity))
                .into_iter()
                .map(Into::into)
                .collect(),
            payload: packet.payload.into(),
            topic: packet.topic.map(String::from),
            reliable: packet.delivery == Delivery::Reliable,
        };
        let sent = within(deadline::SEND, self.shared.local().publish_data(packet)).await;
        sent.map_err(failure::late)?.map_err(failure::room)
    }

    async fn write_text(&self, options: StreamOptions) -> Result<Box<dyn TextWriter>, StreamError> {
        let foreign = options
            .sender
            .as_ref()
            .is_some_and(|sender| *sender != self.shared.identity);
        if foreign && self.shared.kind() != ParticipantKind::Agent {
            return Err(StreamError::Refused(
                "only an agent writes in another's name".to_owned(),
            ));
        }
        text::open(&self.shared, options).await
    }

    async fn write_bytes(
        &self,
        options: StreamOptions,
    ) -> Result<Box<dyn ByteWriter>, StreamError> {
        if options.sender.is_some() {
            return Err(StreamError::Refused(
                "bytes go in one's own name".to_owned(),
            ));
        }
        bytes::open(&self.shared, options).await
    }

    async fn call(&self, call: RpcCall) -> Result<String, RpcFailure> {
        self.standing()
            .map_err(|error| RpcFailure::Unavailable(error.into()))?;
        rpc::call(&self.shared, call).await
    }

    fn serve(&self, method: Method) -> RpcRequests {
        rpc::serve(&self.shared, &method)
    }

    async fn set_attributes(&self, changed: Attributes) -> Result<(), RoomError> {
        self.standing()?;
        self.shared
            .said
            .set_attributes(&self.shared.local(), changed)
            .await
    }

    async fn set_metadata(&self, metadata: String) -> Result<(), RoomError> {
        self.standing()?;
        self.shared
            .said
            .set_metadata(&self.shared.local(), metadata)
            .await
    }

    async fn leave(&self) {
        self.shared.leave.cancel();
        self.shared.closed.cancelled().await;
    }
}
