//! Escalations that do not go as wished, by voice: the caller is never left alone in silence.

use std::time::Duration;

use connectors_twilio_twin::Persona;
use serde_json::json;
use tokio::time::timeout;

use crate::escalation::{
    ALONE, LENA, MARIA, PAUSE, THOMAS, is, is_briefed, opens_link, over, was_briefed,
};
use crate::house::House;
use crate::party::{Member, hear_one_another};
use crate::phone::{FRONT, Speaker, Telephone};
use crate::sentences::Sentence;

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_answers_and_the_next_contact_says_yes_and_drops_in_mid_call() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::voicemail());
    telephone.is_with(MARIA, Persona::silent());
    let ann = telephone.calls_at(FRONT).await;
    house.has_kept(&ann.session(), "agent: Good morning.").await;
    ann.hears_nothing_for(PAUSE).await;

    let asked = ann.heard_for();
    house
        .post(&format!("/room/{}/escalate", ann.room()), &json!({}))
        .await;
    let machine = telephone.rings(THOMAS).await;
    let maria = telephone.rings(MARIA).await;
    let told = is_briefed(&maria).await;
    says_yes(&maria, &house, &ann).await;
    house
        .has_kept(&ann.session(), "agent: Maria is with us now.")
        .await;
    let silence = ann.longest_silence_since(asked);
    machine.call.ended().await;
    ann.hears_nothing_for(PAUSE).await;
    let all = [
        Member::Phone(&ann, Sentence::Hers),
        Member::Phone(&maria, Sentence::His),
    ];
    hear_one_another(&all).await;
    let dropped = ann.heard_for();
    maria.call.kill_socket();
    maria.call.hang_up();
    ann.hears_something().await;
    let alone = ann.heard_for() - dropped;
    let back = "agent: Maria has left the call. Is there anything else I can do for you?";
    house.has_kept(&ann.session(), back).await;
    ann.hears_nothing_for(PAUSE).await;

    was_briefed(&maria, told).await;
    assert!(silence < ALONE, "{silence:?}");
    assert!(alone < ALONE, "{alone:?}");
    let told = ann.makes_out(dropped, Duration::MAX).await;
    assert_eq!(told, [Sentence::Left]);
    let said = machine.makes_out(Duration::ZERO, Duration::MAX).await;
    assert!(!said.contains(&Sentence::Choice), "{said:?}");
    over(&house, &ann.room()).await;
    ann.call.hang_up();
    house.record_of(&ann.session()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_who_accepts_as_the_caller_leaves_is_not_left_on_the_line() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    let ann = telephone.calls_at(FRONT).await;
    house.has_kept(&ann.session(), "agent: Good morning.").await;
    house
        .post(&format!("/room/{}/escalate", ann.room()), &json!({}))
        .await;
    let thomas = telephone.rings(THOMAS).await;
    is_briefed(&thomas).await;

    ann.call.hang_up();
    thomas.call.digits("1");
    thomas.call.ended().await;

    let kept = house.record_of(&ann.session()).await;
    assert_eq!(kept.0["reason"], "caller-left");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_takes_the_call_the_caller_is_told_and_the_contacts_are_written_to() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    telephone.is_with(MARIA, Persona::Busy);
    let ann = telephone.calls().await;
    let greeting = "agent: Good morning, how can I help you?";
    house.has_kept(&ann.session(), greeting).await;
    ann.hears_nothing_for(PAUSE).await;

    ann.call.digits("0");
    let thomas = telephone.rings(THOMAS).await;
    thomas.hears_something().await;
    let declined = thomas.heard_for();
    thomas.call.digits("2");
    thomas.call.ended().await;
    let farewell = thomas.sound_since(declined);
    telephone.dials().await;
    let (ticket, _) = opens_link(&house, &telephone, LENA).await;
    house.declines(&ticket).await;
    let sorry = "agent: I am sorry, nobody can take your call right now. They will read that you called. What else \
        can I do for you?";
    house.has_kept(&ann.session(), sorry).await;
    ann.call.hang_up();
    house.record_of(&ann.session()).await;

    assert!(farewell > Duration::from_secs(1), "{farewell:?}");
    let mut missed = Vec::new();
    for _ in [THOMAS, MARIA, LENA] {
        missed.push(telephone.message().await);
    }
    for number in [THOMAS, MARIA, LENA] {
        let message = missed.iter().find(|message| message.to == number).unwrap();
        assert!(message.body.contains("could not be reached"), "{message:?}");
    }
}

/// Takes the call by voice, and by a key where that is not understood.
async fn says_yes(contact: &Speaker, house: &House, caller: &Speaker) {
    let room = caller.room();
    for _ in 0..2 {
        contact.says("Yes.").await;
        let connected = is(house, &room, "Maria", "connected");
        if timeout(Duration::from_secs(6), connected).await.is_ok() {
            return;
        }
    }
    contact.call.digits("1");
    is(house, &room, "Maria", "connected").await;
}
