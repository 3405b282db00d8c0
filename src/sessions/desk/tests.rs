//! The desk, with rooms in memory and an agent that only waits.

use std::time::SystemTime;

use async_trait::async_trait;
use room_contract::memory::MemoryRooms;
use room_contract::{Admission, BoxError, Identity, JoinOptions};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::*;
use crate::config::Database;
use crate::sessions::{AgentWish, Attending, CallId, Channel, Departure, SessionId};
use crate::store::LONE;

/// Tells when it comes and when it was asked to leave.
struct Waiter {
    told: mpsc::Sender<&'static str>,
    put_out: Arc<Notify>,
}

#[async_trait]
impl Agent for Waiter {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        self.told.send("came").await?;
        tokio::select! {
            () = attending.leave.cancelled() => {}
            () = self.put_out.notified() => return Ok(Departure::PutOut),
        }
        self.told.send("left").await?;
        Ok(Departure::Left)
    }
}

struct Office {
    rooms: Arc<MemoryRooms>,
    sessions: Sessions,
    agent: mpsc::Receiver<&'static str>,
    /// Puts the agent out.
    put_out: Arc<Notify>,
    stop: CancellationToken,
    working: JoinHandle<Drained>,
    _folder: TempDir,
}

impl Office {
    async fn open() -> Self {
        Self::of(LONE).await
    }

    /// One of several that share their records. Nobody writes, so that after a while the others may take it for gone.
    async fn shared() -> Self {
        Self::of("one").await
    }

    async fn of(node: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("calls.db"));
        let (store, _writer) = Store::open_as(&database, node).await.unwrap();
        let rooms = Arc::new(MemoryRooms::new());
        let (told, agent) = mpsc::channel(8);
        let put_out = Arc::new(Notify::new());
        let waiter = Waiter {
            told,
            put_out: Arc::clone(&put_out),
        };
        let (desk, sessions) = Desk::new(Furniture {
            limits: SessionLimits::default(),
            rooms: Arc::clone(&rooms) as Arc<dyn Rooms>,
            agent: Some(Arc::new(waiter)),
            store,
            metrics: Metrics::default(),
        });
        let stop = CancellationToken::new();
        let working = tokio::spawn(desk.run(stop.clone(), Duration::from_secs(5)));
        Self {
            rooms,
            sessions,
            agent,
            put_out,
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

    /// Lets so much time pass that others may take this server for gone.
    async fn loses_touch(&self) {
        tokio::time::pause();
        sleep(crate::store::SILENT).await;
    }

    async fn people_in(&self, room: &RoomName) -> Option<u32> {
        let room = self.rooms.find(room).await.unwrap();
        room.map(|room| room.participants)
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
    let people = office.people_in(session.room()).await;
    assert_eq!(people, Some(1), "Ann is in it");
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

#[tokio::test]
async fn a_room_that_another_server_may_have_is_left_to_whoever_is_in_it() {
    let mut office = Office::shared().await;
    let (session, _ann) = office.session().await;
    office.loses_touch().await;

    let ending = office
        .sessions
        .end_for(session.room().clone(), EndReason::CallerLeft);
    ending.await.unwrap();

    let found = office.sessions.find_room(session.room().clone()).await;
    assert!(matches!(found, Err(SessionError::Gone)));
    assert_eq!(office.people_in(session.room()).await, Some(1));
    office.close().await;
}

#[tokio::test]
async fn a_session_that_is_ended_on_purpose_ends_for_all_whoever_may_have_it() {
    let mut office = Office::shared().await;
    let (session, _ann) = office.session().await;
    office.loses_touch().await;

    let ending = office
        .sessions
        .end_for(session.room().clone(), EndReason::Completed);
    ending.await.unwrap();

    assert_eq!(office.people_in(session.room()).await, None);
    office.close().await;
}

#[tokio::test]
async fn an_agent_that_another_server_may_have_put_out_comes_back_once_the_session_is_known_to_be_ours()
 {
    let mut office = Office::shared().await;
    let (session, _ann) = office.session().await;
    office.loses_touch().await;

    office.put_out.notify_one();
    sleep(Duration::from_secs(60)).await;
    let meanwhile = office.agent.try_recv();
    office.sessions.let_go(Vec::new()).unwrap();

    assert_eq!(meanwhile, Err(mpsc::error::TryRecvError::Empty));
    assert_eq!(office.agent.recv().await, Some("came"));
    let found = office.sessions.find_room(session.room().clone()).await;
    assert!(found.is_ok());
    office.close().await;
}

#[tokio::test]
async fn a_room_that_comes_back_after_its_end_is_closed_again_without_a_webhook() {
    let mut office = Office::open().await;
    let (session, ann) = office.session().await;
    let room = session.room().clone();
    tokio::time::pause();
    office.sessions.end(room.clone()).await.unwrap();

    let late = Admission::person(room.clone(), Identity::new("late").unwrap());
    let token = office.rooms.token(&late).unwrap();
    let joined = office.rooms.join(&token, JoinOptions::default()).await;
    let back = office.people_in(&room).await;
    sleep(AFTERWARDS + Duration::from_secs(1)).await;

    drop((ann, joined));
    assert_eq!((back, office.people_in(&room).await), (Some(1), None));
    office.close().await;
}

#[tokio::test]
async fn an_agent_that_somebody_puts_out_of_a_session_of_ours_is_put_in_again() {
    let mut office = Office::open().await;
    let (_session, _ann) = office.session().await;

    office.put_out.notify_one();

    assert_eq!(office.agent.recv().await, Some("came"));
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
