//! What happens when somebody speaks over a reply.

use crate::timeline::play;

#[test]
fn a_voice_holds_the_reply_at_once_and_words_stop_it() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann says "no, stop it." for 0.9
        expect 2.00 pause 1
        expect 2.40 stop 1
        expect 3.20 answer 2 ann "no, stop it."
        "#,
    );
}

#[test]
fn a_cough_does_not_lose_the_reply() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann coughs
        expect 2.00 pause 1
        expect 2.65 resume 1
        8.00 reply 1 ends
        "#,
    );
}

#[test]
fn a_cough_that_the_transcriber_is_silent_about_ends_after_a_while() {
    play(
        r#"
        transcriber never finalizes
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann coughs
        expect 2.00 pause 1
        expect 2.95 resume 1
        5.00 reply 1 ends
        "#,
    );
}

#[test]
fn a_listeners_mhm_does_not_lose_the_reply() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann says "mhm" for 0.4
        expect 2.00 pause 1
        expect 2.80 resume 1
        8.00 reply 1 ends
        "#,
    );
}

#[test]
fn oui_d_accord_ne_coupe_pas_la_parole() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "raconte"
        expect 0.00 answer 1 ann "raconte"
        0.50 reply 1 begins
        2.00 ann says "oui, d'accord" for 0.6
        expect 2.00 pause 1
        expect 3.00 resume 1
        8.00 reply 1 ends
        "#,
    );
}

#[test]
fn yes_but_is_an_interruption() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann says "yes but shorter." for 0.9
        expect 2.00 pause 1
        expect 2.70 stop 1
        expect 3.20 answer 2 ann "yes but shorter."
        "#,
    );
}

#[test]
fn a_yes_at_the_end_of_a_reply_answers_it() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "book it"
        expect 0.00 answer 1 ann "book it"
        0.50 reply 1 begins
        2.00 ann says "yes." for 0.3
        expect 2.00 pause 1
        expect 2.60 resume 1
        3.00 reply 1 ends
        expect 3.00 answer 2 ann "yes."
        "#,
    );
}

#[test]
fn a_voice_that_lasts_stops_the_reply_without_a_word() {
    play(
        r#"
        transcriber has no interims
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann says "that is not what I asked." for 2.0
        expect 2.00 pause 1
        expect 2.70 stop 1
        expect 4.40 answer 2 ann "that is not what I asked."
        "#,
    );
}

#[test]
fn an_interruption_that_is_not_understood_is_asked_about() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann makes a noise for 0.55
        expect 2.00 pause 1
        expect 2.70 stop 1
        expect 2.95 prompt 2 not understood
        "#,
    );
}

#[test]
fn words_that_come_late_stop_a_reply_that_went_on() {
    play(
        r#"
        transcriber finalizes after 1.5
        transcriber has no interims
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann says "stop!" for 0.3
        expect 2.00 pause 1
        expect 3.00 resume 1
        expect 4.10 stop 1
        expect 4.10 answer 2 ann "stop!"
        "#,
    );
}

#[test]
fn coughing_on_and_on_stops_the_reply() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann coughs
        2.55 ann coughs
        3.10 ann coughs
        3.65 ann coughs
        4.20 ann coughs
        4.75 ann coughs
        5.30 ann coughs
        5.85 ann coughs
        6.40 ann coughs
        6.95 ann coughs
        expect 2.00 pause 1
        expect 7.00 stop 1
        expect 7.60 prompt 2 not understood
        "#,
    );
}

#[test]
fn a_turn_that_goes_on_stops_the_answer_that_has_not_begun() {
    play(
        r#"
        0.00 ann joins
        0.50 ann says "book a table." for 1.0
        expect 1.80 answer 1 ann "book a table."
        2.00 ann says "for two people." for 0.9
        expect 2.00 pause 1
        expect 2.40 stop 1
        expect 3.20 answer 2 ann "for two people."
        "#,
    );
}

#[test]
fn a_reply_that_may_not_be_interrupted_is_heard_to_its_end() {
    play(
        r#"
        set interruptible false
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann says "no, stop it." for 0.9
        5.00 reply 1 ends
        expect 5.00 answer 2 ann "no, stop it."
        "#,
    );
}

#[test]
fn a_typed_line_stops_the_reply() {
    play(
        r#"
        0.00 ann joins
        0.00 ann types "a story"
        expect 0.00 answer 1 ann "a story"
        0.50 reply 1 begins
        2.00 ann types "stop"
        expect 2.00 stop 1
        expect 2.00 answer 2 ann "stop"
        "#,
    );
}
