//! Those of one process hear each other without the server, and it makes no difference but in time and quality.

use std::{sync::Arc, time::Duration};

use room_contract::{AudioFormat, AudioStream, Joined, LocalTrack, PublishOptions, RoomEvent};
use tokio::time::timeout;

use crate::{
    server,
    support::{enter, rooms_at},
};

const FORMAT: AudioFormat = AudioFormat::mono(24_000);
const PATIENCE: Duration = Duration::from_secs(20);
/// 20 ms that no coder would leave as they are.
const CLICKS: [i16; 480] = {
    let mut clicks = [0; 480];
    clicks[7] = 20_000;
    clicks[300] = -20_000;
    clicks
};

#[tokio::test]
async fn those_of_one_process_hear_each_other_sample_for_sample() {
    let rooms = rooms_at(server::common(), "secret");
    let ann = enter(&rooms, "nearby-one", "ann").await;
    let mut bob = enter(&rooms, "nearby-one", "bob").await;
    let track = publish(&ann).await;
    let mut stream = subscribed(&mut bob).await;

    track.capture(&CLICKS).await.expect("captured");

    assert_eq!(next(&mut stream).await, CLICKS);
}

#[tokio::test]
async fn those_of_another_process_hear_the_same_track_by_the_server() {
    let (here, there) = (
        rooms_at(server::common(), "secret"),
        rooms_at(server::common(), "secret"),
    );
    let ann = enter(&here, "nearby-two", "ann").await;
    let mut bob = enter(&here, "nearby-two", "bob").await;
    let mut carl = enter(&there, "nearby-two", "carl").await;
    let track = publish(&ann).await;
    let mut at_bob = subscribed(&mut bob).await;
    let mut at_carl = subscribed(&mut carl).await;

    let heard_by_carl = async {
        loop {
            track.capture(&CLICKS).await.expect("captured");
            let next = timeout(Duration::from_millis(20), at_carl.next());
            if let Ok(Some(frame)) = next.await
                && frame.samples.iter().any(|sample| sample.abs() > 2_000)
            {
                break frame.samples;
            }
        }
    };
    let heard_by_carl = timeout(PATIENCE, heard_by_carl).await.expect("heard");

    assert_ne!(heard_by_carl, CLICKS, "it was coded on its way");
    assert_eq!(next(&mut at_bob).await, CLICKS);
}

#[tokio::test]
async fn one_who_comes_back_with_a_new_connection_is_heard_again() {
    let rooms = rooms_at(server::common(), "secret");
    let mut bob = enter(&rooms, "nearby-three", "bob").await;

    let mut inside = Vec::new();
    for value in [1, 2] {
        // The second one puts the first one out.
        let ann = enter(&rooms, "nearby-three", "ann").await;
        let track = publish(&ann).await;
        inside.push(ann);
        let mut stream = subscribed(&mut bob).await;
        track.capture(&[value; 480]).await.expect("captured");
        assert_eq!(next(&mut stream).await, [value; 480]);
    }
}

async fn publish(who: &Joined) -> Arc<dyn LocalTrack> {
    let publishing = who.room.publish(PublishOptions::voice("voice"));
    publishing.await.expect("published")
}

async fn subscribed(who: &mut Joined) -> AudioStream {
    let track = async {
        loop {
            if let RoomEvent::TrackSubscribed { track, .. } =
                who.events.next().await.expect("not over")
            {
                return track.id;
            }
        }
    };
    let track = timeout(PATIENCE, track).await.expect("subscribed in time");
    who.room.audio(&track, FORMAT).expect("subscribed")
}

async fn next(stream: &mut AudioStream) -> Vec<i16> {
    let frame = timeout(PATIENCE, stream.next())
        .await
        .expect("a frame in time");
    frame.expect("a frame").samples
}
