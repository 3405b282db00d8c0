//! The way between a telephone and the room, each way.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use connectors_twilio_twin::{Call, FRAME, What};
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{ear::is_loud, figures::Times, guest::Guest, house::House};

/// Moments that nobody has taken; whoever tells them waits when it is full.
const MOMENTS: usize = 64;
/// What takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_MISSES: usize = 5;
/// Between two sounds, and a little more, so that they do not fall into step with the frames.
const PAUSE: Duration = Duration::from_millis(500);

/// What was measured.
#[derive(Default)]
pub(crate) struct Bridge {
    /// From the message with what the caller says to the first frame with sound at a computer.
    pub(crate) into_the_room: Times,
    /// From the first packet of a microphone to the message with its sound.
    pub(crate) out_of_it: Times,
    /// From there to the caller's ear, as the twin plays it.
    pub(crate) to_the_ear: Times,
}

pub(crate) async fn measure(house: &House, sounds: usize) -> Result<Bridge> {
    let call = house.greeted().await?;
    let rooms = house.rooms()?;
    let mut guest = Guest::join(&rooms, &call, &format!("phone-{}", call.sid())).await?;
    let mut leaving = Moments::of(|moments| tell(call.clone(), What::SoundLeft, moments));
    let mut coming = Moments::of(|moments| tell(call.clone(), What::SoundCame, moments));
    let mut ear = Moments::of(|moments| listen(call.clone(), moments));
    let tone = Tone::new(SampleRate::HZ_8000, 500.0, Dbfs::new(-15.0)).take(5 * FRAME);
    let mut bridge = Bridge::default();
    let mut misses = 0;
    while bridge.into_the_room.count() < sounds || bridge.out_of_it.count() < sounds {
        ensure!(misses <= MOST_MISSES, "sound does not come through");
        sleep(PAUSE + Duration::from_millis(fastrand::u64(0..100))).await;
        let said = Instant::now();
        call.say(&tone);
        let left = leaving.next(said).await?;
        match timeout(PATIENCE, guest.ear.hear_voice(said)).await {
            Ok(heard) => bridge.into_the_room.add_between(left, heard?),
            Err(_) => misses += 1,
        }
        let sounded = guest.sounds().await?;
        let Ok(came) = coming.next(sounded).await else {
            misses += 1;
            continue;
        };
        bridge.out_of_it.add_between(sounded, came);
        bridge.to_the_ear.add_between(came, ear.next(came).await?);
    }
    guest.leave().await;
    call.hang_up();
    timeout(PATIENCE, call.ended()).await?;
    Ok(bridge)
}

/// When something happened, again and again.
struct Moments {
    moments: mpsc::Receiver<Instant>,
    _telling: AbortOnDropHandle<()>,
}

impl Moments {
    fn of<T>(teller: impl FnOnce(mpsc::Sender<Instant>) -> T) -> Self
    where
        T: Future<Output = ()> + Send + 'static,
    {
        let (sender, moments) = mpsc::channel(MOMENTS);
        Self {
            moments,
            _telling: AbortOnDropHandle::new(tokio::spawn(teller(sender))),
        }
    }

    /// Waits for the next one at `after` or later.
    async fn next(&mut self, after: Instant) -> Result<Instant> {
        loop {
            let moment = timeout(PATIENCE, self.moments.recv()).await;
            let moment = moment
                .context("it does not happen")?
                .context("the call is over")?;
            if moment >= after {
                return Ok(moment);
            }
        }
    }
}

/// Tells when something happens in a call.
async fn tell(call: Call, what: What, moments: mpsc::Sender<Instant>) {
    let mut index = call.events().len();
    while let Some(event) = call.nth_event(index).await {
        let now = Instant::now();
        index += 1;
        if event.what == what && moments.send(now).await.is_err() {
            return;
        }
    }
}

/// Tells when sound begins at the caller's ear.
async fn listen(call: Call, moments: mpsc::Sender<Instant>) {
    let mut ear = call.listen();
    let mut was_loud = false;
    while let Some(frame) = ear.next().await {
        let now = Instant::now();
        let loud = is_loud(&frame);
        if loud && !was_loud && moments.send(now).await.is_err() {
            return;
        }
        was_loud = loud;
    }
}
