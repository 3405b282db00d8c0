//! A socket is lost, and another takes its place.

use connectors_twilio::leg::{AfterStop, AttachError, LegEnd, LegEvent, open};
use room_contract::{Ended, Rooms as _};

use crate::{
    phone::{Phone, call},
    stage::{NEVER_LATE, Stage, WHO, ms, passes, tone},
};

#[tokio::test(start_paused = true)]
async fn a_lost_socket_brings_the_caller_back_into_the_same_place() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    phone.breaks().await;
    assert_eq!(stage.event().await, LegEvent::SocketLost);
    passes(20_000).await;
    let mut phone = stage.connects(ms(0)).await;
    ann.heard();
    phone.talks(440.0, 50, NEVER_LATE).await;
    ann.sings(1_000.0, ms(500)).await;
    passes(1_000).await;

    assert!(!ann.saw_leave(WHO));
    assert!(tone(&ann.heard(), 440.0).duration > ms(900));
    assert!(tone(&phone.heard(), 1_000.0).duration > ms(450));
}

#[tokio::test(start_paused = true)]
async fn a_leg_without_a_socket_leaves_when_its_patience_ends() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    phone.breaks().await;
    assert_eq!(stage.event().await, LegEvent::SocketLost);
    passes(29_900).await;
    assert!(!ann.saw_leave(WHO));
    let end = stage.ends().await;

    assert_eq!(end, LegEnd::NoSocket);
    passes(10).await;
    assert!(ann.saw_leave(WHO));
}

#[tokio::test(start_paused = true)]
async fn a_leg_whose_socket_never_comes_leaves_as_well() {
    let mut stage = Stage::with(|options| options.patience = ms(4_000)).await;

    assert_eq!(stage.ends().await, LegEnd::NoSocket);
}

#[tokio::test(start_paused = true)]
async fn what_was_said_while_there_was_no_socket_is_not_played_later() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;
    phone.breaks().await;
    assert_eq!(stage.event().await, LegEvent::SocketLost);

    agent.sings(440.0, ms(900)).await;
    passes(2_000).await;
    let phone = stage.connects(ms(0)).await;
    passes(1_000).await;

    assert_eq!(phone.frames(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_socket_takes_the_place_of_the_first() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let first = stage.connects(ms(0)).await;

    let mut second = stage.connects(ms(0)).await;
    second.talks(440.0, 50, NEVER_LATE).await;

    assert!(first.was_closed());
    assert!(tone(&ann.heard(), 440.0).duration > ms(900));
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_takes_nothing_is_lost() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;

    phone.goes_deaf();
    agent.sings(440.0, ms(500)).await;

    assert_eq!(stage.event().await, LegEvent::SocketLost);
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_brings_nothing_is_lost() {
    let mut stage = Stage::new().await;
    let mut phone = stage.connects(ms(0)).await;
    phone.talks(440.0, 2_000, NEVER_LATE).await;
    let begun = tokio::time::Instant::now();

    assert_eq!(stage.event().await, LegEvent::SocketLost);
    assert!(
        begun.elapsed().abs_diff(ms(30_000)) < ms(50),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn another_calls_socket_is_not_taken() {
    let stage = Stage::new().await;
    let other = Stage::with(|options| {
        options.call =
            connectors_twilio::sid::CallSid::new("CA00000000000000000000000000000002").unwrap();
    })
    .await;
    let (phone, wire) = Phone::new(ms(0));
    phone.begins().await;
    let opened = open(wire).await.unwrap();
    assert_eq!(opened.start().call, call());

    let attached = other.handle.attach(opened).await;

    assert_eq!(attached, Err(AttachError::WrongCall));
    drop(stage);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_call_ends_the_leg() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    phone.stops().await;

    assert_eq!(stage.event().await, LegEvent::StreamStopped);
    assert_eq!(stage.ends().await, LegEnd::CallOver);
    passes(10).await;
    assert!(ann.saw_leave(WHO) && phone.was_closed());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_sent_elsewhere_may_come_back() {
    let mut stage = Stage::with(|options| options.after_stop = AfterStop::Stay).await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    phone.stops().await;
    assert_eq!(stage.event().await, LegEvent::StreamStopped);
    passes(10_000).await;
    let mut phone = stage.connects(ms(0)).await;
    phone.talks(440.0, 50, NEVER_LATE).await;

    assert!(tone(&ann.heard(), 440.0).duration > ms(900));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_room_ends_the_leg() {
    let mut stage = Stage::new().await;
    let phone = stage.connects(ms(0)).await;

    stage.rooms.delete(&stage.name).await.unwrap();

    assert_eq!(stage.ends().await, LegEnd::Room(Ended::RoomDeleted));
    assert!(phone.was_closed());
}
