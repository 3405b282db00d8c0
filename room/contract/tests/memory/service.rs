//! Tokens, webhooks and time-outs of the service in memory.

use std::time::Duration;

use room_contract::{
    Admission, JoinError, JoinOptions, NewRoom, Occurrence, ParticipantKind, Rooms, WebhookError,
    memory::MemoryRooms,
};
use tokio::time::advance;

use crate::stage::{enter, identity, name};

#[tokio::test(start_paused = true)]
async fn a_token_opens_the_room_until_its_time_is_over() {
    let rooms = MemoryRooms::new();
    let token = rooms
        .token(&Admission::person(name("demo"), identity("ann")))
        .expect("a token");

    advance(Duration::from_secs(599)).await;
    let in_time = rooms.join(&token, JoinOptions::default()).await;
    advance(Duration::from_secs(1)).await;
    let too_late = rooms.join(&token, JoinOptions::default()).await;

    assert!(in_time.is_ok());
    assert!(
        matches!(too_late, Err(JoinError::TokenRefused(_))),
        "{too_late:?}"
    );
}

#[tokio::test]
async fn the_token_of_one_who_was_removed_opens_nothing() {
    let rooms = MemoryRooms::new();
    let token = rooms
        .token(&Admission::person(name("demo"), identity("ann")))
        .expect("a token");
    let _joined = rooms
        .join(&token, JoinOptions::default())
        .await
        .expect("joined");

    rooms
        .remove(&name("demo"), &identity("ann"))
        .await
        .expect("removed");

    let again = rooms.join(&token, JoinOptions::default()).await;
    assert!(
        matches!(again, Err(JoinError::TokenRefused(_))),
        "{again:?}"
    );
}

#[tokio::test]
async fn webhooks_tell_what_happened_and_are_signed() {
    let rooms = MemoryRooms::new();
    let mut webhooks = rooms.webhooks();

    let ann = enter(&rooms, "demo", "ann").await;
    drop(ann);
    rooms.delete(&name("demo")).await.expect("deleted");

    let (who, kind) = (identity("ann"), ParticipantKind::Standard);
    let expected = [
        Occurrence::RoomStarted,
        Occurrence::ParticipantJoined {
            identity: who.clone(),
            kind,
        },
        Occurrence::ParticipantLeft {
            identity: who,
            kind,
        },
        Occurrence::RoomFinished,
    ];
    for occurrence in expected {
        let webhook = webhooks.next().await.expect("a webhook");
        let event = rooms
            .webhook(&webhook.body, &webhook.authorization)
            .expect("signed");
        assert_eq!(event.room, Some(name("demo")));
        assert_eq!(event.occurrence, occurrence);

        let forged = rooms.webhook(b"{}", &webhook.authorization);
        assert!(matches!(forged, Err(WebhookError::Forged(_))), "{forged:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rooms_close_when_their_time_is_over_and_not_before() {
    let rooms = MemoryRooms::new();
    rooms
        .create(NewRoom::named(name("demo")))
        .await
        .expect("created");

    advance(Duration::from_secs(299)).await;
    let ann = enter(&rooms, "demo", "ann").await;
    advance(Duration::from_secs(3_600)).await;
    assert!(
        rooms
            .find(&name("demo"))
            .await
            .expect("an answer")
            .is_some(),
        "she is inside"
    );
    drop(ann);
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert!(
        rooms
            .find(&name("demo"))
            .await
            .expect("an answer")
            .is_some(),
        "she may come back"
    );
    tokio::time::sleep(Duration::from_secs(2)).await;

    assert_eq!(rooms.find(&name("demo")).await.expect("an answer"), None);
}
