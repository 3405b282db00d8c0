use std::time::{Duration, Instant};

use super::*;

const PATIENCE: Patience = Patience {
    ring: Duration::from_secs(25),
    decide: Duration::from_secs(45),
    word: Duration::from_secs(20),
};

fn one(contact: usize) -> Vec<Candidate> {
    vec![Candidate {
        contact,
        ways: vec![PATIENCE.ring; 1],
    }]
}

fn drain(machine: &mut Machine) -> Vec<Action> {
    std::iter::from_fn(|| machine.poll_action()).collect()
}

fn leg(number: u32) -> LegId {
    LegId(number)
}

#[test]
fn the_caller_and_the_contact_are_called_at_once_and_connected_when_accepted() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::CalledToo);

    assert_eq!(
        drain(&mut machine),
        [
            Action::Say(Line::Calling(0)),
            Action::Music(true),
            Action::Call(leg(0), Callee::Visitor),
            Action::Call(leg(1), Callee::Contact { contact: 0, way: 0 }),
        ]
    );
    machine.handle_news(now, News::PickedUp(leg(0)));
    machine.handle_news(now, News::PickedUp(leg(1)));
    assert_eq!(
        drain(&mut machine),
        [
            Action::Admit(leg(0)),
            Action::Say(Line::VisitorIsThere),
            Action::Brief(leg(1))
        ]
    );
    machine.handle_news(now, News::Accepted(leg(1)));
    assert_eq!(
        drain(&mut machine),
        [
            Action::Music(false),
            Action::Admit(leg(1)),
            Action::Say(Line::Connected(0)),
            Action::Yield,
        ]
    );
    assert_eq!(machine.phase(), Phase::Connected(leg(1)));
}

#[test]
fn a_busy_contact_is_tried_at_the_next_number_and_then_the_next_contact() {
    let now = Instant::now();
    let groups = vec![
        vec![Candidate {
            contact: 0,
            ways: vec![PATIENCE.ring; 2],
        }],
        one(1),
    ];
    let mut machine = Machine::new(now, PATIENCE, groups, Caller::Here);
    drain(&mut machine);

    machine.handle_news(now, News::Gone(leg(0), Gone::Busy));
    let second = Callee::Contact { contact: 0, way: 1 };
    assert_eq!(drain(&mut machine), [Action::Call(leg(1), second)]);

    machine.handle_timeout(now + PATIENCE.ring);
    let third = Callee::Contact { contact: 1, way: 0 };
    let actions = drain(&mut machine);
    assert!(actions.starts_with(&[
        Action::HangUp(leg(1)),
        Action::Say(Line::Next(1)),
        Action::Call(leg(2), third)
    ]));
}

#[test]
fn of_two_who_accept_the_first_one_has_the_call() {
    let now = Instant::now();
    let group = vec![
        Candidate {
            contact: 0,
            ways: vec![PATIENCE.ring; 1],
        },
        Candidate {
            contact: 1,
            ways: vec![PATIENCE.ring; 1],
        },
    ];
    let mut machine = Machine::new(now, PATIENCE, vec![group], Caller::Here);
    machine.handle_news(now, News::PickedUp(leg(0)));
    machine.handle_news(now, News::PickedUp(leg(1)));
    drain(&mut machine);

    machine.handle_news(now, News::Accepted(leg(1)));
    machine.handle_news(now, News::Accepted(leg(0)));

    let actions = drain(&mut machine);
    assert!(actions.contains(&Action::Dismiss(leg(0), Farewell::Taken)));
    assert!(!actions.contains(&Action::Admit(leg(0))), "{actions:?}");
    assert_eq!(machine.phase(), Phase::Connected(leg(1)));
}

#[test]
fn who_accepts_as_the_caller_leaves_is_told_so() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::Here);
    machine.handle_news(now, News::PickedUp(leg(0)));
    drain(&mut machine);

    machine.handle_news(now, News::Callers(0));
    machine.handle_news(now, News::Accepted(leg(0)));

    assert_eq!(
        drain(&mut machine),
        [
            Action::Music(false),
            Action::Dismiss(leg(0), Farewell::CallerLeft)
        ]
    );
    machine.handle_news(now, News::Gone(leg(0), Gone::HungUp));
    assert_eq!(drain(&mut machine), [Action::Settle(Outcome::CallersLeft)]);
}

