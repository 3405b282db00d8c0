//! Those of one process hear each other without the server, and it makes no difference but in time and quality.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use livekit_api::access_token::{AccessToken, VideoGrants};
use room_contract::{
    AudioFormat, AudioStream, JoinOptions, Joined, LocalTrack, PublishOptions, RoomEvent, Rooms,
    Token,
};
use room_media::{
    Dbfs, SampleRate,
    tone::{self, Tone},
};
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

#[tokio::test]
async fn what_only_those_nearby_hear_is_not_sent_until_somebody_else_listens() {
    let (here, there) = (
        rooms_at(server::common(), "secret"),
        rooms_at(server::common(), "secret"),
    );
    let ann = enter(&here, "nearby-four", "ann").await;
    let mut bob = enter(&here, "nearby-four", "bob").await;
    let track = publish(&ann).await;
    let mut at_bob = subscribed(&mut bob).await;
    let mut eve = enter_hidden(&there, "nearby-four", VideoGrants::default()).await;
    let mut at_eve = subscribed(&mut eve).await;

    say(&*track, 1_000.0).await;
    assert!(heard(&mut at_bob, 1_000.0).await);
    let _carl = enter(&there, "nearby-four", "carl").await;
    let heard_by_eve = until_heard(&*track, &mut at_eve, 400.0).await;

    assert!(!has_tone(&heard_by_eve, 1_000.0));
}

#[tokio::test]
async fn those_who_are_announced_or_record_hear_everything() {
    let recorder = VideoGrants {
        recorder: true,
        ..VideoGrants::default()
    };
    for (room, here, grants) in [
        (
            "nearby-five",
            rooms_at(server::common(), "secret").with_hidden_listeners(),
            VideoGrants::default(),
        ),
        ("nearby-six", rooms_at(server::common(), "secret"), recorder),
    ] {
        let there = rooms_at(server::common(), "secret");
        let ann = enter(&here, room, "ann").await;
        let mut bob = enter(&here, room, "bob").await;
        let track = publish(&ann).await;
        let mut at_bob = subscribed(&mut bob).await;
        let mut eve = enter_hidden(&there, room, grants).await;
        let mut at_eve = subscribed(&mut eve).await;

        until_heard(&*track, &mut at_eve, 400.0).await;

        assert!(heard(&mut at_bob, 400.0).await, "{room}");
    }
}

/// Lets somebody in whom nobody sees.
async fn enter_hidden(rooms: &dyn Rooms, room: &str, grants: VideoGrants) -> Joined {
    let grants = VideoGrants {
        room_join: true,
        room: room.to_owned(),
        hidden: true,
        can_publish: Some(false),
        ..grants
    };
    let token = AccessToken::with_api_key("devkey", "secret")
        .with_identity("eve")
        .with_grants(grants);
    let token = Token::new(token.to_jwt().expect("signed"));
    let joining = rooms.join(&token, JoinOptions::default());
    joining.await.expect("joined")
}

/// Says a tone of a second, in real time.
async fn say(track: &dyn LocalTrack, hertz: f32) {
    let mut tone = Tone::new(SampleRate::HZ_24000, hertz, Dbfs::new(-20.0));
    track.capture(&tone.take(24_000)).await.expect("captured");
    track.played().await;
}

/// Says a tone until somebody hears it; returns all they heard.
async fn until_heard(track: &dyn LocalTrack, stream: &mut AudioStream, hertz: f32) -> Vec<i16> {
    let mut heard = Vec::new();
    let hearing = async {
        loop {
            say(track, hertz).await;
            while let Some(Some(frame)) = stream.next().now_or_never() {
                heard.extend(frame.samples);
            }
            if has_tone(&heard, hertz) {
                break;
            }
        }
    };
    timeout(PATIENCE, hearing).await.expect("heard in time");
    heard
}

/// Returns whether a tone is among what has come.
async fn heard(stream: &mut AudioStream, hertz: f32) -> bool {
    let mut heard = next(stream).await;
    while let Some(Some(frame)) = stream.next().now_or_never() {
        heard.extend(frame.samples);
    }
    has_tone(&heard, hertz)
}

/// It is said at −20 dBFS, in a part of what was heard.
fn has_tone(heard: &[i16], hertz: f32) -> bool {
    tone::measure(heard, SampleRate::HZ_24000, hertz).level > Dbfs::new(-40.0)
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
