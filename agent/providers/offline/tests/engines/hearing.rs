//! What the transcriber understands.

use agent_contract::{Heard, ListenOptions, ProviderError, Transcriber};
use agent_providers_offline::Grammar;

use crate::stage::{by_telephone, english, finalize, grammar, hear, send, speak, transcriber};

const SAID: [&str; 8] = [
    "what are your opening hours",
    "when are you open on friday",
    "i would like to book an appointment",
    "how much is a haircut",
    "can i speak with thomas please",
    "repeat that please",
    "my name is john smith",
    "goodbye",
];

const OUTSIDE: [&str; 5] = [
    "the weather has been terrible this week",
    "my dog ate the homework again",
    "do you know who won the football match",
    "i am looking for a new apartment",
    "that is very interesting",
];

#[tokio::test]
async fn the_profiles_phrases_are_understood_word_for_word() {
    let transcriber = transcriber(grammar()).await;
    for said in SAID {
        let sound = speak(&[said], "en", Some("rms")).await.samples;

        let heard = hear(&transcriber, &sound).await;

        assert_eq!(heard.text, said);
        assert!(heard.confidence > Some(0.55), "{said}: {heard:?}");
    }
}

#[tokio::test]
async fn the_profiles_phrases_are_understood_over_the_telephone_once_the_line_is_known() {
    let transcriber = transcriber(grammar()).await;
    for voice in ["rms", "slt"] {
        let mut listening = transcriber.listen(english()).await.unwrap();
        for said in ["hello"].iter().chain(&SAID) {
            let sound = speak(&[said], "en", Some(voice)).await.samples;

            send(&listening, &by_telephone(&sound)).await;
            let (heard, _) = finalize(&mut listening).await;

            assert!(
                heard.text == *said || *said == "hello",
                "{voice}: {heard:?}"
            );
        }
    }
}

#[tokio::test]
async fn speech_outside_the_grammar_is_told_with_low_confidence() {
    let transcriber = transcriber(grammar()).await;
    let (mut words, mut wrong) = (0, 0);
    for said in OUTSIDE {
        let sound = speak(&[said], "en", Some("rms")).await.samples;

        let heard = hear(&transcriber, &sound).await;

        assert!(heard.confidence < Some(0.5), "{said}: {heard:?}");
        words += said.split(' ').count();
        wrong += errors(said, &heard.text);
    }
    assert!(
        wrong * 100 <= words * 15,
        "{wrong} of {words} words are wrong"
    );
}

#[tokio::test]
async fn without_a_grammar_three_words_in_a_hundred_are_wrong() {
    let transcriber = transcriber(Grammar::default()).await;
    let (mut words, mut wrong) = (0, 0);
    for said in SAID.iter().chain(&OUTSIDE) {
        let sound = speak(&[said], "en", Some("rms")).await.samples;

        let heard = hear(&transcriber, &sound).await;

        words += said.split(' ').count();
        wrong += errors(said, &heard.text);
    }
    assert!(
        wrong * 100 <= words * 8,
        "{wrong} of {words} words are wrong"
    );
}

#[tokio::test]
async fn words_are_told_while_they_are_spoken() {
    let transcriber = transcriber(grammar()).await;
    let sound = speak(&["i would like to book an appointment"], "en", Some("rms")).await;
    let mut listening = transcriber.listen(english()).await.unwrap();

    send(&listening, &sound.samples).await;
    let Some(Ok(Heard::Interim(first))) = listening.heard.recv().await else {
        panic!("nothing was told before the end");
    };

    assert!(!first.text.is_empty());
    let (last, _) = finalize(&mut listening).await;
    assert_eq!(last.text, "i would like to book an appointment");
}

#[tokio::test]
async fn one_utterance_follows_another() {
    let transcriber = transcriber(grammar()).await;
    let mut listening = transcriber.listen(english()).await.unwrap();
    for said in &SAID[..3] {
        let sound = speak(&[said], "en", Some("rms")).await.samples;

        send(&listening, &sound).await;

        assert_eq!(finalize(&mut listening).await.0.text, *said);
    }
}

#[tokio::test]
async fn silence_is_nothing_and_is_told_when_asked() {
    let mut listening = transcriber(grammar())
        .await
        .listen(english())
        .await
        .unwrap();

    send(&listening, &[0; 16_000]).await;
    let (heard, interim) = finalize(&mut listening).await;

    assert_eq!(heard.text, "");
    assert!(interim.is_empty());
}

#[tokio::test]
async fn the_last_words_are_told_when_the_input_ends() {
    let transcriber = transcriber(grammar()).await;
    let sound = speak(&["where are you"], "en", Some("rms")).await.samples;
    let mut listening = transcriber.listen(english()).await.unwrap();
    send(&listening, &sound).await;

    drop(listening.input);

    let mut last = None;
    while let Some(heard) = listening.heard.recv().await {
        last = Some(heard.unwrap());
    }
    let Some(Heard::Final(heard)) = last else {
        panic!("no final text: {last:?}");
    };
    assert_eq!(heard.text, "where are you");
}

#[tokio::test]
async fn keywords_of_the_session_are_understood() {
    let transcriber = transcriber(grammar()).await;
    let options = ListenOptions {
        keywords: ["silver package".to_owned()].into(),
        ..english()
    };
    let sound = speak(&["silver package"], "en", Some("rms")).await.samples;
    let mut listening = transcriber.listen(options).await.unwrap();

    send(&listening, &sound).await;

    assert_eq!(finalize(&mut listening).await.0.text, "silver package");
}

#[tokio::test]
async fn a_word_that_is_in_no_dictionary_is_understood_by_its_sounds() {
    let mut grammar = grammar();
    grammar.add_sounds("wolverlark", "W UH L V ER L AA R K");
    grammar.add_phrase("where is wolverlark");
    let sound = speak(&["where is wolverlark"], "en", Some("rms"))
        .await
        .samples;

    let heard = hear(&transcriber(grammar).await, &sound).await;

    assert_eq!(heard.text, "where is wolverlark");
}

#[tokio::test]
async fn another_language_is_rejected() {
    let options = ListenOptions {
        language: "fr".parse().unwrap(),
        ..english()
    };

    let refused = transcriber(grammar()).await.listen(options).await;

    assert!(matches!(refused, Err(ProviderError::Rejected { .. })));
}

/// Returns how many words have to change.
fn errors(said: &str, heard: &str) -> usize {
    let heard: Vec<&str> = heard.split_whitespace().collect();
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, word) in said.split(' ').enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in heard.iter().enumerate() {
            let changed = diagonal + usize::from(word != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[heard.len()]
}
