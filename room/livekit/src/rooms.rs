//! The room service on a LiveKit server.

use std::sync::Arc;

use async_trait::async_trait;
use livekit_api::services::{
    ServiceResult,
    room::{CreateRoomOptions, RoomClient, SendDataOptions, UpdateParticipantOptions},
};
use livekit_protocol as proto;
use room_contract::{
    Admission, Attributes, DataPacket, Delivery, Identity, JoinError, JoinOptions, Joined, Muting,
    NewRoom, Participant, Recipients, RoomInfo, RoomName, Rooms, ServiceError, Token, TrackId,
    WebhookError, WebhookEvent, deadline,
};
use secrecy::ExposeSecret;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{InvalidConfig, LiveKitConfig},
    diagnosis,
    failure::{self, within},
    join,
    nearby::Nearby,
    participants,
    room::LiveKitRoom,
    token,
    webhook::Verifier,
};

/// The rooms of one LiveKit server.
pub struct LiveKitRooms {
    config: LiveKitConfig,
    client: RoomClient,
    verifier: Verifier,
    /// Whoever is in the rooms from here; none if they are to hear each other by the server.
    nearby: Option<Arc<Nearby>>,
    /// Whatever runs for connections.
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl LiveKitRooms {
    /// Prepares to use a server; nothing is sent yet.
    ///
    /// # Errors
    /// Says what in the configuration cannot work.
    pub fn new(config: LiveKitConfig) -> Result<Self, InvalidConfig> {
        config.check()?;
        let secret = config.api_secret.expose_secret();
        let client = RoomClient::with_api_key(&config.url, &config.api_key, secret)
            .with_request_timeout(deadline::SERVICE);
        let verifier = Verifier::new(&config);
        Ok(Self {
            config,
            client,
            verifier,
            nearby: Some(Arc::default()),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// Has all that anybody hears go by the server, also between two who enter from here: for tests of that way, and
    /// for measuring what the other one saves.
    #[must_use]
    pub fn without_shortcuts(mut self) -> Self {
        self.nearby = None;
        self
    }

    /// Has the server get every voice even where all whom it names hear it without: somebody may be in the rooms with
    /// LiveKit's grant `hidden`. Recorders are known without this.
    #[must_use]
    pub fn with_hidden_listeners(mut self) -> Self {
        if self.nearby.is_some() {
            self.nearby = Some(Arc::new(Nearby::overheard()));
        }
        self
    }

    /// Leaves every room and waits until that is done. Rooms entered later are left at once.
    pub async fn leave_all(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn ask<T>(
        &self,
        call: impl Future<Output = ServiceResult<T>>,
    ) -> Result<T, ServiceError> {
        let answer = async {
            match call.await.map_err(failure::service) {
                Err(ServiceError::Garbled(error))
                    if diagnosis::refuses_keys(&self.config).await =>
                {
                    Err(ServiceError::Refused(error))
                }
                answer => answer,
            }
        };
        match within(deadline::SERVICE, answer).await {
            Ok(answer) => answer,
            Err(late) => Err(ServiceError::Unavailable(late.into())),
        }
    }
}

impl Drop for LiveKitRooms {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[async_trait]
impl Rooms for LiveKitRooms {
    fn url(&self) -> &str {
        self.config.public_url.as_ref().unwrap_or(&self.config.url)
    }

    async fn create(&self, room: NewRoom) -> Result<RoomInfo, ServiceError> {
        let options = CreateRoomOptions {
            empty_timeout: seconds(room.empty_timeout),
            departure_timeout: seconds(room.departure_timeout),
            max_participants: room.max_participants,
            metadata: room.metadata,
            ..CreateRoomOptions::default()
        };
        let room = self
            .ask(self.client.create_room(room.name.as_str(), options))
            .await?;
        room_info(room)
    }

    async fn delete(&self, room: &RoomName) -> Result<(), ServiceError> {
        self.ask(self.client.delete_room(room.as_str())).await
    }

    async fn find(&self, room: &RoomName) -> Result<Option<RoomInfo>, ServiceError> {
        let found = self
            .ask(self.client.list_rooms(vec![room.as_str().to_owned()]))
            .await?;
        found.into_iter().next().map(room_info).transpose()
    }

    async fn list(&self) -> Result<Vec<RoomInfo>, ServiceError> {
        let rooms = self.ask(self.client.list_rooms(Vec::new())).await?;
        rooms.into_iter().map(room_info).collect()
    }

    async fn participants(&self, room: &RoomName) -> Result<Vec<Participant>, ServiceError> {
        let inside = self
            .ask(self.client.list_participants(room.as_str()))
            .await?;
        Ok(inside
            .iter()
            .filter_map(participants::from_the_server)
            .collect())
    }

    async fn remove(&self, room: &RoomName, who: &Identity) -> Result<(), ServiceError> {
        self.ask(self.client.remove_participant(room.as_str(), who.as_str()))
            .await
    }

    async fn mute(
        &self,
        room: &RoomName,
        who: &Identity,
        track: &TrackId,
        to: Muting,
    ) -> Result<(), ServiceError> {
        let muted = to == Muting::Muted;
        let (room, who, track) = (room.as_str(), who.as_str(), track.as_str());
        self.ask(self.client.mute_published_track(room, who, track, muted))
            .await
            .map(drop)
    }

    async fn set_attributes(
        &self,
        room: &RoomName,
        who: &Identity,
        changed: Attributes,
    ) -> Result<(), ServiceError> {
        let options = UpdateParticipantOptions {
            attributes: changed.into_iter().collect(),
            ..UpdateParticipantOptions::default()
        };
        self.ask(
            self.client
                .update_participant(room.as_str(), who.as_str(), options),
        )
        .await
        .map(drop)
    }

    async fn send(&self, room: &RoomName, packet: DataPacket) -> Result<(), ServiceError> {
        if packet.to == Recipients::Only(Vec::new()) {
            return Ok(());
        }
        let options = SendDataOptions {
            kind: match packet.delivery {
                Delivery::Reliable => proto::data_packet::Kind::Reliable,
                Delivery::Lossy => proto::data_packet::Kind::Lossy,
            },
            topic: packet.topic.map(String::from),
            destination_identities: destinations(&packet.to, None),
            ..SendDataOptions::default()
        };
        self.ask(
            self.client
                .send_data(room.as_str(), packet.payload.into(), options),
        )
        .await
    }

    fn token(&self, admission: &Admission) -> Result<Token, ServiceError> {
        token::mint(&self.config, admission).map_err(|error| ServiceError::Refused(error.into()))
    }

    fn webhook(&self, body: &[u8], authorization: &str) -> Result<WebhookEvent, WebhookError> {
        self.verifier.verify(body, authorization)
    }

    async fn join(&self, token: &Token, options: JoinOptions) -> Result<Joined, JoinError> {
        let connected = match join::connect(&self.config.url, token, &self.tasks).await {
            Err(JoinError::Unavailable(_)) if diagnosis::is_full(&self.client, token).await => {
                return Err(JoinError::Full);
            }
            connected => connected?,
        };
        let nearby = self.nearby.clone().unwrap_or_default();
        let (room, events) =
            LiveKitRoom::enter(connected, options, &nearby, &self.tasks, &self.stop)?;
        Ok(Joined {
            room: Arc::new(room),
            events,
        })
    }
}

/// Returns identities as the server takes them: none is everybody. What is for nobody is sent to its sender, whom
/// the server leaves out.
pub(crate) fn destinations(to: &Recipients, sender: Option<&Identity>) -> Vec<String> {
    match to {
        Recipients::Everybody => Vec::new(),
        Recipients::Only(few) if few.is_empty() => {
            sender.map(ToString::to_string).into_iter().collect()
        }
        Recipients::Only(few) => few.iter().map(|who| who.as_str().to_owned()).collect(),
    }
}

fn room_info(room: proto::Room) -> Result<RoomInfo, ServiceError> {
    Ok(RoomInfo {
        name: RoomName::new(room.name).map_err(|error| ServiceError::Garbled(error.into()))?,
        id: room.sid,
        created_at_ms: u64::try_from(room.creation_time_ms).unwrap_or(0),
        metadata: room.metadata,
        participants: room.num_participants,
    })
}

fn seconds(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
