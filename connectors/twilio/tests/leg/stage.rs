//! A room with a phone leg in it.

use std::time::Duration;

use connectors_twilio::leg::{Leg, LegEnd, LegEvent, LegEvents, LegHandle, LegOptions, open};
use room_contract::{
    Admission, Attributes, Identity, RoomName, Rooms, circle::moved_to, memory::MemoryRooms,
};
use room_media::{
    SampleRate,
    tone::{ToneReport, measure},
};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    person::Person,
    phone::{Phone, call},
};

/// Of virtual time.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) const WHO: &str = "phone-CA";

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The leg is not taken any later than this after everything else.
pub(crate) const NEVER_LATE: fn(u32) -> Duration = |_| Duration::ZERO;

pub(crate) struct Stage {
    pub(crate) rooms: MemoryRooms,
    pub(crate) name: RoomName,
    pub(crate) handle: LegHandle,
    pub(crate) events: LegEvents,
    pub(crate) stop: CancellationToken,
    running: JoinSet<LegEnd>,
}

impl Stage {
    /// A leg in a room, without a socket.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut LegOptions)) -> Self {
        let mut options = LegOptions::new(call());
        change(&mut options);
        Self::begin(options, Attributes::new()).await
    }

    /// A leg in a circle of its room.
    pub(crate) async fn within(circle: Option<&str>) -> Self {
        Self::begin(LegOptions::new(call()), moved_to(circle)).await
    }

    async fn begin(options: LegOptions, attributes: Attributes) -> Self {
        let (rooms, name) = (MemoryRooms::new(), RoomName::new("twilio-CA").unwrap());
        let mut admission = Admission::person(name.clone(), Identity::new(WHO).unwrap());
        admission.attributes = attributes;
        let token = rooms.token(&admission).unwrap();
        let (leg, handle, events) = Leg::enter(&rooms, &token, options).await.unwrap();
        let (stop, mut running) = (CancellationToken::new(), JoinSet::new());
        running.spawn(leg.run(stop.clone()));
        Self {
            rooms,
            name,
            handle,
            events,
            stop,
            running,
        }
    }

    pub(crate) async fn enters(&self, who: &str) -> Person {
        Person::enter(&self.rooms, &self.name, who).await
    }

    /// Connects a phone that hears so late.
    pub(crate) async fn connects(&mut self, latency: Duration) -> Phone {
        let (phone, wire) = Phone::new(latency);
        phone.begins().await;
        let opened = open(wire).await.unwrap();
        assert_eq!(opened.start().parameters["token"], "once");
        self.handle.attach(opened).await.unwrap();
        let started = self.event().await;
        assert!(matches!(started, LegEvent::Started { .. }), "{started:?}");
        phone
    }

    /// Waits for the next event that is not about what was heard.
    pub(crate) async fn event(&mut self) -> LegEvent {
        loop {
            let event = timeout(PATIENCE, self.events.next()).await.unwrap();
            match event.unwrap() {
                LegEvent::Heard { .. } => {}
                event => return event,
            }
        }
    }

    /// Waits until everything that was sent was heard; returns how much that was.
    pub(crate) async fn all_heard(&mut self) -> Duration {
        loop {
            let event = timeout(PATIENCE, self.events.next()).await.unwrap();
            if let Some(LegEvent::Heard { sound, all: true }) = event {
                return sound;
            }
        }
    }

    pub(crate) async fn ends(&mut self) -> LegEnd {
        let ended = timeout(PATIENCE, self.running.join_next()).await.unwrap();
        ended.unwrap().unwrap()
    }
}

/// Lets virtual time pass.
pub(crate) async fn passes(millis: u64) {
    tokio::time::sleep(ms(millis)).await;
}

pub(crate) fn tone(samples: &[i16], hertz: f32) -> ToneReport {
    measure(samples, SampleRate::HZ_8000, hertz)
}
