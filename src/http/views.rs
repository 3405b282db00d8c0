//! What the API shows of rooms and sessions.

use std::collections::BTreeMap;

use room_contract::{Participant, Role, TrackKind, role};
use serde::Serialize;
use utoipa::ToSchema;

use super::escalations::EscalationView;
use super::timestamp::Timestamp;
use crate::sessions::{CallId, Channel, Session, SessionId, Status};

/// A room that was created, and its host's way in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedRoom {
    #[schema(example = "demo")]
    pub(crate) room_name: String,
    /// The room in this API.
    #[schema(example = "http://localhost:8080/room/demo")]
    pub(crate) room_url: String,
    /// The host's LiveKit token: opens this room for this identity, ten minutes long.
    pub(crate) token: String,
    /// Where to take the token.
    #[schema(example = "wss://livekit.example.com")]
    pub(crate) livekit_url: String,
    pub(crate) session_id: SessionId,
}

/// A participant's way into a room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JoinedRoom {
    /// The participant's LiveKit token: opens this room for this identity, ten minutes long.
    pub(crate) token: String,
    /// Where to take the token.
    #[schema(example = "wss://livekit.example.com")]
    pub(crate) livekit_url: String,
    #[schema(example = "demo")]
    pub(crate) room_name: String,
    /// Whether an agent is in the room or on its way.
    pub(crate) agent_present: bool,
    pub(crate) session_id: SessionId,
}

/// A live room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomView {
    #[schema(example = "demo")]
    room_name: String,
    session_id: SessionId,
    status: StatusView,
    created_at: Timestamp,
    participants: Vec<ParticipantView>,
    agent: AgentView,
    recording: RecordingView,
    /// The escalation under way.
    escalation: Option<EscalationView>,
}

/// Where a session stands. It only moves forward, except between active and escalating.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StatusView {
    Created,
    Ringing,
    Active,
    Escalating,
    Ended,
}

/// Somebody in a room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ParticipantView {
    #[schema(example = "ann")]
    identity: String,
    #[schema(example = "Ann")]
    name: String,
    kind: KindView,
    /// Where the participant comes from; agents and recorders come from nowhere.
    channel: Option<String>,
    state: StateView,
    microphone: MicrophoneView,
}

/// What sort of participant somebody is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum KindView {
    Human,
    Agent,
    Briefer,
    Music,
    Recorder,
}

/// How far somebody is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StateView {
    /// In the room.
    Joined,
}

/// What can be heard of somebody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum MicrophoneView {
    /// They brought none.
    None,
    /// It is switched off.
    Muted,
    /// It is on.
    On,
}

/// The agent of a room.
#[derive(Debug, Serialize, ToSchema)]
struct AgentView {
    /// In the room, or on its way.
    present: bool,
    /// What it is doing, as it says itself; `null` until it is there.
    #[schema(example = "listening")]
    state: Option<String>,
    /// Who it is: the name of its profile.
    #[schema(example = "reception")]
    profile: Option<String>,
}

/// The recording of a room.
#[derive(Debug, Serialize, ToSchema)]
struct RecordingView {
    #[schema(example = "off")]
    state: &'static str,
}

/// The live sessions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionList {
    total: usize,
    /// How many of each channel.
    #[schema(value_type = BTreeMap<String, usize>)]
    by_type: BTreeMap<&'static str, usize>,
    sessions: Vec<SessionView>,
}

/// A live session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    session_id: SessionId,
    #[serde(rename = "type")]
    channel: Channel,
    #[schema(example = "demo")]
    room_name: String,
    status: StatusView,
    created_at: Timestamp,
    /// How many are in the room, agents included.
    participants: usize,
    /// Whether an agent is in the room or on its way.
    agent_present: bool,
    /// What records call it, see `/api/v1/calls/{id}`.
    call_id: CallId,
}

impl RoomView {
    /// Shows a room, and the escalation under way.
    pub(crate) fn new(session: &Session, escalation: Option<EscalationView>) -> Self {
        Self {
            room_name: session.room().to_string(),
            session_id: session.id().clone(),
            status: session.status().into(),
            created_at: session.opened_at().into(),
            participants: session.people().iter().map(ParticipantView::from).collect(),
            agent: AgentView {
                present: session.has_agent(),
                state: session
                    .agent()
                    .and_then(|agent| agent.attributes.get("lk.agent.state").cloned()),
                profile: session.profile().map(str::to_owned),
            },
            recording: RecordingView { state: "off" },
            escalation,
        }
    }
}

impl From<Status> for StatusView {
    fn from(status: Status) -> Self {
        match status {
            Status::Created => Self::Created,
            Status::Ringing => Self::Ringing,
            Status::Active => Self::Active,
            Status::Escalating => Self::Escalating,
            Status::Ended(_) => Self::Ended,
        }
    }
}

impl From<&Participant> for ParticipantView {
    fn from(one: &Participant) -> Self {
        Self {
            identity: one.identity.to_string(),
            name: one.name.clone(),
            kind: match role(one.kind, &one.identity) {
                Role::Person => KindView::Human,
                Role::Agent => KindView::Agent,
                Role::Briefer => KindView::Briefer,
                Role::Music => KindView::Music,
                Role::Recorder => KindView::Recorder,
            },
            channel: one.attributes.get("channel").cloned(),
            state: StateView::Joined,
            microphone: microphone(one),
        }
    }
}

fn microphone(one: &Participant) -> MicrophoneView {
    let mut voices = one
        .tracks
        .iter()
        .filter(|track| track.kind == TrackKind::Audio)
        .peekable();
    if voices.peek().is_none() {
        MicrophoneView::None
    } else if voices.all(|track| track.muted) {
        MicrophoneView::Muted
    } else {
        MicrophoneView::On
    }
}

impl From<&[Session]> for SessionList {
    fn from(sessions: &[Session]) -> Self {
        let mut by_type: BTreeMap<_, _> = Channel::ALL
            .iter()
            .map(|channel| (channel.name(), 0))
            .collect();
        for session in sessions {
            *by_type.entry(session.channel().name()).or_default() += 1;
        }
        Self {
            total: sessions.len(),
            by_type,
            sessions: sessions.iter().map(SessionView::from).collect(),
        }
    }
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            session_id: session.id().clone(),
            channel: session.channel(),
            room_name: session.room().to_string(),
            status: session.status().into(),
            created_at: session.opened_at().into(),
            participants: session.people().len(),
            agent_present: session.has_agent(),
            call_id: session.call().clone(),
        }
    }
}
