//! What the speaker delivers.

use std::time::Duration;

use crate::stage::{hear, speak, transcriber};
use agent_contract::{Language, ProviderError, ProviderName, SpeakOptions, Speaker, SpeechInput};
use agent_providers_offline::{Grammar, OfflineSpeaker};

const RATE: usize = 16_000;

#[tokio::test]
async fn english_is_spoken_with_the_time_of_each_word() {
    let spoken = speak(&["We are open from nine to six."], "en", None).await;

    let words: Vec<&str> = spoken.words.iter().map(|word| word.word.as_str()).collect();
    assert_eq!(words, ["We", "are", "open", "from", "nine", "to", "six"]);
    let ends: Vec<Duration> = spoken.words.iter().map(|word| word.to).collect();
    assert!(ends.is_sorted());
    let length = Duration::from_millis(spoken.samples.len() as u64 * 1_000 / RATE as u64);
    let last = *ends.last().unwrap();
    assert!(
        last <= length && last + Duration::from_millis(400) > length,
        "{last:?} {length:?}"
    );
    assert!(spoken.finished);
}

#[tokio::test]
async fn french_is_spoken_with_the_time_of_each_word() {
    let spoken = speak(
        &["Nous sommes ouverts à partir de neuf heures."],
        "fr",
        None,
    )
    .await;

    let words: Vec<&str> = spoken.words.iter().map(|word| word.word.as_str()).collect();
    assert!(
        words.starts_with(&["Nous", "sommes", "ouverts", "à"]),
        "{words:?}"
    );
    let seconds = spoken.samples.len() as f32 / RATE as f32;
    assert!((1.5..5.0).contains(&seconds), "{seconds} s");
}

#[tokio::test]
async fn word_times_run_on_from_clause_to_clause() {
    let one = speak(&["Good morning."], "en", None).await;
    let both = speak(&["Good morning.", " How can I help?"], "en", None).await;

    let begin = Duration::from_millis(one.samples.len() as u64 * 1_000 / RATE as u64);
    assert_eq!(both.words[2].word, "How");
    assert!(both.words[2].from.abs_diff(begin) < Duration::from_millis(250));
    assert_eq!(both.text_until, [13, 29]);
}

#[tokio::test]
async fn the_first_word_comes_without_silence_before_it() {
    let spoken = speak(&["Hello there."], "en", None).await;

    let first = spoken
        .samples
        .iter()
        .position(|sample| sample.abs() > 100)
        .unwrap();
    assert!(first < RATE / 10, "{first} samples of silence");
}

#[tokio::test]
async fn nothing_to_say_is_finished_at_once() {
    let spoken = speak(&["", "  ", "…"], "en", None).await;

    assert!(spoken.finished);
    assert!(spoken.samples.is_empty());
}

#[tokio::test]
async fn strange_text_is_no_trouble() {
    let long = "very ".repeat(500);
    for text in [
        "\0\u{1}<speak>&lt;",
        "日本語 🙂 a",
        "%n%s%d",
        &long,
        "1e999 -0 §",
    ] {
        for language in ["en", "fr"] {
            assert!(speak(&[text], language, None).await.finished, "{text:?}");
        }
    }
}

#[tokio::test]
async fn a_language_that_no_engine_has_is_rejected() {
    let speaker = OfflineSpeaker::new(ProviderName::new("offline"));
    let options = SpeakOptions {
        voice: None,
        language: "tlh".parse().unwrap(),
    };

    let refused = speaker.speak(options).await;

    assert!(matches!(refused, Err(ProviderError::Rejected { .. })));
}

#[tokio::test]
async fn a_dropped_reply_leaves_the_speaker_to_others() {
    let speaker = OfflineSpeaker::new(ProviderName::new("offline"));
    let options = SpeakOptions {
        voice: None,
        language: Language::english(),
    };
    for _ in 0..50 {
        let speech = speaker.speak(options.clone()).await.unwrap();
        let text = SpeechInput::Text("This is never heard to its end.".to_owned());
        speech.input.send(text).await.unwrap();
        drop(speech);
    }

    let mut speech = speaker.speak(options).await.unwrap();
    drop(speech.input);

    assert!(speech.spoken.recv().await.is_some());
}

#[tokio::test]
async fn what_is_spoken_is_understood() {
    let said = "could you tell me where the station is";
    let spoken = speak(&[said], "en", Some("rms")).await;

    let heard = hear(&transcriber(Grammar::default()).await, &spoken.samples).await;

    // The free model may hear a word in the noise after the last one.
    assert!(heard.text.starts_with(said), "{}", heard.text);
}
