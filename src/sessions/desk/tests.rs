//! The desk, with rooms in memory and an agent that only waits.

use std::time::SystemTime;

use async_trait::async_trait;
use room_contract::memory::MemoryRooms;
use room_contract::{Admission, BoxError, Identity, JoinOptions};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::*;
use crate::config::Database;
use crate::sessions::{AgentWish, Attending, CallId, Channel, Departure, SessionId};

/// Tells when it comes and when it was asked to leave.
struct Waiter(mpsc::Sender<&'static str>);

#[async_trait]
impl Agent for Waiter {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        self.0.send("came").await?;
        attending.leave.cancelled().await;
        self.0.send("left").await?;
        Ok(Departure::Left)
    }
}

struct Office {
    rooms: Arc<MemoryRooms>,
    sessions: Sessions,
    agent: mpsc::Receiver<&'static str>,
    stop: CancellationToken,
    working: JoinHandle<Drained>,
    _folder: TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("calls.db"));
        let (store, _writer) = Store::open(&database).await.unwrap();
        let rooms = Arc::new(MemoryRooms::new());
        let (waiter, agent) = mpsc::channel(8);
        let (desk, sessions) = Desk::new(Furniture {
            limits: SessionLimits::default(),
            rooms: Arc::clone(&rooms) as Arc<dyn Rooms>,
            agent: Some(Arc::new(Waiter(waiter))),
            store,
            metrics: Metrics::default(),
        });
        let stop = CancellationToken::new();
        let working = tokio::spawn(desk.run(stop.clone(), Duration::from_secs(5)));
        Self {
            rooms,
            sessions,
            agent,
            stop,
            working,
            _folder: folder,
        }
    }

    /// Opens a session with somebody in it and an agent at work.
    async fn session(&mut self) -> (Session, room_contract::Joined) {
        let session = self.sessions.open(opening()).await.unwrap();
        let who = Identity::new("ann").unwrap();
        let admission = Admission::person(session.room().clone(), who);
        let token = self.rooms.token(&admission).unwrap();
        let joined = self.rooms.join(&token, JoinOptions::default()).await;
        self.sessions.look(session.room().clone()).await.unwrap();
        assert_eq!(self.agent.recv().await, Some("came"));
        (session, joined.unwrap())
    }

    async fn close(self) {
        self.stop.cancel();
        self.working.await.unwrap();
    }
}

fn opening() -> Opening {
    let room = RoomName::new("demo").unwrap();
    Opening {
        channel: Channel::Web,
        id: SessionId::of_web_room(&room),
        call: CallId::random(),
        room,
        agent: AgentWish::Wanted,
        profile: None,
        metadata: String::new(),
        context: None,
        at: SystemTime::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn a_session_that_another_server_has_is_left_to_it_with_its_room() {
    let mut office = Office::open().await;
    let (session, _ann) = office.session().await;

    office
        .sessions
        .let_go(vec![CallId::random(), session.call().clone()])
        .unwrap();

    assert_eq!(office.agent.recv().await, Some("left"));
    let found = office.sessions.find_room(session.room().clone()).await;
    assert!(matches!(found, Err(SessionError::Gone)));
    let room = office.rooms.find(session.room()).await.unwrap();
    assert_eq!(room.map(|room| room.participants), Some(1), "Ann is in it");
    office.close().await;
}

#[tokio::test]
async fn a_session_that_comes_back_before_anybody_noticed_goes_on() {
    let mut office = Office::open().await;
    let (session, _ann) = office.session().await;

    let again = record(&session);
    let back = office.sessions.adopt(vec![again]).await.unwrap();

    assert_eq!(back.len(), 1, "it is not written off");
    assert_eq!(back[0].serial(), session.serial());
    office.close().await;
}

fn record(session: &Session) -> CallRecord {
    CallRecord {
        id: session.call().clone(),
        session: session.id().to_string(),
        channel: "web".to_owned(),
        room: session.room().to_string(),
        profile: None,
        agent: "wanted".to_owned(),
        metadata: String::new(),
        status: "active".to_owned(),
        reason: None,
        created_at: crate::store::Moment::now(),
        answered_at: None,
        ended_at: None,
        line: None,
    }
}
