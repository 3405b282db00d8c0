//! The echo as a participant: joins, listens, repeats.

use std::{future::pending, sync::Arc, time::Instant};

use room_contract::{
    Admission, AudioFormat, Ended, Identity, JoinError, JoinOptions, Participant, ParticipantKind,
    PublishOptions, Room, RoomError, RoomEvent, RoomEvents, RoomName, Rooms, ServiceError,
    Subscribing, Whom,
};
use tokio::time::{self, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::{
    ears::Ears,
    echoes::{Action, Echoes},
    mouth::{Mouth, Progress},
    sign::{Sign, State},
    utterance::RATE,
};

/// What the echo hears and says.
const FORMAT: AudioFormat = AudioFormat::mono(RATE);

/// Why an echo could not enter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EchoError {
    /// There was no token: see its source.
    #[error("the echo got no token")]
    Token(#[source] ServiceError),
    /// It was not let in: see its source.
    #[error("the echo could not join")]
    Join(#[source] JoinError),
    /// It was not given a voice: see its source.
    #[error("the echo could not publish its voice")]
    Publish(#[source] RoomError),
}

/// An echo in a room.
pub struct Echo {
    room: Arc<dyn Room>,
    events: RoomEvents,
    ears: Ears,
    echoes: Echoes,
    mouth: Mouth,
    sign: Sign,
}

impl Echo {
    /// Enters a room as an agent.
    ///
    /// # Errors
    /// [`EchoError`] says which step failed; whatever was begun is undone.
    pub async fn enter(
        rooms: &dyn Rooms,
        room: RoomName,
        identity: Identity,
    ) -> Result<Self, EchoError> {
        let mut admission = Admission::agent(room, identity);
        "Echo".clone_into(&mut admission.name);
        let token = rooms.token(&admission).map_err(EchoError::Token)?;
        let options = JoinOptions {
            subscribing: Subscribing::Nobody,
        };
        let joined = rooms.join(&token, options).await.map_err(EchoError::Join)?;
        let voice = PublishOptions {
            format: FORMAT,
            ..PublishOptions::voice("echo")
        };
        let track = joined
            .room
            .publish(voice)
            .await
            .map_err(EchoError::Publish)?;
        Ok(Self {
            sign: Sign::put_up(Arc::clone(&joined.room)),
            room: joined.room,
            events: joined.events,
            ears: Ears::default(),
            echoes: Echoes::default(),
            mouth: Mouth::new(track),
        })
    }

    /// Repeats what is said until the room ends or `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) -> Ended {
        loop {
            self.act();
            let deadline = [self.echoes.deadline(), self.mouth.deadline(now())];
            tokio::select! {
                biased; // leaving comes first, then news, then sound, then time
                () = stop.cancelled() => {
                    self.room.leave().await;
                    return Ended::Left;
                }
                event = self.events.next() => match event {
                    Some(RoomEvent::Ended(why)) => return why,
                    None => return Ended::ConnectionLost,
                    Some(event) => self.handle_event(event),
                },
                (who, frame) = self.ears.next() => {
                    self.echoes.handle_audio(now(), &who, &frame.samples);
                }
                () = reached(deadline.into_iter().flatten().min()) => {
                    self.echoes.handle_timeout(now());
                    self.speak().await;
                }
            }
        }
    }

    fn act(&mut self) {
        while let Some(action) = self.echoes.poll_action() {
            match action {
                Action::Say(samples) => {
                    self.mouth.say(samples);
                    self.sign.turn(State::Speaking);
                }
                Action::Stop => {
                    self.mouth.stop();
                    self.sign.turn(State::Listening);
                }
            }
        }
    }

    async fn speak(&mut self) {
        match self.mouth.go_on().await {
            Ok(Progress::Speaking) => {}
            Ok(Progress::Done) => {
                self.sign.turn(State::Listening);
                self.echoes.handle_said();
            }
            // The room is ending, or about to tell; there is nobody to speak to.
            Err(_) => self.mouth.stop(),
        }
    }

    fn handle_event(&mut self, event: RoomEvent) {
        match event {
            RoomEvent::ParticipantJoined(other) if is_person(&other) => {
                self.room.subscribe(Whom::Only(other.identity));
            }
            RoomEvent::ParticipantLeft(who) => self.echoes.handle_left(&who),
            RoomEvent::TrackSubscribed { identity, track } => {
                match self.room.audio(&track.id, FORMAT) {
                    Ok(stream) => self.ears.open(identity, track.id, stream),
                    Err(error) => {
                        tracing::debug!(
                            error = &error as &dyn std::error::Error,
                            "a track went at once"
                        );
                    }
                }
            }
            RoomEvent::TrackUnsubscribed { track, .. } => self.ears.close(&track),
            // An echo has no use for anything else.
            _ => {}
        }
    }
}

/// Two echoes that heard each other would never stop.
fn is_person(participant: &Participant) -> bool {
    participant.kind != ParticipantKind::Agent
}

/// Reads the clock that a paused runtime governs.
fn now() -> Instant {
    time::Instant::now().into_std()
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => pending().await,
    }
}
