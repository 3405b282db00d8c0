//! Tracks: published, heard, muted, withdrawn.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    stage::{Guest, Stage, identity, soon},
    tone::{Singing, falls_silent, hears, tone},
};
use crate::{
    AudioFormat, AudioStream, CaptureError, Identity, LocalTrack, Muting, PublishOptions, Room,
    RoomError, RoomEvent, Rooms, TrackId,
};

/// What is sent in one format is heard in another.
pub async fn a_tone_is_heard_in_the_wanted_format(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let format = AudioFormat {
        sample_rate: 48_000,
        channels: 2,
    };
    let options = PublishOptions {
        format,
        ..PublishOptions::voice("voice")
    };
    let track = ann.room.publish(options).await.expect("published");
    let wanted = AudioFormat::mono(16_000);

    let mut stream = listen(&mut bob, wanted).await;
    let _singing = Singing::new(track, 440.0);

    let first = soon("a frame", stream.next()).await.expect("a frame");
    assert_eq!(first.format, wanted);
    assert!((Duration::from_millis(5)..=Duration::from_millis(60)).contains(&first.duration()));
    hears(&mut stream, 440.0).await;
}

/// Each track is a stream of its own.
pub async fn two_speakers_are_heard_apart(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let mut carl = stage.enter("carl").await;
    let _singing = Singing::new(ann.publishes().await, 440.0);
    let mut of_ann = listen(&mut carl, AudioFormat::mono(48_000)).await;
    let _humming = Singing::new(bob.publishes().await, 1_000.0);
    let mut of_bob = listen(&mut carl, AudioFormat::mono(48_000)).await;
    let mut at_bob = listen(&mut bob, AudioFormat::mono(48_000)).await;

    hears(&mut of_ann, 440.0).await;
    hears(&mut of_bob, 1_000.0).await;
    hears(&mut at_bob, 440.0).await;
}

/// Muting is silence at once, and an event on both sides.
pub async fn a_muted_track_is_silent_and_others_see_it(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;
    let track = ann.publishes().await;
    let _singing = Singing::new(Arc::clone(&track), 440.0);
    let mut stream = listen(&mut bob, AudioFormat::mono(24_000)).await;
    hears(&mut stream, 440.0).await;

    track.mute(Muting::Muted);
    assert_eq!(sees_muted(&mut bob).await, (identity("ann"), track.id()));
    assert_eq!(sees_muted(&mut ann).await, (identity("ann"), track.id()));
    falls_silent(&mut stream).await;
    assert!(bob.room.participants()[0].tracks[0].muted);

    track.mute(Muting::Unmuted);
    let unmuted = bob.until("unmuting", |event| match event {
        RoomEvent::TrackUnmuted { identity, .. } => Some(identity),
        _ => None,
    });
    assert_eq!(unmuted.await, identity("ann"));
    hears(&mut stream, 440.0).await;
}

/// Somebody outside can silence a track.
pub async fn a_track_is_muted_from_outside(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;
    let track = ann.publishes().await;
    let _singing = Singing::new(Arc::clone(&track), 440.0);
    let mut stream = listen(&mut bob, AudioFormat::mono(24_000)).await;
    hears(&mut stream, 440.0).await;

    let muted = stage
        .rooms
        .mute(&stage.room, &identity("ann"), &track.id(), Muting::Muted)
        .await;

    muted.expect("muted");
    assert_eq!(sees_muted(&mut bob).await, (identity("ann"), track.id()));
    assert_eq!(sees_muted(&mut ann).await, (identity("ann"), track.id()));
    falls_silent(&mut stream).await;
}

/// First nobody can listen any more, then the track is gone.
pub async fn a_withdrawn_track_ends_in_order(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let track = ann.publishes().await;
    let id = track.id();
    let mut stream = listen(&mut bob, AudioFormat::mono(24_000)).await;

    track.unpublish().await.expect("unpublished");

    sees_withdrawn(&mut bob, &id).await;
    assert!(soon("the stream's end", stream.next()).await.is_none());
    assert_eq!(
        track.capture(&tone_of(&*track)).await,
        Err(CaptureError::Gone)
    );
    assert!(matches!(track.unpublish().await, Err(RoomError::Gone)));
    let heard = bob.room.audio(&id, AudioFormat::mono(24_000));
    assert!(matches!(heard, Err(RoomError::Gone)), "{heard:?}");
    assert!(bob.room.participants()[0].tracks.is_empty());
}

