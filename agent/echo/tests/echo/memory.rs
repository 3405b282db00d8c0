//! The echo in a room in memory, on a paused clock.

use std::{sync::Arc, time::Duration};

use room_contract::{Ended, RoomName, Rooms, memory::MemoryRooms};

use crate::scene::{Scene, hears};

#[tokio::test(start_paused = true)]
async fn a_tone_comes_back_after_a_pause() {
    let scene = Scene::open(Arc::new(MemoryRooms::new())).await;
    let mut caller = scene.call("ann").await;
    let mut echo = caller.finds_the_echo().await;

    caller.says(440.0, Duration::from_secs(2)).await;
    let heard = hears(&mut echo, 440.0).await;

    assert!(heard.share > 0.95, "{heard:?}");
    assert!(
        heard.duration.abs_diff(Duration::from_secs(2)) < Duration::from_millis(100),
        "{heard:?}"
    );
    assert!(heard.longest_gap <= Duration::from_millis(10), "{heard:?}");
    caller.sees("speaking").await;
    caller.sees("listening").await;
}

#[tokio::test(start_paused = true)]
async fn only_the_last_three_seconds_come_back() {
    let scene = Scene::open(Arc::new(MemoryRooms::new())).await;
    let mut caller = scene.call("ann").await;
    let mut echo = caller.finds_the_echo().await;

    caller.says(440.0, Duration::from_secs(4)).await;
    caller.says(1_000.0, Duration::from_secs(3)).await;
    let heard = hears(&mut echo, 1_000.0).await;

    assert!(heard.share > 0.95, "{heard:?}");
    assert!(
        heard.duration.abs_diff(Duration::from_secs(3)) < Duration::from_millis(100),
        "{heard:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn two_callers_are_repeated_apart() {
    let scene = Scene::open(Arc::new(MemoryRooms::new())).await;
    let (mut ann, bob) = (scene.call("ann").await, scene.call("bob").await);
    let mut echo = ann.finds_the_echo().await;

    tokio::join!(
        ann.says(440.0, Duration::from_secs(1)),
        bob.says(1_000.0, Duration::from_secs(1))
    );
    let both = hears(&mut echo, 440.0).await;

    assert!(
        (0.4..0.6).contains(&both.share),
        "one after the other, half and half: {both:?}"
    );
    assert!(both.duration >= Duration::from_millis(1_900), "{both:?}");
}

#[tokio::test(start_paused = true)]
async fn speaking_interrupts_the_echo() {
    let scene = Scene::open(Arc::new(MemoryRooms::new())).await;
    let mut caller = scene.call("ann").await;
    let mut echo = caller.finds_the_echo().await;

    caller.says(440.0, Duration::from_secs(3)).await;
    caller.sees("speaking").await;
    caller.says(1_000.0, Duration::from_secs(1)).await;
    let cut_short = hears(&mut echo, 440.0).await;
    let repeated = hears(&mut echo, 1_000.0).await;

    assert!(
        cut_short.duration < Duration::from_millis(500),
        "{cut_short:?}"
    );
    assert!(repeated.share > 0.95, "{repeated:?}");
}

#[tokio::test]
async fn a_stopped_echo_leaves() {
    let mut scene = Scene::open(Arc::new(MemoryRooms::new())).await;
    let caller = scene.call("ann").await;

    scene.stop.cancel();

    assert_eq!(
        scene
            .echoes
            .join_next()
            .await
            .expect("one")
            .expect("no panic"),
        Ended::Left
    );
    assert!(caller.room.participants().is_empty());
}

#[tokio::test]
async fn an_echo_ends_with_its_room() {
    let rooms = Arc::new(MemoryRooms::new());
    let mut scene = Scene::open(rooms.clone()).await;

    rooms
        .delete(&RoomName::new("echo").expect("a name"))
        .await
        .expect("deleted");

    assert_eq!(
        scene
            .echoes
            .join_next()
            .await
            .expect("one")
            .expect("no panic"),
        Ended::RoomDeleted
    );
}
