//! The phone leg: one call's media socket as one participant of one room.
//!
//! ```text
//! Twilio ──► Line ──► Player, 20 ms ──► own track          the caller, heard by everybody
//! Twilio ◄── Line ◄── Mixer, 20 ms ◄── Player per track    everybody else, heard by the caller
//!               │
//!               └── marks: what was really heard, and how late
//! ```
//!
//! "Everybody" is whoever shares the caller's circle, see [`room_contract::circle`]; a move takes effect at once.
//!
//! One loop owns it all, see [`Leg::run`]. It enters the room before there is a socket and stays there when a socket is
//! lost, so that the caller comes back into the same conversation.

mod budget;
mod caller;
mod company;
mod end;
mod gate;
mod handle;
mod keys;
mod lateness;
mod lead;
mod line;
mod opening;
mod others;
mod outbox;
mod pace;
mod playout;
mod running;
mod wire;

use std::{sync::Arc, time::Duration};

use room_contract::{
    AudioFormat, JoinError, JoinOptions, PublishOptions, Room, RoomError, RoomEvents, Rooms,
    Subscribing, Token,
    circle::{Change, Neighbours},
};
use tokio::{sync::mpsc, time::Instant};

use self::{
    caller::Caller, handle::Command, keys::Keys, line::Line, others::Others, outbox::Outbox,
    pace::Pace, playout::Playout,
};
pub use self::{
    end::{Breach, LegEnd},
    handle::{AttachError, LegEvent, LegEvents, LegHandle},
    lateness::Lateness,
    opening::{OPENING, Opened, OpeningError, open},
    wire::{Wire, WireLost, WireMessage},
};
use crate::{media::RATE, sid::CallSid};

/// What both sides speak.
const FORMAT: AudioFormat = AudioFormat::mono(RATE);

/// How a leg behaves.
#[derive(Debug, Clone)]
pub struct LegOptions {
    /// The call; sockets of others are refused.
    pub call: CallSid,
    /// How long it stays in the room without a socket: before the first, and after one was lost.
    pub patience: Duration,
    /// Silence that is sent before sound that follows silence, at least: what the way to Twilio may wobble.
    pub lead: Duration,
    /// How late this machine was of late: the later, the more is sent. Shared with the other legs.
    pub lateness: Arc<Lateness>,
    /// What it does when Twilio says that the stream is over.
    pub after_stop: AfterStop,
}

/// What a leg does when its stream is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterStop {
    /// Leaves: the call is over, or goes on elsewhere.
    Leave,
    /// Waits for another socket: the call was sent elsewhere and will be sent back.
    Stay,
}

impl LegOptions {
    /// Returns what suits a call: 30 s of patience, 20 ms of lead, a lateness of its own.
    #[must_use]
    pub fn new(call: CallSid) -> Self {
        Self {
            call,
            patience: Duration::from_secs(30),
            lead: Duration::from_millis(20),
            lateness: Arc::default(),
            after_stop: AfterStop::Leave,
        }
    }
}

/// A leg could not enter its room.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LegError {
    /// It was not let in: see the source.
    #[error("the phone leg could not join its room")]
    Join(#[source] JoinError),
    /// It was not given a voice: see the source.
    #[error("the phone leg could not publish the caller's voice")]
    Publish(#[source] RoomError),
}

/// A call's place in a room.
pub struct Leg {
    options: LegOptions,
    room: Arc<dyn Room>,
    events: RoomEvents,
    commands: mpsc::Receiver<Command>,
    owner: mpsc::Sender<LegEvent>,
    keys: Keys,
    outbox: Outbox,
    neighbours: Neighbours,
    line: Option<Line>,
    /// Until when there must be a socket, while there is none.
    alone_until: Option<Instant>,
    has_had_a_line: bool,
    caller: Caller,
    others: Others,
    pace: Pace,
    playout: Playout,
    /// Until when the call ends, once it is to end.
    hanging_up: Option<Instant>,
}

impl std::fmt::Debug for Leg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leg")
            .field("call", &self.options.call)
            .finish_non_exhaustive()
    }
}

impl Leg {
    /// Enters the room that the token names, and publishes a track for the caller's voice. Nothing happens until
    /// [`run`](Self::run).
    ///
    /// # Errors
    /// [`LegError`] says which step failed; whatever was begun is undone.
    pub async fn enter(
        rooms: &dyn Rooms,
        token: &Token,
        options: LegOptions,
    ) -> Result<(Self, LegHandle, LegEvents), LegError> {
        // Whom to listen to depends on the circles that everybody is in.
        let joining = JoinOptions {
            subscribing: Subscribing::Nobody,
        };
        let joined = rooms.join(token, joining).await.map_err(LegError::Join)?;
        let neighbours = begin_in_circle(&*joined.room);
        let voice = PublishOptions {
            format: FORMAT,
            dtx: true,
            ..PublishOptions::voice("phone")
        };
        let track = match joined.room.publish(voice).await {
            Ok(track) => track,
            Err(error) => {
                joined.room.leave().await;
                return Err(LegError::Publish(error));
            }
        };
        let (handle, commands) = handle::commands(options.call.clone());
        let (owner, owners_events) = handle::events();
        let leg = Self {
            keys: Keys::default(),
            outbox: Outbox::new(Arc::clone(&joined.room)),
            neighbours,
            room: joined.room,
            events: joined.events,
            commands,
            owner,
            line: None,
            alone_until: Some(Instant::now() + options.patience),
            has_had_a_line: false,
            caller: Caller::new(track),
            others: Others::new(),
            pace: Pace::default(),
            playout: Playout::new(options.lead),
            hanging_up: None,
            options,
        };
        Ok((leg, handle, owners_events))
    }
}

/// Lets hear only who may, before there is anything to hear.
fn begin_in_circle(room: &dyn Room) -> Neighbours {
    let mut neighbours = Neighbours::new(&room.attributes());
    while let Some(Change::LetHear(listeners)) = neighbours.poll_change() {
        room.let_hear(listeners);
    }
    neighbours
}
