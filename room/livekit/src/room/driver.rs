//! Turns what the SDK says into what happens in the room, and ends the connection.

mod content;

use std::{cmp::Ordering, future::pending, sync::Arc, time::Instant};

use livekit::{
    RoomEvent as SdkEvent,
    participant::{
        DisconnectReason, Participant as SdkParticipant, ParticipantState, RemoteParticipant,
    },
};
use room_contract::{Attributes, Ended, Identity, RoomEvent, deadline, event::EventSender};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{self, sleep_until},
};
use tokio_util::sync::DropGuard;

use super::{
    Shared,
    roster::{Arrival, Departure, Roster},
};
use crate::{
    ended::ended,
    failure::within,
    participants,
    signalling::{Farewell, farewell},
};

/// The one loop that owns what the listener knows.
pub(super) struct Driver {
    shared: Arc<Shared>,
    sdk_events: UnboundedReceiver<SdkEvent>,
    farewell: Arc<Farewell>,
    listener: EventSender,
    roster: Roster,
    /// Who was last said to speak.
    speaking: Vec<Identity>,
    /// Nobody waits for a driver that is no more, even when it panicked.
    _over: [DropGuard; 2],
}

impl Driver {
    pub(super) fn new(
        shared: Arc<Shared>,
        sdk_events: UnboundedReceiver<SdkEvent>,
        farewell: Arc<Farewell>,
        listener: EventSender,
    ) -> Self {
        let over = [&shared.gone, &shared.closed].map(|token| token.clone().drop_guard());
        Self {
            shared,
            sdk_events,
            farewell,
            listener,
            roster: Roster::default(),
            speaking: Vec::new(),
            _over: over,
        }
    }

    pub(super) async fn run(mut self) {
        let why = loop {
            tokio::select! {
                biased; // leaving comes first, then news, then time
                () = self.shared.leave.cancelled() => break Ended::Left,
                event = self.sdk_events.recv() => {
                    let Some(event) = event else { break Ended::ConnectionLost };
                    if let Some(why) = self.handle(event) {
                        break why;
                    }
                }
                reason = self.farewell.dismissed() => break ended(reason),
                () = self.shared.listen_anew.notified() => {
                    self.listen_anew();
                    self.tell_speakers();
                }
                () = reached(self.roster.deadline()) => self.handle_timeout(now()),
            }
            if self.listener.has_ended() {
                break Ended::Overrun;
            }
        };
        self.end(why).await;
    }

    /// Takes an event in; returns why the connection is over, if it is.
    fn handle(&mut self, event: SdkEvent) -> Option<Ended> {
        match event {
            SdkEvent::Connected {
                participants_with_tracks,
            } => {
                let mut others: Vec<_> = participants_with_tracks
                    .iter()
                    .map(|(other, _)| other)
                    .collect();
                others.sort_by_key(|other| other.joined_at());
                for other in others {
                    self.meet(other);
                }
            }
            SdkEvent::ParticipantConnected(other) => self.meet(&other),
            SdkEvent::ParticipantActive(other) => self.arrive(&other),
            SdkEvent::ParticipantDisconnected(other) => self.depart(&other),
            SdkEvent::ParticipantAttributesChanged {
                participant,
                changed_attributes,
            } => {
                let changed: Attributes = participants::attributes(changed_attributes);
                if let SdkParticipant::Local(local) = &participant {
                    self.shared.said.note(local, &changed);
                }
                self.about(&participant, |identity| RoomEvent::AttributesChanged {
                    identity,
                    changed,
                });
            }
            SdkEvent::ParticipantMetadataChanged {
                participant,
                metadata,
                ..
            } => {
                self.about(&participant, |identity| RoomEvent::MetadataChanged {
                    identity,
                    metadata,
                });
            }
            SdkEvent::ActiveSpeakersChanged { .. } => {
                self.tell_speakers();
            }
            SdkEvent::Reconnecting => {
                self.roster.reconnecting();
                self.shared.hold_subscriptions();
                self.tell(RoomEvent::Reconnecting);
            }
            SdkEvent::Reconnected => {
                self.roster.reconnected(now());
                self.shared.restore();
                self.tell(RoomEvent::Reconnected);
            }
            SdkEvent::Disconnected { reason } => return Some(ended(reason)),
            other => self.handle_content(other),
        }
        None
    }

