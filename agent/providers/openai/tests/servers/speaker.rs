//! Speech over the wire.

use agent_contract::{
    Language, ProviderError, SpeakOptions, Speaker, Speech, SpeechEvent, SpeechInput,
};
use agent_providers_openai::{OpenAiSpeaker, SpeakerSettings};
use tests_fakes::{Fault, OpenAi};

use crate::world::name;

/// How many samples the server speaks a character with.
const CHARACTER: usize = 1440;

fn speaker(server: &OpenAi, patience_ms: u64) -> OpenAiSpeaker {
    let settings = SpeakerSettings {
        base_url: server.url(),
        patience_ms,
        ..SpeakerSettings::default()
    };
    OpenAiSpeaker::new(name(), settings).unwrap()
}

async fn speak(server: &OpenAi, texts: &[&str]) -> Speech {
    say(&speaker(server, 10_000), texts).await
}

async fn say(speaker: &OpenAiSpeaker, texts: &[&str]) -> Speech {
    let options = SpeakOptions {
        voice: Some("coral".into()),
        language: Language::english(),
    };
    let speech = speaker.speak(options).await.unwrap();
    for text in texts {
        speech
            .input
            .send(SpeechInput::Text((*text).into()))
            .await
            .unwrap();
    }
    speech.input.send(SpeechInput::Finish).await.unwrap();
    speech
}

/// What was heard of a reply.
#[derive(Debug, Default)]
struct Heard {
    samples: Vec<i16>,
    until: Vec<usize>,
    charged: u64,
    is_finished: bool,
    error: Option<ProviderError>,
}

async fn hear(mut speech: Speech) -> Heard {
    let mut heard = Heard::default();
    while let Some(event) = speech.spoken.recv().await {
        assert!(
            !heard.is_finished && heard.error.is_none(),
            "nothing follows the end"
        );
        match event {
            Ok(SpeechEvent::Audio(spoken)) => {
                heard.samples.extend(spoken.samples);
                heard.until.extend(spoken.text_until);
            }
            Ok(SpeechEvent::Charged(characters)) => heard.charged += characters,
            Ok(SpeechEvent::Finished) => heard.is_finished = true,
            Ok(other) => panic!("{other:?}"),
            Err(error) => heard.error = Some(error),
        }
    }
    heard
}

async fn spoiled(fault: Fault) -> Heard {
    let server = OpenAi::start().await.unwrap();
    server.fail(fault);
    hear(say(&speaker(&server, 300), &["Good morning."]).await).await
}

#[tokio::test]
async fn clauses_are_spoken_in_order_and_say_how_far_they_are() {
    let server = OpenAi::start().await.unwrap();

    let heard = hear(speak(&server, &["Good morning. ", "  ", "How can I help?"]).await).await;

    assert!(heard.is_finished);
    assert_eq!(heard.samples.len(), (14 + 15) * CHARACTER);
    assert_eq!(heard.until, [14, 31]);
    assert_eq!(heard.charged, 29);
    let journal = server.journal();
    let asked = journal.of("CreateSpeechRequest");
    assert_eq!(asked[0]["voice"], "coral");
    assert_eq!(asked[0]["response_format"], "pcm");
    assert_eq!(journal.violations(), [""; 0]);
}

#[tokio::test]
async fn the_sound_is_the_one_that_was_sent() {
    let server = OpenAi::start().await.unwrap();

    let once = hear(speak(&server, &["Yes, of course."]).await).await;
    let loudest = once
        .samples
        .iter()
        .map(|sample| sample.unsigned_abs())
        .max();

    // An odd byte lost or taken twice turns a voice into noise at full scale.
    assert!((7900..=8000).contains(&loudest.unwrap()), "{loudest:?}");
}

#[tokio::test]
async fn a_text_beyond_the_limit_is_spoken_in_parts() {
    let server = OpenAi::start().await.unwrap();
    let text = "word ".repeat(900);

    let mut speech = speak(&server, &[&text]).await;
    let mut until = Vec::new();
    while let Some(Ok(event)) = speech.spoken.recv().await {
        if let SpeechEvent::Audio(spoken) = event {
            until.extend(spoken.text_until);
        }
    }

    assert_eq!(until, [4096, 4500]);
}

#[tokio::test]
async fn a_reply_without_words_ends_at_once() {
    let server = OpenAi::start().await.unwrap();

    let heard = hear(speak(&server, &[]).await).await;

    assert!(heard.is_finished && heard.samples.is_empty());
    assert!(server.journal().of("request").is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let key = spoiled(Fault::status(401)).await;
    let busy = spoiled(Fault::too_many(3)).await;
    let request = spoiled(Fault::status(400)).await;

    assert_eq!(key.error.unwrap().kind(), "account");
    assert_eq!(busy.error.unwrap().kind(), "unavailable");
    assert_eq!(request.error.unwrap().kind(), "rejected");
}

#[tokio::test]
async fn stalls_and_breaks_are_told_with_what_was_heard_before() {
    let silent = spoiled(Fault::Stall).await;
    let stalled = spoiled(Fault::StallAfter(2)).await;
    let broken = spoiled(Fault::ResetAfter(2)).await;

    assert_eq!(silent.error.unwrap().kind(), "stalled");
    assert_eq!(stalled.error.unwrap().kind(), "stalled");
    assert!(stalled.samples.len() > 4000);
    assert_eq!(broken.error.unwrap().kind(), "unavailable");
    assert!(!broken.is_finished);
}

#[tokio::test]
async fn what_is_no_speech_is_not_played() {
    let rate = spoiled(Fault::WrongRate).await;
    let file = spoiled(Fault::GarbageAfter(0)).await;
    let endless = spoiled(Fault::EndlessToken).await;

    assert_eq!(rate.error.unwrap().kind(), "garbled");
    assert!(rate.samples.is_empty());
    assert_eq!(file.error.unwrap().kind(), "garbled");
    assert!(file.samples.is_empty());
    assert_eq!(endless.error.unwrap().kind(), "garbled");
}
