//! Conferences: everybody is called, into a room or into a conference of Twilio's, as the server is configured.

use std::time::SystemTime;

use serde::Serialize;
use utoipa::ToSchema;

use crate::config::Conferencing;
use crate::dial::{CallSid, Number, Paths};
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::ApiError;
use crate::http::phone::placing::{Guest, Script, Wish, call, dial, own_number};
use crate::phone::conference::{AgentComes, ConferenceName, Part};
use crate::phone::{Absence, Office};
use crate::sessions::{CallId, Channel, OpenError, Opening, SessionError, SessionId};

/// Where Twilio asks and tells about calls into a room.
const INTO_ROOMS: Paths = Paths {
    voice: "/api/call/conference",
    status: "/api/call/status",
    answered: "/twilio/answered",
};

/// Where it does about calls into a conference of its own.
const INTO_CONFERENCES: Paths = Paths {
    answered: "/api/call/answered",
    ..INTO_ROOMS
};

/// What a website is answered whose people are being called.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SiteAnswer {
    /// Always `true`.
    pub(super) success: bool,
    #[schema(example = "We are calling you now and connect you with Thomas.")]
    pub(super) message: String,
    /// Twilio's id of the call to whoever asked for it.
    #[schema(example = "CA0123456789abcdef0123456789abcdef")]
    pub(super) call_sid: String,
    /// The conference, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "site-0123456789abcdef01234567")]
    pub(super) conference: Option<String>,
}

/// A conference that somebody wants.
pub(super) struct Meeting {
    pub(super) name: ConferenceName,
    pub(super) profile: Option<String>,
    /// When the agent comes into a conference of Twilio's; in a room it is there before.
    pub(super) agent: AgentComes,
    /// Whom to call, and who they are there.
    pub(super) people: Vec<(Part, Number)>,
    /// What tells this request from others.
    pub(super) digest: [u8; 32],
}

/// Calls everybody into a conference; all of them, or nobody.
pub(super) async fn convene(
    app: &App,
    caller: &Caller,
    meeting: &Meeting,
) -> Result<Vec<CallSid>, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    let in_a_room = office.settings().conference == Conferencing::Rooms;
    let mut opened = false;
    if in_a_room {
        opened = open(app, &meeting.name, meeting.profile.clone()).await?;
    }
    let mut calls = Vec::new();
    // One after the other: a visitor who may not be called must not make the contact's telephone ring.
    for (part, number) in &meeting.people {
        let wish = wish(office, meeting, *part, number)?;
        let placed = if in_a_room {
            call(app, office, caller, wish).await
        } else {
            dial(app, office, caller, &wish).await
        };
        match placed {
            Ok(call) => calls.push(call),
            Err(error) => {
                for call in &calls {
                    drop(office.dialler().end(call).await);
                }
                if opened {
                    drop(app.parts().sessions.end(meeting.name.room()).await);
                }
                return Err(error);
            }
        }
    }
    Ok(calls)
}

/// Opens the room of a conference; tells whether there was none.
pub(super) async fn open(
    app: &App,
    name: &ConferenceName,
    profile: Option<String>,
) -> Result<bool, ApiError> {
    let room = name.room();
    let opening = Opening {
        channel: Channel::Web,
        id: SessionId::of_web_room(&room),
        call: CallId::random(),
        room,
        agent: app.parts().agent,
        profile,
        metadata: String::new(),
        context: None,
        at: SystemTime::now(),
    };
    match app.parts().sessions.open(opening).await {
        Ok(_) => Ok(true),
        Err(SessionError::Open(OpenError::Taken)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn wish(office: &Office, meeting: &Meeting, part: Part, number: &Number) -> Result<Wish, ApiError> {
    let website = &office.settings().website;
    let in_a_room = office.settings().conference == Conferencing::Rooms;
    let name = match part {
        Part::Visitor => "Visitor",
        Part::Contact => website.contact_name.as_str(),
        Part::Guest => "Guest",
    };
    let guest = Guest {
        room: meeting.name.room(),
        name: Some(name.to_owned()),
        greeting: None,
        absence: match part {
            Part::Visitor => Absence::EndsTheRoom,
            Part::Contact => Absence::IsTold,
            Part::Guest => Absence::Borne,
        },
    };
    let carried = vec![
        ("name", meeting.name.to_string()),
        ("participant", part.name().to_owned()),
        ("agent", meeting.agent.name().to_owned()),
    ];
    Ok(Wish {
        to: number.clone(),
        from: own_number(office, None)?,
        asked: (None, meeting.digest),
        profile: meeting.profile.clone(),
        context: None,
        guest: Some(guest),
        script: Some(Script {
            paths: if in_a_room {
                INTO_ROOMS
            } else {
                INTO_CONFERENCES
            },
            carried,
            session: meeting.name.to_string(),
        }),
    })
}
