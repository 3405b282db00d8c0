//! What happens to tracks, packets and streams.

use std::sync::Arc;

use livekit::{
    DataPacketKind, RoomEvent as SdkEvent,
    participant::{Participant as SdkParticipant, RemoteParticipant},
    prelude::{RemoteTrack, RemoteTrackPublication, TrackPublication},
};
use room_contract::{Delivery, Identity, RoomEvent, Topic, TrackId};

use super::Driver;
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
                for track in self.shared.tracks() {
                    track.republished(&previous_sid, &publication);
                }
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
            self.tell(RoomEvent::TrackPublished { identity, track });
        }
    }

    fn unpublish(&mut self, other: &RemoteParticipant, publication: &RemoteTrackPublication) {
        let Some((identity, track)) = names(other, publication) else {
            return;
        };
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
        self.shared.heard.add(track.id.clone(), audio.rtc_track());
        self.tell(RoomEvent::TrackSubscribed { identity, track });
    }

    fn unsubscribed(&mut self, publication: &RemoteTrackPublication, other: &RemoteParticipant) {
        let Some((identity, track)) = names(other, publication) else {
            return;
        };
        if self.shared.heard.remove(&track) {
            self.tell(RoomEvent::TrackUnsubscribed { identity, track });
        }
    }

    fn about_track(
        &mut self,
        participant: &SdkParticipant,
        publication: &TrackPublication,
        event: impl FnOnce(Identity, TrackId) -> RoomEvent,
    ) {
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
