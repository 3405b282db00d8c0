//! Whoever leaves a room leaves nothing behind in memory, also while others with tracks are still there. A binary of its
//! own: it measures the heap of the whole process.

#[path = "support/rooms.rs"]
mod support;

use std::{alloc::System, sync::Arc, time::Duration};

use cap::Cap;
use room_contract::{LocalTrack, PublishOptions, Room, RoomEvent, RoomEvents, Rooms};
use room_launcher::{LiveKitServer, Options};
use tokio::time::{Instant, sleep, timeout};

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const VISITS: usize = 20;
/// Until runtimes, pools and tables have what they keep.
const WARM_UP: usize = 2;
/// What may be left of a visit, in bytes. A connection that is kept holds five times that.
const SLACK: usize = 20 << 10;
const PATIENCE: Duration = Duration::from_secs(30);
/// How long what is done in the background may hold a connection.
const GONE_WITHIN: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_before_the_others_leaves_nothing_behind() {
    let server = LiveKitServer::start(Options::default())
        .await
        .expect("a server");
    for rooms in [
        support::rooms_at(&server.url(), "secret"),
        support::rooms_at(&server.url(), "secret").without_shortcuts(),
    ] {
        nothing_is_left_in(&rooms).await;
    }
}

async fn nothing_is_left_in(rooms: &dyn Rooms) {
    let host = enter(rooms, "stays", "host").await;

    for _ in 0..WARM_UP {
        leaves(rooms).await;
        is_removed(rooms).await;
        is_in_a_room_that_is_deleted(rooms).await;
    }

    let of_leaving = left_behind(async || leaves(rooms).await).await;
    let of_removal = left_behind(async || is_removed(rooms).await).await;
    let of_deletion = left_behind(async || {
        is_in_a_room_that_is_deleted(rooms).await;
    })
    .await;

    let left = [of_leaving, of_removal, of_deletion];
    assert!(left.iter().all(|left| *left <= SLACK), "{left:?}");
    drop(host);
}

/// Returns what each of many visits leaves on the heap, in bytes, as soon as it is little enough.
async fn left_behind(visit: impl AsyncFn()) -> usize {
    let before = HEAP.allocated();
    for _ in 0..VISITS {
        visit().await;
    }
    let deadline = Instant::now() + GONE_WITHIN;
    let left = || HEAP.allocated().saturating_sub(before) / VISITS;
    while left() > SLACK && Instant::now() < deadline {
        // Nothing tells when the last background task has let go.
        sleep(Duration::from_millis(250)).await;
    }
    left()
}

async fn leaves(rooms: &dyn Rooms) {
    let mut guest = enter(rooms, "stays", "guest").await;
    guest.hears_the_other().await;
    guest.room.leave().await;
}

async fn is_removed(rooms: &dyn Rooms) {
    let mut guest = enter(rooms, "stays", "guest").await;
    guest.hears_the_other().await;
    rooms
        .remove(&guest.room.name(), &guest.room.identity())
        .await
        .expect("removed");
    guest.is_out().await;
}

async fn is_in_a_room_that_is_deleted(rooms: &dyn Rooms) {
    let mut ann = enter(rooms, "goes", "ann").await;
    let mut ben = enter(rooms, "goes", "ben").await;
    ann.hears_the_other().await;
    ben.hears_the_other().await;
    rooms.delete(&ann.room.name()).await.expect("deleted");
    ann.is_out().await;
    ben.is_out().await;
}

struct Visitor {
    room: Arc<dyn Room>,
    events: RoomEvents,
    _voice: Arc<dyn LocalTrack>,
}

impl Visitor {
    async fn hears_the_other(&mut self) {
        let heard = async {
            while !matches!(
                self.events.next().await.expect("not over"),
                RoomEvent::TrackSubscribed { .. }
            ) {}
        };
        timeout(PATIENCE, heard).await.expect("heard in time");
    }

    async fn is_out(&mut self) {
        let out = async { while self.events.next().await.is_some() {} };
        timeout(PATIENCE, out).await.expect("out in time");
    }
}

async fn enter(rooms: &dyn Rooms, room: &str, who: &str) -> Visitor {
    let joined = support::enter(rooms, room, who).await;
    let publishing = joined.room.publish(PublishOptions::voice("voice"));
    let voice = publishing.await.expect("published");
    Visitor {
        room: joined.room,
        events: joined.events,
        _voice: voice,
    }
}
