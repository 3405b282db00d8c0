//! Speech over the wire.

use std::time::Duration;

use agent_contract::ProviderName;
use agent_contract::{
    Language, ProviderError, SpeakOptions, Speaker, Speech, SpeechEvent, SpeechInput, WordTime,
};
use agent_providers_elevenlabs::{ElevenLabsSpeaker, SettingsError, SpeakerSettings};
use serde_json::json;
use tests_fakes::{Conduct, Fault};

use crate::world::{KEY, server, settings, speaker};

/// How long the server speaks a character.
const CHARACTER_MS: u64 = 60;

fn options() -> SpeakOptions {
    SpeakOptions {
        voice: None,
        language: Language::english(),
    }
}

async fn speak(settings: SpeakerSettings, inputs: &[SpeechInput]) -> Speech {
    let speech = speaker(settings).speak(options()).await.unwrap();
    for input in inputs {
        speech.input.send(input.clone()).await.unwrap();
    }
    speech
}

fn texts(texts: &[&str]) -> Vec<SpeechInput> {
    texts
        .iter()
        .map(|text| SpeechInput::Text((*text).into()))
        .collect()
}

/// What was heard of a reply.
#[derive(Debug, Default)]
struct Heard {
    samples: usize,
    words: Vec<WordTime>,
    charged: u64,
}

async fn hear(mut speech: Speech) -> Result<Heard, ProviderError> {
    let mut heard = Heard::default();
    while let Some(event) = speech.spoken.recv().await {
        match event? {
            SpeechEvent::Audio(spoken) => heard.samples += spoken.samples.len(),
            SpeechEvent::Words(words) => heard.words.extend(words),
            SpeechEvent::Charged(characters) => heard.charged += characters,
            _ => {}
        }
    }
    Ok(heard)
}

#[tokio::test]
async fn words_are_sent_whole_and_come_back_with_their_times() {
    let server = server().await;
    server.conduct(Conduct {
        key: Some(KEY.into()),
        ..Conduct::default()
    });
    let mut inputs = texts(&["Good", " mor", "ning,", " Ann", "."]);
    inputs.push(SpeechInput::Finish);

    let heard = hear(speak(settings(&server, 5_000), &inputs).await)
        .await
        .unwrap();

    let word = |word: &str, from: u64, to: u64| WordTime {
        word: word.to_owned(),
        from: Duration::from_millis(from * CHARACTER_MS),
        to: Duration::from_millis(to * CHARACTER_MS),
    };
    assert_eq!(
        heard.words,
        [
            word("Good", 0, 4),
            word("morning,", 5, 13),
            word("Ann.", 14, 18)
        ]
    );
    assert_eq!(heard.charged, 19);
    assert_eq!(heard.samples, 19 * 1440);
    let journal = server.journal();
    let sent: Vec<&str> = journal
        .of("SendText")
        .iter()
        .filter_map(|m| m["text"].as_str())
        .collect();
    assert_eq!(sent, ["Good ", "morning, ", "Ann. "]);
    assert_eq!(journal.of("CloseConnection").len(), 1);
    assert_eq!(journal.violations(), [""; 0]);
}

#[tokio::test]
async fn the_voice_and_how_it_speaks_are_asked_for() {
    let server = server().await;
    let settings = SpeakerSettings {
        stability: Some(0.5),
        chunk_length_schedule: vec![60],
        ..settings(&server, 5_000)
    };
    let mut inputs = texts(&["Hello."]);
    inputs.push(SpeechInput::Finish);

    hear(speak(settings, &inputs).await).await.unwrap();

    let journal = server.journal();
    let query = journal.of("StreamInputQuery")[0];
    assert_eq!(query["output_format"], "pcm_24000");
    assert_eq!(query["language_code"], "en");
    let opening = journal.of("InitializeConnection")[0];
    assert_eq!(opening["voice_settings"], json!({ "stability": 0.5 }));
    assert_eq!(
        opening["generation_config"]["chunk_length_schedule"],
        json!([60])
    );
    assert_eq!(
        journal.of("request")[0]["path"],
        "/v1/text-to-speech/a-voice/stream-input"
    );
}

#[tokio::test]
async fn a_long_silence_of_the_thinker_is_no_fault_of_the_speaker() {
    let server = server().await;
    let mut speech = speak(settings(&server, 300), &texts(&["Let me look. "])).await;
    speech.input.send(SpeechInput::Flush).await.unwrap();
    while !matches!(speech.spoken.recv().await, Some(Ok(SpeechEvent::Audio(_)))) {}

    // Longer than its patience: nothing is owed.
    tokio::time::sleep(Duration::from_millis(700)).await;
    speech
        .input
        .send(SpeechInput::Text("Here it is.".into()))
        .await
        .unwrap();
    speech.input.send(SpeechInput::Finish).await.unwrap();
    let heard = hear(speech).await.unwrap();

    assert_eq!(
        heard.words.last().map(|word| word.word.as_str()),
        Some("is.")
    );
}

#[tokio::test]
async fn a_used_up_account_is_told_from_a_bad_key_and_a_busy_service() {
    let server = server().await;
    server.fail(Fault::ErrorAfter(0));
    server.fail(Fault::status(401));
    server.fail(Fault::too_many(4));
    let mut inputs = texts(&["Hello."]);
    inputs.push(SpeechInput::Finish);

    let quota = hear(speak(settings(&server, 500), &inputs).await)
        .await
        .unwrap_err();
    let speaker = speaker(settings(&server, 500));
    let key = speaker.speak(options()).await.unwrap_err();
    let busy = speaker.speak(options()).await.unwrap_err();

    assert_eq!((quota.kind(), key.kind()), ("account", "account"));
    let four = Some(Duration::from_secs(4));
    assert!(matches!(busy, ProviderError::Unavailable { retry_after, .. } if retry_after == four));
    let source = std::error::Error::source(&key).unwrap();
    let shown = format!("{key} {key:?} {source} {source:?}");
    assert!(
        !shown.contains(KEY) && !shown.contains("on purpose"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_speaker_without_a_voice_says_what_to_do() {
    let server = server().await;
    let settings = SpeakerSettings {
        voice: None,
        ..settings(&server, 500)
    };

    let error = speaker(settings).speak(options()).await.unwrap_err();

    assert_eq!(error.kind(), "missing");
}

#[tokio::test]
async fn settings_that_the_service_would_refuse_are_refused_before() {
    let server = server().await;
    let with_rate = SpeakerSettings {
        sample_rate: 12_345,
        ..settings(&server, 500)
    };
    let with_schedule = SpeakerSettings {
        chunk_length_schedule: vec![10],
        ..settings(&server, 500)
    };
    let name = || ProviderName::new("cloud");

    let rate = ElevenLabsSpeaker::new(name(), with_rate).unwrap_err();
    let schedule = ElevenLabsSpeaker::new(name(), with_schedule).unwrap_err();

    assert!(matches!(rate, SettingsError::SampleRate));
    assert!(matches!(schedule, SettingsError::Schedule));
}
