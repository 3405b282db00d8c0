//! Who is called, and how they behave.

use anyhow::{Context, Result};
use connectors_twilio_twin::{Call, Persona, What};
use serde_json::json;
use tokio::time::timeout;

use crate::house::{House, PATIENCE};

/// The contact, and the caller's own telephones: one after the other, as caps have it that count by number.
const CONTACT: &str = "+15005550020";

/// Numbers of nobody may be called, as often as a benchmark wants.
pub(crate) const CONFIGURATION: &str = r#"
[dialling]
open_prefixes = ["+1500555"]

[dialling.caps]
at_once = 1000
at_once_per_key = 1000
per_day = 100000
per_day_and_tenant = 100000
per_day_and_key = 100000
per_day_and_number = 100000
per_day_and_range = 100000

[contacts.thomas]
name = "Thomas"
phones = ["+15005550020"]
"#;

/// Has the contact pick up at once, and say nothing.
pub(crate) fn contact_picks_up(house: &House) {
    house.twin.phone(CONTACT, Persona::silent());
}

/// Lets all telephones ring.
pub(crate) fn nobody_picks_up(house: &House, visitor: &str) {
    house.twin.phone(CONTACT, Persona::NoAnswer);
    house.twin.phone(visitor, Persona::NoAnswer);
}

/// Has a human brought into the conversation of a call.
pub(crate) async fn escalate(house: &House, call: &Call, visitor: Option<&str>) -> Result<()> {
    let path = format!("/room/twilio-{}/escalate", call.sid());
    let body = json!({ "callerNumber": visitor });
    house.ask("POST", &path, &body.to_string()).await
}

/// Returns the next call that the server places.
pub(crate) async fn next_call(house: &House) -> Result<Call> {
    let call = timeout(PATIENCE, house.twin.next_call()).await;
    call.context("nobody is called")?
        .context("the twin has ended")
}

/// Waits until the contact is being told what it is about.
pub(crate) async fn is_briefed(contact: &Call) -> Result<()> {
    let spoke = |what: &What| matches!(what, What::StreamSpoke { .. });
    let event = timeout(PATIENCE, contact.event(spoke)).await;
    event.context("nobody briefs")?.context("the call ended")?;
    Ok(())
}

/// Hangs up and waits for the end.
pub(crate) async fn hang_up(call: &Call) -> Result<()> {
    call.hang_up();
    timeout(PATIENCE, call.ended()).await?;
    Ok(())
}
