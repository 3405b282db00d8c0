//! Turns what happens in the room into events, and keeps the tracks that are heard.

use std::collections::HashMap;
use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use livekit::data_stream::api::StreamReader;
use livekit::participant::ParticipantKind;
use livekit::prelude::*;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::output::Output;

const TEXT_TOPICS: [&str; 3] = ["test.text", "lk.chat", "lk.transcription"];
const BYTE_TOPIC: &str = "test.bytes";

/// The audio track of each participant, as far as subscribed.
#[derive(Clone, Default)]
pub(crate) struct Subscriptions(Arc<watch::Sender<HashMap<String, RemoteAudioTrack>>>);

impl Subscriptions {
    /// Waits for a track of `identity` other than `before`.
    pub(crate) async fn track(
        &self,
        identity: &str,
        before: Option<&TrackSid>,
    ) -> RemoteAudioTrack {
        let mut tracks = self.0.subscribe();
        let is_there = |tracks: &HashMap<String, RemoteAudioTrack>| {
            tracks
                .get(identity)
                .is_some_and(|track| Some(&track.sid()) != before)
        };
        let found = match tracks.wait_for(is_there).await {
            Ok(tracks) => Some(tracks[identity].clone()),
            // The sender lives in `self`.
            Err(_) => None,
        };
        match found {
            Some(track) => track,
            None => std::future::pending().await,
        }
    }

    fn add(&self, identity: String, track: RemoteAudioTrack) {
        self.0
            .send_modify(|tracks| drop(tracks.insert(identity, track)));
    }

    fn remove(&self, identity: &str, sid: &TrackSid) {
        self.0.send_modify(|tracks| {
            if tracks
                .get(identity)
                .is_some_and(|track| track.sid() == *sid)
            {
                tracks.remove(identity);
            }
        });
    }
}

/// Reports events until the room is gone.
pub(crate) async fn attend(
    mut events: UnboundedReceiver<RoomEvent>,
    output: Output,
    subscriptions: Subscriptions,
) {
    let mut reading = JoinSet::new();
    while let Some(event) = events.recv().await {
        match event {
            RoomEvent::TextStreamOpened { .. } | RoomEvent::ByteStreamOpened { .. } => {
                read_stream(event, &output, &mut reading);
            }
            event => report(event, &output, &subscriptions),
        }
    }
    while reading.join_next().await.is_some() {}
}

fn report(event: RoomEvent, output: &Output, subscriptions: &Subscriptions) {
    match event {
        RoomEvent::TrackSubscribed {
            track,
            publication,
            participant,
        } => {
            let identity = participant.identity().to_string();
            output.tell(
                "track_subscribed",
                json!({ "identity": identity, "sid": publication.sid().as_str() }),
            );
            if let RemoteTrack::Audio(track) = track {
                subscriptions.add(identity, track);
            }
        }
        RoomEvent::TrackUnsubscribed {
            publication,
            participant,
            ..
        } => {
            let identity = participant.identity().to_string();
            subscriptions.remove(&identity, &publication.sid());
            output.tell(
                "track_unsubscribed",
                json!({ "identity": identity, "sid": publication.sid().as_str() }),
            );
        }
        RoomEvent::ParticipantConnected(other) => {
            let kind = kind_name(other.kind());
            output.tell(
                "participant_joined",
                json!({ "identity": other.identity().as_str(), "kind": kind }),
            );
        }
        RoomEvent::ParticipantDisconnected(other) => {
            output.tell(
                "participant_left",
                json!({ "identity": other.identity().as_str() }),
            );
        }
        RoomEvent::TrackMuted {
            participant,
            publication,
        } => {
            output.tell("track_muted", json!({ "identity": participant.identity().as_str(), "sid": publication.sid().as_str() }));
        }
        RoomEvent::TrackUnmuted {
            participant,
            publication,
        } => {
            output.tell("track_unmuted", json!({ "identity": participant.identity().as_str(), "sid": publication.sid().as_str() }));
        }
        RoomEvent::DataReceived {
            payload,
            topic,
            participant,
            ..
        } => {
            let from = participant
                .map(|other| other.identity().to_string())
                .unwrap_or_default();
            let data = BASE64_STANDARD.encode(payload.as_slice());
            output.tell(
                "data",
                json!({ "from": from, "topic": topic.unwrap_or_default(), "data": data }),
            );
        }
        RoomEvent::ParticipantAttributesChanged {
            participant,
            changed_attributes,
        } => {
            output.tell("attributes", json!({ "identity": participant.identity().as_str(), "changed": changed_attributes }));
        }
        RoomEvent::ActiveSpeakersChanged { speakers } => {
            let identities: Vec<_> = speakers
                .iter()
                .map(|speaker| speaker.identity().to_string())
                .collect();
            output.tell("speakers", json!({ "identities": identities }));
        }
        RoomEvent::Connected { .. } => output.tell("state", json!({ "state": "connected" })),
        RoomEvent::Reconnecting => output.tell("state", json!({ "state": "reconnecting" })),
        RoomEvent::Reconnected => output.tell("state", json!({ "state": "reconnected" })),
        RoomEvent::Disconnected { reason } => {
            output.tell(
                "state",
                json!({ "state": "disconnected", "reason": format!("{reason:?}") }),
            );
        }
        _ => {}
    }
}

/// Reads a whole stream in a task of its own: others go on meanwhile.
fn read_stream(event: RoomEvent, output: &Output, reading: &mut JoinSet<()>) {
    let output = output.clone();
    match event {
        RoomEvent::TextStreamOpened {
            reader,
            topic,
            participant_identity,
        } if TEXT_TOPICS.contains(&topic.as_str()) => {
            let Some(reader) = reader.take() else { return };
            reading.spawn(async move {
                if let Ok(text) = reader.read_all().await {
                    let from = participant_identity.as_str();
                    output.tell(
                        "text",
                        json!({ "from": from, "topic": topic, "text": text }),
                    );
                }
            });
        }
        RoomEvent::ByteStreamOpened {
            reader,
            topic,
            participant_identity,
        } if topic == BYTE_TOPIC => {
            let Some(reader) = reader.take() else { return };
            reading.spawn(async move {
                let name = reader.info().name.clone();
                if let Ok(bytes) = reader.read_all().await {
                    let (from, data) = (
                        participant_identity.as_str(),
                        BASE64_STANDARD.encode(&bytes),
                    );
                    output.tell(
                        "bytes",
                        json!({ "from": from, "topic": topic, "name": name, "data": data }),
                    );
                }
            });
        }
        _ => {}
    }
}

/// The kind as the protocol spells it.
pub(crate) fn kind_name(kind: ParticipantKind) -> String {
    format!("{kind:?}").to_lowercase()
}
