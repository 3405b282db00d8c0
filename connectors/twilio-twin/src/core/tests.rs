use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use time::OffsetDateTime;

use super::*;
use crate::{CallStatus, Closed, Persona, Reason, TICK, ToneVoice, What, sid::Sids};

const VOICE: &str = "https://app.test/voice";

fn facts(direction: Direction) -> Facts {
    Facts {
        account_sid: "AC1".into(),
        call_sid: "CA1".into(),
        parent_sid: None,
        from: "+15557654321".into(),
        to: "+15550001111".into(),
        direction,
        extra: Vec::new(),
        callback: None,
        answered_by: None,
        epoch: OffsetDateTime::UNIX_EPOCH,
    }
}

fn rules() -> Rules {
    Rules {
        voice: Arc::new(ToneVoice),
        plain_sockets: false,
        hang_up_on_lost_socket: false,
    }
}

fn inbound() -> Machine {
    let mut machine = Machine::inbound(facts(Direction::Inbound), rules(), Sids::new(1));
    machine.ask(VOICE.into(), Method::Post, None);
    machine
}

fn answer(fetch: u64, document: &str) -> Input {
    Input::Answer {
        fetch,
        result: Ok(Answer {
            status: 200,
            content_type: "text/xml".into(),
            body: format!("<Response>{document}</Response>"),
            took: Duration::ZERO,
        }),
    }
}

fn actions(machine: &mut Machine) -> Vec<Action> {
    std::iter::from_fn(|| machine.poll_action()).collect()
}

/// Returns the request that the call waits for.
fn awaited(actions: &[Action]) -> u64 {
    let fetch = actions.iter().rev().find_map(|action| match action {
        Action::Fetch(fetch) => Some(fetch.fetch),
        _ => None,
    });
    fetch.unwrap()
}

/// Lets time go by, at most five hours, until the call is over.
fn run(machine: &mut Machine, from: Duration) -> Duration {
    let mut now = from;
    while machine.ended().is_none() && now < from + Duration::from_hours(5) {
        machine.handle_tick(now);
        now += TICK;
    }
    now
}

