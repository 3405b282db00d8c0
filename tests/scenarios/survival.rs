//! Calls that outlive their server: it is killed in mid-call and started again, and the caller is back in the conversation.

use connectors_twilio_twin::What;

use crate::house::{ECHO, House, Rest};
use crate::running::{soon, until};
use crate::telephone::{hears_back, room, session, started};

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_server_was_killed_is_called_back_into_the_same_conversation() {
    let house = House::open(ECHO).await;
    let call = house.connects().await;
    hears_back(&call, 440.0).await;
    let before = house.session_of(&call).await;

    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&call, 2).await;
    hears_back(&call, 700.0).await;

    let after = house.session_of(&call).await;
    assert_eq!(after["status"], "active");
    assert_eq!(after["roomName"], room(&call));
    assert_eq!(after["callId"], before["callId"], "it is one conversation");
    let updated = |what: &What| matches!(what, What::Updated);
    assert!(call.events().iter().any(|event| updated(&event.what)));
    call.hang_up();
    until(async || house.session_of(&call).await["status"].is_null()).await;
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whom_nobody_calls_back_comes_by_themselves() {
    let house = House::open(ECHO).await;
    let call = house.connects().await;
    hears_back(&call, 440.0).await;

    let house = house.dies_and_comes_back(Rest::Deaf).await;
    started(&call, 2).await;
    hears_back(&call, 700.0).await;

    assert_eq!(house.session_of(&call).await["status"], "active");
    let spoken = |what: &What| matches!(what, What::Verb(verb) if verb.contains("Say"));
    assert!(
        call.events().iter().any(|event| spoken(&event.what)),
        "Twilio asks for patience meanwhile"
    );
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_caller_hung_up_while_nobody_listened_is_over() {
    let house = House::open(ECHO).await;
    let call = house.connects().await;
    hears_back(&call, 440.0).await;

    let (livekit, folder, place) = house.dies().await;
    call.hang_up();
    soon(call.ended()).await;
    let house = House::at(livekit, folder, place).await;

    until(async || house.session_of(&call).await["status"].is_null()).await;
    let record = house
        .look(&format!("/api/v1/calls/{}", session(&call)))
        .await;
    assert_eq!(record["reason"], "caller-left", "{record}");
    house.livekit.finish().await.unwrap();
}
