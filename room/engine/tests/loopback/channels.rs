//! Data channels between two connections.

use room_engine::{
    ChannelReliability, ChannelState, ConnectionConfig, DataChannelConfig, Message, SendError,
};

use crate::support::{Pair, Seen, negotiated};

fn text(data: &str) -> Message {
    Message {
        data: data.into(),
        binary: false,
    }
}

#[tokio::test]
async fn negotiated_channels_carry_messages_both_ways() {
    let pair = Pair::new();
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let (at_us, at_them) = (Seen::default(), Seen::default());
    ours.on_message(Some(at_us.handler()));
    theirs.on_message(Some(at_them.handler()));

    ours.send(text("to them")).unwrap();
    theirs
        .send(Message {
            data: vec![0],
            binary: true,
        })
        .unwrap();

    at_them
        .wait_for(|message| *message == text("to them"))
        .await;
    at_us
        .wait_for(|message| message.data == [0] && message.binary)
        .await;
    assert_eq!(ours.stream(), Some(100));
}

#[tokio::test]
async fn a_channel_opened_in_band_appears_at_the_peer_with_its_settings() {
    let pair = Pair::new();
    let opened = Seen::default();
    pair.callee.on_data_channel(Some(opened.handler()));
    let config = DataChannelConfig {
        ordered: false,
        reliability: ChannelReliability::MaxRetransmits(0),
        ..DataChannelConfig::default()
    };
    let ours = pair.caller.create_data_channel("lossy", config).unwrap();

    pair.negotiate().await;
    let theirs = opened.wait_for(|_| true).await;
    let at_us = Seen::default();
    ours.on_message(Some(at_us.handler()));
    theirs.send(text("hello")).unwrap();

    assert_eq!(theirs.label(), "lossy");
    at_us.wait_for(|message| *message == text("hello")).await;
    assert_eq!(ours.stream(), theirs.stream());
}

#[tokio::test]
async fn what_is_reported_as_sent_adds_up_to_what_was_sent() {
    let pair = Pair::new();
    let (ours, _theirs) = pair.open_channels(negotiated(100)).await;
    let sent = Seen::<u64>::default();
    ours.on_sent(Some(sent.handler()));

    for _ in 0..70 {
        ours.send(Message {
            data: vec![7; 15_000],
            binary: true,
        })
        .unwrap();
    }

    sent.wait_until(|counts| (counts.iter().sum::<u64>() == 70 * 15_000).then_some(()))
        .await;
    assert_eq!(ours.buffered_amount(), 0);
}

#[tokio::test]
async fn closing_a_channel_closes_it_at_the_peer() {
    let pair = Pair::new();
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let states = Seen::default();
    theirs.on_state_change(Some(states.handler()));

    ours.close();

    states
        .wait_for(|state| *state == ChannelState::Closed)
        .await;
    assert!(ours.send(text("late")).is_err());
}

/// LiveKit does this with servers that do not know negotiated channels.
#[tokio::test]
async fn channels_closed_before_any_exchange_make_room_for_others_in_band() {
    let pair = Pair::new();
    let opened = Seen::default();
    pair.callee.on_data_channel(Some(opened.handler()));
    for stream in [100, 101, 102] {
        pair.caller
            .create_data_channel("dropped", negotiated(stream))
            .unwrap()
            .close();
    }
    for label in ["_reliable", "_lossy"] {
        pair.caller
            .create_data_channel(label, DataChannelConfig::default())
            .unwrap();
    }

    pair.negotiate().await;
    opened
        .wait_until(|channels| (channels.len() == 2).then_some(()))
        .await;

    let mut labels: Vec<_> = opened.all().iter().map(|c| c.label().to_owned()).collect();
    labels.sort();
    assert_eq!(labels, ["_lossy", "_reliable"]);
}

#[tokio::test]
async fn a_negotiated_stream_belongs_to_one_channel_at_a_time() {
    let pair = Pair::new();
    let first = pair
        .caller
        .create_data_channel("first", negotiated(100))
        .unwrap();

    assert!(
        pair.caller
            .create_data_channel("second", negotiated(100))
            .is_err()
    );
    first.close();

    assert!(
        pair.caller
            .create_data_channel("third", negotiated(100))
            .is_ok()
    );
}

#[tokio::test]
async fn the_handshake_inside_the_description_opens_channels_as_well() {
    let config = ConnectionConfig {
        sctp_in_sdp: true,
        ..ConnectionConfig::default()
    };
    let pair = Pair::configured(config);

    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let at_them = Seen::default();
    theirs.on_message(Some(at_them.handler()));
    ours.send(text("snap")).unwrap();

    at_them.wait_for(|message| *message == text("snap")).await;
}

#[tokio::test]
async fn a_message_has_at_least_one_byte_and_at_most_256_kib() {
    let pair = Pair::new();
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let lengths = Seen::default();
    let mut note = lengths.handler();
    theirs.on_message(Some(Box::new(move |message: Message| {
        note(message.data.len())
    })));
    let of_length = |length| Message {
        data: vec![5; length],
        binary: true,
    };

    assert_eq!(ours.send(of_length(0)), Err(SendError::Empty));
    assert_eq!(
        ours.send(of_length((256 << 10) + 1)),
        Err(SendError::TooLarge)
    );
    ours.send(of_length(256 << 10)).unwrap();

    lengths.wait_for(|length| *length == 256 << 10).await;
}
