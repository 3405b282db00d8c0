//! Promise 19: the examples of `livekit`'s documentation run: sound, data, procedures, streams.
//!
//! That they compile as they are printed there is checked by `tests/sdk/run`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::StreamExt;
use livekit::{
    SendByteOptions, SendTextOptions, StreamByteOptions, StreamReader, StreamTextOptions,
    StreamWriter,
    options::TrackPublishOptions,
    prelude::*,
    webrtc::{
        audio_source::native::NativeAudioSource,
        prelude::{AudioSourceOptions, RtcAudioSource},
    },
};
use room_launcher::Options;
use room_media::{Dbfs, tone::Tone};
use serde_json::json;

use crate::support::{Guest, LEVEL, RATE, Venue, figure, frame, percentile, soon};

const SECOND: Duration = Duration::from_secs(1);
const CALLS: usize = 1_000;

async fn two_guests() -> Result<(Venue, Guest, Guest)> {
    let venue = Venue::open_with(Options {
        settings: json!({ "enable_data_tracks": true }),
        ..Options::default()
    })
    .await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    Ok((venue, alice, bob))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_a_microphone() -> Result<()> {
    let (_venue, alice, bob) = two_guests().await?;

    let source = NativeAudioSource::new(AudioSourceOptions::default(), 48_000, 1, 1000);
    let track =
        LocalAudioTrack::create_audio_track("microphone", RtcAudioSource::Native(source.clone()));
    let options = TrackPublishOptions {
        source: TrackSource::Microphone,
        ..Default::default()
    };
    alice
        .room
        .local_participant()
        .publish_track(LocalTrack::Audio(track), options)
        .await?;
    let mut tone = Tone::new(RATE, 440.0, Dbfs::new(LEVEL));
    let capturing = tokio::spawn(async move {
        for _ in 0..200 {
            source.capture_frame(&frame(tone.take(480))).await?;
        }
        anyhow::Ok(())
    });

    let recording = bob.hear("alice", SECOND).await?;
    assert!(recording.tone(440.0).share >= 0.95);
    capturing.await?
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_a_data_track() -> Result<()> {
    let (_venue, alice, bob) = two_guests().await?;

    let track = alice
        .room
        .local_participant()
        .publish_data_track("my_track")
        .await?;
    let (_, remote) = bob
        .until("the data track", |event| match event {
            RoomEvent::DataTrackPublished(track) => Some(track.clone()),
            _ => None,
        })
        .await?;
    let mut frames = remote.subscribe().await?;
    track.try_push(DataTrackFrame::new(vec![7; 100]))?;

    let frame = soon("a frame", frames.next()).await?.context("no frame")?;
    assert_eq!(frame.payload(), vec![7; 100]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_procedure_calls_are_answered() -> Result<()> {
    let (_venue, alice, bob) = two_guests().await?;
    bob.room
        .local_participant()
        .register_rpc_method("greet".into(), |call| {
            Box::pin(async move { Ok(format!("Hello, {}!", call.caller_identity)) })
        });
    let mut took = Vec::new();

    for _ in 0..CALLS {
        let begin = Instant::now();
        let call = PerformRpcData::new("bob", "greet");
        let answer = alice.room.local_participant().perform_rpc(call).await?;
        took.push(begin.elapsed());
        assert_eq!(answer, "Hello, alice!");
    }

    figure(
        "procedure call, p50",
        format!("{:?}", percentile(&took, 50)),
    );
    figure(
        "procedure call, p99",
        format!("{:?}", percentile(&took, 99)),
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_arrives_whole_and_piece_by_piece() -> Result<()> {
    let (_venue, alice, bob) = two_guests().await?;
    let me = alice.room.local_participant();

    let options = SendTextOptions::new_with_topic("whole");
    me.send_text("Hello, world!", options).await?;
    let options = StreamTextOptions::new_with_topic("pieces");
    let writer = me.stream_text(options).await?;
    for piece in ["Hello, ", "world!"] {
        writer.write(piece).await?;
    }
    writer.close().await?;

    for expected in ["whole", "pieces"] {
        let (_, reader) = bob
            .until("a text", |event| match event {
                RoomEvent::TextStreamOpened { reader, topic, .. } if topic == expected => {
                    reader.take()
                }
                _ => None,
            })
            .await?;
        let text = soon("its end", reader.read_all()).await??;
        assert_eq!(text, "Hello, world!");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_arrive_whole_and_piece_by_piece() -> Result<()> {
    let (_venue, alice, bob) = two_guests().await?;
    let me = alice.room.local_participant();
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();

    let options = SendByteOptions::new_with_topic("whole");
    me.send_bytes(&bytes, options).await?;
    let options = StreamByteOptions::new_with_topic("pieces");
    let writer = me.stream_bytes(options).await?;
    for piece in bytes.chunks(10_000) {
        writer.write(piece).await?;
    }
    writer.close().await?;

    for expected in ["whole", "pieces"] {
        let (_, reader) = bob
            .until("bytes", |event| match event {
                RoomEvent::ByteStreamOpened { reader, topic, .. } if topic == expected => {
                    reader.take()
                }
                _ => None,
            })
            .await?;
        let got = soon("their end", reader.read_all()).await??;
        assert!(got == bytes, "{} of {} bytes", got.len(), bytes.len());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attributes_are_seen_by_others() -> Result<()> {
    let (_venue, alice, bob) = two_guests().await?;

    let attributes = [("mood".to_owned(), "good".to_owned())];
    alice
        .room
        .local_participant()
        .set_attributes(attributes.into())
        .await?;

    bob.until("the attribute", |event| match event {
        RoomEvent::ParticipantAttributesChanged {
            changed_attributes, ..
        } => (changed_attributes.get("mood").map(String::as_str) == Some("good")).then_some(()),
        _ => None,
    })
    .await?;
    Ok(())
}
