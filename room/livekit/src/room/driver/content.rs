//! What happens to tracks, packets and streams.

use std::sync::Arc;

use livekit::{
    DataPacketKind, RoomEvent as SdkEvent,
    participant::{Participant as SdkParticipant, RemoteParticipant},
    prelude::{RemoteTrack, RemoteTrackPublication, TrackPublication},
};
use room_contract::{Delivery, Identity, RoomEvent, Topic, TrackId};

use super::{super::heard::Sound, Driver};
use crate::{
    participants,
    stream::{bytes, text},
};

impl Driver {
    /// Takes in what is about tracks, packets and streams.
    pub(super) fn handle_content(&mut self, event: SdkEvent) {
        match event {
            SdkEvent::TrackPublished {
                publication,
                participant,
            } => {
                self.arrive(&participant);
                self.publish(&participant, &publication);
            }
            SdkEvent::TrackUnpublished {
                publication,
                participant,
            } => {
                self.unpublish(&participant, &publication);
            }
            SdkEvent::TrackSubscribed {
                track,
                publication,
                participant,
            } => {
                self.subscribed(track, &publication, &participant);
            }
            SdkEvent::TrackUnsubscribed {
                publication,
                participant,
                ..
            } => {
                self.unsubscribed(&publication, &participant);
            }
            SdkEvent::TrackMuted {
                participant,
                publication,
            } => {
                self.about_track(&participant, &publication, |identity, track| {
                    RoomEvent::TrackMuted { identity, track }
                });
            }
            SdkEvent::TrackUnmuted {
                participant,
                publication,
            } => {
                self.about_track(&participant, &publication, |identity, track| {
                    RoomEvent::TrackUnmuted { identity, track }
                });
            }
            SdkEvent::LocalTrackSubscribed { track } => {
                self.shared.handle_subscription(track.sid());
            }
            SdkEvent::LocalTrackRepublished {
                previous_sid,
                publication,
                ..
            } => {
                self.shared.republished(&previous_sid, &publication);
            }
            SdkEvent::DataReceived {
                payload,
                topic,
                kind,
                participant,
            } => {
                let payload = Arc::try_unwrap(payload).unwrap_or_else(|shared| shared.to_vec());
                self.tell(RoomEvent::Data {
                    from: participant.as_ref().and_then(participants::identity),
                    payload: payload.into(),
                    topic: topic.and_then(|topic| Topic::new(topic).ok()),
                    delivery: match kind {
                        DataPacketKind::Reliable => Delivery::Reliable,
                        DataPacketKind::Lossy => Delivery::Lossy,
                    },
                });
            }
            SdkEvent::TextStreamOpened {
                reader,
                participant_identity,
                ..
            } => {
                if let Some(reader) = reader
                    .take()
                    .and_then(|reader| text::reader(reader, participant_identity))
                {
                    self.tell(RoomEvent::TextStream(reader));
                }
            }
            SdkEvent::ByteStreamOpened {
                reader,
                participant_identity,
                ..
            } => {
                if let Some(reader) = reader
                    .take()
                    .and_then(|reader| bytes::reader(reader, participant_identity))
                {
                    self.tell(RoomEvent::ByteStream(reader));
                }
            }
            // The rest of the SDK's events say nothing that the contract speaks of.
            _ => {}
        }
    }

    pub(super) fn publish(
        &mut self,
        other: &RemoteParticipant,
        publication: &RemoteTrackPublication,
    ) {
        let Some((identity, track)) =
            participants::identity(other).zip(participants::publication(publication))
        else {
            return;
        };
        self.shared.apply_subscription(&identity, publication);
        if self.roster.publish(&identity, &track.id) {
            let identity = identity.clone();
            self.tell(RoomEvent::TrackPublished { identity, track });
        }
        self.listen_nearby(&identity, publication);
    }

    /// Begins or ends to hear a track without the server.
    pub(super) fn listen_nearby(&mut self, who: &Identity, publication: &RemoteTrackPublication) {
        let Some(track) = participants::publication(publication) else {
            return;
        };
        let outlet = self.shared.outlet_nearby(who, &publication.sid());
        match (outlet, self.shared.heard.is_nearby(&track.id)) {
            (Some(outlet), false) if self.roster.has(who, &track.id) => {
                let sound = Sound::Nearby(outlet, self.shared.identity.clone());
                self.shared.heard.add(track.id.clone(), sound);
                let identity = who.clone();
                self.tell(RoomEvent::TrackSubscribed { identity, track });
            }
            (None, true) => self.unheard(who.clone(), track.id),
            _ => {}
        }
    }

    /// Ends what is heard of a track.
    fn unheard(&mut self, identity: Identity, track: TrackId) {
        if self.shared.heard.remove(&track) {
            self.tell(RoomEvent::TrackUnsubscribed { identity, track });
        }
    }

    fn unpublish(&mut self, other: &RemoteParticipant, publication: &RemoteTrackPublication) {
        let Some((identity, track)) = names(other, publication) else {
            return;
        };
        self.unheard(identity.clone(), track.clone());
        if self.roster.unpublish(&identity, &track) {
            self.tell(RoomEvent::TrackUnpublished { identity, track });
        }
    }

    fn subscribed(
        &mut self,
        track: RemoteTrack,
        publication: &RemoteTrackPublication,
        other: &RemoteParticipant,
    ) {
        let RemoteTrack::Audio(audio) = track else {
            return;
        };
        let Some((identity, track)) =
            participants::identity(other).zip(participants::publication(publication))
        else {
            return;
        };
        let sound = Sound::Server(audio.rtc_track());
        self.shared.heard.add(track.id.clone(), sound);
        self.tell(RoomEvent::TrackSubscribed { identity, track });
    }

    fn unsubscribed(&mut self, publication: &RemoteTrackPublication, other: &RemoteParticipant) {
        if let Some((identity, track)) = names(other, publication) {
            self.unheard(identity, track);
        }
    }

    fn about_track(
        &mut self,
        participant: &SdkParticipant,
        publication: &TrackPublication,
        event: impl FnOnce(Identity, TrackId) -> RoomEvent,
    ) {
        if let Some(own) = self.shared.outlet(&publication.sid()) {
            own.handle_muting();
        }
        if let Some(track) = participants::track_id(&publication.sid()) {
            self.about(participant, |identity| event(identity, track));
        }
    }
}

fn names(
    other: &RemoteParticipant,
    publication: &RemoteTrackPublication,
) -> Option<(Identity, TrackId)> {
    participants::identity(other).zip(participants::track_id(&publication.sid()))
}