/// The tracks go first, then the participant.
pub async fn one_who_leaves_takes_the_tracks_along(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let track = ann.publishes().await;
    let id = track.id();
    let mut stream = listen(&mut bob, AudioFormat::mono(24_000)).await;

    ann.room.leave().await;

    sees_withdrawn(&mut bob, &id).await;
    bob.until("the leaving", |event| match event {
        RoomEvent::ParticipantLeft(who) => (who == identity("ann")).then_some(()),
        _ => None,
    })
    .await;
    assert!(soon("the stream's end", stream.next()).await.is_none());
    assert_eq!(
        track.capture(&tone_of(&*track)).await,
        Err(CaptureError::Gone)
    );
}

/// Handing over waits for the wire, and one can wait until all is sent.
pub async fn samples_are_sent_in_real_time(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let track = ann.publishes().await;
    let begun = Instant::now();

    let two_seconds = tone(440.0, track.format(), Duration::from_secs(2));
    soon("the handing over", track.capture(&two_seconds))
        .await
        .expect("captured");
    let handed_over = begun.elapsed();
    let queued = track.queued();
    soon("the playing", track.played()).await;

    assert!(handed_over >= Duration::from_millis(800), "{handed_over:?}");
    assert!(queued > Duration::from_millis(500), "{queued:?}");
    assert!(
        begun.elapsed() >= Duration::from_millis(1_900),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(track.queued(), Duration::ZERO);
}

/// Clearing is for being interrupted: what was not yet sent is never heard.
pub async fn cleared_samples_are_not_heard(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let track = ann.publishes().await;
    let mut stream = listen(&mut bob, AudioFormat::mono(24_000)).await;
    let begun = Instant::now();

    let most_of_a_second = tone(440.0, track.format(), Duration::from_millis(900));
    track.capture(&most_of_a_second).await.expect("captured");
    let first = soon("a frame", stream.next()).await.expect("a frame");
    track.clear();
    soon("the playing", track.played()).await;

    assert!(
        begun.elapsed() < Duration::from_millis(600),
        "{:?}",
        begun.elapsed()
    );
    let mut heard = first.duration();
    while let Ok(Some(frame)) =
        tokio::time::timeout(Duration::from_millis(300), stream.next()).await
    {
        let loud = frame
            .samples
            .iter()
            .any(|sample| sample.unsigned_abs() > 2_000);
        heard += if loud {
            frame.duration()
        } else {
            Duration::ZERO
        };
        if begun.elapsed() > Duration::from_secs(3) {
            break;
        }
    }
    assert!(heard < Duration::from_millis(600), "{heard:?}");
}

/// Frames are of 10 ms; anything else is the caller's mistake.
pub async fn samples_that_fill_no_frame_are_refused(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let track = ann.publishes().await;

    assert_eq!(track.capture(&[0; 7]).await, Err(CaptureError::Format));
    assert_eq!(track.capture(&[]).await, Ok(()));
}

/// The server tells who speaks and who no longer does.
pub async fn who_speaks_is_named(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let singing = Singing::new(ann.publishes().await, 440.0);

    let speaking = bob.until("a speaker", |event| match event {
        RoomEvent::ActiveSpeakers(speakers) if !speakers.is_empty() => Some(speakers),
        _ => None,
    });
    assert_eq!(speaking.await, [identity("ann")]);

    drop(singing);

    bob.until("silence", |event| match event {
        RoomEvent::ActiveSpeakers(speakers) => speakers.is_empty().then_some(()),
        _ => None,
    })
    .await;
}

/// Waits for a subscribed track and opens it.
async fn listen(guest: &mut Guest, format: AudioFormat) -> AudioStream {
    let track = guest.until("a subscription", |event| match event {
        RoomEvent::TrackSubscribed { track, .. } => Some(track.id),
        _ => None,
    });
    let track = track.await;
    Room::audio(&*guest.room, &track, format).expect("a subscribed track")
}

async fn sees_muted(guest: &mut Guest) -> (Identity, TrackId) {
    guest
        .until("muting", |event| match event {
            RoomEvent::TrackMuted { identity, track } => Some((identity, track)),
            _ => None,
        })
        .await
}

async fn sees_withdrawn(guest: &mut Guest, id: &TrackId) {
    let mut unsubscribed = false;
    guest
        .until("the withdrawal", |event| match event {
            RoomEvent::TrackUnsubscribed { track, .. } => {
                unsubscribed = track == *id;
                None
            }
            RoomEvent::TrackUnpublished { track, .. } => (track == *id).then_some(()),
            _ => None,
        })
        .await;
    assert!(unsubscribed, "unsubscribed before it is unpublished");
}

fn tone_of(track: &dyn LocalTrack) -> Vec<i16> {
    tone(440.0, track.format(), Duration::from_millis(20))
}
