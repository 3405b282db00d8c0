//! Promise 2: joining is quick, and the server has nothing to complain about.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::support::{LEVEL, Venue, figure, percentile};

const JOINS: usize = 20;
/// What the server says of its own side when it hangs up at the same moment as the guest.
const PARTING: &str = "error reading data channel";
/// What a complaint about our side of the negotiation would mention.
const SUBJECTS: [&str; 6] = ["sdp", "candidate", "fingerprint", "offer", "answer", "dtls"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_over_one_connection_is_quick_and_the_server_has_no_complaint() -> Result<()> {
    let venue = Venue::open().await?;
    let mut took = Vec::new();

    for _ in 0..JOINS {
        let begin = Instant::now();
        let guest = venue.guest("guest").await?;
        took.push(begin.elapsed());
        assert!(guest.room.is_single_peer_connection_active());
        guest.leave().await?;
    }

    figure("join, p50", format!("{:?}", percentile(&took, 50)));
    figure("join, p95", format!("{:?}", percentile(&took, 95)));
    let complaints = complaints(&venue.server.log().text());
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_guests_hear_each_other_and_the_server_has_no_complaint() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let begin = Instant::now();
    let _voices = (alice.speak(440.0).await?, bob.speak(660.0).await?);

    let at_bob = bob.hear("alice", Duration::from_secs(2)).await?;
    let at_alice = alice.hear("bob", Duration::from_secs(2)).await?;

    let first = at_bob.arrivals().first().map(|&at| at - begin);
    figure("publish to first sound at the other", format!("{first:?}"));
    for (recording, hertz) in [(at_bob, 440.0), (at_alice, 660.0)] {
        let tone = recording.tone(hertz);
        assert!(tone.share >= 0.95, "{tone:?}");
        assert!((tone.level.decibels() - LEVEL).abs() <= 1.0, "{tone:?}");
    }
    let complaints = complaints(&venue.server.log().text());
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Returns the lines of a server's log that complain about our descriptions or candidates.
fn complaints(log: &str) -> Vec<String> {
    log.lines()
        .filter(|line| line.contains("\"level\":\"warn\"") || line.contains("\"level\":\"error\""))
        .filter(|line| !line.contains(PARTING))
        .filter(|line| {
            let line = line.to_lowercase();
            SUBJECTS.iter().any(|subject| line.contains(subject))
        })
        .map(str::to_owned)
        .collect()
}
