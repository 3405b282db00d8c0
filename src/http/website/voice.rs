//! What calls of a website are told to do.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::meeting::open;
use super::outbound::profile_of;
use crate::config::Conferencing;
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::phone::answer::Twiml;
use crate::http::phone::signed::Signed;
use crate::http::phone::{connect, office, ringing};
use crate::phone::conference::{self, AgentComes, ConferenceName, Part};
use crate::phone::script::Socket;
use crate::phone::{PickUp, Ringing};
use crate::wiring::twilio::{Direction, Form, Party, VoiceRequest, hold_music};

/// What the agent knows who is called into a conference of Twilio's.
const AMONG_OTHERS: &str = "You are in a telephone conference. Everybody there sounds like one person to you. \
    The visitor of a website and the person whom they wanted to speak with are connected: say that you are there, \
    then speak only when you are spoken to. If one of them is a machine or leaves, help whoever stays.";

/// What it knows when only one is there.
const WITH_ONE: &str = "You are in a telephone conference that a visitor of a website asked for. Nobody else is \
    there yet, and the person whom they wanted to speak with may not come: help them yourself.";

/// What stands in the address that Twilio asks, or among the parameters.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(alias = "conferenceId", alias = "conference", alias = "conference_id")]
    name: Option<String>,
    participant: Option<String>,
    #[serde(default)]
    agent: String,
    #[serde(alias = "agentId")]
    agent_id: Option<String>,
    #[serde(default)]
    detect: bool,
}

impl Asked {
    /// Returns the conference that is meant.
    fn conference(&self, form: &Form) -> Option<ConferenceName> {
        let told = ["conference", "conferenceId", "conference_id", "name"];
        let told = told.into_iter().find_map(|name| form.get(name));
        ConferenceName::of_site(self.name.as_deref().or(told)?)
    }

    /// Returns what the website calls the agent.
    fn agent_id<'a>(&'a self, form: &'a Form) -> Option<&'a str> {
        let told = form.get("agent_id").or_else(|| form.get("agentId"));
        self.agent_id.as_deref().or(told)
    }
}

/// Lets a call into a conference.
pub(crate) async fn conference(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    Signed(form): Signed,
) -> Result<Twiml, ApiError> {
    let voice = VoiceRequest::read(&form)?;
    let Some(name) = asked.conference(&form) else {
        return Err(ApiError::invalid(
            "name",
            "it is no conference of a website",
        ));
    };
    let part = Part::read(asked.participant.as_deref().unwrap_or_default());
    let agent = AgentComes::read(&asked.agent);
    let pick_up = pick_up(&asked, &voice);
    enter(&app, voice, (&name, agent), (part, pick_up)).await
}

/// Connects a call with the agent.
pub(crate) async fn twiml(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    Signed(form): Signed,
) -> Result<Twiml, ApiError> {
    let office = office(&app)?;
    let voice = VoiceRequest::read(&form)?;
    let agent = asked.agent_id(&form);
    let profile = profile_of(&app, agent)?;
    let tongue = office.tongue(profile.as_deref());
    let pick_up = pick_up(&asked, &voice);
    let ringing = ringing(voice, profile, pick_up);
    let socket = Socket::Site {
        path: "/api/call/media-stream",
        agent,
    };
    Ok(connect(office, ringing, None, (tongue, socket)).await)
}

/// Brings the agent into a conference of Twilio's, by a call of its own; a browser comes in as somebody of its own.
pub(crate) async fn agent(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    Signed(form): Signed,
) -> Result<Twiml, ApiError> {
    let office = office(&app)?;
    let voice = VoiceRequest::read(&form)?;
    let name = asked.conference(&form);
    let profile = profile_of(&app, asked.agent_id(&form))?;
    if let (Party::Client(_), Some(name)) = (&voice.from, &name) {
        if office.settings().conference == Conferencing::Rooms {
            open(&app, name, profile).await?;
        }
        let at = (name, AgentComes::First);
        return enter(&app, voice, at, (Part::Guest, PickUp::AtOnce)).await;
    }
    let tongue = office.tongue(profile.as_deref());
    let alone = form.get("people") == Some("1");
    let context = if alone { WITH_ONE } else { AMONG_OTHERS };
    let ringing = Ringing {
        name: Some("Conference".to_owned()),
        context: name.map(|_| context.to_owned()),
        ..ringing(voice, profile, PickUp::AtOnce)
    };
    let socket = Socket::Site {
        path: "/api/twilio/media-stream",
        agent: asked.agent_id(&form),
    };
    Ok(connect(office, ringing, None, (tongue, socket)).await)
}

/// Sends the music that is played to those who wait. It is nobody's secret: whoever asks may hear it.
pub(crate) async fn music() -> Result<impl IntoResponse, ApiError> {
    static MUSIC: LazyLock<Option<Bytes>> =
        LazyLock::new(|| hold_music(conference::MUSIC).ok().map(Bytes::from));
    let music = MUSIC.clone().ok_or(ApiError::Internal)?;
    let headers = [
        (CONTENT_TYPE, "audio/wav"),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    Ok((headers, music))
}

/// Plays and says something to whoever waits alone in a conference of Twilio's.
pub(crate) async fn hold(State(app): State<App>, _: Signed) -> Result<Twiml, ApiError> {
    let office = office(&app)?;
    let tongue = office.tongue(office.settings().profile.as_deref());
    Ok(Twiml(conference::hold(office.public(), tongue)))
}

async fn enter(
    app: &App,
    voice: VoiceRequest,
    (name, agent): (&ConferenceName, AgentComes),
    (part, pick_up): (Part, PickUp),
) -> Result<Twiml, ApiError> {
    let office = office(app)?;
    let settings = office.settings();
    let tongue = office.tongue(settings.profile.as_deref());
    let contact = settings.website.contact_name.as_str();
    let welcome = part.welcome(tongue, contact);
    match settings.conference {
        Conferencing::Rooms => {
            let ringing = Ringing {
                guest_of: Some(name.room()),
                ..ringing(voice, None, pick_up)
            };
            let said = Some(welcome.as_str());
            Ok(connect(office, ringing, said, (tongue, Socket::Call)).await)
        }
        Conferencing::Twilio => {
            let told = (tongue, welcome.as_str());
            let at = (name, agent);
            Ok(Twiml(conference::enter(office.public(), at, part, told)))
        }
    }
}

fn pick_up(asked: &Asked, voice: &VoiceRequest) -> PickUp {
    let we_called = voice.direction == Some(Direction::OutboundApi);
    if we_called && asked.detect {
        PickUp::AfterDetection
    } else {
        PickUp::AtOnce
    }
}
