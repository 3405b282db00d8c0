//! A visitor of a website wants a call: with the contact and the agent, or with the agent alone.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::SiteBody;
use super::caller::SiteCaller;
use super::error::{SiteError, SiteErrorBody};
use super::meeting::{Meeting, SiteAnswer, convene};
use crate::dial::{Number, Paths};
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::ApiError;
use crate::http::idempotency::IdempotencyKey;
use crate::http::phone::placing::{Script, Wish, call, own_number};
use crate::phone::Office;
use crate::phone::conference::{AgentComes, ConferenceName, Part};

/// Where Twilio asks and tells about a call with the agent alone.
const TO_THE_AGENT: Paths = Paths {
    voice: "/api/call/twiml",
    status: "/api/call/status",
    answered: "/twilio/answered",
};

/// Whom to call: one of both numbers.
#[derive(Debug, Default, Clone, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct WantedCall {
    /// The visitor's number: they are called, and so is the contact.
    #[serde(alias = "userPhoneNumber")]
    #[schema(example = "+41791234567")]
    user_phone_number: Option<String>,
    /// Somebody's number: they talk with the agent.
    #[serde(alias = "toNumber", alias = "phoneNumber", alias = "phone_number")]
    #[schema(example = "+41791234567")]
    to_number: Option<String>,
    /// What the website calls the agent.
    #[serde(alias = "agentId")]
    #[schema(example = "agent_7101k5zvyjhmfg983brhmhkd98n6")]
    agent_id: Option<String>,
}

/// Calls a visitor and the contact, who meet with the agent, or somebody who talks with the agent alone.
#[utoipa::path(post, path = "/api/call/outbound", tag = "website", operation_id = "callFromWebsite", security(("key" = ["calls"]), ()),
    request_body(content((WantedCall = "application/json"), (WantedCall = "application/x-www-form-urlencoded"))),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 characters; the same request with the same key gets the same answer for ten minutes")),
    responses(
        (status = 200, description = "They are being called", body = SiteAnswer),
        (status = 400, description = "Neither number is there, or it is no JSON", body = SiteErrorBody),
        (status = 401, description = "No key, a wrong one, or a page that is not trusted", body = SiteErrorBody),
        (status = 403, description = "The number may not be called, or the key is not for this page", body = SiteErrorBody),
        (status = 404, description = "This server has no telephone, or no contact", body = SiteErrorBody),
        (status = 422, description = "It is no phone number", body = SiteErrorBody),
        (status = 429, description = "Too many calls are asked for, or were placed", body = SiteErrorBody),
        (status = 502, description = "The carrier does not take the call", body = SiteErrorBody),
        (status = 503, description = "Overloaded, stopping, or the carrier cannot be reached", body = SiteErrorBody),
        (status = 504, description = "The carrier did not answer: there may be a call", body = SiteErrorBody),
    ))]
pub(crate) async fn outbound(
    SiteCaller(caller): SiteCaller,
    State(app): State<App>,
    key: IdempotencyKey,
    SiteBody { value, digest }: SiteBody<WantedCall>,
) -> Result<Json<SiteAnswer>, SiteError> {
    let asked = (key.of(&caller), digest);
    let work = answer(app.clone(), caller, value, digest);
    let answers = app.site_answers();
    Ok(Json(answers.once(&app.parts().tasks, asked, work).await?))
}

async fn answer(
    app: App,
    caller: Caller,
    value: WantedCall,
    digest: [u8; 32],
) -> Result<SiteAnswer, ApiError> {
    let said = |number: Option<String>| number.filter(|number| !number.trim().is_empty());
    let profile = profile_of(&app, value.agent_id.as_deref())?;
    match (said(value.user_phone_number), said(value.to_number)) {
        (Some(visitor), _) => confer(&app, &caller, &visitor, (profile, digest)).await,
        (None, Some(to)) => {
            let agent = (profile, value.agent_id);
            talk(&app, &caller, &to, (agent, digest)).await
        }
        (None, None) => Err(ApiError::Malformed(
            "`user_phone_number` or `to_number` is missing".to_owned(),
        )),
    }
}

/// Returns the profile that stands for an agent of the website.
pub(super) fn profile_of(app: &App, agent: Option<&str>) -> Result<Option<String>, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    let settings = office.settings();
    let own = agent.and_then(|agent| settings.website.profile_of(agent));
    // An agent may also be called as its profile is here.
    let named = agent.filter(|agent| app.parts().profiles.all.contains_key(*agent));
    let usual = settings.profile.as_deref();
    Ok(own.or(named).or(usual).map(str::to_owned))
}

/// Reads a number that a website sent.
pub(super) fn number(office: &Office, field: &str, text: &str) -> Result<Number, ApiError> {
    let number = office.number(text);
    number.map_err(|error| ApiError::invalid(field, error.to_string()))
}

async fn confer(
    app: &App,
    caller: &Caller,
    visitor: &str,
    (profile, digest): (Option<String>, [u8; 32]),
) -> Result<SiteAnswer, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    let website = &office.settings().website;
    let visitor = number(office, "user_phone_number", visitor)?;
    let contact = website.contact.as_deref().ok_or(ApiError::NoContact)?;
    let contact = number(office, "contact", contact)?;
    if contact == visitor {
        let problem = "it is the number of the contact";
        return Err(ApiError::invalid("user_phone_number", problem));
    }
    let meeting = Meeting {
        name: ConferenceName::random(),
        profile,
        agent: AgentComes::Second,
        people: vec![(Part::Visitor, visitor), (Part::Contact, contact)],
        digest,
    };
    let calls = convene(app, caller, &meeting).await?;
    Ok(SiteAnswer {
        success: true,
        message: format!(
            "We are calling you now and connect you with {}.",
            website.contact_name
        ),
        call_sid: calls.first().ok_or(ApiError::Internal)?.as_str().to_owned(),
        conference: Some(meeting.name.to_string()),
    })
}

async fn talk(
    app: &App,
    caller: &Caller,
    to: &str,
    ((profile, agent), digest): ((Option<String>, Option<String>), [u8; 32]),
) -> Result<SiteAnswer, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    let from = own_number(office, None)?;
    let wish = Wish {
        to: number(office, "to_number", to)?,
        from,
        asked: (None, digest),
        profile,
        context: None,
        guest: None,
        script: Some(Script {
            paths: TO_THE_AGENT,
            carried: agent.into_iter().map(|agent| ("agent_id", agent)).collect(),
            session: String::new(),
        }),
    };
    let call = call(app, office, caller, wish).await?;
    Ok(SiteAnswer {
        success: true,
        message: "We are calling you now.".to_owned(),
        call_sid: call.as_str().to_owned(),
        conference: None,
    })
}
