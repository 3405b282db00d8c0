//! A wire that breaks: whatever it does, an error says so in time and nothing panics.

use std::time::Duration;

use agent_contract::{
    Heard, Language, ListenOptions, ProviderError, Transcriber, TranscriptionInput,
};
use tests_fakes::{Chaos, Mischief};

use crate::world::{server, settings, speech, transcriber};

/// Breaks the wire after the first words of a speech.
async fn broken(mischief: Mischief) -> ProviderError {
    let server = server().await;
    server.always_hears("one two three four five six seven eight nine ten");
    let chaos = Chaos::before(&server.url()).await.unwrap();
    let settings = agent_providers_deepgram::TranscriberSettings {
        base_url: chaos.url(),
        ..settings(&server, 400)
    };
    let options = ListenOptions {
        language: Language::english(),
        keywords: [].into(),
    };
    let mut listening = transcriber(settings).listen(options).await.unwrap();
    let say = async |seconds: f64| {
        for piece in speech(seconds).chunks(320) {
            let piece = TranscriptionInput::Audio(piece.into());
            // It may have noticed already.
            let _ = listening.input.send(piece).await;
        }
    };
    say(1.0).await;
    let first = listening.heard.recv().await.unwrap().unwrap();
    assert!(matches!(first, Heard::Interim(_)), "{first:?}");

    chaos.order(mischief);
    say(2.0).await;
    let _ = listening.input.send(TranscriptionInput::Finalize).await;
    let failing = async {
        loop {
            if let Err(error) = listening.heard.recv().await.unwrap() {
                return error;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), failing)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_wire_that_falls_silent_is_a_stall() {
    assert_eq!(broken(Mischief::Stall).await.kind(), "stalled");
}

#[tokio::test]
async fn a_wire_that_is_cut_is_an_outage() {
    assert_eq!(broken(Mischief::Reset).await.kind(), "unavailable");
}

#[tokio::test]
async fn a_wire_that_carries_garbage_is_an_error() {
    let error = broken(Mischief::Garbage).await;

    assert!(error.may_pass(), "{error:?}");
}

#[tokio::test]
async fn a_wire_that_only_drips_is_a_stall() {
    assert_eq!(broken(Mischief::Drip).await.kind(), "stalled");
}
