//! A caller, an echo, and what the caller hears.

use std::{sync::Arc, time::Duration};

use agent_echo::Echo;
use room_contract::{
    Admission, AudioFormat, AudioStream, Identity, JoinOptions, LocalTrack, ParticipantKind,
    PublishOptions, Room, RoomEvent, RoomEvents, RoomName, Rooms, TrackSource,
};
use room_media::{
    Dbfs, SampleRate,
    tone::{Tone, ToneReport, measure},
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

const FORMAT: AudioFormat = AudioFormat::mono(24_000);
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn identity(who: &str) -> Identity {
    Identity::new(who).expect("a name")
}

/// Somebody in the room.
pub(crate) struct Caller {
    pub(crate) room: Arc<dyn Room>,
    pub(crate) events: RoomEvents,
    voice: Arc<dyn LocalTrack>,
}

/// A room with an echo in it.
pub(crate) struct Scene {
    rooms: Arc<dyn Rooms>,
    name: RoomName,
    pub(crate) stop: CancellationToken,
    pub(crate) echoes: JoinSet<room_contract::Ended>,
}

impl Scene {
    pub(crate) async fn open(rooms: Arc<dyn Rooms>) -> Self {
        let name = RoomName::new("echo").expect("a name");
        let (stop, mut echoes) = (CancellationToken::new(), JoinSet::new());
        let echo = Echo::enter(&*rooms, name.clone(), identity("agent-echo"))
            .await
            .expect("entered");
        echoes.spawn(echo.run(stop.clone()));
        Self {
            rooms,
            name,
            stop,
            echoes,
        }
    }

    pub(crate) async fn call(&self, who: &str) -> Caller {
        let admission = Admission::person(self.name.clone(), identity(who));
        let token = self.rooms.token(&admission).expect("a token");
        let joined = self
            .rooms
            .join(&token, JoinOptions::default())
            .await
            .expect("joined");
        let options = PublishOptions {
            format: FORMAT,
            ..PublishOptions::voice("voice")
        };
        let voice = joined.room.publish(options).await.expect("published");
        Caller {
            room: joined.room,
            events: joined.events,
            voice,
        }
    }
}

impl Caller {
    /// Waits until the echo's voice can be heard, and checks that it is an agent's.
    pub(crate) async fn finds_the_echo(&mut self) -> AudioStream {
        loop {
            let event = timeout(PATIENCE, self.events.next())
                .await
                .expect("in time")
                .expect("not over");
            let RoomEvent::TrackSubscribed {
                identity: who,
                track,
            } = event
            else {
                continue;
            };
            if who != identity("agent-echo") {
                continue;
            }
            assert_eq!(track.source, TrackSource::Microphone);
            let others = self.room.participants();
            let echo = others
                .iter()
                .find(|other| other.identity == who)
                .expect("it is there");
            assert_eq!(echo.kind, ParticipantKind::Agent);
            return self.room.audio(&track.id, FORMAT).expect("subscribed");
        }
    }

    /// Waits until the agent shows a state.
    pub(crate) async fn sees(&mut self, state: &str) {
        let shown = |attributes: &room_contract::Attributes| {
            attributes
                .get("lk.agent.state")
                .is_some_and(|shown| shown == state)
        };
        loop {
            let event = timeout(PATIENCE, self.events.next())
                .await
                .expect("in time")
                .expect("not over");
            if matches!(&event, RoomEvent::AttributesChanged { changed, .. } if shown(changed)) {
                return;
            }
        }
    }

    /// Says a tone and then nothing.
    pub(crate) async fn says(&self, hertz: f32, duration: Duration) {
        let tone = Tone::new(rate(), hertz, Dbfs::new(-12.0)).take(FORMAT.values_in(duration));
        self.voice.capture(&tone).await.expect("said");
    }
}

/// Listens until half a second of silence follows some sound; says what it was.
pub(crate) async fn hears(stream: &mut AudioStream, hertz: f32) -> ToneReport {
    let deadline = Instant::now() + PATIENCE;
    let (mut heard, mut began, mut quiet) = (Vec::new(), false, Duration::ZERO);
    while quiet < Duration::from_millis(500) {
        let pause = if began {
            Instant::now() + Duration::from_millis(500)
        } else {
            deadline
        };
        let Ok(frame) = timeout_at(pause.min(deadline), stream.next()).await else {
            break;
        };
        let frame = frame.expect("the echo stays");
        let loud = frame
            .samples
            .iter()
            .any(|sample| sample.unsigned_abs() > 500);
        began |= loud;
        quiet = if loud || !began {
            Duration::ZERO
        } else {
            quiet + frame.duration()
        };
        heard.extend(frame.samples);
    }
    measure(&heard, rate(), hertz)
}

fn rate() -> SampleRate {
    SampleRate::HZ_24000
}
