//! What happens when there is too much, too little, or nothing.

use std::{fs, path::PathBuf};

use agent_contract::{ProviderError, ProviderName, Transcriber, TranscriptionInput};
use agent_providers_offline::{DecoderSettings, Decoders, Grammar, OfflineTranscriber};

use crate::stage::{CHUNK, decoders, english, finalize, grammar, hear, send, speak, transcriber};

#[tokio::test]
async fn more_speakers_than_decoders_are_all_heard() {
    let transcriber = transcriber(grammar()).await;
    let sound = speak(&["what are your opening hours"], "en", Some("rms"))
        .await
        .samples;
    let mut all = Vec::new();
    for _ in 0..6 {
        let listening = transcriber.listen(english()).await.unwrap();
        send(&listening, &sound).await;
        all.push(listening);
    }

    for listening in &mut all {
        assert_eq!(
            finalize(listening).await.0.text,
            "what are your opening hours"
        );
    }
}

#[tokio::test]
async fn a_speaker_dropped_in_mid_utterance_frees_its_decoder() {
    let transcriber = transcriber(grammar()).await;
    let sound = speak(&["what are your opening hours"], "en", Some("rms"))
        .await
        .samples;
    for _ in 0..10 {
        let listening = transcriber.listen(english()).await.unwrap();
        send(&listening, &sound[..sound.len() / 2]).await;
        drop(listening);
    }

    assert_eq!(
        hear(&transcriber, &sound).await.text,
        "what are your opening hours"
    );
}

#[tokio::test]
async fn a_decoder_that_is_taken_for_too_long_is_an_error_that_others_can_make_up_for() {
    let settings = DecoderSettings {
        decoders: 1,
        ..DecoderSettings::default()
    };
    let name = ProviderName::new("offline");
    let transcriber = OfflineTranscriber::new(name, Decoders::start(&settings), grammar());
    let sound = speak(&["where are you"], "en", Some("rms")).await.samples;
    let talking = transcriber.listen(english()).await.unwrap();
    send(&talking, &sound).await;
    let mut waiting = transcriber.listen(english()).await.unwrap();
    send(&waiting, &sound).await;

    waiting
        .input
        .send(TranscriptionInput::Finalize)
        .await
        .unwrap();

    let told = waiting.heard.recv().await.unwrap();
    assert!(
        matches!(told, Err(ProviderError::Stalled { .. })),
        "{told:?}"
    );
}

#[tokio::test]
async fn missing_models_name_the_package_to_install() {
    let settings = DecoderSettings {
        models: PathBuf::from("/nowhere"),
        ..DecoderSettings::default()
    };
    let name = ProviderName::new("offline");
    let transcriber = OfflineTranscriber::new(name, Decoders::start(&settings), grammar());

    let Err(ProviderError::Missing { remedy, .. }) = transcriber.listen(english()).await else {
        panic!("models that are not there were found");
    };

    assert!(remedy.contains("pocketsphinx-en-us"), "{remedy}");
}

#[tokio::test]
async fn a_thousand_short_utterances_leave_nothing() {
    let transcriber = transcriber(Grammar::default()).await;
    let click: Vec<i16> = (0..5 * CHUNK)
        .map(|i| if i % 40 < 20 { 4_000 } else { -4_000 })
        .collect();
    let utter = async |count: usize| {
        let mut listening = transcriber.listen(english()).await.unwrap();
        for _ in 0..count {
            for chunk in click.chunks(CHUNK) {
                let audio = TranscriptionInput::Audio(chunk.into());
                listening.input.send(audio).await.unwrap();
            }
            finalize(&mut listening).await;
        }
    };
    drop(decoders());
    utter(100).await;
    let before = resident_megabytes();

    for _ in 0..100 {
        utter(10).await;
    }

    let grown = resident_megabytes().saturating_sub(before);
    assert!(grown < 40, "{grown} MB more than before");
}

fn resident_megabytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        / 1_024
}
