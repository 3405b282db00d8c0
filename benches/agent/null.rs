//! An agent that sounds as soon as it hears something: what the ruler measures of itself, the server and the engine.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use room_contract::{Admission, Identity, JoinOptions, PublishOptions, RoomEvent, RoomName, Rooms};

use crate::{
    caller::{BLOCK, FORMAT},
    ear::is_loud,
};

/// A caller who was silent for so long begins anew.
const PAUSE: Duration = Duration::from_millis(400);

/// Sounds for 100 ms whenever sound comes after silence.
pub(crate) async fn answer_at_once(rooms: &dyn Rooms, room: &str) -> Result<()> {
    let name = RoomName::new(room).context("a name of a room")?;
    let admission = Admission::agent(name, Identity::new("agent-bench").context("a name")?);
    let mut joined = rooms
        .join(&rooms.token(&admission)?, JoinOptions::default())
        .await?;
    let voice = joined.room.publish(PublishOptions::voice("voice")).await?;
    let beep: Vec<i16> = (0..FORMAT.values_in(BLOCK * 10))
        .map(|at| if at / 20 % 2 == 0 { 12_000 } else { -12_000 })
        .collect();
    while let Some(event) = joined.events.next().await {
        let RoomEvent::TrackSubscribed { track, .. } = event else {
            continue;
        };
        let mut stream = joined.room.audio(&track.id, FORMAT)?;
        let mut loud: Option<Instant> = None;
        while let Some(frame) = stream.next().await {
            if !is_loud(&frame.samples) {
                continue;
            }
            if loud.is_none_or(|loud| loud.elapsed() >= PAUSE) {
                voice.capture(&beep).await?;
            }
            loud = Some(Instant::now());
        }
    }
    Ok(())
}
