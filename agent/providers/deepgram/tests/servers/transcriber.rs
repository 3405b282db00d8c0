//! Live transcription over the wire.

use std::time::Duration;

use agent_contract::{
    Heard, ListenOptions, Listening, ProviderError, Transcriber, TranscriptionInput,
};
use agent_providers_deepgram::TranscriberSettings;
use serde_json::json;
use tests_fakes::{Conduct, Deepgram, Fault};

use crate::world::{KEY, server, settings, speech, transcriber};

fn options() -> ListenOptions {
    ListenOptions {
        language: "fr-CH".parse().unwrap(),
        keywords: ["Lausanne".to_owned(), "Café du Pont".to_owned()].into(),
    }
}

async fn listen(settings: TranscriberSettings) -> Listening {
    transcriber(settings).listen(options()).await.unwrap()
}

async fn send(listening: &Listening, samples: &[i16]) {
    for piece in samples.chunks(320) {
        let piece = TranscriptionInput::Audio(piece.into());
        listening.input.send(piece).await.unwrap();
    }
}

/// All that is told until a turn ends, without prices.
async fn turn(listening: &mut Listening) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        match listening.heard.recv().await.unwrap().unwrap() {
            Heard::Interim(transcript) => told.push(format!("{}…", transcript.text)),
            Heard::Final(transcript) => told.push(transcript.text),
            Heard::EndOfTurn => return told,
            _ => {}
        }
    }
}

async fn seen(server: &Deepgram, kind: &str, count: usize) {
    let waiting = async {
        while server.journal().of(kind).len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_turn_grows_and_ends_after_the_silence() {
    let server = server().await;
    server.hears("I would like a table.");
    let mut listening = listen(settings(&server, 5_000)).await;

    send(&listening, &speech(1.0)).await;
    send(&listening, &[0; 16_000]).await;
    let told = turn(&mut listening).await;

    assert!(told.len() > 2, "{told:?}");
    assert_eq!(told[0], "I…");
    assert_eq!(told.last().unwrap(), "I would like a table.");
}

#[tokio::test]
async fn what_is_asked_for_is_in_the_published_form() {
    let server = server().await;
    server.conduct(Conduct {
        key: Some(KEY.into()),
        ..Conduct::default()
    });
    let mut listening = listen(settings(&server, 5_000)).await;

    send(&listening, &speech(0.5)).await;
    send(&listening, &[0; 32_000]).await;
    turn(&mut listening).await;
    listening
        .input
        .send(TranscriptionInput::Finalize)
        .await
        .unwrap();
    let Listening {
        input,
        mut heard,
        task: _task,
    } = listening;
    drop(input);
    while let Some(told) = heard.recv().await {
        told.unwrap();
    }

    let journal = server.journal();
    let query = journal.of("ListenQuery")[0];
    assert_eq!(query["keyterm"], json!(["Lausanne", "Café du Pont"]));
    assert_eq!(query["language"], "fr-CH");
    assert_eq!(query["sample_rate"], "16000");
    assert_eq!(journal.of("ListenV1_ListenV1Finalize").len(), 1);
    assert_eq!(journal.of("ListenV1_ListenV1CloseStream").len(), 1);
    assert_eq!(journal.violations(), [""; 0]);
}

#[tokio::test]
async fn all_sound_is_charged_for_once() {
    let server = server().await;
    let listening = listen(settings(&server, 5_000)).await;

    send(&listening, &speech(0.5)).await;
    send(&listening, &[0; 48_000]).await;
    let Listening {
        input,
        mut heard,
        task: _task,
    } = listening;
    drop(input);
    let mut charged = Duration::ZERO;
    while let Some(told) = heard.recv().await {
        if let Heard::Charged(time) = told.unwrap() {
            charged += time;
        }
    }

    assert_eq!(charged.as_millis(), 3_500);
}

#[tokio::test]
async fn a_silent_connection_is_kept_alive_even_before_the_first_sound() {
    let server = server().await;
    server.conduct(Conduct {
        idle: Duration::from_millis(800),
        ..Conduct::default()
    });
    let settings = TranscriberSettings {
        keep_alive_ms: 250,
        ..settings(&server, 5_000)
    };
    let mut listening = listen(settings).await;

    seen(&server, "ListenV1_ListenV1KeepAlive", 5).await;
    send(&listening, &speech(0.5)).await;
    listening
        .input
        .send(TranscriptionInput::Finalize)
        .await
        .unwrap();
    let told = loop {
        match listening.heard.recv().await.unwrap().unwrap() {
            Heard::Final(transcript) => break transcript.text,
            _ => continue,
        }
    };

    assert_eq!(told, "Hello.");
    assert_eq!(server.journal().of("request").len(), 1);
}

#[tokio::test]
async fn finalizing_nothing_is_answered_with_nothing() {
    let server = server().await;
    server.fail(Fault::StallAfter(0));
    let mut listening = listen(settings(&server, 5_000)).await;

    send(&listening, &[0; 320]).await;
    listening
        .input
        .send(TranscriptionInput::Finalize)
        .await
        .unwrap();
    let told = listening.heard.recv().await.unwrap().unwrap();

    assert_eq!(told, Heard::Final(agent_contract::Transcript::default()));
}

#[tokio::test]
async fn a_busy_service_says_when_to_come_back() {
    let server = server().await;
    server.fail(Fault::too_many(9));

    let refused = transcriber(settings(&server, 500)).listen(options()).await;

    let nine = Some(Duration::from_secs(9));
    assert!(
        matches!(refused, Err(ProviderError::Unavailable { retry_after, .. }) if retry_after == nine)
    );
}

#[tokio::test]
async fn a_service_that_is_not_there_is_an_outage() {
    let server = Deepgram::start().await.unwrap();
    let settings = settings(&server, 500);
    drop(server);

    let error = transcriber(settings).listen(options()).await.unwrap_err();

    assert_eq!(error.kind(), "unavailable");
}

#[tokio::test]
async fn errors_hold_neither_keys_nor_addresses() {
    let server = server().await;
    server.fail(Fault::status(401));

    let error = transcriber(settings(&server, 500))
        .listen(options())
        .await
        .unwrap_err();

    let source = std::error::Error::source(&error).unwrap();
    let shown = format!("{error} {error:?} {source} {source:?}");
    for secret in [KEY, "Lausanne", "on purpose", "127.0.0.1"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
