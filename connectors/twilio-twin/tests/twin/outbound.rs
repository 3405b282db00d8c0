//! The application calls out: who answers, what it is told, and what REST refuses.

use std::time::Duration;

use connectors_twilio_twin::{Call, CallStatus, Persona, Reason, Twin, What};
use tokio::time::timeout;

use crate::{
    api::{Api, assert_fits},
    app::{App, CALLER, OURS, PATIENCE},
};

const CALLBACK: [(&str, &str); 5] = [
    ("StatusCallback", "https://app.test/progress"),
    ("StatusCallbackEvent", "initiated"),
    ("StatusCallbackEvent", "ringing"),
    ("StatusCallbackEvent", "answered"),
    ("StatusCallbackEvent", "completed"),
];

async fn dial(api: &Api, more: &[(&str, &str)]) -> crate::api::Answer {
    let mut form = vec![
        ("To", CALLER),
        ("From", OURS),
        ("Url", "https://app.test/voice"),
    ];
    form.extend(more);
    api.post("/Calls.json", &form).await
}

async fn next(twin: &Twin) -> Call {
    timeout(PATIENCE, twin.next_call()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_call_that_is_placed_rings_is_answered_and_runs_its_document() {
    let app = App::start().await;
    app.page("/voice", "<Say>Hello</Say>");
    let twin = app.twin().await;
    let api = Api::of(&twin);

    let placed = dial(&api, &CALLBACK).await;
    let call = next(&twin).await;
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    assert_eq!(placed.status, 201);
    assert_eq!(placed.body["sid"], call.sid());
    assert_eq!(placed.body["status"], "queued");
    assert_fits("call", &placed.body);
    assert_eq!(
        (ended.status, ended.reason),
        (CallStatus::Completed, Reason::DocumentEnded)
    );
    let asked = app.request("/voice", 0).await;
    assert_eq!(asked.get("Direction"), "outbound-api");
    assert_eq!(asked.get("CallStatus"), "in-progress");
    let mut told = Vec::new();
    for index in 0..4 {
        let progress = app.request("/progress", index).await;
        told.push((
            progress.get("SequenceNumber").to_owned(),
            progress.get("CallStatus").to_owned(),
        ));
    }
    told.sort();
    let expected = [
        ("0", "initiated"),
        ("1", "ringing"),
        ("2", "in-progress"),
        ("3", "completed"),
    ];
    assert_eq!(
        told,
        expected.map(|(number, status)| (number.to_owned(), status.to_owned()))
    );
}

#[tokio::test]
async fn calls_that_nobody_takes_end_with_their_reason() {
    let app = App::start().await;
    let twin = app.twin().await;
    let api = Api::of(&twin);
    let cases = [
        (Persona::Busy, CallStatus::Busy),
        (
            Persona::Rejects {
                after: Duration::ZERO,
            },
            CallStatus::Busy,
        ),
        (Persona::NoAnswer, CallStatus::NoAnswer),
        (Persona::Unreachable, CallStatus::Failed),
    ];
    for (persona, status) in cases {
        twin.phone(CALLER, persona);

        dial(&api, &[("Timeout", "1")]).await;
        let call = next(&twin).await;
        let ended = timeout(PATIENCE, call.ended()).await.unwrap();

        assert_eq!(ended.status, status);
        let fetched = api.get(&format!("/Calls/{}.json", call.sid())).await;
        assert_eq!(fetched.body["status"], status.word());
        assert_fits("call", &fetched.body);
    }
}

#[tokio::test]
async fn what_twilio_refuses_is_refused_with_its_code() {
    let app = App::start().await;
    let twin = app.twin().await;
    let api = Api::of(&twin);
    let cases = [
        (Persona::InvalidNumber, 400, 21_211),
        (Persona::NoPermission, 400, 21_215),
        (Persona::NoBalance, 403, 20_005),
        (Persona::TooManyCalls, 429, 10_004),
        (Persona::TooManyRequests, 429, 20_429),
    ];
    for (persona, status, code) in cases {
        twin.phone(CALLER, persona);

        let refused = dial(&api, &[]).await;

        assert_eq!(refused.status, status);
        assert_eq!(refused.body["code"], code);
        assert_eq!(refused.body["status"], status);
        assert_eq!(
            refused.body["more_info"],
            format!("https://www.twilio.com/docs/errors/{code}")
        );
    }
}

#[tokio::test]
async fn wrong_parameters_have_twilios_codes() {
    let app = App::start().await;
    let twin = app.twin().await;
    let api = Api::of(&twin);
    let url = ("Url", "https://app.test/voice");
    let cases: [(&[(&str, &str)], u32); 7] = [
        (&[("From", OURS), url], 21_201),
        (&[("To", CALLER), url], 21_213),
        (&[("To", "12"), ("From", OURS), url], 21_211),
        (&[("To", OURS), ("From", OURS), url], 21_211),
        (&[("To", CALLER), ("From", "+15550009999"), url], 21_210),
        (&[("To", CALLER), ("From", OURS)], 21_205),
        (
            &[("To", CALLER), ("From", OURS), ("Url", "ftp://a")],
            21_205,
        ),
    ];
    for (form, code) in cases {
        let refused = api.post("/Calls.json", form).await;

        assert_eq!(
            (refused.status, &refused.body["code"]),
            (400, &code.into()),
            "{form:?}"
        );
    }
}

#[tokio::test]
async fn wrong_credentials_and_unknown_paths_are_refused() {
    let app = App::start().await;
    let twin = app.twin().await;

    let stranger = Api::with(&twin, "wrong").get("/Calls.json").await;
    let nowhere = Api::of(&twin).get("/Calls/CA1.json").await;

    assert_eq!(
        (stranger.status, &stranger.body["code"]),
        (401, &20_003.into())
    );
    assert_eq!(
        (nowhere.status, &nowhere.body["code"]),
        (404, &20_404.into())
    );
}

#[tokio::test]
async fn the_document_waits_for_the_verdict_on_who_answered() {
    let app = App::start().await;
    app.page("/voice", "<Hangup/>");
    let twin = app.twin().await;
    twin.phone(CALLER, Persona::voicemail());

    dial(&Api::of(&twin), &[("MachineDetection", "Enable")]).await;

    let asked = app.request("/voice", 0).await;
    assert_eq!(asked.get("AnsweredBy"), "machine_start");
    assert_eq!(asked.get("MachineDetectionDuration"), "2400");
}

#[tokio::test]
async fn an_asynchronous_verdict_comes_while_the_document_runs() {
    let app = App::start().await;
    app.page("/voice", r#"<Say>Hello</Say><Pause length="60"/>"#);
    let twin = app.twin().await;
    let amd = [
        ("MachineDetection", "Enable"),
        ("AsyncAmd", "true"),
        ("AsyncAmdStatusCallback", "https://app.test/amd"),
    ];

    dial(&Api::of(&twin), &amd).await;

    let asked = app.request("/voice", 0).await;
    let told = app.request("/amd", 0).await;
    assert_eq!(asked.get("AnsweredBy"), "");
    assert!(told.is_signed);
    assert_eq!(told.get("AnsweredBy"), "human");
    assert_eq!(told.get("MachineDetectionDuration"), "2200");
}

#[tokio::test]
async fn a_running_call_is_redirected_and_ended_by_rest() {
    let app = App::start().await;
    app.page("/voice", r#"<Say>Hello</Say><Pause length="60"/>"#);
    app.page("/other", r#"<Say>Other</Say><Pause length="60"/>"#);
    let twin = app.twin().await;
    let api = Api::of(&twin);
    dial(&api, &[]).await;
    let call = next(&twin).await;
    call.event(|what| *what == What::Verb("Pause".into()))
        .await
        .unwrap();
    let path = format!("/Calls/{}.json", call.sid());

    let redirected = api.post(&path, &[("Url", "https://app.test/other")]).await;
    app.request("/other", 0).await;
    let ended = api.post(&path, &[("Status", "completed")]).await;

    assert_eq!(
        (redirected.status, &redirected.body["status"]),
        (200, &"in-progress".into())
    );
    assert_eq!(
        (ended.status, &ended.body["status"]),
        (200, &"completed".into())
    );
    assert_eq!(
        timeout(PATIENCE, call.ended()).await.unwrap().reason,
        Reason::Api
    );
    let again = api.post(&path, &[("Status", "completed")]).await;
    assert_eq!((again.status, &again.body["code"]), (400, &21_220.into()));
}

#[tokio::test]
async fn a_ringing_call_is_cancelled() {
    let app = App::start().await;
    let twin = app.twin().await;
    twin.phone(CALLER, Persona::NoAnswer);
    let api = Api::of(&twin);
    dial(&api, &[]).await;
    let call = next(&twin).await;

    api.post(
        &format!("/Calls/{}.json", call.sid()),
        &[("Status", "canceled")],
    )
    .await;

    let ended = timeout(PATIENCE, call.ended()).await.unwrap();
    assert_eq!(ended.status, CallStatus::Canceled);
}

#[tokio::test]
async fn calls_are_listed_with_the_newest_first() {
    let app = App::start().await;
    let twin = app.twin().await;
    twin.phone(CALLER, Persona::Busy);
    let api = Api::of(&twin);
    for _ in 0..3 {
        dial(&api, &[]).await;
    }

    let listed = api.get("/Calls.json?PageSize=2&To=%2B15557654321").await;

    let calls = listed.body["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    calls.iter().for_each(|call| assert_fits("call", call));
    let more = listed.body["next_page_uri"].as_str().unwrap();
    let rest = more
        .strip_prefix(&format!("/2010-04-01/Accounts/{}", crate::api::ACCOUNT))
        .unwrap();
    assert_eq!(
        api.get(rest).await.body["calls"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_number_s_webhooks_are_read_and_changed() {
    let app = App::start().await;
    let twin = app.twin().await;
    let api = Api::of(&twin);

    let found = api
        .get("/IncomingPhoneNumbers.json?PhoneNumber=%2B15550001111")
        .await;
    let number = &found.body["incoming_phone_numbers"][0];
    let path = format!(
        "/IncomingPhoneNumbers/{}.json",
        number["sid"].as_str().unwrap()
    );
    let changed = api
        .post(&path, &[("VoiceUrl", "https://other.test/voice")])
        .await;

    assert_fits("incoming_phone_number", number);
    assert_eq!(number["voice_url"], "https://app.test/voice");
    assert_eq!(changed.body["voice_url"], "https://other.test/voice");
}

#[tokio::test]
async fn calls_are_found_by_when_they_began() {
    let app = App::start().await;
    let twin = app.twin().await;
    twin.phone(CALLER, Persona::Busy);
    let api = Api::of(&twin);
    dial(&api, &[]).await;
    let cases = [
        ("StartTime%3E=2020-01-01", 1),
        ("StartTime%3E=2020-01-01T10:00:00Z", 1),
        ("StartTime%3C=2020-01-01", 0),
        ("StartTime=2020-01-01", 0),
    ];
    for (query, count) in cases {
        let listed = api.get(&format!("/Calls.json?{query}")).await;

        assert_eq!(
            listed.body["calls"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_balance_is_told() {
    let app = App::start().await;
    let twin = app.twin().await;

    let balance = Api::of(&twin).get("/Balance.json").await;

    assert_eq!(
        [&balance.body["balance"], &balance.body["currency"]],
        ["20.00", "USD"]
    );
}
