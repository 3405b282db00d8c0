//! Conferences and dialled calls: who hears whom, and when it is over.

use std::time::Duration;

use connectors_twilio_twin::{Call, CallStatus, InboundCall, Persona, Reason, Twin, What};
use room_media::{Dbfs, SampleRate, tone, tone::Tone};
use tokio::time::timeout;

use crate::{
    api::{Api, assert_fits},
    app::{App, CALLER, OURS, PATIENCE},
};

const FRIEND: &str = "+15553334444";

const DIAL: &str = r#"<Dial action="/after" timeout="2"><Number>+15553334444</Number></Dial>"#;

const CONFERENCE: &str = r#"<Dial><Conference participantLabel="caller" endConferenceOnExit="true"
    statusCallback="/conference" statusCallbackEvent="start end join leave">talk</Conference></Dial>"#;

fn tone_of(hertz: f32) -> Vec<i16> {
    Tone::new(SampleRate::HZ_8000, hertz, Dbfs::new(-12.0)).take(8_000)
}

/// Waits until a tone has reached an ear.
async fn hears(call: &Call, hertz: f32) {
    let mut listener = call.listen();
    let mut heard = Vec::new();
    let waiting = async {
        while let Some(frame) = listener.next().await {
            heard.extend(frame);
            let last = &heard[heard.len().saturating_sub(2_400)..];
            if last.len() == 2_400 && tone::measure(last, SampleRate::HZ_8000, hertz).share > 0.9 {
                return true;
            }
        }
        false
    };
    assert!(
        timeout(PATIENCE, waiting).await.unwrap(),
        "{hertz} Hz was not heard"
    );
}

async fn next(twin: &Twin) -> Call {
    timeout(PATIENCE, twin.next_call()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_dialled_number_rings_and_both_hear_each_other() {
    let app = App::start().await;
    app.page("/voice", DIAL);
    app.page("/after", "<Hangup/>");
    let twin = app.twin().await;
    twin.phone(FRIEND, Persona::silent());

    let caller = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    let friend = next(&twin).await;
    friend
        .event(|what| *what == What::Status(CallStatus::InProgress))
        .await
        .unwrap();
    caller.say(&tone_of(500.0));
    friend.say(&tone_of(800.0));
    tokio::join!(hears(&friend, 500.0), hears(&caller, 800.0));
    friend.hang_up();

    let asked = app.request("/after", 0).await;
    assert_eq!(asked.get("DialCallStatus"), "completed");
    assert_eq!(asked.get("DialCallSid"), friend.sid());
    assert_eq!(asked.get("DialBridged"), "true");
    assert_eq!(
        timeout(PATIENCE, caller.ended()).await.unwrap().reason,
        Reason::Hangup
    );
}

#[tokio::test]
async fn a_dialled_number_that_does_not_answer_is_told_to_the_action() {
    let cases = [
        (Persona::Busy, "busy"),
        (Persona::NoAnswer, "no-answer"),
        (Persona::Unreachable, "failed"),
    ];
    for (persona, status) in cases {
        let app = App::start().await;
        app.page("/voice", DIAL);
        app.page("/after", "<Hangup/>");
        let twin = app.twin().await;
        twin.phone(FRIEND, persona);

        twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();

        assert_eq!(app.request("/after", 0).await.get("DialCallStatus"), status);
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_ends_the_call_that_rings_for_them() {
    let app = App::start().await;
    app.page("/voice", DIAL);
    let twin = app.twin().await;
    twin.phone(
        FRIEND,
        Persona::Human {
            after: Duration::from_secs(60),
            greeting: Vec::new(),
        },
    );
    let caller = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    let friend = next(&twin).await;

    caller.hang_up();

    let ended = timeout(PATIENCE, friend.ended()).await.unwrap();
    assert_eq!(ended.status, CallStatus::Canceled);
}

#[tokio::test]
async fn a_participant_who_is_added_by_rest_hears_the_others() {
    let app = App::start().await;
    app.page("/voice", CONFERENCE);
    let twin = app.twin().await;
    twin.phone(FRIEND, Persona::silent());
    let api = Api::of(&twin);
    let caller = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    app.request("/conference", 0).await;

    let added = api
        .post(
            "/Conferences/talk/Participants.json",
            &[("From", OURS), ("To", FRIEND), ("Label", "friend")],
        )
        .await;
    let friend = next(&twin).await;
    friend
        .event(|what| *what == What::Status(CallStatus::InProgress))
        .await
        .unwrap();
    caller.say(&tone_of(500.0));
    hears(&friend, 500.0).await;

    assert_eq!(added.status, 201);
    assert_fits("conference.participant", &added.body);
    let listed = api.get("/Conferences.json?FriendlyName=talk").await;
    let conference = &listed.body["conferences"][0];
    assert_fits("conference", conference);
    assert_eq!(conference["status"], "in-progress");
    let path = format!(
        "/Conferences/{}/Participants",
        conference["sid"].as_str().unwrap()
    );
    let participants = api.get(&format!("{path}.json")).await;
    assert_eq!(
        participants.body["participants"].as_array().unwrap().len(),
        2
    );

    let muted = api
        .post(&format!("{path}/friend.json"), &[("Muted", "true")])
        .await;
    assert_fits("conference.participant", &muted.body);
    assert_eq!(muted.body["muted"], true);
    let removed = api.delete(&format!("{path}/friend.json")).await;
    assert_eq!(removed.status, 204);
    timeout(PATIENCE, friend.ended()).await.unwrap();
}

#[tokio::test]
async fn a_conference_tells_its_events_and_ends_with_its_host() {
    let app = App::start().await;
    app.page("/voice", CONFERENCE);
    let twin = app.twin().await;
    twin.phone(FRIEND, Persona::silent());
    let caller = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    app.request("/conference", 0).await;
    let form = [("From", OURS), ("To", FRIEND)];
    Api::of(&twin)
        .post("/Conferences/talk/Participants.json", &form)
        .await;
    let friend = next(&twin).await;
    friend
        .event(|what| *what == What::Status(CallStatus::InProgress))
        .await
        .unwrap();
    app.request("/conference", 2).await;

    caller.hang_up();

    timeout(PATIENCE, friend.ended()).await.unwrap();
    let mut told = Vec::new();
    for index in 0..6 {
        let event = app.request("/conference", index).await;
        assert!(event.is_signed);
        told.push((
            event.get("SequenceNumber").parse::<u32>().unwrap(),
            event.get("StatusCallbackEvent").to_owned(),
        ));
    }
    told.sort();
    let names: Vec<&str> = told.iter().map(|(_, name)| name.as_str()).collect();
    let expected = [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_conference_is_ended_and_spoken_to_by_rest() {
    let app = App::start().await;
    app.page("/voice", CONFERENCE);
    app.page("/news", "<Say>The news</Say>");
    let twin = app.twin().await;
    let api = Api::of(&twin);
    let caller = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    app.request("/conference", 0).await;
    let listed = api.get("/Conferences.json").await;
    let path = format!(
        "/Conferences/{}.json",
        listed.body["conferences"][0]["sid"].as_str().unwrap()
    );

    api.post(&path, &[("AnnounceUrl", "https://app.test/news")])
        .await;
    hears(&caller, 440.0).await;
    let ended = api.post(&path, &[("Status", "completed")]).await;

    assert_fits("conference", &ended.body);
    assert_eq!(
        ended.body["reason_conference_ended"],
        "conference-ended-via-api"
    );
    assert_eq!(
        timeout(PATIENCE, caller.ended()).await.unwrap().reason,
        Reason::DocumentEnded
    );
}
