//! What a socket may not do.

use connectors_twilio::leg::{Breach, LegEnd, WireMessage};
use serde_json::json;

use crate::{
    phone::{Phone, STREAM, media},
    stage::{NEVER_LATE, Stage, ms, passes, tone},
};

const OTHER: &str = "MZ00000000000000000000000000000002";

async fn floods(phone: &Phone, times: usize, message: WireMessage) {
    for _ in 0..times {
        phone.sends_raw(message.clone()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_few_odd_messages_disturb_nobody() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    for odd in [
        "hello",
        "{}",
        r#"{"event":"applause"}"#,
        r#"{"event":"mark","mark":{}}"#,
    ] {
        floods(&phone, 4, WireMessage::Text(odd.to_owned())).await;
    }
    phone.talks(440.0, 50, NEVER_LATE).await;

    assert!(tone(&ann.heard(), 440.0).duration > ms(900));
}

#[tokio::test(start_paused = true)]
async fn too_many_of_them_end_the_leg() {
    let text = |text: String| WireMessage::Text(text);
    let stranger = json!({"event": "dtmf", "streamSid": OTHER, "dtmf": {"digit": "1"}});
    let mark = json!({"event": "mark", "streamSid": STREAM, "mark": {"name": "p0.7"}});
    for (message, times, wanted) in [
        (text("hello".to_owned()), 21, Breach::Garbled),
        (WireMessage::Binary, 21, Breach::Garbled),
        (WireMessage::TooLong, 1, Breach::TooLong),
        (text(" ".repeat(64 * 1024 + 1)), 1, Breach::TooLong),
        (text(stranger.to_string()), 21, Breach::WrongStream),
        (text(mark.to_string()), 101, Breach::Marks),
        (
            text(media(1, &[0xff; 160]).to_string()),
            4_000,
            Breach::TooFast,
        ),
    ] {
        let mut stage = Stage::new().await;
        let phone = stage.connects(ms(0)).await;

        floods(&phone, times, message).await;

        assert_eq!(stage.ends().await, LegEnd::Refused(wanted));
        assert!(phone.was_closed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_another_stream_is_not_pressed() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;

    phone
        .sends(json!({"event": "dtmf", "streamSid": OTHER, "dtmf": {"digit": "9"}}))
        .await;
    passes(50).await;

    assert!(agent.keys().is_empty());
}
