//! What the stories of escalations have in common: who can be called, and what happens before and after they decide.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::caller::Caller;
use crate::house::{House, until};
use crate::phone::{Speaker, Telephone};
use crate::sentences::Sentence;

pub(crate) const THOMAS: &str = "+15005550020";
pub(crate) const MARIA: &str = "+15005550021";
pub(crate) const LENA: &str = "+15005550022";
pub(crate) const ANNS_OWN: &str = "+15005550023";

/// Longer than between two sentences.
pub(crate) const PAUSE: Duration = Duration::from_millis(1_500);

/// Nobody waits in silence for longer.
pub(crate) const ALONE: Duration = Duration::from_secs(2);

/// Who was not understood says it again.
const TRIES: usize = 3;

/// Somebody is called sooner.
const CALLED: Duration = Duration::from_secs(8);

/// Music is heard for longer while a contact is briefed.
pub(crate) const MUSIC: Duration = Duration::from_secs(2);

/// What the agent says to those who wait is over sooner, what a contact is told is not.
const PATIENCE_PLEASE: Duration = Duration::from_millis(6_500);

pub(crate) async fn escalate(house: &House, room: &str, body: &Value) {
    house.post(&format!("/room/{room}/escalate"), body).await;
}

/// Asks for a human, and again when that was not understood; in the end a key says it.
pub(crate) async fn asks_for_a_human(caller: &Speaker, telephone: &Telephone) -> Speaker {
    let mut call = None;
    for _ in 0..TRIES {
        caller.says("Can I speak to a human?").await;
        call = timeout(CALLED, telephone.dials()).await.ok();
        if call.is_some() {
            break;
        }
    }
    let call = match call {
        Some(call) => call,
        None => {
            caller.call.digits("0");
            telephone.dials().await
        }
    };
    assert_eq!(call.to(), THOMAS);
    Speaker::at(call).await
}

/// A contact is told what it is about, to its end; returns when that was.
pub(crate) async fn is_briefed(contact: &Speaker) -> Duration {
    contact.hears_something().await;
    contact.hears_nothing_for(PAUSE).await;
    contact.heard_for()
}

/// Looks into what a contact was told until then: all of it, without music. Ears take their time, so the contact has
/// decided before.
pub(crate) async fn was_briefed(contact: &Speaker, until: Duration) {
    let heard = contact.makes_out(Duration::ZERO, until).await;
    assert_eq!(heard, [Sentence::Choice], "{until:?}");
    let music = contact.music_between(Duration::ZERO, until);
    assert!(music <= Duration::from_millis(500), "{music:?}");
}

/// Somebody on the telephone waits, and hears music.
pub(crate) async fn waits(caller: &Speaker) {
    let since = caller.heard_for();
    until(async || (caller.music_since(since) > MUSIC).then_some(())).await;
}

/// Looks into what a caller heard who waited in between: music, and nothing of what a contact was told.
pub(crate) async fn heard_music_alone(caller: &Speaker, since: Duration, until: Duration) {
    let voice = caller.voice_in_music(since, until);
    assert!(voice < PATIENCE_PLEASE, "{voice:?}");
    assert_eq!(caller.makes_out(since, until).await, []);
}

/// A contact opens the link that they were sent, as the page does; returns their ticket and what they read.
pub(crate) async fn opens_link(
    house: &House,
    telephone: &Telephone,
    number: &str,
) -> (String, Value) {
    let message = telephone.message().await;
    assert_eq!(message.to, number);
    let ticket = message.body.rsplit('/').next().unwrap().to_owned();
    let invitation = house.get(&format!("/join/{ticket}/invitation")).await;
    (ticket, invitation.unwrap())
}

/// A contact comes in by their link.
pub(crate) async fn joins(house: &House, ticket: &str) -> Caller {
    let admission = house.post(&format!("/join/{ticket}"), &json!({})).await;
    Caller::enters(&admission).await
}

/// Waits until an escalation stands there, with this contact.
pub(crate) async fn is(house: &House, room: &str, contact: &str, state: &str) {
    let path = format!("/room/{room}");
    until(async || {
        let room = house.get(&path).await?;
        let escalation = &room["escalation"];
        (escalation["contact"] == contact && escalation["state"] == state).then_some(())
    })
    .await;
}

/// Waits until an escalation is over.
pub(crate) async fn over(house: &House, room: &str) {
    let path = format!("/room/{room}");
    until(async || {
        house.get(&path).await?["escalation"]
            .is_null()
            .then_some(())
    })
    .await;
}
