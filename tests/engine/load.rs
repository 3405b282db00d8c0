//! Promise 16, second half: what a hundred agents cost.

use std::time::Duration;

use anyhow::Result;
use livekit::RoomOptions;

use crate::support::{Guest, Usage, Venue, Voice, figure, percentile};

const PAIRS: usize = 50;
const MEASURED: Duration = Duration::from_secs(10);
const PACKET: Duration = Duration::from_millis(20);
/// Of one core, per connection that speaks and hears all the time.
const CHEAP: f64 = 0.01;
/// This is a debug build.
const UNOPTIMISED: f64 = 2.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_agents_that_speak_and_hear_are_cheap_and_even() -> Result<()> {
    let venue = Venue::open_alone().await?;
    let idle = Usage::now()?;
    let mut pairs = Vec::new();
    for pair in 0..PAIRS {
        pairs.push(a_pair(&venue, pair).await?);
    }
    let connections = 2.0 * PAIRS as f64;

    let before = Usage::now()?;
    let listening = pairs.iter().map(|pair| pair.caller.hear("agent", MEASURED));
    let heard = futures_util::future::try_join_all(listening).await?;
    let after = Usage::now()?;

    let unevenness: Vec<Duration> = heard
        .iter()
        .flat_map(|recording| {
            let arrivals = recording.arrivals();
            let spacings = arrivals.windows(2).map(|two| two[1] - two[0]);
            spacings
                .map(|spacing| spacing.abs_diff(PACKET))
                .collect::<Vec<_>>()
        })
        .collect();
    let worked = (after.processor - before.processor).as_secs_f64();
    let share = worked / MEASURED.as_secs_f64() / connections;
    let kept: usize = pairs.iter().map(Pair::kept).sum();
    let grown = after.memory.saturating_sub(idle.memory);
    let memory = (grown as f64 - kept as f64 / 1024.0) / connections;
    figure(
        "processor per connection, 100 of them, debug build",
        format!("{:.2} % of a core", share * 100.0),
    );
    figure("memory per connection", format!("{memory:.0} KiB"));
    for percent in [50, 95, 99] {
        figure(
            &format!("packets off their 20 ms grid, p{percent}"),
            format!("{:?}", percentile(&unevenness, percent)),
        );
    }
    for recording in heard {
        assert!(recording.tone(440.0).share >= 0.95);
    }
    assert!(share <= CHEAP * UNOPTIMISED, "{share}");
    Ok(())
}

struct Pair {
    caller: Guest,
    agent: Guest,
    _voices: (Voice, Voice),
}

impl Pair {
    /// The recordings are the test's own.
    fn kept(&self) -> usize {
        self.caller.ear("agent").kept() + self.agent.ear("caller").kept()
    }
}

async fn a_pair(venue: &Venue, number: usize) -> Result<Pair> {
    let room = format!("room {number}");
    let join = async |identity: &str| {
        let token = venue.server.token(&room, identity)?;
        Guest::join(&venue.server.url(), &token, RoomOptions::default()).await
    };
    let (caller, agent) = (join("caller").await?, join("agent").await?);
    let voices = (caller.speak(660.0).await?, agent.speak(440.0).await?);
    Ok(Pair {
        caller,
        agent,
        _voices: voices,
    })
}
