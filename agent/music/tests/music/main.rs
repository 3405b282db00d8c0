//! Music in a room in memory.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod guest;

use std::time::Duration;

use agent_music::{MusicHandle, Musician, Setup, Volume};
use guest::Guest;
use room_contract::{
    Ended, Identity, Role, RoomName, Rooms as _, circle::moved_to, memory::MemoryRooms, role,
};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn whoever_waits_hears_music() {
    let stage = Stage::new().await;
    let ann = stage.enters("ann", None).await;

    let level = ann.hears_for(5_000).await;

    assert!((-35.0..-20.0).contains(&level), "{level}");
    let seen = ann.room.participants();
    assert_eq!(role(seen[0].kind, &seen[0].identity), Role::Music);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_in_another_circle_hears_none() {
    let stage = Stage::new().await;
    let ann = stage.enters("ann", Some("briefing")).await;

    let apart = ann.hears_for(3_000).await;
    stage.moves("ann", None).await;
    let here = ann.hears_for(3_000).await;

    assert!(apart < -100.0, "{apart}");
    assert!(here > -35.0, "{here}");
}

#[tokio::test(start_paused = true)]
async fn music_for_a_circle_is_heard_there_alone() {
    let stage = Stage::playing_to(Some("briefing")).await;
    let ann = stage.enters("ann", None).await;
    let bob = stage.enters("bob", Some("briefing")).await;

    let (at_ann, at_bob) = tokio::join!(ann.hears_for(3_000), bob.hears_for(3_000));

    assert!(at_ann < -100.0, "{at_ann}");
    assert!(at_bob > -35.0, "{at_bob}");
}

#[tokio::test(start_paused = true)]
async fn it_makes_way_for_a_voice_and_comes_back() {
    let stage = Stage::new().await;
    let ann = stage.enters("ann", None).await;
    let bob = stage.enters("bob", None).await;
    let before = ann.hears_for(4_000).await;

    bob.begins_to_sing();
    ann.hears_for(1_000).await;
    let during = ann.hears_for(2_000).await;
    bob.stops_singing();
    ann.hears_for(2_000).await;
    let after = ann.hears_for(4_000).await;

    assert!(
        during < before - 10.0 && during > -60.0,
        "{before} {during}"
    );
    assert!((after - before).abs() < 5.0, "{before} {after}");
}

#[tokio::test(start_paused = true)]
async fn it_does_not_make_way_for_a_voice_in_another_circle() {
    let stage = Stage::new().await;
    let ann = stage.enters("ann", None).await;
    let bob = stage.enters("bob", Some("briefing")).await;
    let before = ann.hears_for(4_000).await;

    bob.begins_to_sing();
    let during = ann.hears_for(4_000).await;

    assert!((during - before).abs() < 5.0, "{before} {during}");
}

#[tokio::test(start_paused = true)]
async fn it_is_turned_from_outside() {
    let stage = Stage::new().await;
    let ann = stage.enters("ann", None).await;
    let full = ann.hears_for(4_000).await;

    stage.handle.turn_to(Volume::Ducked);
    ann.hears_for(500).await;
    let ducked = ann.hears_for(4_000).await;
    stage.handle.turn_to(Volume::Off);
    ann.hears_for(500).await;
    let off = ann.hears_for(4_000).await;
    stage.handle.turn_to(Volume::Full);
    ann.hears_for(500).await;
    let again = ann.hears_for(4_000).await;

    assert!(ducked < full - 10.0 && ducked > -60.0, "{full} {ducked}");
    assert!(off < -100.0, "{off}");
    assert!((again - full).abs() < 5.0, "{full} {again}");
}

#[tokio::test(start_paused = true)]
async fn it_leaves_when_it_is_told_to() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann", None).await;

    stage.stop.cancel();
    let ended = timeout(Duration::from_secs(5), stage.running.join_next()).await;

    assert_eq!(ended.unwrap().unwrap().unwrap(), Ended::Left);
    assert_eq!(ann.room.participants().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_room() {
    let mut stage = Stage::new().await;

    stage.rooms.delete(&stage.name).await.unwrap();
    let ended = timeout(Duration::from_secs(5), stage.running.join_next()).await;

    assert_eq!(ended.unwrap().unwrap().unwrap(), Ended::RoomDeleted);
}

/// A room with music in it.
struct Stage {
    rooms: MemoryRooms,
    name: RoomName,
    handle: MusicHandle,
    stop: CancellationToken,
    running: JoinSet<Ended>,
}

impl Stage {
    async fn new() -> Self {
        Self::playing_to(None).await
    }

    async fn playing_to(circle: Option<&str>) -> Self {
        let (rooms, name) = (MemoryRooms::new(), RoomName::new("waiting").unwrap());
        let setup = Setup {
            room: name.clone(),
            identity: Identity::new("music-1").unwrap(),
            circle: circle.map(str::to_owned),
            volume: Volume::Full,
        };
        let musician = Musician::enter(&rooms, setup).await.unwrap();
        let (handle, stop) = (musician.handle(), CancellationToken::new());
        let mut running = JoinSet::new();
        running.spawn(musician.run(stop.clone()));
        Self {
            rooms,
            name,
            handle,
            stop,
            running,
        }
    }

    async fn enters(&self, who: &str, circle: Option<&str>) -> Guest {
        Guest::enter(&self.rooms, &self.name, who, circle).await
    }

    async fn moves(&self, who: &str, circle: Option<&str>) {
        let who = Identity::new(who).unwrap();
        let moved = self
            .rooms
            .set_attributes(&self.name, &who, moved_to(circle));
        moved.await.unwrap();
    }
}
