//! What Twilio tells of a website's calls and conferences.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::config::Conferencing;
use crate::dial::{CallSid, Ended};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::phone::signed::Signed;
use crate::http::phone::{office, taken};
use crate::phone::Office;
use crate::phone::conference::{AgentComes, ConferenceName, Part};
use crate::wiring::twilio::{AnsweredBy, ConferenceEvent, MachineVerdict, StatusCallback, ended};

/// What a call carries in its addresses.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Carried {
    #[serde(default)]
    name: String,
    #[serde(default)]
    participant: String,
    #[serde(default)]
    agent: String,
}

impl Carried {
    /// Returns the conference of Twilio's that the call belongs to.
    fn conference(&self, office: &Office) -> Option<(ConferenceName, AgentComes)> {
        if office.settings().conference != Conferencing::Twilio {
            return None;
        }
        let name = ConferenceName::brought(&self.name)?;
        Some((name, AgentComes::read(&self.agent)))
    }

    fn part(&self) -> Part {
        Part::read(&self.participant)
    }
}

/// Takes in how far a call is. Callbacks come late, twice, out of order, or not at all.
pub(crate) async fn status(
    State(app): State<App>,
    Query(carried): Query<Carried>,
    Signed(form): Signed,
) -> Result<StatusCode, ApiError> {
    let office = office(&app)?;
    let news = StatusCallback::read(&form)?;
    let (call, how) = (CallSid::new(news.call.as_str()), ended(news.status));
    let answer = taken(
        office
            .telephone()
            .moved(news.call, news.status, news.duration),
    )?;
    if let (Some((name, agent)), Some(how)) = (carried.conference(office), how) {
        let who = (carried.part(), agent);
        office.conferences().gone(&name, who, (&call, how)).await;
    }
    Ok(answer)
}

/// Takes in who picked up. A machine has no place in a conference.
pub(crate) async fn answered(
    State(app): State<App>,
    Query(carried): Query<Carried>,
    Signed(form): Signed,
) -> Result<StatusCode, ApiError> {
    let office = office(&app)?;
    let verdict = MachineVerdict::read(&form)?;
    let is_person = matches!(verdict.answered_by, AnsweredBy::Human | AnsweredBy::Unknown);
    if let (Some((name, agent)), false) = (carried.conference(office), is_person) {
        let call = CallSid::new(verdict.call.as_str());
        let conferences = office.conferences();
        conferences.end_call(&call).await;
        let who = (carried.part(), agent);
        let missed = (&call, Ended::NoAnswer);
        conferences.gone(&name, who, missed).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Takes in who came into a conference and who left it.
pub(crate) async fn events(
    State(app): State<App>,
    Query(carried): Query<Carried>,
    Signed(form): Signed,
) -> Result<StatusCode, ApiError> {
    let office = office(&app)?;
    let event = ConferenceEvent::read(&form)?;
    if let Some((name, agent)) = carried.conference(office) {
        office.conferences().happened(&name, agent, &event).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
