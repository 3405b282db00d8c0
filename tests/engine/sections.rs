//! Promise 6: sections are added as people come, everybody is heard, and negotiation ends.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::try_join_all;
use livekit::{
    options::TrackPublishOptions,
    prelude::*,
    webrtc::video_source::{RtcVideoSource, VideoResolution, native::NativeVideoSource},
};
use room_launcher::Options;
use serde_json::json;

use crate::support::{Guest, LEVEL, Venue, Voice, figure};

const NAMES: [&str; 8] = ["ann", "ben", "cleo", "dan", "eva", "finn", "gina", "hugo"];
/// Far enough apart that one is not mistaken for another, and no multiple of another.
const TONES: [f32; 8] = [310.0, 430.0, 570.0, 730.0, 910.0, 1130.0, 1370.0, 1610.0];
/// Each hears three others, which is what a guest has sections ready for.
const STAYING: [&str; 4] = ["ann", "cleo", "dan", "eva"];
const PASSING: [&str; 3] = ["finn", "gina", "hugo"];
/// A negotiation takes milliseconds: a loop would show many times over.
const QUIET: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_guests_all_hear_each_other_and_negotiation_ends() -> Result<()> {
    let venue = Venue::open_with(telling_of_offers()).await?;
    let (guests, _voices) = a_full_table(&venue).await?;

    everybody_hears_everybody(&guests).await?;

    let offers = offers_until_quiet(&venue).await?;
    figure("offers of eight guests, all told", offers);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_among_eight_guests_does_not_keep_negotiation_going() -> Result<()> {
    let venue = Venue::open_with(telling_of_offers()).await?;
    let (guests, _voices) = a_full_table(&venue).await?;
    let resolution = VideoResolution {
        width: 16,
        height: 16,
    };
    let source = RtcVideoSource::Native(NativeVideoSource::new(resolution, false));
    let camera = LocalTrack::Video(LocalVideoTrack::create_video_track("camera", source));

    guests[0]
        .room
        .local_participant()
        .publish_track(camera, TrackPublishOptions::default())
        .await?;

    for guest in &guests[1..] {
        guest
            .until("the camera", |event| {
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
    }
    everybody_hears_everybody(&guests).await?;
    let offers = offers_until_quiet(&venue).await?;
    figure("offers of eight guests, one with a camera", offers);
    Ok(())
}

/// The server counts a track that came and went between two exchanges as one that waits for a section.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tracks_that_come_and_go_at_once_do_not_keep_negotiation_going() -> Result<()> {
    let venue = Venue::open_with(telling_of_offers()).await?;
    let mut company = Vec::new();
    for name in STAYING {
        let guest = venue.guest(name).await?;
        company.push((guest.speak(TONES[0]).await?, guest));
    }
    let (_, ann) = &company[0];
    for name in &STAYING[1..] {
        ann.hear(name, Duration::from_millis(100)).await?;
    }

    let passers = PASSING.map(|name| venue.guest(name));
    for passer in try_join_all(passers).await? {
        pass_by(passer, ann).await?;
    }

    let offers = offers_until_quiet(&venue).await?;
    figure("offers of four guests and their passers-by", offers);
    let ben = venue.guest("ben").await?;
    let _voice = ben.speak(TONES[1]).await?;
    let recording = ann.hear("ben", Duration::from_millis(500)).await?;
    let tone = recording.tone(TONES[1]);
    assert!(tone.share >= 0.95, "ann hears ben: {tone:?}");
    Ok(())
}

/// Leaves as soon as somebody knows that there is something to hear.
async fn pass_by(passer: Guest, by: &Guest) -> Result<()> {
    let me = passer.identity();
    let _voice = passer.speak(TONES[2]).await?;
    let is_mine = |event: &RoomEvent| match event {
        RoomEvent::TrackPublished { participant, .. } => participant.identity().as_str() == me,
        _ => false,
    };
    by.until("a passer-by", |event| is_mine(event).then_some(()))
        .await?;
    passer.leave().await
}

/// Lets eight guests join and speak.
async fn a_full_table(venue: &Venue) -> Result<(Vec<Guest>, Vec<Voice>)> {
    let mut guests = Vec::new();
    let mut voices = Vec::new();
    for (name, hertz) in NAMES.into_iter().zip(TONES) {
        let guest = venue.guest(name).await?;
        voices.push(guest.speak(hertz).await?);
        guests.push(guest);
    }
    Ok((guests, voices))
}

async fn everybody_hears_everybody(guests: &[Guest]) -> Result<()> {
    for guest in guests {
        let me = guest.identity();
        for (name, hertz) in NAMES.into_iter().zip(TONES) {
            if name == me {
                continue;
            }
            let recording = guest.hear(name, Duration::from_millis(500)).await?;
            let tone = recording.tone(hertz);
            assert!(tone.share >= 0.95, "{me} hears {name}: {tone:?}");
            let off = tone.level.decibels() - LEVEL;
            assert!(off.abs() <= 1.0, "{me} hears {name}: {tone:?}");
        }
    }
    Ok(())
}

/// The server tells of each offer that it receives at this level of its log.
fn telling_of_offers() -> Options {
    Options {
        settings: json!({ "logging": { "level": "debug" } }),
        ..Options::default()
    }
}

/// Returns how many offers came, and fails when they do not stop coming.
async fn offers_until_quiet(venue: &Venue) -> Result<usize> {
    let offers = || venue.server.log().text().matches("received offer").count();
    let mut before = 0;
    for _ in 0..5 {
        let now = offers();
        if now == before {
            return Ok(now);
        }
        before = now;
        // What is watched for is that nothing happens: only time can show that.
        tokio::time::sleep(QUIET).await;
    }
    anyhow::bail!("offers keep coming: {before} so far")
}
