//! Promises 9 and 15: whatever is open is used, what breaks mends, and what cannot work says so.
//!
//! Each test has a network namespace of its own; making one takes root.

mod changes;
mod openings;
mod outages;
mod rooms;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use room_launcher::Options;
use serde_json::{Value, json};
use tests_harness::Peer;
use tokio::time::timeout;

use crate::support::{Ear, Guest, Namespace, Recording, Venue, Voice};

const HOST_HERTZ: f32 = 700.0;
const PROBE_HERTZ: f32 = 1100.0;
/// Steady sound has a frame every 20 ms; this many later it counts as steady.
const STEADY: usize = 10;

/// A server and a guest on the host, a peer behind the wire.
struct Scene {
    // The peer goes before its namespace does.
    probe: Peer,
    host: Guest,
    _voice: Voice,
    venue: Venue,
    wire: Namespace,
}

impl Scene {
    /// Lets both sides join and speak, with what `prepare` has set up on the wire.
    async fn set(
        options: Options,
        authority: Option<&Path>,
        prepare: impl FnOnce(&Namespace, &Venue) -> Result<()>,
    ) -> Result<Self> {
        let wire = Namespace::open()?;
        let options = Options {
            address: wire.host().into(),
            ..options
        };
        let venue = Venue::open_with(options).await?;
        prepare(&wire, &venue)?;
        let host = venue.guest("host").await?;
        let voice = host.speak(HOST_HERTZ).await?;
        let probe = wire.peer(authority).await?;
        probe
            .join(&venue.server.url(), &venue.token("probe")?)
            .await?;
        probe.publish_tone(PROBE_HERTZ, -20.0).await?;
        Ok(Self {
            probe,
            host,
            _voice: voice,
            venue,
            wire,
        })
    }

    /// Two guests without anything in their way.
    async fn plain() -> Result<Self> {
        Self::set(Options::default(), None, |_, _| Ok(())).await
    }

    /// Checks that each hears exactly the other's tone.
    async fn both_hear(&self) -> Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        let time = Duration::from_secs(2);
        let (recorded, heard) = tokio::join!(
            self.probe.record("host", time, file.path()),
            self.host.hear("probe", time),
        );
        recorded?;
        let host = tests_harness::listen(file.path(), HOST_HERTZ)?;
        ensure!(host.share > 0.95, "the probe hears {host:?}");
        let probe = heard?.tone(PROBE_HERTZ);
        ensure!(probe.share > 0.95, "the host hears {probe:?}");
        Ok(())
    }

    /// Records at the probe what the host says, in the background.
    fn record_at_probe(&self, time: Duration) -> impl Future<Output = Result<Value>> + '_ {
        let arguments = json!({
            "identity": "host",
            "seconds": time.as_secs_f64(),
            "file": "/dev/null",
        });
        self.probe.perform("record", arguments)
    }

    /// Waits until the probe's sound is steady at the host again and returns when that began.
    async fn steady_since(&self, begin: Instant) -> Result<Instant> {
        steady_since(&self.host.ear("probe"), begin).await
    }

    /// Checks that nothing is doubled: one of each, with one track.
    async fn is_single(&self) -> Result<()> {
        let others = self.host.room.remote_participants();
        ensure!(others.len() == 1, "the host sees {} others", others.len());
        let tracks: usize = others
            .values()
            .map(|other| other.track_publications().len())
            .sum();
        ensure!(tracks == 1, "the host sees {tracks} tracks of the probe");
        let answer = self.probe.perform("participants", json!({})).await?;
        let others = answer["participants"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        ensure!(others.len() == 1, "the probe sees {others:?}");
        let tracks = others[0]["tracks"].as_array().map(Vec::len);
        ensure!(tracks == Some(1), "the probe sees {others:?}");
        Ok(())
    }

    /// The probe's connection states so far, without the first.
    fn probe_states(&self) -> Vec<String> {
        let states = self
            .probe
            .events()
            .into_iter()
            .filter(|event| event.name == "state");
        states
            .map(|event| {
                event.fields["state"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .filter(|state| state != "connected")
            .collect()
    }

    /// Ends everything in the right order.
    async fn close(self) -> Result<()> {
        self.probe.leave().await?;
        self.host.leave().await
    }
}

/// Waits until what an ear hears is steady again and returns when that began.
async fn steady_since(ear: &Ear, begin: Instant) -> Result<Instant> {
    let steady = async {
        loop {
            ear.hear(Duration::from_millis(40)).await?;
            if let Some(at) = first_steady(&ear.since(begin)) {
                return Ok(at);
            }
        }
    };
    timeout(Duration::from_secs(60), steady)
        .await
        .context("no sound")?
}

/// Returns when the first run of frames without a gap began.
fn first_steady(recording: &Recording) -> Option<Instant> {
    let arrivals = recording.arrivals();
    let is_steady = |run: &&[Instant]| {
        run.windows(2)
            .all(|two| two[1] - two[0] < Duration::from_millis(100))
    };
    arrivals.windows(STEADY).find(is_steady).map(|run| run[0])
}

fn milliseconds(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or(f64::NAN)
}
