//! Several people, and the agent among them.

use crate::timeline::play;

#[test]
fn who_does_not_name_the_agent_is_noted() {
    play(
        r#"
        0.00 ann joins
        0.00 bob joins
        0.50 ann says "how are you, Bob?" for 1.0
        expect 1.80 note ann "how are you, Bob?"
        until 60.0
        "#,
    );
}

#[test]
fn who_names_the_agent_is_answered_and_may_go_on_without_the_name() {
    play(
        r#"
        0.00 ann joins
        0.00 bob joins
        0.50 ann says "Pat, what's the time?" for 1.0
        expect 1.80 answer 1 ann "Pat, what's the time?"
        2.00 reply 1 begins
        3.00 reply 1 ends
        4.00 ann says "And tomorrow?" for 1.0
        expect 5.30 answer 2 ann "And tomorrow?"
        "#,
    );
}

#[test]
fn an_exchange_ends_when_somebody_else_speaks() {
    play(
        r#"
        0.00 ann joins
        0.00 bob joins
        0.50 ann says "Pat, what's the time?" for 1.0
        expect 1.80 answer 1 ann "Pat, what's the time?"
        2.00 reply 1 begins
        3.00 reply 1 ends
        4.00 bob says "Let's go." for 1.0
        expect 5.30 note bob "Let's go."
        6.00 ann says "Good idea." for 1.0
        expect 7.30 note ann "Good idea."
        "#,
    );
}

#[test]
fn an_exchange_fades_with_time() {
    play(
        r#"
        0.00 ann joins
        0.00 bob joins
        0.50 ann says "Pat, what's the time?" for 1.0
        expect 1.80 answer 1 ann "Pat, what's the time?"
        2.00 reply 1 begins
        3.00 reply 1 ends
        20.0 ann says "Shall we go?" for 1.0
        expect 21.30 note ann "Shall we go?"
        "#,
    );
}

#[test]
fn an_agent_that_always_answers_answers_everybody() {
    play(
        r#"
        set answer_when always
        0.00 ann joins
        0.00 bob joins
        0.50 bob says "what's the time?" for 1.0
        expect 1.80 answer 1 bob "what's the time?"
        "#,
    );
}

#[test]
fn each_person_has_their_own_words_and_their_own_answer() {
    play(
        r#"
        set answer_when always
        0.00 ann joins
        0.00 bob joins
        0.50 ann says "what's the time?" for 1.0
        0.60 bob says "and the weather?" for 1.5
        expect 2.40 answer 1 ann "what's the time?"
        3.00 reply 1 begins
        4.00 reply 1 ends
        expect 4.00 answer 2 bob "and the weather?"
        "#,
    );
}

#[test]
fn somebody_else_who_speaks_is_let_finish() {
    play(
        r#"
        set answer_when always
        0.00 ann joins
        0.00 bob joins
        0.50 ann says "what's the time?" for 1.0
        0.60 bob makes a noise for 8.0
        expect 3.80 answer 1 ann "what's the time?"
        "#,
    );
}

#[test]
fn anybodys_voice_holds_the_reply() {
    play(
        r#"
        0.00 ann joins
        0.00 bob joins
        0.50 ann types "Pat, a story"
        expect 0.50 answer 1 ann "Pat, a story"
        1.00 reply 1 begins
        2.00 bob coughs
        expect 2.00 pause 1
        expect 2.65 resume 1
        5.00 reply 1 ends
        "#,
    );
}

#[test]
fn people_among_themselves_are_not_asked_whether_they_are_there() {
    play(
        r#"
        0.00 ann joins
        0.00 bob joins
        until 100.0
        "#,
    );
}

#[test]
fn an_empty_room_stops_the_reply() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann leaves
        expect 2.00 stop 1
        until 60.0
        "#,
    );
}