#[test]
fn a_caller_who_closes_the_page_is_waited_for_at_the_telephone() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::CalledToo);
    drain(&mut machine);

    machine.handle_news(now, News::Callers(0));
    assert_eq!(drain(&mut machine), []);

    machine.handle_news(now, News::Gone(leg(0), Gone::NoAnswer));
    assert_eq!(
        drain(&mut machine),
        [Action::Music(false), Action::HangUp(leg(1))]
    );
}

#[test]
fn when_the_contact_drops_the_agent_is_back() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::Here);
    machine.handle_news(now, News::PickedUp(leg(0)));
    machine.handle_news(now, News::Accepted(leg(0)));
    drain(&mut machine);

    machine.handle_news(now, News::Gone(leg(0), Gone::HungUp));

    assert_eq!(
        drain(&mut machine),
        [
            Action::Return,
            Action::Say(Line::HumanLeft(0)),
            Action::Settle(Outcome::Talked(0)),
        ]
    );
}

#[test]
fn without_anybody_to_call_the_caller_is_told_at_once() {
    let mut machine = Machine::new(Instant::now(), PATIENCE, Vec::new(), Caller::Here);

    assert_eq!(
        drain(&mut machine),
        [
            Action::Music(false),
            Action::Say(Line::Unreachable),
            Action::Settle(Outcome::Nobody)
        ]
    );
}

#[test]
fn of_a_callback_the_caller_is_called_once_a_contact_has_accepted() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::CalledLast);

    let thomas = Callee::Contact { contact: 0, way: 0 };
    assert_eq!(drain(&mut machine), [Action::Call(leg(0), thomas)]);
    machine.handle_news(now, News::PickedUp(leg(0)));
    assert_eq!(drain(&mut machine), [Action::Brief(leg(0))]);
    machine.handle_news(now, News::Accepted(leg(0)));
    assert_eq!(
        drain(&mut machine),
        [
            Action::Admit(leg(0)),
            Action::Return,
            Action::Music(true),
            Action::Say(Line::CallingBack),
            Action::Call(leg(1), Callee::Visitor),
        ]
    );
    machine.handle_news(now, News::PickedUp(leg(1)));
    assert_eq!(
        drain(&mut machine),
        [
            Action::Music(false),
            Action::Admit(leg(1)),
            Action::Say(Line::CalledBack(0)),
            Action::Yield,
        ]
    );
    assert_eq!(machine.phase(), Phase::Connected(leg(0)));
}

#[test]
fn a_contact_is_told_that_the_caller_does_not_answer_and_leaves() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::CalledLast);
    machine.handle_news(now, News::PickedUp(leg(0)));
    machine.handle_news(now, News::Accepted(leg(0)));
    drain(&mut machine);

    machine.handle_news(now, News::Gone(leg(1), Gone::NoAnswer));
    assert_eq!(
        drain(&mut machine),
        [
            Action::Say(Line::VisitorAway),
            Action::Dismiss(leg(0), Farewell::VisitorAway),
        ]
    );
    machine.handle_news(now, News::Gone(leg(0), Gone::HungUp));
    assert_eq!(
        drain(&mut machine),
        [Action::Music(false), Action::Settle(Outcome::VisitorAway)]
    );
}

#[test]
fn without_a_contact_the_caller_is_not_called_back() {
    let now = Instant::now();
    let mut machine = Machine::new(now, PATIENCE, vec![one(0)], Caller::CalledLast);
    machine.handle_news(now, News::PickedUp(leg(0)));
    drain(&mut machine);

    machine.handle_news(now, News::Declined(leg(0)));
    machine.handle_news(now, News::Gone(leg(0), Gone::HungUp));

    let actions = drain(&mut machine);
    assert!(actions.ends_with(&[Action::Settle(Outcome::Nobody)]));
    let calls = |action: &Action| matches!(action, Action::Call(..) | Action::Say(_));
    assert!(!actions.iter().any(calls), "{actions:?}");
}
