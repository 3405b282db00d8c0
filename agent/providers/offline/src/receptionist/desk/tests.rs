use super::choosing::from_result;
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
    let tools = ["end_call", "send_message", "search_knowledge"];
    talk_with(&tools, script, language, said)
}

/// The same with these tools.
fn talk_with(tools: &[&str], script: &Script, language: &str, said: &[&str]) -> Vec<Reply> {
    let tools: Vec<ToolSpec> = tools.iter().map(|name| tool(name)).collect();
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

const OFFICE: [&str; 4] = [
    "send_message",
    "request_callback",
    "check_availability",
    "book_appointment",
];

/// Plays a conversation where people are called back and met by appointment.
fn talk_at_the_office(language: &str, said: &[&str]) -> Vec<Reply> {
    talk_with(&OFFICE, &Script::demo(), language, said)
}

fn called(reply: &Reply) -> (&str, &Json) {
    let (name, arguments) = reply.call.as_ref().unwrap();
    (name, arguments)
}

const PROMISED: &str = "tool: They will be called back then: {\"at\":\"2026-11-23T09:00:00+01:00[Europe/Zurich]\",\
    \"spoken\":\"Monday 23 November at 9:00\"}";

const FREE: &str = "tool: [\
    {\"start\":\"2026-11-24T09:00:00+01:00\",\"spoken\":\"Tuesday 24 November at 9:00\",\"contact\":\"Thomas\"},\
    {\"start\":\"2026-11-24T09:30:00+01:00\",\"spoken\":\"Tuesday 24 November at 9:30\",\"contact\":\"Maria\"},\
    {\"start\":\"2026-11-25T10:00:00+01:00\",\"spoken\":\"Wednesday 25 November at 10:00\",\"contact\":\"Thomas\"},\
    {\"start\":\"2026-11-25T10:30:00+01:00\",\"spoken\":\"Wednesday 25 November at 10:30\",\"contact\":\"Thomas\"}]";

#[test]
fn a_callback_needs_no_number_where_the_tool_knows_it() {
    let replies = talk_at_the_office("en", &["please call me back", PROMISED]);

    assert_eq!(
        called(&replies[0]),
        ("request_callback", &serde_json::json!({}))
    );
    let told = &replies[1].text;
    assert!(
        told.contains("call you back on Monday 23 November at 9:00"),
        "{told}"
    );
}

#[test]
fn a_number_that_the_tool_asks_for_is_read_back_and_given_again() {
    let said = [
        "please call me back",
        "tool: Error: the arguments do not fit: their number is not known: ask for it.",
        "plus four nine three oh nine oh one eight two three",
        "tool: Nobody is being called yet. Read this number back digit by digit.",
        "yes that is right",
        PROMISED,
    ];

    let replies = talk_at_the_office("en", &said);

    let wanted = serde_json::json!({ "phone_number": "+4930901823" });
    assert_eq!(replies[1].text, "What is your telephone number?");
    assert_eq!(called(&replies[2]), ("request_callback", &wanted));
    assert_eq!(
        replies[3].text,
        "I have plus 4 9 3 0 9 0 1 8 2 3, is that right?"
    );
    assert_eq!(called(&replies[4]), ("request_callback", &wanted));
    assert!(replies[5].text.contains("Monday"), "{:?}", replies[5]);
}

#[test]
fn a_number_that_cannot_be_read_is_asked_for_again() {
    let said = [
        "rappelez-moi s'il vous plaît",
        "tool: Error: the arguments do not fit: their number is not known: ask for it.",
        "zéro un",
        "tool: Error: the arguments do not fit: it is too short.",
    ];

    let reply = talk_at_the_office("fr", &said).pop().unwrap();

    assert_eq!(reply.text, "Quel est votre numéro de téléphone ?");
}

#[test]
fn a_number_that_was_misheard_is_asked_for_again() {
    let said = [
        "please call me back",
        "tool: Error: the arguments do not fit: their number is not known: ask for it.",
        "plus four nine three oh",
        "tool: Nobody is being called yet. Read this number back digit by digit.",
        "no that is wrong",
    ];

    let reply = talk_at_the_office("en", &said).pop().unwrap();

    assert_eq!(called(&reply), ("request_callback", &serde_json::json!({})));
}

#[test]
fn where_nobody_is_called_back_a_message_is_taken_instead() {
    let said = [
        "please call me back",
        "tool: Error: this is not allowed: nobody can be called back from here",
    ];

    let reply = talk_at_the_office("en", &said).pop().unwrap();

    assert_eq!(reply.text, "And your name, please?");
}

#[test]
fn an_appointment_is_chosen_from_the_first_free_times() {
    let made = "tool: It is made, and they are told: {\"id\":\"apt-1\",\"start\":\"2026-11-24T09:30:00+01:00\",\
        \"spoken\":\"Tuesday 24 November at 9:30\",\"contact\":\"Maria\",\"minutes\":30}";
    let said = [
        "i would like to make an appointment",
        FREE,
        "the second one please",
        "mary",
        made,
    ];

    let replies = talk_at_the_office("en", &said);

    assert_eq!(called(&replies[0]).0, "check_availability");
    let offered = &replies[1].text;
    assert!(
        offered.contains("at 9:30 or Wednesday 25 November at 10:00"),
        "{offered}"
    );
    assert!(!offered.contains("10:30"), "{offered}");
    assert_eq!(replies[2].text, "And your name, please?");
    let wanted = serde_json::json!({
        "start": "2026-11-24T09:30:00+01:00",
        "contact": "Maria",
        "name": "Mary",
    });
    assert_eq!(called(&replies[3]), ("book_appointment", &wanted));
    let told = &replies[4].text;
    assert!(
        told.contains("Tuesday 24 November at 9:30 with Maria"),
        "{told}"
    );
}

#[test]
fn a_free_time_is_chosen_by_its_place_its_day_or_its_time() {
    for (language, said, start) in [
        ("en", "the last one", "2026-11-25T10:00"),
        ("en", "at nine thirty", "2026-11-24T09:30"),
        ("en", "on wednesday please", "2026-11-25T10:00"),
        ("fr", "le premier", "2026-11-24T09:00"),
        ("fr", "la troisième", "2026-11-25T10:00"),
        ("fr", "à neuf heures trente", "2026-11-24T09:30"),
    ] {
        let said = [
            if language == "en" {
                "book an appointment"
            } else {
                "prendre rendez-vous"
            },
            FREE,
            said,
            "marie",
        ];

        let reply = talk_at_the_office(language, &said).pop().unwrap();

        let chosen = called(&reply).1["start"].to_string();
        assert!(chosen.contains(start), "{said:?}: {chosen}");
    }
}

#[test]
fn a_free_time_that_was_not_offered_is_not_booked() {
    let later = talk_at_the_office("en", &["book an appointment", FREE, "at four o'clock"]);
    let none = talk_at_the_office("en", &["book an appointment", FREE, "no none of them"]);

    let asked = &later[2];
    assert!(
        asked.text.contains("Which one would you like?"),
        "{asked:?}"
    );
    assert_eq!(none[2], Reply::say("All right, never mind."));
}

#[test]
fn where_nobody_takes_appointments_the_booking_is_written_down() {
    let said = [
        "i would like to make an appointment",
        "tool: Error: this is not allowed: nobody takes appointments here",
    ];

    let reply = talk_at_the_office("en", &said).pop().unwrap();

    assert!(reply.text.starts_with("What would you like"), "{reply:?}");
}

#[test]
fn yes_to_what_was_offered_elsewhere_uses_the_tool_that_does_it() {
    let script = Script::demo();
    let tools = OFFICE.map(tool);
    let note = "Nobody could be had. If they want to be called back, use `request_callback`.";
    let mut desk = Desk::new(&script, "en", &tools);
    desk.learn(note);
    desk.remember_said("Would you like us to call you back later?");
    desk.learn(Message::INTERRUPTED);

    let yes = desk.hear("yes please");
    desk.take_answer("Error: it did not work this time.");
    let without = Desk::new(&script, "en", &tools).hear("yes please");

    assert_eq!(called(&yes).0, "request_callback");
    assert_eq!(without.call, None);
}
