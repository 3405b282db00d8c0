//! Callbacks that take their time.

use std::sync::mpsc;

use room_engine::{ConnectionState, Message};

use crate::support::{Pair, Seen, negotiated};

#[tokio::test]
async fn a_callback_that_blocks_delays_only_the_news_of_its_connection() {
    let blocked = Pair::new();
    let (ours, theirs) = blocked.open_channels(negotiated(100)).await;
    let (release, gate) = mpsc::channel::<()>();
    let gate = parking_lot::Mutex::new(gate);
    let entered = Seen::default();
    let mut enter = entered.handler();
    theirs.on_message(Some(Box::new(move |_| {
        enter(());
        let _ = gate.lock().recv();
    })));
    ours.send(Message {
        data: vec![1],
        binary: true,
    })
    .unwrap();
    entered.wait_for(|()| true).await;

    // The connection itself goes on: it answers, and what is sent is acknowledged by the peer.
    let sent = Seen::<u64>::default();
    ours.on_sent(Some(sent.handler()));
    for _ in 0..10 {
        ours.send(Message {
            data: vec![2; 1000],
            binary: true,
        })
        .unwrap();
    }
    sent.wait_until(|counts| (counts.iter().sum::<u64>() >= 10_000).then_some(()))
        .await;
    assert!(blocked.callee.stats().await.is_ok());

    let other = Pair::new();
    let _channels = other.open_channels(negotiated(100)).await;
    other.connected().await;

    drop(release);
    entered
        .wait_until(|entered| (entered.len() == 11).then_some(()))
        .await;
}

#[tokio::test]
async fn a_reader_that_stands_still_slows_the_sender_and_loses_nothing() {
    const MESSAGES: usize = 1_000;
    let pair = Pair::new();
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let (release, gate) = mpsc::channel::<()>();
    let gate = parking_lot::Mutex::new(gate);
    let received = Seen::<usize>::default();
    let mut note = received.handler();
    theirs.on_message(Some(Box::new(move |message: Message| {
        let _ = gate.lock().recv();
        note(message.data.len());
    })));

    // 15 MB: more than the 8 MiB that may wait for the callback.
    for _ in 0..MESSAGES {
        ours.send(Message {
            data: vec![3; 15_000],
            binary: true,
        })
        .unwrap();
    }
    let stuck = pair.callee_states.all();
    drop(release);

    received
        .wait_until(|lengths| (lengths.len() == MESSAGES).then_some(()))
        .await;
    assert!(!stuck.contains(&ConnectionState::Failed));
}
