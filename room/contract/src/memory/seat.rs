//! One participant's place in a room in memory.

use std::collections::{BTreeSet, HashMap};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::convert::Converter;
use crate::{
    AudioFormat, AudioFrame, Connection, Ended, Grants, Listeners, Participant, RoomEvent,
    RpcRequest, Subscriptions, TrackId,
    audio::FrameSender,
    event::{EventSender, QUEUE},
};

pub(super) struct Seat {
    /// Tells a participant from the next one with the same identity.
    pub(super) number: u64,
    pub(super) participant: Participant,
    pub(super) grants: Grants,
    pub(super) subscriptions: Subscriptions,
    /// Who may hear this one.
    pub(super) listeners_allowed: Listeners,
    /// The others' tracks that this one is subscribed to.
    pub(super) heard: BTreeSet<TrackId>,
    pub(super) methods: HashMap<String, mpsc::Sender<RpcRequest>>,
    /// Cancelled when the connection is over.
    pub(super) gone: CancellationToken,
    listeners: Vec<Listener>,
    events: EventSender,
    line: Line,
    overrun: bool,
}

enum Line {
    Up,
    /// What would have come, at most [`QUEUE`].
    Cut(Vec<RoomEvent>),
}

struct Listener {
    track: TrackId,
    to: AudioFormat,
    converter: Converter,
    sender: FrameSender,
}

impl Seat {
    pub(super) fn new(
        number: u64,
        participant: Participant,
        grants: Grants,
        subscriptions: Subscriptions,
        events: EventSender,
    ) -> Self {
        Self {
            number,
            participant,
            grants,
            subscriptions,
            listeners_allowed: Listeners::Everybody,
            heard: BTreeSet::new(),
            methods: HashMap::new(),
            gone: CancellationToken::new(),
            listeners: Vec::new(),
            events,
            line: Line::Up,
            overrun: false,
        }
    }

    pub(super) fn connection(&self) -> Connection {
        match self.line {
            Line::Up => Connection::Connected,
            Line::Cut(_) => Connection::Reconnecting,
        }
    }

    /// Tells an event.
    pub(super) fn tell(&mut self, event: RoomEvent) {
        match &mut self.line {
            Line::Up => self.overrun |= self.events.send(event).is_err(),
            Line::Cut(missed) if missed.len() < QUEUE => missed.push(event),
            Line::Cut(_) => self.overrun |= !event.is_passing(),
        }
    }

    /// Returns whether the listener has missed something it needed.
    pub(super) fn is_overrun(&self) -> bool {
        self.overrun
    }

    /// Tells of somebody who is there already.
    pub(super) fn greet(&mut self, other: &Participant) {
        self.tell(RoomEvent::ParticipantJoined(other.clone()));
        for track in &other.tracks {
            let identity = other.identity.clone();
            self.tell(RoomEvent::TrackPublished {
                identity,
                track: track.clone(),
            });
        }
    }

    pub(super) fn cut(&mut self) {
        if self.connection() == Connection::Connected {
            self.tell(RoomEvent::Reconnecting);
            self.line = Line::Cut(Vec::new());
        }
    }

    pub(super) fn restore(&mut self) {
        if let Line::Cut(missed) = std::mem::replace(&mut self.line, Line::Up) {
            self.tell(RoomEvent::Reconnected);
            for event in missed {
                self.tell(event);
            }
        }
    }

    pub(super) fn end(&mut self, why: Ended) {
        self.events.end(why);
        self.listeners.clear();
        self.gone.cancel();
    }

    pub(super) fn listen(
        &mut self,
        track: TrackId,
        from: AudioFormat,
        to: AudioFormat,
        sender: FrameSender,
    ) {
        self.listeners.push(Listener {
            track,
            to,
            converter: Converter::new(from, to),
            sender,
        });
    }

    pub(super) fn stop_listening(&mut self, track: &TrackId) -> bool {
        self.listeners.retain(|listener| listener.track != *track);
        self.heard.remove(track)
    }

    pub(super) fn deliver(&mut self, track: &TrackId, samples: &[i16]) {
        if self.connection() != Connection::Connected {
            return;
        }
        self.listeners
            .retain(|listener| !listener.sender.is_closed());
        for listener in self
            .listeners
            .iter_mut()
            .filter(|listener| listener.track == *track)
        {
            let samples = listener.converter.convert(samples);
            listener.sender.send(AudioFrame {
                samples,
                format: listener.to,
            });
        }
    }
}
