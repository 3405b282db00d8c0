//! A room and its guests, for one behaviour.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::timeout;

use crate::{
    Admission, Ended, Identity, JoinError, JoinOptions, LocalTrack, NewRoom, PublishOptions, Room,
    RoomEvent, RoomEvents, RoomName, Rooms, Topic,
};

/// Longer than anything takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A room of its own.
pub(super) struct Stage {
    pub(super) rooms: Arc<dyn Rooms>,
    pub(super) room: RoomName,
}

/// Somebody inside.
pub(super) struct Guest {
    pub(super) room: Arc<dyn Room>,
    pub(super) events: RoomEvents,
}

impl Stage {
    pub(super) fn new(rooms: Arc<dyn Rooms>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        let room = RoomName::new(format!("conformance-{since}-{number}")).expect("a short name");
        Self { rooms, room }
    }

    /// Opens the room with time-outs of a second.
    pub(super) async fn open_briefly(&self) {
        let brief = Duration::from_secs(1);
        let room = NewRoom {
            empty_timeout: brief,
            departure_timeout: brief,
            ..NewRoom::named(self.room.clone())
        };
        self.rooms.create(room).await.expect("the room opens");
    }

    pub(super) fn person(&self, who: &str) -> Admission {
        Admission::person(self.room.clone(), identity(who))
    }

    pub(super) fn agent(&self, who: &str) -> Admission {
        Admission::agent(self.room.clone(), identity(who))
    }

    pub(super) async fn try_enter(
        &self,
        admission: &Admission,
        options: JoinOptions,
    ) -> Result<Guest, JoinError> {
        let token = self.rooms.token(admission).expect("a token");
        let joined = self.rooms.join(&token, options).await?;
        Ok(Guest {
            room: joined.room,
            events: joined.events,
        })
    }

    pub(super) async fn admit(&self, admission: &Admission) -> Guest {
        self.try_enter(admission, JoinOptions::default())
            .await
            .expect("admitted")
    }

    pub(super) async fn enter(&self, who: &str) -> Guest {
        self.admit(&self.person(who)).await
    }

    /// Lets two people in who have seen each other.
    pub(super) async fn two(&self) -> (Guest, Guest) {
        let mut ann = self.enter("ann").await;
        let mut bob = self.enter("bob").await;
        ann.sees_joining("bob").await;
        bob.sees_joining("ann").await;
        (ann, bob)
    }
}

impl Guest {
    /// Waits for an event that `pick` takes; others pass by.
    pub(super) async fn until<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(RoomEvent) -> Option<T>,
    ) -> T {
        let found = timeout(PATIENCE, async {
            loop {
                let event = self.events.next().await?;
                if let Some(found) = pick(event) {
                    return Some(found);
                }
            }
        });
        let found = found
            .await
            .unwrap_or_else(|_| fail(&format!("waited in vain for {what}")));
        found.unwrap_or_else(|| fail(&format!("the events ended before {what}")))
    }

    pub(super) async fn sees_joining(&mut self, who: &str) {
        let who = identity(who);
        self.until("a participant", |event| match event {
            RoomEvent::ParticipantJoined(other) if other.identity == who => Some(()),
            _ => None,
        })
        .await;
    }

    pub(super) async fn ends(&mut self) -> Ended {
        self.until("the end", |event| match event {
            RoomEvent::Ended(why) => Some(why),
            _ => None,
        })
        .await
    }

    pub(super) async fn publishes(&self) -> Arc<dyn LocalTrack> {
        self.room
            .publish(PublishOptions::voice("voice"))
            .await
            .expect("published")
    }
}

pub(super) fn identity(who: &str) -> Identity {
    Identity::new(who).expect("a name")
}

pub(super) fn topic(about: &str) -> Topic {
    Topic::new(about).expect("a topic")
}

/// Waits for something that has to come.
pub(super) async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(PATIENCE, coming)
        .await
        .unwrap_or_else(|_| fail(&format!("waited in vain for {what}")))
}

#[expect(
    clippy::panic,
    reason = "a behaviour that does not hold fails its test"
)]
pub(super) fn fail(why: &str) -> ! {
    panic!("{why}")
}
