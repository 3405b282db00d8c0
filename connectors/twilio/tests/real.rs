//! The phone leg in a room of a real LiveKit server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

#[path = "leg/person.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod person;
#[path = "leg/phone.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod phone;

use std::{collections::BTreeSet, time::Duration};

use connectors_twilio::leg::{Leg, LegEnd, LegEvents, LegHandle, LegOptions, open};
use person::Person;
use phone::{Phone, call};
use room_contract::{Admission, Identity, RoomName, Rooms, circle::moved_to};
use room_launcher::{LiveKitServer, Options};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use room_media::{
    SampleRate,
    tone::{ToneReport, measure},
};
use secrecy::SecretString;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// For a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

struct Stage {
    _rooms: LiveKitRooms,
    _server: LiveKitServer,
    agent: Person,
    phone: Phone,
    handle: LegHandle,
    _events: LegEvents,
    running: JoinSet<LegEnd>,
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn tone(samples: &[i16], hertz: f32) -> ToneReport {
    measure(samples, SampleRate::HZ_8000, hertz)
}

async fn house() -> (LiveKitServer, LiveKitRooms) {
    let server = LiveKitServer::start(Options::default()).await.unwrap();
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: server.url(),
        public_url: None,
        api_key: server.api_key().to_owned(),
        api_secret: SecretString::from(server.api_secret()),
    });
    (server, rooms.unwrap().without_shortcuts())
}

