//! Messages both ways.

use connectors_twilio_twin::{Fate, InboundMessage, Number, Settings, Twin};
use tokio::time::timeout;

use crate::{
    api::{Api, assert_fits},
    app::{App, CALLER, OURS, PATIENCE, PUBLIC},
};

const OUR_WHATSAPP: &str = "whatsapp:+15550001111";
const WRITER: &str = "whatsapp:+15557654321";

async fn twin(app: &App) -> Twin {
    let numbers = [OURS, OUR_WHATSAPP]
        .map(|number| Number::new(number).messages(&format!("{PUBLIC}/message")));
    let settings = Settings {
        numbers: numbers.to_vec(),
        ..app.settings()
    };
    Twin::start(settings).await.unwrap()
}

#[tokio::test]
async fn a_message_is_answered_by_a_document() {
    let app = App::start().await;
    app.page("/message", "<Message><Body>Hello</Body></Message>");
    let twin = twin(&app).await;

    let answered = twin
        .message_in(InboundMessage::new(WRITER, OUR_WHATSAPP, "Hi"))
        .await
        .unwrap();

    let asked = app.request("/message", 0).await;
    assert!(asked.is_signed);
    assert_eq!(
        [asked.get("Body"), asked.get("From"), asked.get("WaId")],
        ["Hi", WRITER, "15557654321"]
    );
    assert_eq!(answered.replies, ["Hello"]);
    assert_eq!(
        timeout(PATIENCE, twin.next_message())
            .await
            .unwrap()
            .unwrap()
            .body,
        "Hello"
    );
}

#[tokio::test]
async fn a_message_that_is_sent_arrives_and_tells_so() {
    let app = App::start().await;
    let twin = twin(&app).await;
    let api = Api::of(&twin);
    let form = [
        ("To", CALLER),
        ("From", OURS),
        ("Body", "Hello"),
        ("StatusCallback", "https://app.test/told"),
    ];

    let sent = api.post("/Messages.json", &form).await;

    let told = [app.request("/told", 0).await, app.request("/told", 1).await];
    let mut statuses = told.each_ref().map(|request| request.get("MessageStatus"));
    statuses.sort_unstable();
    assert_eq!(sent.status, 201);
    assert_fits("message", &sent.body);
    assert_eq!(statuses, ["delivered", "sent"]);
    let fetched = api
        .get(&format!(
            "/Messages/{}.json",
            sent.body["sid"].as_str().unwrap()
        ))
        .await;
    assert_eq!(fetched.body["status"], "delivered");
}

#[tokio::test]
async fn whatsapp_takes_free_text_only_after_the_person_wrote() {
    let app = App::start().await;
    let twin = twin(&app).await;
    let api = Api::of(&twin);
    let form = [
        ("To", WRITER),
        ("From", OUR_WHATSAPP),
        ("Body", "Hello"),
        ("StatusCallback", "https://app.test/told"),
    ];
    let template = [
        ("To", WRITER),
        ("From", OUR_WHATSAPP),
        ("ContentSid", "HX1"),
        ("ContentVariables", "{\"1\":\"a\"}"),
    ];

    api.post("/Messages.json", &form).await;
    let told = app.request("/told", 0).await;
    api.post("/Messages.json", &template).await;
    twin.message_in(InboundMessage::new(WRITER, OUR_WHATSAPP, "Hi"))
        .await
        .unwrap();
    api.post("/Messages.json", &form).await;

    assert_eq!(
        [told.get("MessageStatus"), told.get("ErrorCode")],
        ["failed", "63016"]
    );
    let mut errors = Vec::new();
    for _ in 0..3 {
        errors.push(
            timeout(PATIENCE, twin.next_message())
                .await
                .unwrap()
                .unwrap()
                .error,
        );
    }
    assert_eq!(errors, [Some(63_016), None, None]);
}

#[tokio::test]
async fn wrong_messages_have_twilios_codes() {
    let app = App::start().await;
    let twin = twin(&app).await;
    twin.messages_to("+15550007777", Fate::OptedOut);
    let api = Api::of(&twin);
    let long = "a".repeat(1_601);
    let cases: [(&[(&str, &str)], u32); 8] = [
        (&[("From", OURS), ("Body", "a")], 21_604),
        (&[("To", CALLER), ("Body", "a")], 21_603),
        (&[("To", "12"), ("From", OURS), ("Body", "a")], 21_211),
        (
            &[("To", CALLER), ("From", "+15550009999"), ("Body", "a")],
            21_606,
        ),
        (&[("To", CALLER), ("From", OURS)], 21_619),
        (&[("To", CALLER), ("From", OURS), ("Body", &long)], 21_617),
        (
            &[
                ("To", CALLER),
                ("From", OURS),
                ("ContentSid", "HX1"),
                ("ContentVariables", "[]"),
            ],
            21_656,
        ),
        (
            &[("To", "+15550007777"), ("From", OURS), ("Body", "a")],
            21_610,
        ),
    ];
    for (form, code) in cases {
        let refused = api.post("/Messages.json", form).await;

        assert_eq!(
            (refused.status, &refused.body["code"]),
            (400, &code.into()),
            "{form:?}"
        );
    }
}
