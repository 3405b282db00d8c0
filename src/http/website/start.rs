//! A website starts a conference with the agent, under an id of its own, and has telephones called into it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::SiteBody;
use super::caller::SiteCaller;
use super::error::{SiteError, SiteErrorBody};
use super::meeting::{Meeting, convene};
use super::outbound::{number, profile_of};
use crate::http::App;
use crate::http::error::ApiError;
use crate::phone::conference::{AgentComes, ConferenceName, Part};

/// Telephones that are called at once.
const MOST: usize = 5;

/// A conference to be started. Who is in it already stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct WantedConference {
    /// What the website calls it: 8 to 64 letters, digits, `-`, `_` and `.`. Whoever knows it can come in.
    #[serde(rename = "conferenceId", alias = "conference_id")]
    #[schema(example = "conf-5f9c2a71e0b4")]
    conference: Option<String>,
    /// Whom to call, at most five.
    #[serde(rename = "phoneNumbers", alias = "phone_numbers")]
    #[schema(example = json!(["+41791234567"]))]
    numbers: Vec<String>,
    /// What the website calls the agent.
    #[serde(rename = "agentId", alias = "agent_id")]
    agent: Option<String>,
}

/// A conference that was started.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StartedConference {
    /// Always `true`.
    success: bool,
    message: String,
    /// What the website calls it.
    #[serde(rename = "conferenceId")]
    id: String,
    /// What it is called here.
    conference: String,
    /// Twilio's ids of the calls, in the order of the numbers.
    #[serde(rename = "phoneCallSids")]
    calls: Vec<String>,
    /// The first of them.
    call_sid: Option<String>,
}

/// Starts a conference with the agent and calls telephones into it; a browser comes in by Twilio's Voice SDK.
#[utoipa::path(post, path = "/api/twilio/start-conference", tag = "website", operation_id = "startConference", security(("key" = ["calls"]), ()),
    request_body(content((WantedConference = "application/json"), (WantedConference = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "It is there, and the telephones are being called", body = StartedConference),
        (status = 400, description = "The id is missing, or it is no JSON", body = SiteErrorBody),
        (status = 401, description = "No key, a wrong one, or a page that is not trusted", body = SiteErrorBody),
        (status = 403, description = "A number may not be called, or the key is not for this page", body = SiteErrorBody),
        (status = 404, description = "This server has no telephone", body = SiteErrorBody),
        (status = 422, description = "A field is not accepted", body = SiteErrorBody),
        (status = 429, description = "Too many calls are asked for, or were placed", body = SiteErrorBody),
        (status = 502, description = "The carrier does not take a call", body = SiteErrorBody),
        (status = 503, description = "Overloaded, stopping, or the carrier cannot be reached", body = SiteErrorBody),
        (status = 504, description = "The carrier did not answer: there may be a call", body = SiteErrorBody),
    ))]
pub(crate) async fn start(
    SiteCaller(caller): SiteCaller,
    State(app): State<App>,
    SiteBody { value, digest }: SiteBody<WantedConference>,
) -> Result<Json<StartedConference>, SiteError> {
    let id = value
        .conference
        .ok_or_else(|| ApiError::Malformed("`conferenceId` is missing".to_owned()))?;
    let name = ConferenceName::of_site(&id).ok_or_else(|| {
        let problem = "it takes 8 to 64 letters, digits, `-`, `_` and `.`";
        ApiError::invalid("conferenceId", problem)
    })?;
    if value.numbers.len() > MOST {
        let problem = format!("there are more than {MOST}");
        return Err(ApiError::invalid("phoneNumbers", problem).into());
    }
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    let mut people = Vec::new();
    for text in &value.numbers {
        people.push((Part::Guest, number(office, "phoneNumbers", text)?));
    }
    let meeting = Meeting {
        name,
        profile: profile_of(&app, value.agent.as_deref())?,
        agent: AgentComes::First,
        people,
        digest,
    };
    // Carried through when the page is left meanwhile.
    let tasks = app.parts().tasks.clone();
    let starting = tasks.spawn(async move {
        let calls = convene(&app, &caller, &meeting).await?;
        Ok::<_, ApiError>((meeting.name, calls))
    });
    let (name, calls) = starting.await.unwrap_or(Err(ApiError::Internal))?;
    let calls: Vec<String> = calls.iter().map(|call| call.as_str().to_owned()).collect();
    Ok(Json(StartedConference {
        success: true,
        message: "The conference is there, and everybody is being called.".to_owned(),
        id,
        conference: name.to_string(),
        call_sid: calls.first().cloned(),
        calls,
    }))
}
