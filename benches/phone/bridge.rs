//! The way between a telephone and the room, each way.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use connectors_twilio_twin::{Call, FRAME};
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{ear::is_loud, figures::Times, guest::Guest, house::House};

/// Sounds that nobody has taken; the telephone's ear waits when it is full.
const ONSETS: usize = 64;
/// What takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_MISSES: usize = 5;
/// Between two sounds, and a little more, so that they do not fall into step with the frames.
const PAUSE: Duration = Duration::from_millis(500);

/// What was measured.
#[derive(Default)]
pub(crate) struct Bridge {
    /// From what the caller says to the first frame with sound at a computer.
    pub(crate) into_the_room: Times,
    /// From the first block of a microphone to the caller's ear, as the twin plays it.
    pub(crate) out_of_it: Times,
}

pub(crate) async fn measure(house: &House, sounds: usize) -> Result<Bridge> {
    let call = house.greeted().await?;
    let rooms = house.rooms()?;
    let mut guest = Guest::join(&rooms, &call).await?;
    let (teller, mut onsets) = mpsc::channel(ONSETS);
    let _listening = AbortOnDropHandle::new(tokio::spawn(listen(call.clone(), teller)));
    let tone = Tone::new(SampleRate::HZ_8000, 500.0, Dbfs::new(-15.0)).take(5 * FRAME);
    let mut bridge = Bridge::default();
    let mut misses = 0;
    while bridge.into_the_room.count() < sounds || bridge.out_of_it.count() < sounds {
        ensure!(misses <= MOST_MISSES, "sound does not come through");
        sleep(PAUSE + Duration::from_millis(fastrand::u64(0..100))).await;
        let said = Instant::now();
        call.say(&tone);
        match timeout(PATIENCE, guest.ear.hear_voice(said)).await {
            Ok(heard) => bridge.into_the_room.add_between(said, heard?),
            Err(_) => misses += 1,
        }
        let sounded = guest.sounds().await?;
        match timeout(PATIENCE, hear(&mut onsets, sounded)).await {
            Ok(heard) => bridge.out_of_it.add_between(sounded, heard?),
            Err(_) => misses += 1,
        }
    }
    guest.leave().await;
    call.hang_up();
    timeout(PATIENCE, call.ended()).await?;
    Ok(bridge)
}

async fn hear(onsets: &mut mpsc::Receiver<Instant>, after: Instant) -> Result<Instant> {
    loop {
        let onset = onsets.recv().await.context("the call is over")?;
        if onset >= after {
            return Ok(onset);
        }
    }
}

/// Tells when sound begins at the caller's ear.
async fn listen(call: Call, onsets: mpsc::Sender<Instant>) {
    let mut ear = call.listen();
    let mut was_loud = false;
    while let Some(frame) = ear.next().await {
        let now = Instant::now();
        let loud = is_loud(&frame);
        if loud && !was_loud && onsets.send(now).await.is_err() {
            return;
        }
        was_loud = loud;
    }
}
