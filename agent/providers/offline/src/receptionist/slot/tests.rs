use super::*;
use crate::receptionist::{builtin::ENGLISH, script::Texts};

fn meant(value: Option<Value>) -> String {
    value.map(|value| value.meant).unwrap_or_default()
}

#[test]
fn days_are_found_in_both_languages() {
    for (said, language, expected) in [
        ("on monday please", "en", "monday"),
        ("next Friday at ten", "en", "next friday"),
        ("tomorrow", "en", "tomorrow"),
        ("vendredi prochain", "fr", "next friday"),
        ("demain", "fr", "tomorrow"),
        ("some day", "en", ""),
    ] {
        assert_eq!(meant(day(said, language)), expected, "{said}");
    }
}

#[test]
fn times_are_found_as_they_are_said() {
    for (said, expected) in [
        ("at ten o'clock", "10:00"),
        ("ten thirty in the morning", "10:30"),
        ("half past three", "15:30"),
        ("quarter to four", "15:45"),
        ("at 10:15", "10:15"),
        ("three p m", "15:00"),
        ("nine", "09:00"),
        ("at noon", "12:00"),
        ("twenty past five", "17:20"),
        ("seven in the morning", "07:00"),
        ("i do not know", ""),
    ] {
        assert_eq!(
            meant(time(said, "en", Attention::Asked)),
            expected,
            "{said}"
        );
    }
    for (said, expected) in [
        ("à dix heures", "10:00"),
        ("quinze heures trente", "15:30"),
        ("dix heures et demie", "10:30"),
        ("à 14h15", "14:15"),
        ("midi", "12:00"),
    ] {
        assert_eq!(
            meant(time(said, "fr", Attention::Asked)),
            expected,
            "{said}"
        );
    }
}

#[test]
fn a_bare_numeral_is_a_time_only_when_one_was_asked_for() {
    assert_eq!(time("a table for two", "en", Attention::ByTheWay), None);
    assert_eq!(meant(time("at two", "en", Attention::ByTheWay)), "14:00");
}

#[test]
fn times_are_said_as_people_say_them() {
    for (hour, minute, expected) in [
        (10, 0, "ten o'clock"),
        (15, 30, "half past three"),
        (11, 45, "quarter to twelve"),
        (17, 20, "five 20"),
    ] {
        assert_eq!(clock::spoken(hour, minute, "en"), expected);
    }
}

#[test]
fn numbers_are_found_digit_by_digit_or_as_numerals() {
    for (said, expected) in [
        ("five five five one two three four", "5551234"),
        ("my number is double five oh one", "5501"),
        ("twenty five", "25"),
        ("0 30 - 12 34", "0301234"),
        ("none", ""),
    ] {
        assert_eq!(meant(number(said, Attention::Asked)), expected, "{said}");
    }
}

#[test]
fn a_plus_before_a_number_is_part_of_it() {
    for (said, expected) in [
        ("+49 30 901823", "+4930901823"),
        ("plus four nine three zero", "+4930"),
        ("my number is plus quarante neuf", "+49"),
        ("one plus", "1"),
    ] {
        assert_eq!(meant(number(said, Attention::Asked)), expected, "{said}");
    }
}

#[test]
fn names_are_found() {
    for (said, expected) in [
        ("my name is john smith", "John Smith"),
        ("It's Mary, please.", "Mary"),
        ("Thomas Miller", "Thomas Miller"),
        ("je m'appelle marie", "Marie"),
        ("um i would like to know something about prices", ""),
    ] {
        assert_eq!(meant(name(said, Attention::Asked)), expected, "{said}");
    }
    assert_eq!(name("i am looking for you", Attention::ByTheWay), None);
}

#[test]
fn a_choice_is_found_in_singular_and_plural_and_meant_in_english() {
    let services = Choice {
        values: Texts::By(
            [
                (
                    "en".to_owned(),
                    vec!["haircut".to_owned(), "beard trim".to_owned()],
                ),
                (
                    "fr".to_owned(),
                    vec!["coupe".to_owned(), "taille de barbe".to_owned()],
                ),
            ]
            .into(),
        ),
    };

    assert_eq!(meant(choice("two haircuts", &services, "en")), "haircut");
    assert_eq!(
        meant(choice("une taille de barbe", &services, "fr")),
        "beard trim"
    );
    assert_eq!(choice("a massage", &services, "en"), None);
}

#[test]
fn no_wins_over_yes() {
    assert_eq!(decision("yes please", &ENGLISH), Some(Decision::Yes));
    assert_eq!(
        decision("no that's not right", &ENGLISH),
        Some(Decision::No)
    );
    assert_eq!(decision("perhaps", &ENGLISH), None);
}
