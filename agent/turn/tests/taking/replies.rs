//! Replies that are late, fail, wait for tools, or were asked for by nobody in the room.

use crate::timeline::play;

#[test]
fn a_late_reply_is_filled_once() {
    play(
        r#"
        set filler_after_ms 1200
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        expect 1.20 fill 1
        5.00 reply 1 begins
        6.00 reply 1 ends
        "#,
    );
}

#[test]
fn a_tool_is_filled_as_well() {
    play(
        r#"
        set filler_after_ms 1200
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        1.00 tool 1 begins
        expect 2.20 fill 1
        4.00 tool 1 ends
        6.00 reply 1 ends
        "#,
    );
}

#[test]
fn a_reply_that_fails_is_apologised_for() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        1.00 reply 1 fails
        expect 1.00 prompt 2 failed
        1.10 reply 2 begins
        2.00 reply 2 ends
        "#,
    );
}

#[test]
fn an_apology_that_fails_is_not_apologised_for() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        1.00 reply 1 fails
        expect 1.00 prompt 2 failed
        1.10 reply 2 fails
        expect 11.10 prompt 3 idle 1
        "#,
    );
}

#[test]
fn a_reply_that_never_begins_is_given_up() {
    play(
        r#"
        set filler_after_ms 1200
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        expect 1.20 fill 1
        expect 10.00 stop 1
        expect 10.00 prompt 2 failed
        "#,
    );
}

#[test]
fn a_tool_may_take_its_time_but_not_for_ever() {
    play(
        r#"
        set filler_after_ms 1200
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.10 tool 1 begins
        expect 1.30 fill 1
        expect 30.10 stop 1
        expect 30.10 prompt 2 failed
        "#,
    );
}

#[test]
fn a_greeting_waits_for_somebody() {
    play(
        r#"
        0.00 announce 1
        2.00 ann joins
        expect 2.00 speak 1
        "#,
    );
}

#[test]
fn an_announcement_waits_for_its_moment() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "tell me a story." for 1.0
        1.00 announce 1
        expect 1.80 answer 2 ann "tell me a story."
        2.00 reply 2 begins
        4.00 reply 2 ends
        expect 4.00 speak 1
        "#,
    );
}

#[test]
fn a_greeting_can_be_interrupted() {
    play(
        r#"
        0.00 ann joins
        0.00 announce 1
        expect 0.00 speak 1
        0.10 reply 1 begins
        1.00 ann says "what's the time?" for 0.9
        expect 1.00 pause 1
        expect 1.40 stop 1
        expect 2.20 answer 2 ann "what's the time?"
        "#,
    );
}

#[test]
fn news_of_another_reply_changes_nothing() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        1.00 reply 9 ends
        1.00 reply 9 fails
        1.00 ann types "no"
        expect 1.00 stop 1
        expect 1.00 answer 2 ann "no"
        1.10 reply 1 ends
        "#,
    );
}
