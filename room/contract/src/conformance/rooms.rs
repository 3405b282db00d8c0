//! Rooms, from outside.

use std::sync::Arc;

use super::stage::{PATIENCE, Stage, fail, identity};
use crate::{Ended, NewRoom, Rooms, ServiceError};

/// A room is there between its creation and its deletion.
pub async fn a_created_room_is_found_until_it_is_deleted(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let metadata = r#"{"profile":"demo"}"#.to_owned();

    let created = stage
        .rooms
        .create(NewRoom {
            metadata,
            ..NewRoom::named(stage.room.clone())
        })
        .await;
    let found = stage.rooms.find(&stage.room).await.expect("an answer");
    let listed = stage.rooms.list().await.expect("an answer");
    stage.rooms.delete(&stage.room).await.expect("deleted");

    let created = created.expect("created");
    assert_eq!(created.name, stage.room);
    assert_eq!(created.metadata, r#"{"profile":"demo"}"#);
    assert!(
        created.created_at_ms > 1_600_000_000_000,
        "milliseconds since 1970"
    );
    assert_eq!(found.expect("it is there").id, created.id);
    assert!(listed.iter().any(|room| room.id == created.id));
    assert_eq!(
        stage.rooms.find(&stage.room).await.expect("an answer"),
        None
    );
}

/// A name stands for one room.
pub async fn creating_a_room_again_returns_the_first_one(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);

    let first = stage
        .rooms
        .create(NewRoom::named(stage.room.clone()))
        .await
        .expect("created");
    let second = stage
        .rooms
        .create(NewRoom::named(stage.room.clone()))
        .await
        .expect("created");

    assert_eq!(first.id, second.id);
}

/// Calls about rooms and participants that are not there say so.
pub async fn what_is_not_there_is_gone(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);

    let found = stage.rooms.find(&stage.room).await;
    let deleted = stage.rooms.delete(&stage.room).await;
    let removed = stage.rooms.remove(&stage.room, &identity("ann")).await;

    assert!(matches!(found, Ok(None)), "{found:?}");
    assert!(matches!(deleted, Err(ServiceError::Gone)), "{deleted:?}");
    assert!(matches!(removed, Err(ServiceError::Gone)), "{removed:?}");
}

/// An empty room does not stay.
pub async fn a_room_that_nobody_enters_closes(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);

    stage.open_briefly().await;

    closes(&stage).await;
}

/// When the last person has left, the agent is put out and the room closes.
pub async fn an_agent_does_not_keep_a_room_open(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    stage.open_briefly().await;
    let ann = stage.enter("ann").await;
    let mut agent = stage.admit(&stage.agent("agent")).await;
    agent.sees_joining("ann").await;

    ann.room.leave().await;

    assert_eq!(agent.ends().await, Ended::RoomClosed);
    closes(&stage).await;
}

/// Asks until the room is no more; nothing else tells from outside.
async fn closes(stage: &Stage) {
    let mut asking = tokio::time::interval(PATIENCE / 100);
    for _ in 0..100 {
        asking.tick().await;
        if stage
            .rooms
            .find(&stage.room)
            .await
            .expect("an answer")
            .is_none()
        {
            return;
        }
    }
    fail("the room stays open");
}