    fn handle_timeout(&mut self, now: Instant) {
        for who in self.roster.handle_timeout(now) {
            self.tell(RoomEvent::ParticipantLeft(who));
        }
    }

    async fn end(mut self, why: Ended) {
        self.shared.gone.cancel();
        self.shared.depart();
        self.shared.heard.clear();
        self.shared.methods.lock().clear();
        self.listener.end(why);
        self.part().await;
        if within(deadline::LEAVE, self.shared.sdk.close())
            .await
            .is_err()
        {
            tracing::debug!("leaving the room took too long");
        }
        self.shared.closed.cancel();
    }

    /// Has the SDK forget the others.
    async fn part(&mut self) {
        let others = self.shared.sdk.remote_participants();
        if !others.is_empty() && self.farewell.begin(others.values()) {
            let forgotten = async {
                while !self.shared.sdk.remote_participants().is_empty()
                    && self.sdk_events.recv().await.is_some()
                {}
            };
            if within(farewell::PATIENCE, forgotten).await.is_err() {
                tracing::debug!("the others were not forgotten in time");
            }
        }
        self.farewell.end();
    }

    /// Greets somebody who may not yet be reachable.
    fn meet(&mut self, other: &RemoteParticipant) {
        if other.state() == ParticipantState::Active {
            self.arrive(other);
        }
    }

    /// Tells of somebody who is there and reachable, and of their tracks.
    fn arrive(&mut self, other: &RemoteParticipant) {
        let Some(participant) = participants::remote(other) else {
            return;
        };
        match self.roster.arrive(&participant.identity) {
            Arrival::First => self.tell(RoomEvent::ParticipantJoined(participant)),
            Arrival::Return if !participant.attributes.is_empty() => {
                // They may have changed meanwhile.
                let (identity, changed) = (participant.identity, participant.attributes);
                self.tell(RoomEvent::AttributesChanged { identity, changed });
            }
            Arrival::Return | Arrival::Known => {}
        }
        for publication in other.track_publications().values() {
            self.publish(other, publication);
        }
    }

    fn depart(&mut self, other: &RemoteParticipant) {
        let Some(who) = participants::identity(other) else {
            return;
        };
        let how = match other.disconnect_reason() {
            DisconnectReason::UnknownReason => Departure::Unexplained,
            _ => Departure::Explained,
        };
        if self.roster.depart(now(), &who, how) {
            self.tell(RoomEvent::ParticipantLeft(who));
        }
    }

    /// Returns who speaks, the loudest first. The SDK's own list holds only what changed.
    fn speakers(&self) -> Vec<Identity> {
        let others = self.shared.sdk.remote_participants();
        let others = others.values().filter_map(|other| {
            let who = participants::identity(other)?;
            let sent = || other.is_speaking().then(|| other.audio_level());
            let loudness = self.shared.loudness_nearby(&who).or_else(sent)?;
            Some((who, loudness))
        });
        let own = self.shared.loudness();
        let own = own.map(|loudness| (self.shared.identity.clone(), loudness));
        let mut speakers: Vec<_> = others.chain(own).collect();
        speakers.sort_by(|one, other| other.1.partial_cmp(&one.1).unwrap_or(Ordering::Equal));
        speakers.into_iter().map(|(who, _)| who).collect()
    }

    fn tell_speakers(&mut self) {
        let speaking = self.speakers();
        if speaking == self.speaking {
            return;
        }
        let own = &self.shared.identity;
        if speaking.contains(own) != self.speaking.contains(own) {
            // The server names to nobody whom it does not send to them.
            self.shared.tell_nearby();
        }
        self.speaking.clone_from(&speaking);
        self.tell(RoomEvent::ActiveSpeakers(speaking));
    }

    /// Brings in line what is heard without the server, and what by it.
    fn listen_anew(&mut self) {
        for other in self.shared.sdk.remote_participants().values() {
            let Some(who) = participants::identity(other) else {
                continue;
            };
            for publication in other.track_publications().values() {
                self.shared.apply_subscription(&who, publication);
                self.listen_nearby(&who, publication);
            }
        }
    }

    fn about(&mut self, participant: &SdkParticipant, event: impl FnOnce(Identity) -> RoomEvent) {
        if let Ok(identity) = Identity::new(participant.identity().0) {
            self.tell(event(identity));
        }
    }

    fn tell(&mut self, event: RoomEvent) {
        // An overrun ends the queue, which the loop sees next.
        let _ = self.listener.send(event);
    }
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
