//! A socket is nobody's until its stream begins.

use connectors_twilio::leg::{Breach, OPENING, OpeningError, WireMessage, open};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    phone::{CALL, Phone, STREAM, media},
    stage::ms,
};

#[tokio::test(start_paused = true)]
async fn a_socket_that_says_nothing_is_given_up_after_5_s() {
    let (_phone, wire) = Phone::new(ms(0));
    let begun = Instant::now();

    let opened = open(wire).await;

    assert_eq!(opened.unwrap_err(), OpeningError::TooLate);
    assert_eq!(begun.elapsed().as_secs(), OPENING.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_chatters_is_given_up_as_well() {
    let (phone, wire) = Phone::new(ms(0));
    for _ in 0..20 {
        phone.sends(json!({"event": "connected"})).await;
    }

    assert_eq!(
        open(wire).await.unwrap_err(),
        OpeningError::Breach(Breach::TooFast)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_beginning_is_refused() {
    let text = |text: &str| WireMessage::Text(text.to_owned());
    for (message, wanted) in [
        (text("hello"), OpeningError::Breach(Breach::Garbled)),
        (WireMessage::Binary, OpeningError::Breach(Breach::Garbled)),
        (WireMessage::TooLong, OpeningError::Breach(Breach::TooLong)),
        (
            text(&" ".repeat(64 * 1024 + 1)),
            OpeningError::Breach(Breach::TooLong),
        ),
        (
            text(&media(1, &[0; 160]).to_string()),
            OpeningError::Breach(Breach::WrongStream),
        ),
        (WireMessage::Closed, OpeningError::Closed),
    ] {
        let (phone, wire) = Phone::new(ms(0));
        phone.sends_raw(message).await;

        assert_eq!(open(wire).await.unwrap_err(), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn sound_of_another_kind_is_refused() {
    let (phone, wire) = Phone::new(ms(0));
    phone
        .sends(json!({"event": "start", "streamSid": STREAM, "start": {
            "accountSid": "AC00000000000000000000000000000001", "streamSid": STREAM, "callSid": CALL,
            "mediaFormat": {"encoding": "audio/x-l16", "sampleRate": "16000", "channels": "1"}}}))
        .await;

    assert_eq!(open(wire).await.unwrap_err(), OpeningError::Format);
}
