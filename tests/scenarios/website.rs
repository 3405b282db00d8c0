//! An existing website that has its visitors called: every route's answer, in both variants.

use std::sync::Arc;
use std::time::Duration;

use connectors_twilio_twin::{Application, Call, Persona, Reason, What, sign};
use patchbay::config::{
    Access, ApiKey, Conferencing, KeyKind, Phone, PhoneAccount, Scope, Website,
};
use room_media::tone::Tone;
use room_media::{Dbfs, Music, SampleRate, tone, ulaw};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::agents::{SUNG_HERTZ, Singer};
use crate::log;
use crate::running::{soon, until};
use crate::telephone::{Telephone, session, started, told};
use crate::world::{Answer, Choices, PUBLIC};

/// A visitor in Berlin, whom nobody has.
const VISITOR: &str = "+493090182771";

/// The one whom visitors want to speak with.
const CONTACT: &str = "+493090182772";

const APPLICATION: &str = "AP00000000000000000000000000000001";

const PAGE: &str = "https://www.example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_and_the_contact_meet_in_a_room_with_the_agent() {
    let site = site(Conferencing::Rooms).await;

    let answer = site.asks(&json!({ "user_phone_number": VISITOR })).await;
    let answer = answer.expecting(200).json();
    let (visitor, contact) = both(&site).await;
    started(&visitor, 1).await;
    started(&contact, 1).await;
    let room = answer["conference"].as_str().unwrap().to_owned();
    until(async || phones_in(&site, &room).await == 2).await;
    hear_each_other(&visitor, &contact).await;
    tokio::join!(hears(&visitor, SUNG_HERTZ), hears(&contact, SUNG_HERTZ));
    let id = format!("web-{room}");
    until(async || site.world.status(&id).await.as_deref() == Some("active")).await;

    assert_eq!(answer["success"], true);
    assert_eq!(answer["call_sid"], visitor.sid());
    assert!(
        answer["message"].as_str().unwrap().contains("Thomas"),
        "{answer}"
    );
    assert!(told(&visitor).await.contains("connecting you with Thomas"));
    assert!(told(&contact).await.contains("Hello Thomas. A visitor"));
    let seen = site.world.get(&format!("/room/{room}")).await.json();
    assert_eq!(seen["agent"]["present"], true);
    visitor.hang_up();
    until(async || phones_in(&site, &room).await == 1).await;
    let status = site.world.status(&id).await;
    assert_eq!(
        status.as_deref(),
        Some("active"),
        "the contact is still there"
    );
    contact.hang_up();
    until(async || site.world.status(&id).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_and_the_contact_meet_in_a_conference_with_the_agent_as_one_more() {
    let site = site(Conferencing::Twilio).await;

    let answer = site.asks(&json!({ "user_phone_number": VISITOR })).await;
    let answer = answer.expecting(200).json();
    let (visitor, contact) = both(&site).await;
    let agent = next(&site).await;
    started(&agent, 1).await;
    until(async || site.world.status(&session(&agent)).await.as_deref() == Some("active")).await;
    hear_each_other(&visitor, &contact).await;
    tokio::join!(hears(&visitor, SUNG_HERTZ), hears(&contact, SUNG_HERTZ));

    assert_eq!(answer["call_sid"], visitor.sid());
    let name = answer["conference"].as_str().unwrap();
    let welcome = told(&visitor).await;
    assert!(
        welcome.contains(&format!(">{name}</Conference>")),
        "{welcome}"
    );
    assert!(welcome.contains("waitUrl"), "{welcome}");
    assert!(told(&agent).await.contains("/api/twilio/media-stream"));
    visitor.hang_up();
    soon(visitor.ended()).await;
    assert!(site.world.status(&session(&agent)).await.is_some());
    contact.hang_up();
    soon(agent.ended()).await;
    until(async || site.world.status(&session(&agent)).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_comes_to_a_visitor_whose_contact_does_not() {
    for (persona, knows) in [
        (Persona::Busy, "Nobody else is there yet"),
        // It is in the conference until it is known for what it is.
        (Persona::voicemail(), "help whoever stays"),
    ] {
        let site = site(Conferencing::Twilio).await;
        site.twin.phone(CONTACT, persona);

        site.asks(&json!({ "user_phone_number": VISITOR }))
            .await
            .expecting(200);
        let (visitor, contact) = both(&site).await;
        soon(contact.ended()).await;
        let agent = next(&site).await;
        started(&agent, 1).await;
        visitor.hang_up();

        soon(agent.ended()).await;
        until(async || site.world.status(&session(&agent)).await.is_none()).await;
        let path = format!("/api/v1/calls/{}", session(&agent));
        until(async || {
            let record = site.world.get(&path).await.json();
            record["transcript"][0].to_string().contains(knows)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitor_is_told_in_the_room_that_the_contact_does_not_come() {
    let site = site(Conferencing::Rooms).await;
    site.twin.phone(CONTACT, Persona::Busy);

    let answer = site.asks(&json!({ "user_phone_number": VISITOR })).await;
    let answer = answer.expecting(200).json();
    let id = format!("web-{}", answer["conference"].as_str().unwrap());
    let (visitor, contact) = both(&site).await;
    soon(contact.ended()).await;
    started(&visitor, 1).await;

    until(async || site.world.status(&id).await.as_deref() == Some("active")).await;
    visitor.hang_up();
    until(async || site.world.status(&id).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contacts_telephone_stops_when_the_visitor_does_not_come() {
    for conference in [Conferencing::Rooms, Conferencing::Twilio] {
        let site = site(conference).await;
        site.twin.phone(VISITOR, Persona::Busy);
        site.twin.phone(CONTACT, Persona::NoAnswer);

        site.asks(&json!({ "user_phone_number": VISITOR }))
            .await
            .expecting(200);
        let (_, contact) = both(&site).await;

        assert_eq!(soon(contact.ended()).await.reason, Reason::Api);
        until(async || site.world.get("/sessions").await.json()["total"] == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_in_a_conference_of_twilios_hears_music() {
    let site = site(Conferencing::Twilio).await;
    site.twin.phone(CONTACT, Persona::NoAnswer);
    let (mut music, mut codes, mut second) = (vec![0; 12_000], Vec::new(), Vec::new());
    Music::new(SampleRate::HZ_8000).fill(&mut music);
    ulaw::encode_into(&music[4_000..], &mut codes);
    ulaw::decode_into(&codes, &mut second);

    site.asks(&json!({ "user_phone_number": VISITOR }))
        .await
        .expecting(200);
    let (visitor, _) = both(&site).await;

    until(async || {
        let heard = visitor.heard();
        heard.windows(second.len()).any(|part| part == second)
    })
    .await;
    visitor.hang_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_alone_talks_with_the_agent() {
    let site = site(Conferencing::Rooms).await;

    let form = "to_number=%2B493090182771&agent_id=agent_7&more=ignored";
    let answer = site.sends_form("/api/call/outbound", form).await;
    let answer = answer.expecting(200).json();
    let call = next(&site).await;
    started(&call, 1).await;
    until(async || site.world.status(&session(&call)).await.as_deref() == Some("active")).await;

    assert_eq!(answer["call_sid"], call.sid());
    assert_eq!(answer.get("conference"), None);
    let xml = told(&call).await;
    assert!(xml.contains("/api/call/media-stream\""), "{xml}");
    assert!(xml.contains("name=\"agent_id\" value=\"agent_7\""), "{xml}");
    call.hang_up();
    until(async || site.world.status(&session(&call)).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_told_as_websites_expect_it() {
    let site = site(Conferencing::Rooms).await;

    for (body, status, code) in [
        (json!({}), 400, "malformed_request"),
        (json!({ "user_phone_number": "" }), 400, "malformed_request"),
        (
            json!({ "user_phone_number": "call me" }),
            422,
            "invalid_field",
        ),
        (
            json!({ "user_phone_number": 493090182771_u64 }),
            422,
            "invalid_field",
        ),
        (json!({ "to_number": "030 90182771" }), 422, "invalid_field"),
        (
            json!({ "user_phone_number": CONTACT }),
            422,
            "invalid_field",
        ),
        (
            json!({ "user_phone_number": "+41791234567" }),
            403,
            "country_not_allowed",
        ),
        (
            json!({ "to_number": "+499001234567" }),
            403,
            "premium_number",
        ),
    ] {
        let refused = site.asks(&body).await.expecting(status).json();
        assert_eq!(refused["success"], false, "{body}");
        assert_eq!(refused["code"], code, "{body}");
        assert_eq!(refused["error"], refused["message"]);
        assert!(!refused.to_string().contains("9018277"), "{refused}");
    }
    site.twin.phone(CONTACT, Persona::NoPermission);
    let refused = site.asks(&json!({ "user_phone_number": VISITOR })).await;
    assert_eq!(refused.expecting(502).json()["code"], "carrier_refused");
    let visitor = next(&site).await;
    assert_eq!(soon(visitor.ended()).await.reason, Reason::Api);
    until(async || site.world.get("/sessions").await.json()["total"] == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_website_is_served_where_its_page_is_trusted_and_not_too_often() {
    let keys = Access::Keys(vec![
        ApiKey::new("program", "secret", &[Scope::Calls]),
        ApiKey::new("reader", "reading", &[Scope::Read]),
        ApiKey {
            kind: KeyKind::Publishable {
                origins: vec!["https://other.example".to_owned()],
            },
            ..ApiKey::new("page", "publishable", &[])
        },
    ]);
    let site = site_with(Conferencing::Rooms, keys, vec![PAGE.to_owned()]).await;
    let body = json!({ "to_number": "call me" });
    let asked = async |headers: &[(&str, &str)]| {
        let answer = site.world.post_with("/api/call/outbound", &body, headers);
        answer.await.status.as_u16()
    };

    // 422 is what whoever is let in is answered.
    assert_eq!(asked(&[]).await, 401);
    assert_eq!(asked(&[("origin", "https://evil.example")]).await, 401);
    assert_eq!(asked(&[("origin", PAGE)]).await, 422);
    assert_eq!(asked(&[("authorization", "Bearer secret")]).await, 422);
    assert_eq!(asked(&[("authorization", "Bearer reading")]).await, 403);
    let publishable = ("authorization", "Bearer publishable");
    assert_eq!(asked(&[publishable, ("origin", PAGE)]).await, 403);
    assert_eq!(
        asked(&[publishable, ("origin", "https://other.example")]).await,
        422
    );
    let often = site
        .world
        .post_with("/api/call/outbound", &body, &[("origin", PAGE)]);
    let often = often.await.expecting(429);
    assert!(often.headers.contains_key("retry-after"));
    assert_eq!(often.headers["access-control-allow-origin"], "*");
    assert_eq!(often.json()["success"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_with_the_same_key_calls_everybody_once() {
    let site = site(Conferencing::Rooms).await;
    let body = json!({ "user_phone_number": VISITOR });
    let key = [("idempotency-key", "once")];

    let first = site
        .world
        .post_with("/api/call/outbound", &body, &key)
        .await;
    let second = site
        .world
        .post_with("/api/call/outbound", &body, &key)
        .await;

    assert_eq!(first.expecting(200).json(), second.expecting(200).json());
    assert_eq!(site.world.get("/sessions").await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_starts_a_conference_under_its_own_id() {
    for conference in [Conferencing::Rooms, Conferencing::Twilio] {
        let site = site(conference).await;
        let body = json!({ "conferenceId": "conf-1731231231", "phoneNumbers": [VISITOR], "agentId": "agent_7" });

        let answer = site.world.post("/api/twilio/start-conference", &body).await;
        let answer = answer.expecting(200).json();
        let guest = next(&site).await;

        assert_eq!(answer["success"], true);
        assert_eq!(answer["conferenceId"], "conf-1731231231");
        assert_eq!(answer["conference"], "site-conf-1731231231");
        assert_eq!(answer["phoneCallSids"], json!([guest.sid()]));
        match conference {
            Conferencing::Rooms => {
                until(async || {
                    let id = "web-site-conf-1731231231";
                    site.world.status(id).await.as_deref() == Some("active")
                })
                .await;
            }
            Conferencing::Twilio => {
                let agent = next(&site).await;
                started(&agent, 1).await;
            }
        }
        guest.hang_up();
        until(async || site.world.get("/sessions").await.json()["total"] == 0).await;
        for (body, status) in [
            (json!({}), 400),
            (json!({ "conferenceId": "short" }), 422),
            (json!({ "conferenceId": "twilio CA01" }), 422),
            (
                json!({ "conferenceId": "conf-1731231231", "phoneNumbers": ["x"] }),
                422,
            ),
        ] {
            let refused = site.world.post("/api/twilio/start-conference", &body).await;
            assert_eq!(refused.expecting(status).json()["success"], false);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_twilio_asks_what_calls_are_to_do() {
    let site = site(Conferencing::Rooms).await;

    for path in [
        "/api/call/conference?name=site-0123456789&participant=visitor",
        "/api/call/twiml",
        "/api/call/hold",
        "/api/twilio/conference-elevenlabs",
    ] {
        let unsigned = site
            .sends_form(path, "CallSid=CA0123456789abcdef0123456789abcdef")
            .await;
        unsigned.expecting(400);
        site.world.get(path).await.expecting(400);
    }
    for path in [
        "/api/call/status",
        "/api/call/events",
        "/api/twilio/call-status",
    ] {
        site.sends_form(path, "CallStatus=completed")
            .await
            .expecting(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_may_ask_by_get_as_well() {
    let site = site(Conferencing::Twilio).await;
    let account = PhoneAccount::twin();
    let call = format!(
        "AccountSid={}&CallSid=CA0123456789abcdef0123456789abcdef&CallStatus=ringing\
         &Direction=inbound&From=%2B15005550009&To=%2B15005550006",
        account.account_sid
    );

    for (path, holds) in [
        (
            "/api/call/conference?name=conf-1731231231&participant=user",
            ">site-conf-1731231231</Conference>",
        ),
        ("/api/call/twiml?agent_id=agent_7", "value=\"agent_7\""),
        (
            "/api/call/hold?name=conf-1731231231",
            "Please hold the line",
        ),
        (
            "/api/twilio/conference-elevenlabs?agentId=agent_8",
            "value=\"agent_8\"",
        ),
    ] {
        let path = format!("{path}&{call}");
        let token = account.auth_token.expose_secret();
        let signature = sign(token, &format!("{PUBLIC}{path}"), &[]);
        let request = axum::http::Request::get(&path)
            .header("x-twilio-signature", signature)
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = site.world.send(request).await.expecting(200);
        assert!(answer.text.contains(holds), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitors_number_is_in_no_table_and_no_log_afterwards() {
    let log = log::kept();
    for conference in [Conferencing::Rooms, Conferencing::Twilio] {
        let site = site(conference).await;
        site.asks(&json!({ "user_phone_number": VISITOR }))
            .await
            .expecting(200);
        let (visitor, contact) = both(&site).await;
        until(async || has_answered(&visitor) && has_answered(&contact)).await;
        // Before it is known that they are no machines.
        visitor.hang_up();
        contact.hang_up();
        until(async || site.world.get("/sessions").await.json()["total"] == 0).await;
        site.world.store.settled().await;

        let files = site.world.place().bytes();
        let holds = |text: &str| {
            let text = text.as_bytes();
            files.windows(text.len()).any(|window| window == text)
        };

        assert!(holds("site-"), "the records are there");
        for number in [VISITOR, CONTACT] {
            assert!(!holds(&number[3..]), "{number}");
        }
    }
    let log = log.text();
    assert!(log.contains("a call was placed"), "{log}");
    for number in [VISITOR, CONTACT] {
        assert!(!log.contains(&number[3..]), "{log}");
    }
}

/// A website whose contact is called Thomas.
async fn site(conference: Conferencing) -> Telephone {
    site_with(conference, Access::Loopback, Vec::new()).await
}

async fn site_with(conference: Conferencing, access: Access, origins: Vec<String>) -> Telephone {
    let account = PhoneAccount {
        twiml_app: Some(APPLICATION.to_owned()),
        ..PhoneAccount::twin()
    };
    let application = Application {
        sid: APPLICATION.to_owned(),
        voice_url: format!("{PUBLIC}/api/twilio/conference-elevenlabs"),
    };
    Telephone::of(account, vec![application], |rooms| Choices {
        access,
        agent: Some(Arc::new(Singer(rooms.clone()))),
        phone: Phone {
            conference,
            website: Website {
                origins,
                contact: Some(CONTACT.to_owned()),
                contact_name: "Thomas".to_owned(),
                ..Website::default()
            },
            ..Phone::default()
        },
        ..Choices::default()
    })
    .await
}

impl Telephone {
    async fn asks(&self, body: &Value) -> Answer {
        self.world.post("/api/call/outbound", body).await
    }

    async fn sends_form(&self, path: &str, form: &str) -> Answer {
        let request = axum::http::Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(form.to_owned()))
            .unwrap();
        self.world.send(request).await
    }
}

async fn next(site: &Telephone) -> Call {
    soon(site.twin.next_call()).await.unwrap()
}

/// Returns the calls to the visitor and to the contact.
async fn both(site: &Telephone) -> (Call, Call) {
    let (visitor, contact) = (next(site).await, next(site).await);
    assert_eq!((visitor.to(), contact.to()), (VISITOR, CONTACT));
    (visitor, contact)
}

/// Tells how many telephones are in a room.
async fn phones_in(site: &Telephone, room: &str) -> usize {
    let seen = site.world.get(&format!("/room/{room}")).await;
    if seen.status != 200 {
        return 0;
    }
    let people = seen.json()["participants"].as_array().unwrap().clone();
    let is_phone = |one: &&Value| one["channel"] == "phone";
    people.iter().filter(is_phone).count()
}

fn has_answered(call: &Call) -> bool {
    let answered = |what: &What| matches!(what, What::WebhookAnswered { .. });
    call.events().iter().any(|event| answered(&event.what))
}

fn tone_of(hertz: f32) -> Vec<i16> {
    Tone::new(SampleRate::HZ_8000, hertz, Dbfs::new(-12.0)).take(24_000)
}

/// Two telephones say something at once, and each hears the other.
async fn hear_each_other(one: &Call, other: &Call) {
    let speaking = async {
        loop {
            one.say(&tone_of(500.0));
            other.say(&tone_of(800.0));
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    };
    tokio::select! {
        () = speaking => {}
        _ = async { tokio::join!(hears(other, 500.0), hears(one, 800.0)) } => {}
    }
    one.hush();
    other.hush();
}

/// Waits until a tone has reached an ear, perhaps among others.
async fn hears(call: &Call, hertz: f32) {
    let mut listener = call.listen();
    let mut heard = Vec::new();
    let waiting = async {
        while let Some(frame) = listener.next().await {
            heard.extend(frame);
            let last = &heard[heard.len().saturating_sub(2_400)..];
            if last.len() == 2_400 && tone::measure(last, SampleRate::HZ_8000, hertz).share > 0.4 {
                return true;
            }
        }
        false
    };
    assert!(soon(waiting).await, "{hertz} Hz was not heard");
}
