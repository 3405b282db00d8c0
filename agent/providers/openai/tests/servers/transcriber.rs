//! Transcriptions over the wire.

use std::time::Duration;

use agent_contract::{
    Heard, Language, ListenOptions, Listening, ProviderError, Transcriber, Transcript,
    TranscriptionInput,
};
use agent_providers_openai::{OpenAiTranscriber, TranscriberSettings};
use tests_fakes::{Fault, OpenAi, Reply};

use crate::world::name;

const PIECE: usize = 320;

fn transcriber(server: &OpenAi) -> OpenAiTranscriber {
    let settings = TranscriberSettings {
        base_url: server.url(),
        longest_utterance_ms: 2_000,
        patience_ms: 300,
        ..TranscriberSettings::default()
    };
    OpenAiTranscriber::new(name(), settings).unwrap()
}

async fn listen(server: &OpenAi) -> Listening {
    let options = ListenOptions {
        language: "fr-CH".parse().unwrap(),
        keywords: ["Lausanne".to_owned(), "Patchbay".to_owned()].into(),
    };
    transcriber(server).listen(options).await.unwrap()
}

/// Sends so many pieces of 20 ms.
async fn say(listening: &Listening, loudness: i16, pieces: usize) {
    for _ in 0..pieces {
        let sound = TranscriptionInput::Audio([loudness; PIECE].as_slice().into());
        listening.input.send(sound).await.unwrap();
    }
}

async fn finalize(listening: &Listening) {
    listening
        .input
        .send(TranscriptionInput::Finalize)
        .await
        .unwrap();
}

/// The end of the input, and all that is told up to it.
async fn rest(listening: Listening) -> Result<Vec<Heard>, ProviderError> {
    let Listening {
        input,
        mut heard,
        task: _task,
    } = listening;
    drop(input);
    let mut all = Vec::new();
    while let Some(event) = heard.recv().await {
        all.push(event?);
    }
    Ok(all)
}

fn texts(heard: &[Heard]) -> Vec<&str> {
    let finals = heard.iter().filter_map(|heard| match heard {
        Heard::Final(Transcript { text, .. }) => Some(text.as_str()),
        _ => None,
    });
    finals.collect()
}

#[tokio::test]
async fn an_utterance_is_transcribed_when_it_is_over() {
    let server = OpenAi::start().await.unwrap();
    server.reply(Reply::Hears("Bonjour.".into()));
    let listening = listen(&server).await;

    say(&listening, 0, 500).await;
    say(&listening, 2000, 50).await;
    finalize(&listening).await;
    let heard = rest(listening).await.unwrap();

    let charged = Duration::from_millis(1500);
    assert_eq!(
        heard,
        [
            Heard::Charged(charged),
            Heard::Final(Transcript::of("Bonjour."))
        ]
    );
    let journal = server.journal();
    let asked = journal.of("CreateTranscriptionRequest")[0];
    assert_eq!(
        (asked["language"].as_str(), asked["prompt"].as_str()),
        (Some("fr"), Some("Lausanne, Patchbay"))
    );
    assert_eq!(
        journal.of("recording")[0]["seconds"]
            .as_f64()
            .map(|s| s.round()),
        Some(2.0)
    );
    assert_eq!(journal.violations(), [""; 0]);
}

#[tokio::test]
async fn texts_come_in_the_order_of_the_utterances() {
    let server = OpenAi::start().await.unwrap();
    for text in ["One.", "Two.", "Three."] {
        server.reply(Reply::Hears(text.into()));
    }
    let listening = listen(&server).await;

    for _ in 0..3 {
        say(&listening, 2000, 10).await;
        finalize(&listening).await;
    }
    let heard = rest(listening).await.unwrap();

    let mut texts = texts(&heard);
    texts.sort_unstable();
    // Which recording gets which scripted text is the server's business.
    assert_eq!(texts, ["One.", "Three.", "Two."]);
}

#[tokio::test]
async fn a_long_speech_is_told_in_parts_and_its_end_too() {
    let server = OpenAi::start().await.unwrap();
    let listening = listen(&server).await;

    say(&listening, 2000, 250).await;
    let heard = rest(listening).await.unwrap();

    assert_eq!(texts(&heard).len(), 3);
}

#[tokio::test]
async fn nothing_said_is_nothing_understood_and_nothing_sent() {
    let server = OpenAi::start().await.unwrap();
    let listening = listen(&server).await;

    finalize(&listening).await;
    let heard = rest(listening).await.unwrap();

    assert_eq!(heard, [Heard::Final(Transcript::default())]);
    assert!(server.journal().of("request").is_empty());
    assert_eq!(Language::english().primary(), "en");
}

#[tokio::test]
async fn every_fault_has_its_error() {
    let cases = [
        (Fault::status(401), "account"),
        (Fault::status(500), "unavailable"),
        (Fault::too_many(2), "unavailable"),
        (Fault::status(400), "rejected"),
        (Fault::Stall, "stalled"),
        (Fault::StallAfter(0), "stalled"),
        (Fault::Reset, "unavailable"),
        (Fault::ResetAfter(0), "unavailable"),
        (Fault::GarbageAfter(0), "garbled"),
    ];
    for (fault, kind) in cases {
        let server = OpenAi::start().await.unwrap();
        server.fail(fault.clone());
        let listening = listen(&server).await;

        say(&listening, 2000, 10).await;
        finalize(&listening).await;
        let error = rest(listening).await.unwrap_err();

        assert_eq!(error.kind(), kind, "{fault:?}");
    }
}
