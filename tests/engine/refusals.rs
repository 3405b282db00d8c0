//! Promise 18 and the ways into a room that must end in a clear error: in time, and without a panic.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use livekit::{
    e2ee::key_provider::{KeyProvider, KeyProviderOptions},
    options::TrackPublishOptions,
    prelude::*,
    rtc_engine::EngineError,
    webrtc::video_source::{RtcVideoSource, VideoResolution, native::NativeVideoSource},
};
use room_launcher::Options;
use serde_json::json;
use tests_harness::Token;
use tokio::net::TcpListener;

use crate::support::{Venue, figure, soon};

/// Signed rightly for `devkey`, valid until November 2023.
const EXPIRED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJhbm4iLCJuYmYiOjE2MDAwMDAwMDAsImV4cCI6MTcwMDAwMDAwMCwidmlkZW8iOnsicm9vbUpvaW4iOnRydWUsInJvb20iOiJleHBpcmVkIn19.czZqrR72jaWBkw00IPG66u8cvpNhR1efX0X9AFNwpBk";

/// Returns the error that joining ends with.
async fn refused(what: &str, url: &str, token: &str) -> Result<RoomError> {
    let begin = Instant::now();
    let outcome = soon(what, Room::connect(url, token, RoomOptions::default())).await?;
    figure(
        &format!("{what}: refused after"),
        format!("{:?}", begin.elapsed()),
    );
    match outcome {
        Ok(_) => anyhow::bail!("{what}: was let in"),
        Err(error) => Ok(error),
    }
}

/// The server's answer of 401 or 404, as `livekit` passes it on.
fn is_refusal_by_the_server(error: &RoomError) -> bool {
    matches!(error, RoomError::Engine(EngineError::Signal(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_signed_with_another_secret_is_refused() -> Result<()> {
    let venue = Venue::open().await?;
    let token = Token::new("hall", "guest").sign("devkey", "another secret, also long enough")?;

    let error = refused("wrong secret", &venue.server.url(), &token).await?;

    assert!(is_refusal_by_the_server(&error), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_refused() -> Result<()> {
    let venue = Venue::open().await?;

    let error = refused("expired token", &venue.server.url(), EXPIRED).await?;

    assert!(is_refusal_by_the_server(&error), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_string_that_is_no_token_is_refused() -> Result<()> {
    let venue = Venue::open().await?;

    let error = refused("no token", &venue.server.url(), "not a token").await?;

    assert!(is_refusal_by_the_server(&error), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_does_not_exist_is_refused_where_rooms_are_not_made_on_demand() -> Result<()> {
    let venue = Venue::open_with(Options {
        settings: json!({ "room": { "auto_create": false } }),
        ..Options::default()
    })
    .await?;

    let error = refused("unknown room", &venue.server.url(), &venue.token("guest")?).await?;

    assert!(is_refusal_by_the_server(&error), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_is_an_error_in_time() -> Result<()> {
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let token = Token::new("hall", "guest").sign("devkey", "secret")?;

    let error = refused("server down", &format!("ws://{port}"), &token).await?;

    assert!(is_refusal_by_the_server(&error), "{error:?}");
    Ok(())
}

/// Nobody must believe to be encrypted who is not. `livekit` makes the key before it joins, in a function
/// that cannot return an error: the panic there, in the caller's own thread, is the error.
#[test]
fn a_key_for_end_to_end_encryption_is_refused_in_so_many_words() -> Result<()> {
    let key = || {
        let options = KeyProviderOptions::default();
        drop(KeyProvider::with_shared_key(options, b"a key".to_vec()));
    };

    let refusal = std::panic::catch_unwind(key).expect_err("made a key that nothing uses");

    let words = refusal.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| refusal.downcast_ref::<&str>().copied());
    let words = words.context("no words")?;
    assert!(words.contains("end-to-end encryption"), "{words}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_published_camera_is_negotiated_and_sends_nothing() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let resolution = VideoResolution {
        width: 16,
        height: 16,
    };
    let source = RtcVideoSource::Native(NativeVideoSource::new(resolution, false));
    let camera = LocalTrack::Video(LocalVideoTrack::create_video_track("camera", source));

    let me = alice.room.local_participant();
    let publishing = me.publish_track(camera, TrackPublishOptions::default());
    soon("publishing", publishing).await??;
    bob.until("the camera", |event| {
        matches!(
            event,
            RoomEvent::TrackSubscribed {
                track: RemoteTrack::Video(_),
                ..
            }
        )
        .then_some(())
    })
    .await?;

    // The voice beside it is unharmed.
    let _voice = alice.speak(440.0).await?;
    let recording = bob.hear("alice", Duration::from_secs(1)).await?;
    assert!(recording.tone(440.0).share >= 0.95);
    Ok(())
}
