//! What was said is kept, and copies of it stream.

use connectors_twilio_twin::{Call, CallStatus, InboundCall, Twin, What};
use room_media::{Channels, wav};

use crate::{
    api::{ACCOUNT, Api, assert_fits},
    app::{App, CALLER, OURS},
};

async fn answered(app: &App) -> (Twin, Call) {
    app.page("/voice", r#"<Say>Hello</Say><Pause length="60"/>"#);
    let twin = app.twin().await;
    let call = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    call.event(|what| *what == What::Status(CallStatus::InProgress))
        .await
        .unwrap();
    (twin, call)
}

#[tokio::test]
async fn a_recording_is_started_paused_stopped_and_fetched() {
    let app = App::start().await;
    let (twin, call) = answered(&app).await;
    let api = Api::of(&twin);
    let path = format!("/Calls/{}/Recordings.json", call.sid());
    let form = [
        ("RecordingChannels", "dual"),
        ("RecordingStatusCallback", "https://app.test/recorded"),
    ];

    let started = api.post(&path, &form).await;
    call.event(|what| *what == What::Verb("Pause".into()))
        .await
        .unwrap();
    let sid = started.body["sid"].as_str().unwrap();
    let current = format!("/Calls/{}/Recordings/Twilio.CURRENT.json", call.sid());
    let paused = api.post(&current, &[("Status", "paused")]).await;
    let stopped = api.post(&current, &[("Status", "stopped")]).await;

    assert_eq!(started.status, 201);
    assert_fits("call.call_recording", &started.body);
    assert_eq!(paused.body["status"], "paused");
    assert_eq!(stopped.body["status"], "completed");
    let told = app.request("/recorded", 0).await;
    assert!(told.is_signed);
    assert_eq!(
        [told.get("RecordingSid"), told.get("RecordingStatus")],
        [sid, "completed"]
    );
    assert_eq!(
        told.get("RecordingUrl"),
        format!(
            "{}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}",
            twin.url()
        )
    );
    let fetched = api.get(&format!("/Recordings/{sid}.json")).await;
    assert_fits("recording", &fetched.body);
    let sound = wav::read(
        &api.bytes(&format!("/Recordings/{sid}.wav")).await,
        1_000_000,
    )
    .unwrap();
    assert_eq!(sound.format().channels, Channels::Stereo);
    assert!(!sound.is_empty());
    assert_eq!(
        api.delete(&format!("/Recordings/{sid}.json")).await.status,
        204
    );
    assert_eq!(
        api.get(&format!("/Recordings/{sid}.json")).await.status,
        404
    );
}

#[tokio::test]
async fn a_copy_of_both_tracks_is_started_and_stopped_by_rest() {
    let mut app = App::start().await;
    let (twin, call) = answered(&app).await;
    let api = Api::of(&twin);
    let path = format!("/Calls/{}/Streams", call.sid());
    let form = [
        ("Url", "wss://app.test/stream"),
        ("Track", "both_tracks"),
        ("Name", "copy"),
        ("Parameter1.Name", "token"),
        ("Parameter1.Value", "t"),
    ];

    let started = api.post(&format!("{path}.json"), &form).await;
    let mut peer = app.socket().await;
    let start = peer.next_of("start").await.unwrap();
    let tracks = [
        peer.next_of("media").await.unwrap(),
        peer.next_of("media").await.unwrap(),
    ];
    let stopped = api
        .post(&format!("{path}/copy.json"), &[("Status", "stopped")])
        .await;

    assert_fits("call.stream", &started.body);
    assert_eq!(start["streamSid"], started.body["sid"]);
    assert_eq!(start["start"]["customParameters"]["token"], "t");
    assert_eq!(
        tracks.map(|media| media["media"]["track"].clone()),
        ["inbound", "outbound"]
    );
    assert_eq!(stopped.body["status"], "stopped");
    peer.next_of("stop").await.unwrap();
}
