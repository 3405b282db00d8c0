//! Silence, limits, ends, and the switch.

use crate::timeline::play;

#[test]
fn a_silent_caller_is_asked_twice_and_let_go() {
    play(
        r#"
        0.00 ann joins
        expect 10.00 prompt 1 idle 1
        10.2 reply 1 begins
        11.0 reply 1 ends
        expect 21.00 prompt 2 idle 2
        21.2 reply 2 begins
        22.0 reply 2 ends
        expect 32.00 hang up idle too long
        until 100.0
        "#,
    );
}

#[test]
fn a_word_begins_the_patience_anew() {
    play(
        r#"
        0.00 ann joins
        expect 10.00 prompt 1 idle 1
        10.2 reply 1 begins
        11.0 reply 1 ends
        15.0 ann types "wait"
        expect 15.00 answer 2 ann "wait"
        15.2 reply 2 begins
        16.0 reply 2 ends
        expect 26.00 prompt 3 idle 1
        "#,
    );
}

#[test]
fn coughs_do_not_put_off_the_question() {
    play(
        r#"
        0.00 ann joins
        4.00 ann coughs
        8.00 ann coughs
        expect 10.00 prompt 1 idle 1
        "#,
    );
}

#[test]
fn idle_prompts_may_be_unwanted() {
    play(
        r#"
        set idle_prompt_after_ms 0
        0.00 ann joins
        until 1000.0
        "#,
    );
}

#[test]
fn an_empty_room_is_asked_nothing() {
    play("until 100.0");
}

#[test]
fn a_conversation_ends_when_it_is_too_long() {
    play(
        r#"
        set max_duration_s 60
        set idle_prompt_after_ms 0
        0.00 ann joins
        59.0 ann types "a story"
        expect 59.00 answer 1 ann "a story"
        59.5 reply 1 begins
        64.0 reply 1 ends
        expect 64.00 hang up too long
        65.0 ann types "hello"
        "#,
    );
}

#[test]
fn the_last_reply_does_not_last_for_ever() {
    play(
        r#"
        set max_duration_s 60
        set idle_prompt_after_ms 0
        0.00 ann joins
        59.0 ann types "a story"
        expect 59.00 answer 1 ann "a story"
        59.5 reply 1 begins
        expect 90.00 stop 1
        expect 90.00 hang up too long
        "#,
    );
}

#[test]
fn the_end_waits_for_the_goodbye() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "goodbye"
        expect 0.00 answer 1 ann "goodbye"
        0.10 tool 1 begins
        0.20 end asked
        0.20 tool 1 ends
        0.50 reply 1 begins
        3.00 reply 1 ends
        expect 3.00 hang up asked
        until 60.0
        "#,
    );
}

#[test]
fn what_was_announced_before_the_end_is_said() {
    play(
        r#"
        0.00 ann joins
        1.00 announce 1
        1.00 end asked
        expect 1.00 speak 1
        1.20 reply 1 begins
        3.00 reply 1 ends
        expect 3.00 hang up asked
        "#,
    );
}

#[test]
fn last_words_are_noted_at_the_end() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "thank you" for 1.0
        1.70 end asked
        expect 1.70 note ann "thank you"
        expect 1.70 hang up asked
        "#,
    );
}

#[test]
fn switched_off_nothing_is_done() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        1.00 switched off
        expect 1.00 stop 1
        2.00 ann says "Pat, hello!" for 1.0
        5.00 ann types "hello"
        6.00 announce 7
        until 4000.0
        "#,
    );
}

#[test]
fn switched_on_it_listens_again() {
    play(
        r#"
        set max_duration_s 60
        0.00 ann joins
        1.00 switched off
        2.00 bob joins
        3.00 ann leaves
        100.0 switched on
        101.0 bob says "what's the time?" for 1.0
        expect 102.30 answer 1 bob "what's the time?"
        "#,
    );
}

#[test]
fn words_before_the_switch_are_noted() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "tell me a story" for 1.0
        1.65 switched off
        expect 1.65 note ann "tell me a story"
        "#,
    );
}

#[test]
fn an_end_asked_for_while_switched_off_comes_with_the_switch() {
    play(
        r#"
        0.00 ann joins
        1.00 switched off
        2.00 end asked
        5.00 switched on
        expect 5.00 hang up asked
        "#,
    );
}
