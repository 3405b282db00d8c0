//! What Twilio asks and tells of calls.

pub(super) mod answer;
pub(crate) mod calls;
pub(super) mod placing;
pub(super) mod signed;
mod stream;
mod wire;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use room_contract::{Attributes, RoomName};
use serde::Deserialize;
use tracing::info;

use self::answer::Twiml;
use self::signed::Signed;
pub(crate) use self::stream::{stream, stream_of_site};
use super::App;
use super::error::{ApiError, Missing};
use crate::phone::{Absence, News, Office, PickUp, Ringing, Tongue, script, shown_by_contact};
use crate::sessions::Channel;
use crate::store;
use crate::wiring::twilio::{
    Direction, Gathered, MachineVerdict, StatusCallback, VoiceRequest, WebhookError,
};

/// What a call that we placed carries in its URL.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Placed {
    profile: Option<String>,
    #[serde(default)]
    detect: bool,
    /// The room that it goes into, when it is not its own.
    room: Option<RoomName>,
    /// The name to show there.
    name: Option<String>,
    /// Whether it is a contact who is called in to help.
    #[serde(default)]
    contact: bool,
    /// What whoever picks up hears first, and nobody else.
    greeting: Option<String>,
    /// For the how manieth time it comes back.
    #[serde(default)]
    again: u32,
}

/// Connects a call to a room: a new one, or one that we placed and somebody picked up.
pub(crate) async fn voice(
    State(app): State<App>,
    Query(placed): Query<Placed>,
    Signed(form): Signed,
) -> Result<Twiml, ApiError> {
    let office = office(&app)?;
    let voice = VoiceRequest::read(&form)?;
    let we_called = voice.direction == Some(Direction::OutboundApi);
    let profile = match &placed.profile {
        Some(profile) => Some(profile.clone()),
        None => office.profile_for(&voice.to).map(ToOwned::to_owned),
    };
    let tongue = office.tongue(profile.as_deref());
    if let Some(menu) = office.settings().menu.as_ref().filter(|_| !we_called) {
        return Ok(Twiml(script::menu(office.public(), menu, tongue)));
    }
    let pick_up = if we_called && placed.detect {
        PickUp::AfterDetection
    } else {
        PickUp::AtOnce
    };
    let news = if placed.contact {
        News::Expected
    } else {
        News::New
    };
    let ringing = Ringing {
        guest_of: placed.room,
        name: placed.name,
        news,
        ..ringing(voice, profile, pick_up)
    };
    Ok(connect(
        office,
        ringing,
        placed.greeting.as_deref(),
        (tongue, script::Socket::Call),
    )
    .await)
}

/// Connects a call to the profile that the caller has chosen.
pub(crate) async fn routing(
    State(app): State<App>,
    Signed(form): Signed,
) -> Result<Twiml, ApiError> {
    let office = office(&app)?;
    let gathered = Gathered::read(&form)?;
    let menu = office.settings().menu.as_ref();
    let chosen = menu.and_then(|menu| menu.keys.get(&gathered.digits));
    let own = office.profile_for(&gathered.voice.to);
    let profile = chosen.map(String::as_str).or(own).map(ToOwned::to_owned);
    let tongue = office.tongue(profile.as_deref());
    let ringing = ringing(gathered.voice, profile, PickUp::AtOnce);
    Ok(connect(office, ringing, None, (tongue, script::Socket::Call)).await)
}

/// Brings a caller back whose socket was lost; ends the call when its session is over.
pub(crate) async fn resume(
    State(app): State<App>,
    Path(call): Path<String>,
    Query(placed): Query<Placed>,
    Signed(form): Signed,
) -> Result<Twiml, ApiError> {
    let office = office(&app)?;
    let voice = VoiceRequest::read(&form)?;
    if voice.call.as_str() != call {
        return Err(ApiError::NotFound(Missing::Call));
    }
    if !script::may_return(placed.again) {
        info!("a call that comes back too often is ended");
        return Ok(Twiml(script::hang_up()));
    }
    let tongue = office.tongue(office.profile_for(&voice.to));
    let ringing = Ringing {
        news: News::Returning,
        guest_of: placed.room,
        name: placed.name,
        shows: if placed.contact {
            shown_by_contact()
        } else {
            Attributes::default()
        },
        returns: placed.again,
        ..ringing(voice, None, PickUp::AtOnce)
    };
    let answer = office.telephone().ring(ringing.clone()).await;
    Ok(Twiml(match &answer {
        Ok(ticket) => script::connect(
            office.public(),
            (&ringing, ticket),
            (tongue, None),
            script::Socket::Call,
        ),
        Err(why) => script::refuse(why, tongue),
    }))
}

/// Takes in how far a call is. Callbacks come late, twice, out of order, or not at all.
pub(crate) async fn status(
    State(app): State<App>,
    Signed(form): Signed,
) -> Result<StatusCode, ApiError> {
    let office = office(&app)?;
    let news = StatusCallback::read(&form)?;
    taken(
        office
            .telephone()
            .moved(news.call, news.status, news.duration),
    )
}

/// Takes in who picked up.
pub(crate) async fn answered(
    State(app): State<App>,
    Signed(form): Signed,
) -> Result<StatusCode, ApiError> {
    let office = office(&app)?;
    let verdict = MachineVerdict::read(&form)?;
    taken(
        office
            .telephone()
            .answered(verdict.call, verdict.answered_by),
    )
}

/// What could not be passed on has to be sent again.
pub(super) fn taken(is: bool) -> Result<StatusCode, ApiError> {
    if is {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::Overloaded)
    }
}

/// Connects a call once it has heard a greeting of its own, or else what all calls hear.
pub(super) async fn connect(
    office: &Office,
    ringing: Ringing,
    greeting: Option<&str>,
    (tongue, socket): (Tongue, script::Socket<'_>),
) -> Twiml {
    let announcement = greeting.unwrap_or(&office.settings().announcement);
    let announcement = Some(announcement).filter(|text| !text.trim().is_empty());
    Twiml(match office.telephone().ring(ringing.clone()).await {
        Ok(ticket) => script::connect(
            office.public(),
            (&ringing, &ticket),
            (tongue, announcement),
            socket,
        ),
        Err(why) => {
            info!(reason = %why, "a call was not taken");
            script::refuse(&why, tongue)
        }
    })
}

pub(super) fn ringing(voice: VoiceRequest, profile: Option<String>, pick_up: PickUp) -> Ringing {
    Ringing {
        call: voice.call,
        channel: Channel::Phone,
        direction: match voice.direction {
            Some(Direction::OutboundApi) => store::Direction::Outbound,
            Some(Direction::Inbound | Direction::OutboundDial) | None => store::Direction::Inbound,
        },
        from: voice.from,
        to: voice.to,
        profile,
        guest_of: None,
        name: None,
        shows: Attributes::default(),
        owner: None,
        absence: Absence::Borne,
        context: None,
        news: News::New,
        pick_up,
        returns: 0,
    }
}

pub(super) fn office(app: &App) -> Result<&Office, ApiError> {
    app.phone().ok_or(ApiError::NotFound(Missing::Route))
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        Self::Malformed(error.to_string())
    }
}
