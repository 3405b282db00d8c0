//! When somebody's turn is over.

use crate::timeline::play;

#[test]
fn a_finished_sentence_is_answered_after_the_shortest_pause() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "tell me a story." for 2.0
        expect 2.80 answer 1 ann "tell me a story."
        "#,
    );
}

#[test]
fn a_sentence_without_punctuation_waits_a_little_longer() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "tell me a story" for 2.0
        expect 3.16 answer 1 ann "tell me a story"
        "#,
    );
}

#[test]
fn a_question_needs_no_question_mark() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "what are your opening hours" for 2.0
        expect 2.80 answer 1 ann "what are your opening hours"
        "#,
    );
}

#[test]
fn who_stops_at_and_is_waited_for() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "I want a table and" for 2.0
        3.70 ann says "a room." for 0.5
        expect 4.50 answer 1 ann "I want a table and a room."
        "#,
    );
}

#[test]
fn un_francais_qui_hesite_a_le_temps() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "je voudrais une table pour euh" for 2.0
        expect 4.00 answer 1 ann "je voudrais une table pour euh"
        "#,
    );
}

#[test]
fn a_number_is_dictated_in_peace() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "my number is 06 12" for 1.5
        3.00 ann says "34 56 78." for 1.0
        expect 4.30 answer 1 ann "my number is 06 12 34 56 78."
        "#,
    );
}

#[test]
fn the_transcribers_end_of_turn_is_believed_at_once() {
    play(
        r#"
        transcriber ends turns after 0.15
        0.00 ann joins
        0.50 ann says "tell me a story and" for 2.0
        expect 2.65 answer 1 ann "tell me a story and"
        "#,
    );
}

#[test]
fn an_end_of_turn_that_crosses_the_next_words_is_not() {
    play(
        r#"
        transcriber never finalizes
        0.00 ann joins
        0.50 ann voice begins
        1.00 ann final "tell me a story"
        1.30 ann voice ends
        1.60 ann voice begins
        1.70 ann ends her turn
        2.20 ann final "about a cat."
        2.40 ann voice ends
        expect 2.50 answer 1 ann "tell me a story about a cat."
        "#,
    );
}

#[test]
fn the_transcriber_is_asked_for_the_rest() {
    play(
        r#"
        transcriber has no interims
        transcriber finalizes after 0.5
        0.00 ann joins
        0.50 ann says "tell me a story." for 2.0
        expect 2.80 finalize ann
        expect 3.30 answer 1 ann "tell me a story."
        "#,
    );
}

#[test]
fn a_transcriber_that_never_finalizes_is_not_waited_for_long() {
    play(
        r#"
        transcriber never finalizes
        0.00 ann joins
        0.50 ann says "tell me a story." for 2.0
        expect 3.50 answer 1 ann "tell me a story."
        "#,
    );
}

#[test]
fn a_late_final_of_an_answered_turn_is_no_new_turn() {
    play(
        r#"
        transcriber finalizes after 1.5
        0.00 ann joins
        0.50 ann says "tell me a story." for 2.0
        expect 3.50 answer 1 ann "tell me a story."
        3.60 reply 1 begins
        6.00 reply 1 ends
        "#,
    );
}

#[test]
fn a_transcriber_that_tells_nothing_makes_the_agent_ask() {
    play(
        r#"
        transcriber never finalizes
        transcriber has no interims
        0.00 ann joins
        0.50 ann says "tell me a story." for 2.0
        expect 5.80 prompt 1 not understood
        "#,
    );
}

#[test]
fn speech_without_words_is_asked_for_twice_at_most() {
    play(
        r#"
        set idle_prompt_after_ms 60000
        0.00 ann joins
        0.50 ann makes a noise for 1.5
        expect 2.40 prompt 1 not understood
        2.50 reply 1 begins
        3.00 reply 1 ends
        4.00 ann makes a noise for 1.5
        expect 5.90 prompt 2 not understood
        6.00 reply 2 begins
        6.50 reply 2 ends
        7.00 ann makes a noise for 1.5
        until 20.0
        "#,
    );
}

#[test]
fn a_cough_in_silence_is_nothing() {
    play(
        r#"
        0.00 ann joins
        0.50 ann coughs
        until 9.0
        "#,
    );
}

#[test]
fn words_without_a_voice_are_a_turn_as_well() {
    play(
        r#"
        0.00 ann joins
        0.50 ann interim "hello"
        0.80 ann final "Hello there."
        expect 1.10 answer 1 ann "Hello there."
        "#,
    );
}

#[test]
fn a_voice_that_never_ends_does_not_hold_its_words_for_ever() {
    play(
        r#"
        transcriber never finalizes
        0.00 ann joins
        0.50 ann voice begins
        1.00 ann interim "tell me a story."
        expect 7.00 answer 1 ann "tell me a story."
        "#,
    );
}

#[test]
fn a_typed_line_is_a_turn() {
    play(
        r#"
        0.00 ann joins
        0.50 ann types "Hello and"
        expect 0.50 answer 1 ann "Hello and"
        "#,
    );
}

#[test]
fn a_stable_partial_begins_a_reply_that_the_turn_lets_out() {
    play(
        r#"
        set preemptive true
        0.00 ann joins
        0.50 ann says "tell me a story." for 2.0
        expect 2.70 prepare 1 ann "tell me a story."
        expect 2.80 answer 1 ann "tell me a story."
        "#,
    );
}

#[test]
fn changed_words_discard_what_was_prepared() {
    play(
        r#"
        set preemptive true
        0.00 ann joins
        0.50 ann says "book a table" for 1.0
        expect 1.70 prepare 1 ann "book a table"
        2.00 ann says "for two." for 0.6
        expect 2.40 discard 1
        expect 2.80 prepare 2 ann "book a table for two."
        expect 2.90 answer 2 ann "book a table for two."
        "#,
    );
}

#[test]
fn a_whole_sentence_is_prepared_for_before_the_voice_ends() {
    play(
        r#"
        set preemptive true
        0.00 ann joins
        0.50 ann voice begins
        1.00 ann interim "what's the time?"
        1.30 ann voice ends
        1.35 ann final "What's the time?"
        expect 1.20 prepare 1 ann "what's the time?"
        expect 1.40 answer 1 ann "What's the time?"
        "#,
    );
}

#[test]
fn what_was_prepared_is_forgotten_when_its_speaker_leaves() {
    play(
        r#"
        set preemptive true
        0.00 ann joins
        0.50 ann says "tell me a story" for 1.0
        1.75 ann leaves
        expect 1.70 prepare 1 ann "tell me a story"
        expect 1.75 note ann "tell me a story"
        expect 1.75 discard 1
        "#,
    );
}

#[test]
fn who_leaves_in_mid_sentence_is_noted() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "tell me a long story" for 2.0
        1.90 ann leaves
        expect 1.90 note ann "tell me a"
        until 30.0
        "#,
    );
}
