//! Participants and tracks, from LiveKit's words into the contract's.

use livekit::{
    participant::{ParticipantKind as SdkKind, RemoteParticipant},
    prelude::{RemoteTrackPublication, TrackKind as SdkTrackKind, TrackSource as SdkSource},
};
use livekit_protocol as proto;
use room_contract::{
    Attributes, Identity, Participant, ParticipantKind, Track, TrackId, TrackKind, TrackSource,
};

/// Returns a participant as of now, or `None` for one whose identity is no name.
pub(crate) fn remote(participant: &RemoteParticipant) -> Option<Participant> {
    let mut tracks: Vec<_> = participant
        .track_publications()
        .values()
        .filter_map(publication)
        .collect();
    tracks.sort_by(|one, other| one.id.cmp(&other.id));
    Some(Participant {
        identity: identity(participant)?,
        name: participant.name(),
        kind: kind(participant.kind()),
        metadata: participant.metadata(),
        attributes: attributes(participant.attributes()),
        tracks,
    })
}

pub(crate) fn identity(participant: &RemoteParticipant) -> Option<Identity> {
    Identity::new(participant.identity().0).ok()
}

pub(crate) fn publication(publication: &RemoteTrackPublication) -> Option<Track> {
    Some(Track {
        id: track_id(&publication.sid())?,
        name: publication.name(),
        kind: match publication.kind() {
            SdkTrackKind::Audio => TrackKind::Audio,
            SdkTrackKind::Video => TrackKind::Video,
        },
        source: match publication.source() {
            SdkSource::Unknown => TrackSource::Unknown,
            SdkSource::Camera => TrackSource::Camera,
            SdkSource::Microphone => TrackSource::Microphone,
            SdkSource::Screenshare => TrackSource::ScreenShare,
            SdkSource::ScreenshareAudio => TrackSource::ScreenShareAudio,
        },
        muted: publication.is_muted(),
    })
}

pub(crate) fn track_id(sid: &livekit::id::TrackSid) -> Option<TrackId> {
    TrackId::new(sid.as_str()).ok()
}

pub(crate) fn source_on_the_way_out(source: TrackSource) -> SdkSource {
    match source {
        TrackSource::Unknown => SdkSource::Unknown,
        TrackSource::Camera => SdkSource::Camera,
        TrackSource::Microphone => SdkSource::Microphone,
        TrackSource::ScreenShare => SdkSource::Screenshare,
        TrackSource::ScreenShareAudio => SdkSource::ScreenshareAudio,
    }
}

pub(crate) fn attributes(attributes: impl IntoIterator<Item = (String, String)>) -> Attributes {
    attributes.into_iter().collect()
}

pub(crate) fn kind(kind: SdkKind) -> ParticipantKind {
    match kind {
        SdkKind::Standard => ParticipantKind::Standard,
        SdkKind::Ingress => ParticipantKind::Ingress,
        SdkKind::Egress => ParticipantKind::Egress,
        SdkKind::Sip => ParticipantKind::Sip,
        SdkKind::Agent => ParticipantKind::Agent,
        SdkKind::Connector | SdkKind::Bridge => ParticipantKind::Connector,
    }
}

/// Returns a participant as the server's API describes it.
pub(crate) fn from_the_server(info: &proto::ParticipantInfo) -> Option<Participant> {
    Some(Participant {
        identity: Identity::new(info.identity.as_str()).ok()?,
        name: info.name.clone(),
        kind: kind_on_the_wire(info.kind),
        metadata: info.metadata.clone(),
        attributes: attributes(info.attributes.clone()),
        tracks: info.tracks.iter().filter_map(track_on_the_wire).collect(),
    })
}

pub(crate) fn kind_on_the_wire(kind: i32) -> ParticipantKind {
    use proto::participant_info::Kind;

    match Kind::try_from(kind) {
        Ok(Kind::Agent) => ParticipantKind::Agent,
        Ok(Kind::Sip) => ParticipantKind::Sip,
        Ok(Kind::Ingress) => ParticipantKind::Ingress,
        Ok(Kind::Egress) => ParticipantKind::Egress,
        Ok(Kind::Connector | Kind::Bridge) => ParticipantKind::Connector,
        // A kind of a later server counts as a person: it must not be cut off.
        Ok(_) | Err(_) => ParticipantKind::Standard,
    }
}

fn track_on_the_wire(info: &proto::TrackInfo) -> Option<Track> {
    let kind = match proto::TrackType::try_from(info.r#type) {
        Ok(proto::TrackType::Audio) => TrackKind::Audio,
        Ok(proto::TrackType::Video) => TrackKind::Video,
        Ok(_) | Err(_) => return None,
    };
    let source = match proto::TrackSource::try_from(info.source) {
        Ok(proto::TrackSource::Microphone) => TrackSource::Microphone,
        Ok(proto::TrackSource::Camera) => TrackSource::Camera,
        Ok(proto::TrackSource::ScreenShare) => TrackSource::ScreenShare,
        Ok(proto::TrackSource::ScreenShareAudio) => TrackSource::ScreenShareAudio,
        Ok(proto::TrackSource::Unknown) | Err(_) => TrackSource::Unknown,
    };
    let id = TrackId::new(info.sid.as_str()).ok()?;
    Some(Track {
        id,
        name: info.name.clone(),
        kind,
        source,
        muted: info.muted,
    })
}
