//! Those who join by `room/livekit` look for a server that was lost more often than the SDK does by itself.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use nix::sched::{CloneFlags, setns};
use room_contract::{AudioFormat, JoinOptions, PublishOptions, Rooms, Token};
use room_launcher::Options;
use room_livekit::{LiveKitConfig, LiveKitRooms};
use room_media::tone::Tone;
use room_media::{Dbfs, SampleRate};
use tokio::runtime::Builder;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{PROBE_HERTZ, steady_since};
use crate::support::{Namespace, Venue, figure};

/// Back within this time after the path is.
const BACK_WITHIN: Duration = Duration::from_secs(3);

/// By then the server has given a participant up.
const OUTAGE: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn our_own_participants_are_back_soon_after_everybody_gave_up() -> Result<()> {
    let wire = Namespace::open()?;
    let options = Options {
        address: wire.host().into(),
        ..Options::default()
    };
    let venue = Venue::open_with(options).await?;
    let host = venue.guest("host").await?;
    let singer = Singer::enter(&wire, &venue)?;
    host.hear("singer", Duration::from_secs(1)).await?;

    wire.cut()?;
    // The outage itself, not a wait for something to happen.
    sleep(OUTAGE).await;
    wire.mend()?;
    let mended = Instant::now();
    let took = steady_since(&host.ear("singer"), mended).await? - mended;

    figure("our own back after 25 s without path", format!("{took:?}"));
    ensure!(took < BACK_WITHIN, "{took:?}");
    let heard = host.hear("singer", Duration::from_secs(2)).await?;
    let heard = heard.tone(PROBE_HERTZ);
    ensure!(heard.share > 0.95, "{heard:?}");
    singer.leave()?;
    host.leave().await
}

/// One of our participants behind a wire, on a thread of its own: namespaces are a matter of threads.
struct Singer {
    stop: CancellationToken,
    thread: JoinHandle<Result<()>>,
}

impl Singer {
    fn enter(wire: &Namespace, venue: &Venue) -> Result<Self> {
        let rooms = LiveKitRooms::new(LiveKitConfig {
            url: venue.server.url(),
            public_url: None,
            api_key: venue.server.api_key().to_owned(),
            api_secret: venue.server.api_secret().into(),
        })?;
        let token = Token::new(venue.token("singer")?);
        let (namespace, stop) = (wire.file()?, CancellationToken::new());
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(sing(&rooms, &token, stopped))
        });
        Ok(Self { stop, thread })
    }

    fn leave(self) -> Result<()> {
        self.stop.cancel();
        let sung = self.thread.join();
        sung.map_err(|_| anyhow!("the singer panicked"))?
    }
}

async fn sing(rooms: &LiveKitRooms, token: &Token, stop: CancellationToken) -> Result<()> {
    let joined = rooms.join(token, JoinOptions::default()).await?;
    let rate = SampleRate::HZ_24000;
    let options = PublishOptions {
        format: AudioFormat::mono(24_000),
        ..PublishOptions::voice("voice")
    };
    let voice = joined.room.publish(options).await?;
    let mut tone = Tone::new(rate, PROBE_HERTZ, Dbfs::new(-20.0));
    let piece = rate.samples_in(Duration::from_millis(20));
    let singing = async {
        loop {
            voice.capture(&tone.take(piece)).await?;
        }
    };
    let sung = stop.run_until_cancelled(singing).await;
    joined.room.leave().await;
    sung.unwrap_or(Ok(()))
}
