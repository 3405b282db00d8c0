//! Somebody at a computer in a caller's room.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use connectors_twilio_twin::Call;
use room_contract::{
    Admission, AudioFormat, Identity, JoinOptions, LocalTrack, PublishOptions, Room, RoomEvent,
    RoomName, Rooms,
};
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::time::{interval, timeout};

use crate::{ear::Ear, house::PATIENCE};

const FORMAT: AudioFormat = AudioFormat::mono(48_000);
/// As much as a packet holds, so that nothing waits for the rest of one.
const BLOCK: Duration = Duration::from_millis(20);

/// Somebody who hears one of the others, and whom the caller hears.
pub(crate) struct Guest {
    room: Arc<dyn Room>,
    voice: Arc<dyn LocalTrack>,
    pub(crate) ear: Ear,
}

impl Guest {
    /// Joins, and listens to whoever's identity begins like that.
    pub(crate) async fn join(rooms: &dyn Rooms, call: &Call, whom: &str) -> Result<Self> {
        let name = RoomName::new(format!("twilio-{}", call.sid())).context("a name of a room")?;
        let admission = Admission::person(name, Identity::new("guest").context("a name")?);
        let token = rooms.token(&admission)?;
        let mut joined = rooms.join(&token, JoinOptions::default()).await?;
        let options = PublishOptions {
            format: FORMAT,
            ..PublishOptions::voice("voice")
        };
        let voice = joined.room.publish(options).await?;
        let track = loop {
            let event = timeout(PATIENCE, joined.events.next()).await;
            let event = event.with_context(|| format!("no {whom} comes"))?;
            if let RoomEvent::TrackSubscribed { identity, track } =
                event.context("the room is gone")?
                && identity.as_str().starts_with(whom)
            {
                break track;
            }
        };
        Ok(Self {
            ear: Ear::open(joined.room.audio(&track.id, FORMAT)?),
            room: joined.room,
            voice,
        })
    }

    /// Sounds for a tenth of a second, with silence around it; returns when the first block of it was handed over.
    pub(crate) async fn sounds(&self) -> Result<Instant> {
        let block = FORMAT.values_in(BLOCK);
        let rate = SampleRate::HZ_48000;
        let tone = Tone::new(rate, 500.0, Dbfs::new(-15.0)).take(5 * block);
        let silence = vec![0; block];
        let mut clock = interval(BLOCK);
        for _ in 0..10 {
            clock.tick().await;
            self.voice.capture(&silence).await?;
        }
        let mut began = None;
        for piece in tone.chunks(block) {
            clock.tick().await;
            began.get_or_insert_with(Instant::now);
            self.voice.capture(piece).await?;
        }
        for _ in 0..5 {
            clock.tick().await;
            self.voice.capture(&silence).await?;
        }
        began.context("it sounded")
    }

    pub(crate) async fn leave(self) {
        self.room.leave().await;
    }
}
