//! Agents for tests: one that attends and does as it is told, one that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_session::{Entrance, Entry, Event, HandleError, Record, Switch, TurnReport};
use async_trait::async_trait;
use patchbay::sessions::{Agent, Attending, Chair, Departure, Talker};
use room_contract::memory::MemoryRooms;
use room_contract::{
    Admission, AudioFormat, BoxError, Identity, JoinOptions, PublishOptions, RoomEvent, Rooms,
};
use room_media::tone::Tone;
use room_media::{Dbfs, SampleRate};
use tokio_util::sync::CancellationToken;

/// Joins, says that it listens, keeps one turn in the journal, and stays until it is asked to leave or the room
/// closes. Its attributes tell how it came in. Told to say `goodbye`, it does and hangs up.
pub(crate) struct Attendant {
    rooms: MemoryRooms,
    listens_while_off: bool,
}

impl Attendant {
    pub(crate) fn new(rooms: MemoryRooms) -> Self {
        Self {
            rooms,
            listens_while_off: false,
        }
    }

    pub(crate) fn that_listens_while_off(rooms: MemoryRooms) -> Self {
        Self {
            rooms,
            listens_while_off: true,
        }
    }
}

#[async_trait]
impl Agent for Attendant {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        let so_far = attending.journal.so_far().await?.len();
        let mut admission = Admission::agent(attending.room, Identity::new("agent-test")?);
        let entrance = match attending.entrance {
            Entrance::Greeting => "greeting",
            Entrance::Silent => "silent",
        };
        admission.attributes.extend([
            ("lk.agent.state".to_owned(), "listening".to_owned()),
            ("entrance".to_owned(), entrance.to_owned()),
            ("so_far".to_owned(), so_far.to_string()),
        ]);
        let token = self.rooms.token(&admission)?;
        let mut joined = self.rooms.join(&token, JoinOptions::default()).await?;
        for entry in turn() {
            attending
                .journal
                .keep(Record {
                    at_ms: 1_000,
                    entry,
                })
                .await?;
        }
        let hung_up = CancellationToken::new();
        attending.chair.sit(Arc::new(Mouth {
            chair: attending.chair.clone(),
            hung_up: hung_up.clone(),
        }));

        let departure = loop {
            tokio::select! {
                () = attending.leave.cancelled() => break Departure::Left,
                () = hung_up.cancelled() => break Departure::SaidGoodbye,
                event = joined.events.next() => match event {
                    Some(RoomEvent::Ended(_)) | None => return Ok(Departure::Left),
                    Some(_) => {}
                },
            }
        };
        joined.room.leave().await;
        Ok(departure)
    }

    fn listens_while_off(&self, _: Option<&str>) -> bool {
        self.listens_while_off
    }
}

fn turn() -> [Entry; 2] {
    let text = "We open at nine.".to_owned();
    let report = TurnReport {
        turn: 1,
        total_ms: 420,
        ..TurnReport::default()
    };
    [
        Entry::Agent {
            text,
            interrupted: false,
        },
        Entry::Turn { report },
    ]
}

struct Mouth {
    chair: Chair,
    hung_up: CancellationToken,
}

impl Talker for Mouth {
    fn say(&self, text: String) -> Result<(), HandleError> {
        let last = text == "goodbye";
        self.chair.tell(Event::Transcript {
            segment: "1".to_owned(),
            identity: "agent-test".to_owned(),
            text,
            last: true,
        });
        if last {
            self.hung_up.cancel();
        }
        Ok(())
    }

    fn note(&self, _: String) -> Result<(), HandleError> {
        Ok(())
    }

    fn switch(&self, to: Switch) -> Result<(), HandleError> {
        let name = match to {
            Switch::On => "on",
            Switch::Off => "off",
        };
        self.chair.tell(Event::Tool {
            name: name.to_owned(),
            ok: true,
            took_ms: 0,
        });
        Ok(())
    }
}

/// Says the last three seconds back, until it is asked to leave.
pub(crate) struct Parrot(MemoryRooms);

impl Parrot {
    pub(crate) fn new(rooms: MemoryRooms) -> Self {
        Self(rooms)
    }
}

#[async_trait]
impl Agent for Parrot {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        let identity = Identity::new("agent-parrot")?;
        let echo = agent_echo::Echo::enter(&self.0, attending.room, identity).await?;
        echo.run(attending.leave).await;
        Ok(Departure::Left)
    }
}

/// Sings a tone for as long as it is there.
pub(crate) struct Singer(pub(crate) MemoryRooms);

/// What it sings.
pub(crate) const SUNG_HERTZ: f32 = 600.0;

#[async_trait]
impl Agent for Singer {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        let admission = Admission::agent(attending.room, Identity::new("agent-test")?);
        let token = self.0.token(&admission)?;
        let mut joined = self.0.join(&token, JoinOptions::default()).await?;
        let rate = SampleRate::HZ_24000;
        let options = PublishOptions {
            format: AudioFormat::mono(rate.hertz()),
            ..PublishOptions::voice("voice")
        };
        let track = joined.room.publish(options).await?;
        let mut tone = Tone::new(rate, SUNG_HERTZ, Dbfs::new(-16.0));
        let mut piece = tone.take(2_400);
        loop {
            tokio::select! {
                () = attending.leave.cancelled() => break,
                event = joined.events.next() => match event {
                    Some(RoomEvent::Ended(_)) | None => return Ok(Departure::Left),
                    Some(_) => {}
                },
                sung = track.capture(&piece) => {
                    sung?;
                    piece = tone.take(2_400);
                }
            }
        }
        joined.room.leave().await;
        Ok(Departure::Left)
    }
}

/// Panics the first time, fails the second, attends the third.
pub(crate) struct Unlucky {
    attempts: AtomicUsize,
    attendant: Attendant,
}

impl Unlucky {
    pub(crate) fn new(rooms: MemoryRooms) -> Self {
        Self {
            attempts: AtomicUsize::new(0),
            attendant: Attendant::new(rooms),
        }
    }
}

#[async_trait]
impl Agent for Unlucky {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        match self.attempts.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("an agent's fault"),
            1 => Err("the agent could not join".into()),
            _ => self.attendant.attend(attending).await,
        }
    }
}
