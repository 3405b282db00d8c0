//! A wire that breaks: whatever it does, an error says so in time and nothing panics.

use std::time::Duration;

use agent_contract::{Language, ProviderError, SpeakOptions, Speaker, SpeechEvent, SpeechInput};
use agent_providers_elevenlabs::SpeakerSettings;
use tests_fakes::{Chaos, Conduct, Mischief};

use crate::world::{server, settings, speaker};

/// Breaks the wire after the first sound of a reply.
async fn broken(mischief: Mischief) -> ProviderError {
    let server = server().await;
    server.conduct(Conduct {
        audio_speed: Some(4.0),
        ..Conduct::default()
    });
    let chaos = Chaos::before(&server.url()).await.unwrap();
    let settings = SpeakerSettings {
        base_url: chaos.url(),
        ..settings(&server, 400)
    };
    let options = SpeakOptions {
        voice: None,
        language: Language::english(),
    };
    let mut speech = speaker(settings).speak(options).await.unwrap();
    let text = "We are open from nine to five, and on Saturdays until noon.";
    speech
        .input
        .send(SpeechInput::Text(text.into()))
        .await
        .unwrap();
    speech.input.send(SpeechInput::Finish).await.unwrap();
    while !matches!(speech.spoken.recv().await, Some(Ok(SpeechEvent::Audio(_)))) {}

    chaos.order(mischief);
    let failing = async {
        loop {
            if let Err(error) = speech.spoken.recv().await.unwrap() {
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
