//! Data packets.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;

use super::stage::{Guest, Stage, fail, identity, topic};
use crate::{
    DataPacket, Delivery, Identity, NewRoom, Recipients, RoomError, RoomEvent, Rooms,
    data::MAX_PACKET,
};

/// All arrive, in the order in which they were sent, at everybody but their sender.
pub async fn reliable_packets_arrive_in_order(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    for number in 0..100_u8 {
        let packet = DataPacket::reliable(topic("count"), vec![number; 1_000]);
        ann.room.send(packet).await.expect("sent");
    }

    for number in 0..100_u8 {
        let received = receive(&mut bob).await;
        assert_eq!(received.from, Some(identity("ann")));
        assert_eq!(received.topic.as_deref(), Some("count"));
        assert_eq!(received.delivery, Delivery::Reliable);
        assert_eq!(received.payload, vec![number; 1_000]);
    }
}

/// Recipients are named; the rest learn nothing.
pub async fn a_packet_reaches_only_whom_it_is_for(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let mut carl = stage.enter("carl").await;
    carl.sees_joining("bob").await;

    let to = Recipients::Only(vec![identity("carl")]);
    let private = DataPacket {
        to,
        ..DataPacket::reliable(topic("private"), "carl only")
    };
    ann.room.send(private).await.expect("sent");
    ann.room
        .send(DataPacket::reliable(topic("public"), "all"))
        .await
        .expect("sent");

    assert_eq!(receive(&mut carl).await.topic.as_deref(), Some("private"));
    assert_eq!(receive(&mut carl).await.topic.as_deref(), Some("public"));
    assert_eq!(receive(&mut bob).await.topic.as_deref(), Some("public"));
}

/// An empty list of recipients is nobody, not everybody.
pub async fn a_packet_for_nobody_reaches_nobody(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    let nobody = DataPacket {
        to: Recipients::Only(Vec::new()),
        ..DataPacket::reliable(topic("private"), "for nobody")
    };
    ann.room.send(nobody.clone()).await.expect("sent");
    stage.rooms.send(&stage.room, nobody).await.expect("sent");
    ann.room
        .send(DataPacket::reliable(topic("public"), "all"))
        .await
        .expect("sent");

    assert_eq!(receive(&mut bob).await.topic.as_deref(), Some("public"));
}

/// A packet that may be lost is not lost for no reason.
pub async fn a_lossy_packet_arrives_on_a_good_line(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    for _ in 0..20 {
        let packet = DataPacket {
            delivery: Delivery::Lossy,
            ..DataPacket::reliable(topic("now"), "x")
        };
        ann.room.send(packet).await.expect("sent");
        let received = timeout(Duration::from_millis(500), receive(&mut bob)).await;
        if let Ok(received) = received {
            assert_eq!(received.delivery, Delivery::Lossy);
            return;
        }
    }
    fail("none of twenty arrived");
}

/// The server itself is no participant.
pub async fn a_packet_from_outside_has_no_sender(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    stage
        .rooms
        .create(NewRoom::named(stage.room.clone()))
        .await
        .expect("created");
    let (_ann, mut bob) = stage.two().await;

    let packet = DataPacket::reliable(topic("notice"), "from outside");
    stage.rooms.send(&stage.room, packet).await.expect("sent");

    let received = receive(&mut bob).await;
    assert_eq!(received.from, None);
    assert_eq!(received.payload, "from outside");
}

/// Longer things go by stream.
pub async fn a_packet_that_is_too_long_is_refused(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    let refused = ann
        .room
        .send(DataPacket::reliable(topic("long"), vec![0; MAX_PACKET + 1]))
        .await;
    let taken = ann
        .room
        .send(DataPacket::reliable(topic("long"), vec![0; MAX_PACKET]))
        .await;

    assert!(matches!(refused, Err(RoomError::Refused(_))), "{refused:?}");
    taken.expect("sent");
    assert_eq!(receive(&mut bob).await.payload.len(), MAX_PACKET);
}

struct Received {
    from: Option<Identity>,
    topic: Option<String>,
    payload: Bytes,
    delivery: Delivery,
}

async fn receive(guest: &mut Guest) -> Received {
    guest
        .until("a packet", |event| match event {
            RoomEvent::Data {
                from,
                payload,
                topic,
                delivery,
            } => Some(Received {
                from,
                topic: topic.map(String::from),
                payload,
                delivery,
            }),
            _ => None,
        })
        .await
}
