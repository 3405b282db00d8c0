//! Promise 5: two people are heard apart, also after being left and taken up again many times.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use livekit::prelude::*;
use tokio::time::timeout;

use crate::support::{Guest, Usage, Venue, figure};

const TIMES: usize = 10;
const SHORT: Duration = Duration::from_millis(500);
/// What ten rounds may leave in memory, in KiB: noise of the allocator, not a decoder each.
const NOISE: u64 = 4_096;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_are_heard_apart_through_ten_changes_of_subscription() -> Result<()> {
    let venue = Venue::open_alone().await?;
    let anna = venue.guest("anna").await?;
    let bert = venue.guest("bert").await?;
    let mut agent = venue.guest("agent").await?;
    let _annas = anna.speak(440.0).await?;
    let _berts = bert.speak(610.0).await?;
    both_are_heard(&agent).await?;
    let mut memory = Vec::new();

    for _ in 0..TIMES {
        for identity in ["anna", "bert"] {
            change_subscription(&mut agent, identity).await?;
        }
        both_are_heard(&agent).await?;
        memory.push(Usage::now()?.memory);
    }

    for identity in ["anna", "bert"] {
        let participants = agent.room.remote_participants();
        let person = participants
            .get(&identity.to_owned().into())
            .context("somebody has left")?;
        assert_eq!(person.track_publications().len(), 1);
    }
    // The first rounds fill caches of the allocator; what counts is that it stops.
    let grown = memory[TIMES - 1].saturating_sub(memory[TIMES / 2]);
    figure(
        "memory after five more subscriptions, both tracks",
        format!("{grown} KiB"),
    );
    assert!(grown <= NOISE, "{memory:?}");
    Ok(())
}

/// Ends a subscription and begins it again. The SDK tells the end before the server knows of it, and a server that hears
/// of both changes at once makes none of them: then once more.
async fn change_subscription(agent: &mut Guest, identity: &str) -> Result<()> {
    const MERGED: Duration = Duration::from_secs(3);
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        agent.forget();
        publication(agent, identity)?.set_subscribed(false);
        // It is told once: not again after changes that were not made.
        let ended = timeout(MERGED, agent.until("the end of the track", unsubscribed)).await;
        drop(ended);
        publication(agent, identity)?.set_subscribed(true);
        let again = agent.until("the track again", super::onset::subscribed);
        if let Ok(again) = timeout(MERGED, again).await {
            again?;
            return Ok(());
        }
    }
    bail!("the track of {identity} did not come back in {TRIES} tries")
}

async fn both_are_heard(agent: &Guest) -> Result<()> {
    let (anna, bert) = tokio::try_join!(agent.hear("anna", SHORT), agent.hear("bert", SHORT))?;
    // A round begins in the middle of a packet's path: the first sound of a track fades in.
    assert!(
        anna.tone(440.0).share >= 0.9,
        "anna: {:?}",
        anna.tone(440.0)
    );
    assert!(
        bert.tone(610.0).share >= 0.9,
        "bert: {:?}",
        bert.tone(610.0)
    );
    Ok(())
}

fn publication(listener: &Guest, identity: &str) -> Result<RemoteTrackPublication> {
    let participants = listener.room.remote_participants();
    let person = participants
        .get(&identity.to_owned().into())
        .context("nobody of that name")?;
    person
        .track_publications()
        .into_values()
        .next()
        .context("nothing published")
}

fn unsubscribed(event: &RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::TrackUnsubscribed { .. }).then_some(())
}
