//! What participants say about themselves.

use std::sync::Arc;

use super::stage::{Guest, Stage, identity};
use crate::{Attributes, Grants, Identity, RoomError, RoomEvent, Rooms, ServiceError};

/// Given keys change, an empty value removes, the rest stays; everybody is told.
pub async fn attributes_are_merged_and_removed(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;

    ann.room
        .set_attributes(pairs(&[("state", "idle"), ("mood", "fine")]))
        .await
        .expect("set");
    let begun = (
        identity("ann"),
        pairs(&[("state", "idle"), ("mood", "fine")]),
    );
    assert_eq!(changed(&mut bob).await, begun);
    assert_eq!(changed(&mut ann).await, begun);

    ann.room
        .set_attributes(pairs(&[("state", "busy"), ("mood", "")]))
        .await
        .expect("set");
    assert_eq!(
        changed(&mut bob).await,
        (identity("ann"), pairs(&[("state", "busy"), ("mood", "")]))
    );
    assert_eq!(
        bob.room.participants()[0].attributes,
        pairs(&[("state", "busy")])
    );
    let outside = stage
        .rooms
        .participants(&stage.room)
        .await
        .expect("an answer");
    let outside = outside
        .iter()
        .find(|who| who.identity == identity("ann"))
        .expect("she is there");
    assert_eq!(outside.attributes, pairs(&[("state", "busy")]));
}

/// The server changes somebody's attributes; everybody is told, and so are they.
pub async fn attributes_are_changed_from_outside(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let mut admission = stage.person("ann");
    admission.attributes = pairs(&[("circle", "aside"), ("mood", "fine")]);
    let mut ann = stage.admit(&admission).await;
    let mut bob = stage.enter("bob").await;
    bob.sees_joining("ann").await;
    ann.sees_joining("bob").await;
    assert_eq!(ann.room.attributes(), admission.attributes);

    let change = pairs(&[("circle", ""), ("place", "here")]);
    stage
        .rooms
        .set_attributes(&stage.room, &identity("ann"), change.clone())
        .await
        .expect("changed");

    let told = (identity("ann"), change);
    assert_eq!(changed(&mut bob).await, told);
    assert_eq!(changed(&mut ann).await, told);
    assert_eq!(
        bob.room.participants()[0].attributes,
        pairs(&[("mood", "fine"), ("place", "here")])
    );
    assert_eq!(
        ann.room.attributes(),
        pairs(&[("mood", "fine"), ("place", "here")])
    );
}

/// Nobody's attributes are changed who is not there.
pub async fn attributes_of_one_who_is_not_there_are_gone(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let change = pairs(&[("circle", "aside")]);

    let no_room = stage
        .rooms
        .set_attributes(&stage.room, &identity("ann"), change.clone())
        .await;
    let _bob = stage.enter("bob").await;
    let nobody = stage
        .rooms
        .set_attributes(&stage.room, &identity("ann"), change)
        .await;

    assert!(matches!(no_room, Err(ServiceError::Gone)), "{no_room:?}");
    assert!(matches!(nobody, Err(ServiceError::Gone)), "{nobody:?}");
}

/// Metadata has one value at a time.
pub async fn metadata_is_replaced(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    ann.room
        .set_metadata("second".to_owned())
        .await
        .expect("set");

    let seen = bob.until("metadata", |event| match event {
        RoomEvent::MetadataChanged { identity, metadata } => Some((identity, metadata)),
        _ => None,
    });
    assert_eq!(seen.await, (identity("ann"), "second".to_owned()));
    assert_eq!(bob.room.participants()[0].metadata, "second");
}

/// Who may not change themselves is told so.
pub async fn without_the_grant_nothing_changes(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let mut admission = stage.person("ann");
    admission.grants = Grants {
        update_own_metadata: false,
        ..Grants::default()
    };
    let ann = stage.admit(&admission).await;

    let attributes = ann.room.set_attributes(pairs(&[("state", "idle")])).await;
    let metadata = ann.room.set_metadata("mine".to_owned()).await;

    assert!(
        matches!(attributes, Err(RoomError::Refused(_))),
        "{attributes:?}"
    );
    assert!(
        matches!(metadata, Err(RoomError::Refused(_))),
        "{metadata:?}"
    );
}

async fn changed(guest: &mut Guest) -> (Identity, Attributes) {
    guest
        .until("attributes", |event| match event {
            RoomEvent::AttributesChanged { identity, changed } => Some((identity, changed)),
            _ => None,
        })
        .await
}

fn pairs(pairs: &[(&str, &str)]) -> Attributes {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}