#[test]
fn a_pause_at_the_beginning_lets_it_ring_longer() {
    let mut machine = inbound();
    let fetch = awaited(&actions(&mut machine));
    machine.handle(
        Duration::ZERO,
        answer(fetch, r#"<Pause length="2"/><Hangup/>"#),
    );

    for tick in 0..99 {
        machine.handle_tick(TICK * tick);
    }
    assert!(!actions(&mut machine).contains(&Action::Log(What::Status(CallStatus::InProgress))));
    run(&mut machine, Duration::from_secs(2));

    assert!(actions(&mut machine).contains(&Action::Log(What::Status(CallStatus::InProgress))));
}

#[test]
fn an_endless_call_is_ended_after_four_hours() {
    let mut machine = inbound();
    let fetch = awaited(&actions(&mut machine));
    machine.handle(
        Duration::ZERO,
        answer(fetch, r#"<Say>Hello</Say><Pause length="99999"/>"#),
    );

    let over = run(&mut machine, Duration::ZERO);

    let ended = machine.ended().unwrap();
    assert_eq!(
        (ended.reason, ended.status),
        (Reason::TimeLimit, CallStatus::Completed)
    );
    assert_eq!(over.as_secs(), 14_400);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut machine = inbound();
    let first = awaited(&actions(&mut machine));
    machine.handle(Duration::ZERO, answer(first, "<Redirect>/next</Redirect>"));
    let second = awaited(&actions(&mut machine));

    machine.handle(Duration::ZERO, answer(first, "<Hangup/>"));
    assert_eq!(machine.ended(), None);
    machine.handle(Duration::ZERO, answer(second, "<Hangup/>"));

    assert_eq!(machine.ended().unwrap().reason, Reason::Hangup);
}

#[test]
fn keys_before_the_document_are_played_to_the_person() {
    let plan = Plan {
        first: First::Document("<Response><Hangup/></Response>".into()),
        timeout: Duration::from_secs(60),
        detection: None,
        digits: Some("1w2".into()),
        time_limit: None,
        meets: None,
    };
    let tools = (rules(), Sids::new(1));
    let mut machine = Machine::outbound(
        facts(Direction::OutboundApi),
        tools,
        plan,
        Persona::silent(),
        Duration::ZERO,
    );

    run(&mut machine, Duration::ZERO);

    // Two keys of 300 ms each and half a second between them.
    let ended = machine.ended().unwrap();
    assert_eq!(ended.reason, Reason::Hangup);
    assert!(
        (1.1..1.2).contains(&ended.talked.as_secs_f64()),
        "{ended:?}"
    );
}

fn documents() -> impl Strategy<Value = String> {
    let verb = prop_oneof![
        Just("<Say>Hi</Say>"),
        Just("<Pause/>"),
        Just("<Play>/a.wav</Play>"),
        Just(r#"<Gather input="dtmf speech" numDigits="1" timeout="1"><Say>Hi</Say></Gather>"#),
        Just("<Redirect/>"),
        Just(r#"<Connect action="/a"><Stream url="wss://app.test/s"/></Connect>"#),
        Just(
            r#"<Connect action="/a"><ConversationRelay url="wss://app.test/s" welcomeGreeting="Hi"/></Connect>"#
        ),
        Just(r#"<Start><Stream url="wss://app.test/s" name="a"/></Start>"#),
        Just(r#"<Stop><Stream name="a"/></Stop>"#),
        Just(r#"<Dial action="/a">+15553334444</Dial>"#),
        Just("<Dial><Conference>talk</Conference></Dial>"),
        Just("<Reject/>"),
        Just("<Dance/>"),
    ];
    prop::collection::vec(verb, 0..5).prop_map(|verbs| verbs.concat())
}

fn inputs() -> impl Strategy<Value = Input> {
    let id = 0_u64..12;
    let news = prop_oneof![
        Just(SocketNews::Open),
        Just(SocketNews::Binary),
        "\\PC{0,40}".prop_map(SocketNews::Text),
        Just(SocketNews::Text(
            r#"{"event":"clear","streamSid":""}"#.into()
        )),
        Just(SocketNews::Closed {
            by: Closed::Server,
            code: Some(1000)
        }),
        Just(SocketNews::Refused {
            code: 31_920,
            text: String::new()
        }),
    ];
    let failure = Failure {
        code: 11_200,
        text: String::new(),
        took: Duration::ZERO,
    };
    prop_oneof![
        3 => (id.clone(), documents()).prop_map(|(fetch, document)| answer(fetch, &document)),
        1 => id.clone().prop_map(move |fetch| Input::Answer { fetch, result: Err(failure.clone()) }),
        1 => id.clone().prop_map(|fetch| Input::Sound { fetch, result: Ok(vec![0; 1_000]) }),
        3 => (id, news).prop_map(|(socket, news)| Input::Socket { socket, news }),
        1 => "[0-9#*wA-Dx]{0,4}".prop_map(|keys| Input::Person(Does::Press(keys))),
        1 => "\\PC{0,10}".prop_map(|words| Input::Person(Does::Words(words))),
        1 => Just(Input::Person(Does::Say(vec![1_000; 700]))),
        1 => documents().prop_map(|document| Input::Update(Update::Document(format!("<Response>{document}</Response>")))),
        1 => Just(Input::MeetingOver),
        1 => Just(Input::Child { sid: "CA2".into(), news: ChildNews::Joined }),
        1 => Just(Input::Child { sid: "CA2".into(), news: ChildNews::Ended(CallStatus::Busy) }),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_a_call_ends_once_and_says_so_last(steps in prop::collection::vec((inputs(), 0_u32..80), 0..40)) {
        let mut machine = inbound();
        let mut now = Duration::ZERO;
        let mut statuses = Vec::new();
        for (input, ticks) in steps {
            machine.handle(now, input);
            for _ in 0..ticks {
                now += TICK;
                machine.handle_tick(now);
            }
        }
        machine.handle(now, Input::Person(Does::HangUp));
        for action in actions(&mut machine) {
            if let Action::Log(What::Status(status)) = action {
                statuses.push(status);
            }
        }

        prop_assert!(machine.ended().is_some());
        prop_assert_eq!(statuses.iter().filter(|status| status.is_final()).count(), 1);
        prop_assert!(statuses.last().unwrap().is_final());
    }
}
