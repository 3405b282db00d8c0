//! Calls: taken, connected, brought back, refused, ended.

use std::sync::Arc;

use connectors_twilio_twin::{Knobs, Reason, What, sign};
use futures_util::{SinkExt, StreamExt};
use patchbay::config::{Menu, Phone, PhoneAccount, SessionLimits};
use room_contract::{Ended, Identity, Participant, ParticipantKind, RoomName, Rooms};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::agents::Attendant;
use crate::running::{client, soon, until};
use crate::telephone::{CALLER, Telephone, room, session, started, told};
use crate::world::{Choices, PUBLIC};

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_in_a_room_of_their_own_until_they_hang_up() {
    let phone = Telephone::with_agent().await;

    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;
    let seen = phone.world.get(&format!("/room/{}", room(&call))).await;
    let seen = seen.expecting(200).json();
    call.hang_up();
    until(async || phone.world.status(&session(&call)).await.is_none()).await;

    let people = seen["participants"].as_array().unwrap();
    let caller = people
        .iter()
        .find(|one| one["identity"] == session(&call))
        .unwrap();
    assert_eq!(caller["channel"], "phone");
    assert_eq!(seen["agent"]["present"], true);
    assert_eq!(soon(call.ended()).await.reason, Reason::Person);
    until(async || {
        let history = phone.world.get("/api/v1/calls").await.json();
        history["calls"][0]["reason"] == "caller-left" && history["calls"][0]["channel"] == "phone"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_rings_until_their_sound_is_there() {
    let phone = Telephone::with_agent().await;

    let call = phone.connects().await;

    until(async || {
        let Some(caller) = person(&phone, &call).await else {
            return false;
        };
        assert_eq!(caller.attributes["sip.callID"], call.sid());
        caller.attributes["sip.callStatus"] == "active"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_hung_up_when_its_session_ends() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    phone
        .world
        .delete(&format!("/room/{}", room(&call)))
        .await
        .expecting(204);

    assert_eq!(soon(call.ended()).await.reason, Reason::Api);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_hung_up_when_the_agent_has_said_goodbye() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || agent(&phone, &call).await.is_some()).await;

    let say = format!("/room/{}/say", room(&call));
    phone.world.post(&say, &json!({ "text": "goodbye" })).await;

    assert_eq!(soon(call.ended()).await.reason, Reason::Api);
    until(async || phone.world.status(&session(&call)).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_can_be_ended_by_its_id() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;

    let end = format!("/phone/end/{}", call.sid());
    phone.world.post(&end, &json!({})).await.expecting(204);

    assert_eq!(soon(call.ended()).await.reason, Reason::Api);
    until(async || phone.world.status(&session(&call)).await.is_none()).await;
    // The line may take a moment longer than its session.
    until(async || phone.world.post(&end, &json!({})).await.status == 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_socket_is_lost_comes_back_into_the_same_conversation() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || agent(&phone, &call).await.is_some()).await;
    let before = agent(&phone, &call).await;

    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    call.kill_socket();
    started(&call, 2).await;

    assert_eq!(agent(&phone, &call).await, before);
    let status = phone.world.status(&session(&call)).await;
    assert_eq!(status.as_deref(), Some("active"));
    assert_eq!(count(&call, |what| matches!(what, What::Updated)), 1);
    assert_eq!(count(&call, is_resumed), 1, "{:#?}", call.events());
    assert_eq!(count(&call, is_asked_for_patience), 0);
    call.hang_up();
    until(async || phone.world.status(&session(&call)).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_network_is_bad_comes_back_each_time_but_not_as_fast_as_possible() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    for nth in 2..=5 {
        call.kill_socket();
        started(&call, nth).await;
    }

    let addresses = call
        .events()
        .into_iter()
        .filter_map(|event| match event.what {
            What::WebhookSent { url, .. } => Some(url),
            _ => None,
        });
    let returns: Vec<_> = addresses.filter(|url| url.contains("/resume/")).collect();
    assert_eq!(returns.len(), 4, "{returns:?}");
    assert!(returns[3].contains("?again=4"), "{returns:?}");
    assert_eq!(count(&call, |what| matches!(what, What::Updated)), 3);
    assert_eq!(count(&call, is_asked_for_patience), 1, "the last one waits");
    let status = phone.world.status(&session(&call)).await;
    assert_eq!(status.as_deref(), Some("active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_loses_the_room_comes_back_into_it() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    put_out(&phone, &call, Ended::ConnectionLost);
    started(&call, 2).await;

    until(async || person(&phone, &call).await.is_some()).await;
    assert_eq!(count(&call, |what| matches!(what, What::Updated)), 1);
    let status = phone.world.status(&session(&call)).await;
    assert_eq!(status.as_deref(), Some("active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_is_put_out_of_the_room_is_hung_up_on() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    put_out(&phone, &call, Ended::Removed);

    assert_eq!(soon(call.ended()).await.reason, Reason::Api);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_another_server_has_taken_is_left_alone() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    put_out(&phone, &call, Ended::ReplacedByTwin);

    // Nobody has taken it here, so it comes by itself, to a session that nobody was in for too long.
    assert_eq!(soon(call.ended()).await.reason, Reason::Hangup);
    assert_eq!(count(&call, is_resumed), 1);
    assert_eq!(count(&call, |what| matches!(what, What::Updated)), 0);
}

/// Puts a caller out of the room.
fn put_out(phone: &Telephone, call: &connectors_twilio_twin::Call, why: Ended) {
    let room = RoomName::new(room(call)).unwrap();
    let caller = Identity::new(session(call)).unwrap();
    phone.world.rooms.end(&room, &caller, why);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_back_too_often_or_too_late_is_hung_up() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    let form = form(call.sid());
    let resume = |again: u32| format!("/twilio/resume/{}?again={again}", call.sid());

    let often = post(&phone, &resume(51), &form, None).await;
    call.hang_up();
    until(async || phone.world.status(&session(&call)).await.is_none()).await;
    let late = post(&phone, &resume(1), &form, None).await;
    let repeated = post(&phone, "/twilio/voice", &form, None).await;

    assert_eq!(phone.world.get("/sessions").await.json()["total"], 0);
    for (status, document) in [often, late, repeated] {
        assert_eq!(status, 200);
        assert!(
            document.ends_with("<Response><Hangup/></Response>"),
            "{document}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_socket_was_lost_because_it_is_over_ends_at_once() {
    let phone = Telephone::with_agent().await;
    phone.twin.set_knobs(Knobs {
        hang_up_on_lost_socket: true,
        callback_loss: 1.0,
        ..Knobs::default()
    });
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    call.kill_socket();

    assert_eq!(soon(call.ended()).await.reason, Reason::SocketLost);
    until(async || phone.world.status(&session(&call)).await.is_none()).await;
    assert_eq!(count(&call, is_resumed), 0);
    until(async || {
        let history = phone.world.get("/api/v1/calls").await.json();
        history["calls"][0]["reason"] == "caller-left"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_told_to_the_room() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    let mut watcher = phone.world.join(&room(&call), "watcher").await;

    call.digits("7");

    let pressed = async {
        loop {
            if let Some(room_contract::RoomEvent::Data { payload, topic, .. }) =
                watcher.events.next().await
                && topic.is_some_and(|topic| topic.as_str() == "patchbay.dtmf")
            {
                return payload;
            }
        }
    };
    assert_eq!(&soon(pressed).await[..], br#"{"digit":"7"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_full_or_stopping_says_so_to_the_caller() {
    let phone = Telephone::with(|rooms| Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        limits: SessionLimits {
            max: 1,
            ..SessionLimits::default()
        },
        ..Choices::default()
    })
    .await;
    let first = phone.connects().await;
    until(async || phone.world.status(&session(&first)).await.as_deref() == Some("active")).await;

    let second = phone.rings();
    let busy = told(&second).await;
    phone.world.drain.cancel();
    until(async || phone.world.get("/readyz").await.status == 503).await;
    let third = phone.rings();
    let stopping = told(&third).await;

    assert!(busy.contains("All lines are busy"), "{busy}");
    assert!(stopping.contains("about to restart"), "{stopping}");
    assert_eq!(soon(second.ended()).await.reason, Reason::Hangup);
    assert_eq!(soon(third.ended()).await.reason, Reason::Hangup);
    let status = phone.world.status(&session(&first)).await;
    assert_eq!(status.as_deref(), Some("active"), "the first call goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_lets_the_caller_choose_who_answers() {
    let phone = Telephone::with(|rooms| Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        phone: Phone {
            menu: Some(Menu {
                prompt: "For sales press two.".to_owned(),
                keys: [("2".to_owned(), "sales".to_owned())].into(),
            }),
            ..Phone::default()
        },
        ..Choices::default()
    })
    .await;

    let call = phone.rings();
    let menu = told(&call).await;
    call.digits("2");
    started(&call, 1).await;

    assert!(menu.contains("For sales press two."), "{menu}");
    until(async || {
        let history = phone.world.get("/api/v1/calls").await.json();
        history["calls"][0]["profile"] == "sales"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_webhook_opens_no_second_session() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    let form = form(call.sid());

    let again = post(&phone, "/twilio/voice", &form, None).await;

    assert_eq!(again.0, 200, "{}", again.1);
    assert!(again.1.contains("<Stream"), "{}", again.1);
    let sessions = phone.world.get("/sessions").await.json();
    assert_eq!(sessions["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_callbacks_in_any_order_and_number_have_one_effect() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;
    let with = |status: &str| {
        let mut form = form(call.sid());
        form.retain(|(name, _)| name != "CallStatus");
        form.push(("CallStatus".to_owned(), status.to_owned()));
        form
    };

    for status in ["in-progress", "ringing", "initiated", "in-progress"] {
        let answer = post(&phone, "/twilio/status", &with(status), None).await;
        assert_eq!(answer.0, 204);
    }
    let status = phone.world.status(&session(&call)).await;
    assert_eq!(status.as_deref(), Some("active"));
    for status in ["completed", "completed", "ringing"] {
        post(&phone, "/twilio/status", &with(status), None).await;
    }

    until(async || phone.world.status(&session(&call)).await.is_none()).await;
    let history = phone.world.get("/api/v1/calls").await.json();
    assert_eq!(history["calls"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_with_another_signature_is_refused() {
    let phone = Telephone::with_agent().await;
    let form = form("CA0123456789abcdef0123456789abcdef");
    let right = signature("/twilio/voice", &form);
    let mut flipped = right.clone().into_bytes();
    flipped[3] = if flipped[3] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();

    let wrong = post(&phone, "/twilio/voice", &form, Some(&flipped)).await;
    let elsewhere = post(&phone, "/twilio/status", &form, Some(&right)).await;
    let missing = post(&phone, "/twilio/voice", &form, Some("")).await;

    assert_eq!((wrong.0, elsewhere.0, missing.0), (403, 403, 400));
    assert!(wrong.1.contains("wrong_signature"), "{}", wrong.1);
    assert_eq!(phone.world.get("/sessions").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_media_socket_without_a_good_ticket_is_closed_and_disturbs_nobody() {
    let phone = Telephone::with_agent().await;
    let call = phone.connects().await;
    let other = phone.connects().await;
    let used = ticket(&told(&call).await);
    let stranger = "CA0123456789abcdef0123456789abcdef";
    let unused = {
        let answer = post(&phone, "/twilio/voice", &form(other.sid()), None).await;
        ticket(&answer.1)
    };

    for (call, ticket) in [
        (call.sid(), Some("")),
        (call.sid(), Some("0123456789abcdef0123456789abcdef")),
        (call.sid(), Some(used.as_str())),
        (call.sid(), Some(unused.as_str())),
        (stranger, Some(unused.as_str())),
        (call.sid(), None),
    ] {
        let url = format!("ws://{}/twilio/stream/{call}", phone.world.address);
        let (mut socket, _) = connect_async(url).await.unwrap();
        socket
            .send(Message::text(start(call, ticket)))
            .await
            .unwrap();
        let closed = async {
            while let Some(Ok(message)) = socket.next().await {
                assert!(message.is_close(), "{message}");
            }
        };
        soon(closed).await;
    }

    assert_eq!(phone.world.get("/sessions").await.json()["total"], 2);
    let killed = |what: &What| matches!(what, What::SocketClosed { .. });
    assert!(!call.events().iter().any(|event| killed(&event.what)));
    assert!(!other.events().iter().any(|event| killed(&event.what)));
}

fn count(call: &connectors_twilio_twin::Call, fits: fn(&What) -> bool) -> usize {
    let events = call.events();
    events.iter().filter(|event| fits(&event.what)).count()
}

fn is_resumed(what: &What) -> bool {
    matches!(what, What::WebhookSent { url, .. } if url.contains("/twilio/resume/"))
}

/// Twilio itself speaks.
fn is_asked_for_patience(what: &What) -> bool {
    matches!(what, What::Verb(verb) if verb.contains("Say"))
}

/// Returns the caller's participant, once they are in the room.
async fn person(phone: &Telephone, call: &connectors_twilio_twin::Call) -> Option<Participant> {
    let people = people(phone, call).await;
    people
        .into_iter()
        .find(|one| one.identity.as_str() == session(call))
}

/// Returns the identity of the agent, if it is there.
async fn agent(phone: &Telephone, call: &connectors_twilio_twin::Call) -> Option<String> {
    let people = people(phone, call).await;
    let mut agents = people
        .into_iter()
        .filter(|one| one.kind == ParticipantKind::Agent);
    agents.next().map(|one| one.identity.to_string())
}

async fn people(phone: &Telephone, call: &connectors_twilio_twin::Call) -> Vec<Participant> {
    let name = RoomName::new(room(call)).unwrap();
    phone
        .world
        .rooms
        .participants(&name)
        .await
        .unwrap_or_default()
}

/// The parameters of a webhook.
fn form(call: &str) -> Vec<(String, String)> {
    let account = PhoneAccount::twin();
    let fields = [
        ("AccountSid", account.account_sid.as_str()),
        ("CallSid", call),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("From", CALLER),
        ("To", account.phone_number.as_deref().unwrap()),
    ];
    fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn signature(path: &str, form: &[(String, String)]) -> String {
    let token = PhoneAccount::twin().auth_token;
    sign(token.expose_secret(), &format!("{PUBLIC}{path}"), form)
}

/// Posts a webhook, signed unless another signature is given.
async fn post(
    phone: &Telephone,
    path: &str,
    form: &[(String, String)],
    signed: Option<&str>,
) -> (u16, String) {
    let own = signature(path, form);
    let request = client()
        .post(format!("http://{}{path}", phone.world.address))
        .header("x-twilio-signature", signed.unwrap_or(&own))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish(),
        );
    let answer = soon(request.send()).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Returns the ticket that a document holds.
fn ticket(xml: &str) -> String {
    let (_, rest) = xml.split_once("name=\"ticket\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The message with which a stream begins.
fn start(call: &str, ticket: Option<&str>) -> String {
    let parameters = ticket.map_or(json!({}), |ticket| json!({ "ticket": ticket }));
    let start: Value = json!({
        "event": "start", "sequenceNumber": "1", "streamSid": "MZ0123456789abcdef0123456789abcdef",
        "start": {
            "accountSid": PhoneAccount::twin().account_sid, "callSid": call,
            "streamSid": "MZ0123456789abcdef0123456789abcdef", "tracks": ["inbound"],
            "mediaFormat": { "encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1 },
            "customParameters": parameters,
        },
    });
    start.to_string()
}
