use super::*;

fn tool(name: &str) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: String::new(),
        parameters: serde_json::json!({ "type": "object" }),
    }
}

/// Plays a conversation; each reply of the receptionist was heard.
fn talk(script: &Script, language: &str, said: &[&str]) -> Vec<Reply> {
    let tools = ["end_call", "send_message", "search_knowledge"].map(tool);
    let mut desk = Desk::new(script, language, &tools);
    let said = said.iter();
    said.map(|text| {
        let reply = match text.strip_prefix("tool: ") {
            Some(answer) => desk.take_answer(answer),
            None => desk.hear(text),
        };
        desk.remember_said(&reply.text);
        reply
    })
    .collect()
}

fn last(language: &str, said: &[&str]) -> Reply {
    talk(&Script::demo(), language, said).pop().unwrap()
}

#[test]
fn questions_are_answered() {
    for (said, part) in [
        (
            "hi, what are your opening hours please?",
            "Tuesday to Friday",
        ),
        ("are you open on Sunday", "closed"),
        ("how much does a beard trim cost", "fifteen"),
        ("where are you", "Harbour Street"),
        ("who are you", "automatic receptionist"),
        ("help", "You can ask"),
    ] {
        let reply = last("en", &[said]);
        assert!(reply.text.contains(part), "{said}: {reply:?}");
    }
}

#[test]
fn questions_are_answered_in_french() {
    for (said, part) in [
        ("Bonjour, quels sont vos horaires ?", "mardi au vendredi"),
        ("combien coûte une coupe", "vingt-huit"),
        ("où êtes-vous ?", "Harbour Street"),
        ("qui êtes-vous", "standard automatique"),
    ] {
        let reply = last("fr", &[said]);
        assert!(reply.text.contains(part), "{said}: {reply:?}");
    }
}

#[test]
fn a_booking_asks_for_what_is_missing_confirms_and_uses_the_tool() {
    let replies = talk(
        &Script::demo(),
        "en",
        &[
            "i would like to book a haircut on friday",
            "at half past three",
            "my name is john smith",
            "yes please",
            "tool: {\"sent\":true}",
        ],
    );

    let texts: Vec<&str> = replies.iter().map(|reply| reply.text.as_str()).collect();
    assert_eq!(texts[0], "At what time?");
    assert_eq!(texts[1], "And your name, please?");
    assert_eq!(
        texts[2],
        "A haircut on Friday at half past three for John Smith, is that right?"
    );
    assert_eq!(
        replies[3].call,
        Some((
            "send_message".to_owned(),
            serde_json::json!({ "text": "Appointment: haircut, friday at 15:30, John Smith" })
        ))
    );
    assert!(texts[4].starts_with("Done: a haircut on Friday"));
}

#[test]
fn a_booking_works_in_french() {
    let replies = talk(
        &Script::demo(),
        "fr",
        &[
            "je voudrais prendre rendez-vous",
            "une coupe",
            "vendredi",
            "à quinze heures trente",
            "je m'appelle Marie Curie",
            "oui",
        ],
    );

    assert_eq!(
        replies[4].text,
        "Une coupe vendredi à 15 heures 30 pour Marie Curie, c'est bien ça ?"
    );
    let call = replies[5].call.as_ref().unwrap();
    assert_eq!(
        call.1["text"],
        "Appointment: haircut, friday at 15:30, Marie Curie"
    );
}

#[test]
fn a_correction_at_the_end_is_taken_and_confirmed_again() {
    let said = [
        "book a haircut on friday at ten o'clock",
        "mary",
        "no, on saturday",
    ];

    let reply = last("en", &said);

    assert_eq!(
        reply.text,
        "A haircut on Saturday at ten o'clock for Mary, is that right?"
    );
    assert_eq!(reply.call, None);
}

#[test]
fn nothing_is_acted_upon_that_was_not_confirmed() {
    let said = [
        "book a haircut on friday at ten o'clock",
        "mary",
        "the weather",
    ];

    let reply = last("en", &said);

    assert_eq!(reply.call, None);
    assert_eq!(
        reply.text,
        "Sorry, I did not get that. Please say yes or no."
    );
}

#[test]
fn another_question_is_answered_before_the_open_one_comes_back() {
    let reply = last(
        "en",
        &[
            "i would like to book a haircut",
            "how much is that, a haircut",
        ],
    );

    assert!(
        reply.text.starts_with("A haircut is twenty eight"),
        "{reply:?}"
    );
    assert!(reply.text.ends_with("For which day?"));
}

#[test]
fn a_question_that_is_not_answered_three_times_is_left() {
    let reply = last("en", &["book a haircut", "blue", "green", "red"]);

    assert!(reply.text.starts_with("Let us leave that"), "{reply:?}");
}

#[test]
fn what_was_said_is_repeated() {
    let replies = talk(
        &Script::demo(),
        "en",
        &["where are you", "repeat that please"],
    );

    assert_eq!(replies[0], replies[1]);
}

#[test]
fn a_repeated_question_is_asked_once() {
    let reply = last("en", &["book a haircut", "sorry, can you repeat that"]);

    assert_eq!(reply.text, "For which day?");
}

#[test]
fn goodbye_ends_the_call() {
    let replies = talk(&Script::demo(), "en", &["goodbye", "tool: {}"]);

    assert_eq!(replies[0].call.as_ref().unwrap().0, "end_call");
    assert_eq!(replies[1], Reply::default());
}

#[test]
fn no_to_anything_else_is_a_goodbye() {
    let reply = last("en", &["thank you", "no thank you"]);

    assert_eq!(reply.call.unwrap().0, "end_call");
}

#[test]
fn a_person_is_sent_for_only_when_the_tool_is_there() {
    let script = Script::demo();
    let tools = [tool("transfer_to_human")];

    let with = Desk::new(&script, "en", &tools).hear("can i speak with thomas");
    let without = Desk::new(&script, "en", &[]).hear("can i speak with thomas");

    assert_eq!(with.call.unwrap().0, "transfer_to_human");
    assert!(without.text.contains("cannot put you through"));
}

#[test]
fn what_is_in_no_script_is_looked_up() {
    let said = [
        "can i bring my dog with me",
        "tool: {\"passages\":[{\"text\":\"Dogs are welcome.\"}]}",
    ];

    let replies = talk(&Script::demo(), "en", &said);

    assert_eq!(replies[0].call.as_ref().unwrap().0, "search_knowledge");
    assert_eq!(replies[1].text, "Dogs are welcome.");
}

#[test]
fn what_is_nowhere_was_not_understood() {
    let said = [
        "tell me something about quantum physics",
        "tool: {\"passages\":[]}",
    ];

    let reply = last("en", &said);

    assert!(reply.text.starts_with("Sorry, I did not understand that."));
    assert_eq!(reply.call, None);
}

#[test]
fn a_tool_that_fails_is_owned_up_to() {
    let said = [
        "book a haircut on friday at ten o'clock",
        "mary",
        "yes",
        "tool: Error: it did not work this time.",
    ];

    let reply = last("en", &said);

    assert!(reply.text.contains("cannot write that down"), "{reply:?}");
}

#[test]
fn a_field_of_the_result_is_said() {
    assert_eq!(
        from_result("{\"slot\":\"ten\",\"n\":3}", "result.slot"),
        Some("ten".to_owned())
    );
    assert_eq!(from_result("{\"n\":3}", "result.n"), Some("3".to_owned()));
    assert_eq!(from_result("no json", "result.n"), None);
}