/// An agent and a phone in one room, each of which the other has heard something of.
async fn stage() -> Stage {
    let (server, rooms) = house().await;
    let name = RoomName::new("twilio-CA").unwrap();
    let admission = Admission::person(name.clone(), Identity::new("phone-CA").unwrap());
    let token = rooms.token(&admission).unwrap();
    let (leg, handle, events) = Leg::enter(&rooms, &token, LegOptions::new(call()))
        .await
        .unwrap();
    let mut running = JoinSet::new();
    running.spawn(leg.run(CancellationToken::new()));
    let agent = Person::enter(&rooms, &name, "agent-1").await;
    let (mut phone, wire) = Phone::new(ms(40));
    phone.begins().await;
    handle.attach(open(wire).await.unwrap()).await.unwrap();
    let both_hear = async {
        loop {
            agent.sings(1_000.0, ms(200)).await;
            phone.talks(440.0, 10, |_| Duration::ZERO).await;
            let heard = [agent.heard(), phone.heard()];
            if heard
                .iter()
                .all(|heard| heard.iter().any(|&sample| sample != 0))
            {
                return;
            }
        }
    };
    timeout(PATIENCE, both_hear).await.unwrap();
    sleep(ms(500)).await;
    agent.heard();
    phone.heard();
    Stage {
        _rooms: rooms,
        _server: server,
        agent,
        phone,
        handle,
        _events: events,
        running,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_hear_each_other_whole() {
    let mut stage = stage().await;

    let singing = stage.agent.sings(1_000.0, ms(4_000));
    tokio::join!(singing, stage.phone.talks(440.0, 200, |_| Duration::ZERO));
    sleep(ms(1_000)).await;

    let (up, down) = (
        tone(&stage.agent.heard(), 440.0),
        tone(&stage.phone.heard(), 1_000.0),
    );
    for heard in [up, down] {
        // Gaps of a busy machine are not what is tested here.
        assert!(heard.share > 0.8, "{heard:?}");
        assert!(heard.longest_gap < ms(150), "{heard:?}");
        assert!(heard.duration.abs_diff(ms(4_000)) < ms(250), "{heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_delays_and_hushes_get_through() {
    let stage = stage().await;

    stage.phone.presses('5').await;
    stage.agent.sings(1_000.0, ms(900)).await;
    sleep(ms(600)).await;
    stage.agent.hushes().await;
    let told = async {
        while stage.agent.keys().is_empty()
            || stage.agent.delays().is_empty()
            || stage.phone.clears() == 0
        {
            sleep(ms(20)).await;
        }
    };
    timeout(PATIENCE, told).await.unwrap();

    assert_eq!(stage.agent.keys(), [r#"{"digit":"5"}"#]);
    let delay: u64 = stage.agent.delays()[0].parse().unwrap();
    assert!((40..400).contains(&delay), "{delay}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hangs_up_is_gone_from_the_room() {
    let mut stage = stage().await;

    stage.handle.hang_up(ms(5_000)).await;
    let ended = timeout(PATIENCE, stage.running.join_next()).await.unwrap();

    assert_eq!(ended.unwrap().unwrap(), LegEnd::HungUp);
    let gone = async {
        while !stage.agent.saw_leave("phone-CA") {
            sleep(ms(20)).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
}

/// The agent and the caller are in the main circle, the briefer and the contact in one of their own. The agent and the
/// briefer listen to everybody they are let hear: what they do not hear, the server has kept from them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_briefed_in_private_and_then_moved_to_the_caller() {
    let (_server, rooms) = house().await;
    let name = RoomName::new("twilio-CA").unwrap();
    let agent = Person::enter(&rooms, &name, "agent-1").await;
    let mut briefing = Admission::agent(name.clone(), Identity::new("briefer-1").unwrap());
    briefing.attributes = moved_to(Some("briefing"));
    let briefer = Person::admit(&rooms, &briefing).await;
    let mut caller = Telephone::enters(&rooms, &name, "phone-caller", None).await;
    let mut contact = Telephone::enters(&rooms, &name, "phone-contact", Some("briefing")).await;
    sleep(ms(1_500)).await;

    let apart = matrix(&agent, &briefer, &mut caller, &mut contact).await;
    let moved = Identity::new("phone-contact").unwrap();
    rooms
        .set_attributes(&name, &moved, moved_to(None))
        .await
        .unwrap();
    sleep(ms(1_500)).await;
    let together = matrix(&agent, &briefer, &mut caller, &mut contact).await;

    let briefed = Matrix {
        of_agent: ["caller"].into(),
        of_briefer: ["contact"].into(),
        of_caller: ["agent"].into(),
        of_contact: ["briefer"].into(),
    };
    assert_eq!(apart, briefed);
    let connected = Matrix {
        of_agent: ["caller", "contact"].into(),
        of_briefer: [].into(),
        of_caller: ["agent", "contact"].into(),
        of_contact: ["agent", "caller"].into(),
    };
    assert_eq!(together, connected);
}

/// A leg with a phone on it.
struct Telephone {
    phone: Phone,
    _events: LegEvents,
    _handle: LegHandle,
    _running: JoinSet<LegEnd>,
}

impl Telephone {
    async fn enters(
        rooms: &LiveKitRooms,
        name: &RoomName,
        who: &str,
        circle: Option<&str>,
    ) -> Self {
        let mut admission = Admission::person(name.clone(), Identity::new(who).unwrap());
        admission.attributes = moved_to(circle);
        let token = rooms.token(&admission).unwrap();
        let entering = Leg::enter(rooms, &token, LegOptions::new(call()));
        let (leg, handle, events) = entering.await.unwrap();
        let mut running = JoinSet::new();
        running.spawn(leg.run(CancellationToken::new()));
        let (phone, wire) = Phone::new(ms(0));
        phone.begins().await;
        handle.attach(open(wire).await.unwrap()).await.unwrap();
        Self {
            phone,
            _events: events,
            _handle: handle,
            _running: running,
        }
    }
}

/// Who was heard, by those who hear.
#[derive(Debug, Default, PartialEq, Eq)]
struct Matrix {
    of_caller: BTreeSet<&'static str>,
    of_contact: BTreeSet<&'static str>,
    of_agent: BTreeSet<&'static str>,
    of_briefer: BTreeSet<&'static str>,
}

/// Lets everybody be heard, one after the other, and notes by whom.
async fn matrix(
    agent: &Person,
    briefer: &Person,
    caller: &mut Telephone,
    contact: &mut Telephone,
) -> Matrix {
    let mut matrix = Matrix::default();
    for (who, hertz) in [
        ("agent", 1_000.0),
        ("briefer", 800.0),
        ("caller", 440.0),
        ("contact", 600.0),
    ] {
        let never_late = |_| Duration::ZERO;
        match who {
            "agent" => agent.sings(hertz, ms(900)).await,
            "briefer" => briefer.sings(hertz, ms(900)).await,
            "caller" => caller.phone.talks(hertz, 45, never_late).await,
            _ => contact.phone.talks(hertz, 45, never_late).await,
        }
        sleep(ms(1_500)).await;
        let sounds = |heard: &[i16]| {
            let heard = tone(heard, hertz);
            heard.share > 0.3 && heard.duration > ms(300)
        };
        for (heard, by) in [
            (caller.phone.heard(), &mut matrix.of_caller),
            (contact.phone.heard(), &mut matrix.of_contact),
            (agent.heard(), &mut matrix.of_agent),
            (briefer.heard(), &mut matrix.of_briefer),
        ] {
            if sounds(&heard) {
                by.insert(who);
            }
        }
    }
    matrix
}
