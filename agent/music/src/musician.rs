//! The musician in the room: the one loop that plays.

use std::{collections::BTreeSet, future::pending, sync::Arc};

use room_contract::{
    Admission, Ended, Identity, JoinError, JoinOptions, PublishOptions, Room, RoomError, RoomEvent,
    RoomEvents, RoomName, Rooms, ServiceError, Subscribing, TrackSource,
    circle::{Change, Neighbours, moved_to},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    player::{FORMAT, Player},
    volume::Volume,
};

/// Enough for music without highs, on a telephone above all.
const BITRATE: u32 = 32_000;

/// What a musician begins with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where it plays.
    pub room: RoomName,
    /// Who it is there; by its beginning, [`role::MUSIC`](room_contract::role::MUSIC), others know it for what it is.
    pub identity: Identity,
    /// The [circle](room_contract::circle) it plays to, unless it is the main one.
    pub circle: Option<String>,
    /// How loud it begins.
    pub volume: Volume,
}

/// Why a musician could not enter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnterError {
    /// There was no token: see its source.
    #[error("the musician got no token")]
    Token(#[source] ServiceError),
    /// It was not let in: see its source.
    #[error("the musician could not join")]
    Join(#[source] JoinError),
    /// It was not given a track: see its source.
    #[error("the musician could not publish its track")]
    Publish(#[source] RoomError),
}

/// A musician in a room.
pub struct Musician {
    room: Arc<dyn Room>,
    events: RoomEvents,
    player: Player,
    neighbours: Neighbours,
    speaking: BTreeSet<Identity>,
    volume: watch::Receiver<Volume>,
    handle: MusicHandle,
}

/// Sets a musician's volume from outside. Cheap to clone; the music plays on when it is dropped.
#[derive(Debug, Clone)]
pub struct MusicHandle {
    volume: watch::Sender<Volume>,
}

impl MusicHandle {
    /// Has the music be this loud at most; while somebody speaks it is softer by itself.
    pub fn turn_to(&self, volume: Volume) {
        self.volume.send_replace(volume);
    }
}

impl Musician {
    /// Enters the room and publishes a track. It is silent until [`run`](Self::run).
    ///
    /// # Errors
    /// [`EnterError`] says which step failed; whatever was begun is undone.
    pub async fn enter(rooms: &dyn Rooms, setup: Setup) -> Result<Self, EnterError> {
        let mut admission = Admission::agent(setup.room, setup.identity);
        if let Some(circle) = &setup.circle {
            admission.attributes = moved_to(Some(circle));
        }
        let token = rooms.token(&admission).map_err(EnterError::Token)?;
        let options = JoinOptions {
            subscribing: Subscribing::Nobody,
        };
        let joined = rooms.join(&token, options).await;
        let joined = joined.map_err(EnterError::Join)?;
        let mut neighbours = Neighbours::new(&joined.room.attributes());
        regroup(&mut neighbours, &*joined.room);
        let track = match joined.room.publish(publishing()).await {
            Ok(track) => track,
            Err(error) => {
                joined.room.leave().await;
                return Err(EnterError::Publish(error));
            }
        };
        let (volume, told) = watch::channel(setup.volume);
        Ok(Self {
            player: Player::new(track),
            room: joined.room,
            events: joined.events,
            neighbours,
            speaking: BTreeSet::new(),
            volume: told,
            handle: MusicHandle { volume },
        })
    }

    /// Returns a handle to the music.
    #[must_use]
    pub fn handle(&self) -> MusicHandle {
        self.handle.clone()
    }

    /// Plays until `stop` is cancelled or the room is over, and leaves.
    pub async fn run(mut self, stop: CancellationToken) -> Ended {
        let why = self.play(&stop).await;
        self.room.leave().await;
        why
    }

    async fn play(&mut self, stop: &CancellationToken) -> Ended {
        loop {
            let volume = self.wanted();
            self.player.turn_to(volume);
            self.player.go_on().await;
            let deadline = self.player.deadline(Instant::now());
            tokio::select! {
                biased; // leaving comes first, then news, then time
                () = stop.cancelled() => return Ended::Left,
                event = self.events.next() => match event {
                    Some(RoomEvent::Ended(why)) => return why,
                    None => return Ended::ConnectionLost,
                    Some(event) => self.handle_event(&event),
                },
                // The musician holds a handle itself: this never ends.
                Ok(()) = self.volume.changed() => {}
                () = reached(deadline) => {}
            }
        }
    }

    /// Returns how loud it is to be: no louder than it was told, and softer while somebody near speaks.
    fn wanted(&mut self) -> Volume {
        let told = *self.volume.borrow_and_update();
        if self.speaking.iter().any(|who| self.neighbours.shares(who)) {
            told.min(Volume::Ducked)
        } else {
            told
        }
    }

    fn handle_event(&mut self, event: &RoomEvent) {
        if let RoomEvent::ActiveSpeakers(who) = event {
            self.speaking = who.iter().cloned().collect();
        }
        self.neighbours.handle_event(&self.room.identity(), event);
        regroup(&mut self.neighbours, &*self.room);
    }
}

/// Lets only those hear who share the circle.
fn regroup(neighbours: &mut Neighbours, room: &dyn Room) {
    while let Some(change) = neighbours.poll_change() {
        match change {
            Change::LetHear(listeners) => room.let_hear(listeners),
            // It listens to nobody.
            Change::Met(_) | Change::Parted(_) | Change::Moved => {}
        }
    }
}

fn publishing() -> PublishOptions {
    PublishOptions {
        source: TrackSource::Unknown,
        format: FORMAT,
        bitrate: BITRATE,
        ..PublishOptions::voice("music")
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
