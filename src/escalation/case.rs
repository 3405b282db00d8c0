//! One escalation, carried out: a task with a machine that decides and the crew that does it.

mod acting;
mod calling;
mod seeing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_session::{AgentState, Event};
use room_contract::{Identity, RoomName, Rooms, role};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::DropGuard;
use tracing::{info, warn};

use super::contact::Contact;
use super::kept::Kept;
use super::line::Line;
use super::machine::{LegId, Machine, News};
use super::ports::{Called, Crew};
use super::recall::{Reached, Recall};
use super::settings::Settings;
use super::wish::{EscalationId, Stage, View, Wish};
use super::words::Matter;
use super::words::offers::Offers;
use crate::clock::{at, now};
use crate::invitation::{Acceptance, Invitations};
use crate::phone::Tongue;
use crate::sessions::{self, EndReason, SessionEvent, SessionId, Sessions, Status};
use crate::store::Store;

/// News that wait to be taken in; whoever brings more waits.
const NEWS: usize = 32;

/// What could not be said because the agent is just coming in is tried again this often.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// A contact who is to come, or to come back after a fault, is waited for this long: a call asks again for longer.
const THERE_WITHIN: Duration = Duration::from_secs(25);

/// Where an escalation stands is written within this time, or while it goes on.
const KEPT_WITHIN: Duration = Duration::from_secs(2);

/// So often: an agent that is not in by then is switched off.
const MOST_TRIES: u32 = 50;

/// An agent that leaves gets this long to say that the contact is there.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// What all cases of a director share.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) sessions: Sessions,
    pub(super) rooms: Arc<dyn Rooms>,
    pub(super) crew: Crew,
    pub(super) invitations: Invitations,
    pub(super) contacts: Arc<[Contact]>,
    pub(super) settings: Settings,
    pub(super) store: Store,
}

/// The conversation that a human is wanted in.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) room: RoomName,
    pub(super) session: SessionId,
    pub(super) profile: Option<String>,
    pub(super) tongue: Tongue,
    /// What can be done for callers whom nobody can talk to.
    pub(super) offers: Offers,
}

/// Something that a case is told.
pub(super) enum Told {
    /// About a leg.
    News(News),
    /// Somebody is being called.
    Called(LegId, Called),
    /// A contact has opened the door.
    AtTheDoor(LegId, Acceptance),
    /// Whoever briefed a contact has left.
    BriefingOver(LegId),
    /// It is called off.
    Cancel,
}

/// A case, from outside.
pub(super) struct Live {
    /// What is told here reaches it.
    pub(super) teller: mpsc::Sender<Told>,
    /// Where it stands.
    pub(super) view: watch::Receiver<View>,
}

/// An escalation.
pub(super) struct Case {
    office: Office,
    scene: Scene,
    id: EscalationId,
    wish: Wish,
    matter: Matter,
    machine: Machine,
    lines: BTreeMap<LegId, Line>,
    told: mpsc::Receiver<Told>,
    teller: mpsc::Sender<Told>,
    /// What has to be finished: hanging up, messages.
    errands: JoinSet<()>,
    /// What goes on for as long as the case does: calls, briefings, music.
    watches: JoinSet<()>,
    view: watch::Sender<View>,
    /// Whether the music is to be soft: the agent speaks.
    duck: watch::Sender<bool>,
    /// The music ends with it.
    music: Option<DropGuard>,
    /// What the agent is to say as soon as it can. What is newer takes its place.
    words: Option<String>,
    /// What the agent is to know, the oldest first; it is told together with the words.
    notes: VecDeque<String>,
    speak_at: Option<Instant>,
    tries: u32,
    /// Until when the agent may say that the contact is there, before it steps back.
    stepping_back: Option<Instant>,
    agent: Option<AgentState>,
    /// Whether callers were seen in the room.
    had_callers: bool,
    /// Until when a contact who was let in by a browser, or by another process, has to be seen in the room.
    there_by: Option<Instant>,
    /// Until when callers may be away whose server is gone.
    callers_by: Option<Instant>,
    /// The call to the caller's own telephone that another process placed: it may ring.
    visitor: Option<String>,
    kept: Kept,
    /// It is a callback.
    recall: Option<Recalling>,
    /// A contact who is told why it is over, and until when.
    parting: Option<(LegId, Instant)>,
    /// Nothing more is heard of the session.
    session_over: bool,
    over: bool,
}

/// A callback under way.
struct Recalling {
    key: String,
    /// Told once.
    report: Option<oneshot::Sender<Reached>>,
    /// Whether both were brought together.
    is_met: bool,
}

/// What happens next.
enum Step {
    Told(Told),
    Event(sessions::News),
    LetGo,
    /// An errand is done.
    Done,
    Time,
}

impl Case {
    /// Begins one.
    pub(super) fn new(
        office: Office,
        scene: Scene,
        wish: Wish,
        matter: Matter,
        machine: Machine,
    ) -> (Self, Live) {
        let (teller, told) = mpsc::channel(NEWS);
        let id = EscalationId::random();
        let kept = Kept::of(&wish);
        let (view, seen) = watch::channel(View {
            id: id.clone(),
            contact: None,
            stage: Stage::Dialling,
        });
        let case = Self {
            office,
            scene,
            id,
            wish,
            matter,
            machine,
            lines: BTreeMap::new(),
            told,
            teller: teller.clone(),
            errands: JoinSet::new(),
            watches: JoinSet::new(),
            view,
            duck: watch::Sender::new(false),
            music: None,
            words: None,
            notes: VecDeque::new(),
            speak_at: None,
            tries: 0,
            stepping_back: None,
            agent: None,
            had_callers: false,
            there_by: None,
            callers_by: None,
            visitor: None,
            kept,
            recall: None,
            parting: None,
            session_over: false,
            over: false,
        };
        (case, Live { teller, view: seen })
    }

    /// Makes a callback of it.
    pub(super) fn recalling(mut self, recall: Recall) -> Self {
        self.kept.is_recall = true;
        self.recall = Some(Recalling {
            key: recall.key,
            report: Some(recall.report),
            is_met: false,
        });
        self
    }

    /// Tells what came of a callback, once.
    fn report(&mut self, reached: Reached) {
        let Some(recall) = &mut self.recall else {
            return;
        };
        recall.is_met |= reached == Reached::Both;
        if let Some(report) = recall.report.take() {
            // Whoever asked may have gone.
            let _ = report.send(reached);
        }
    }

    /// Takes up a contact who is in the conversation, or about to come back to it.
    pub(super) fn resume(mut self, leg: LegId, contact: &Contact, identity: &Identity) -> Self {
        let is_phone = identity.as_str().starts_with(role::PHONE);
        let line = Line {
            identity: Some(identity.clone()),
            orphaned: is_phone.then(BTreeSet::new),
            ..Line::default()
        };
        self.lines.insert(leg, line);
        self.view.send_modify(|view| {
            view.stage = Stage::Connected;
            view.contact = Some(contact.name.clone());
        });
        self.kept.connected = Some((contact.id.clone(), identity.to_string()));
        self.there_by = Some(now() + THERE_WITHIN);
        self
    }

    /// The callers' server is gone: they are on their way back.
    pub(super) fn taken_up(mut self, visitor: Option<String>) -> Self {
        self.callers_by = Some(now() + THERE_WITHIN);
        self.kept.visitor.clone_from(&visitor);
        self.visitor = visitor;
        self
    }

    /// Carries it out, to its end.
    pub(super) async fn run(mut self, mut events: broadcast::Receiver<SessionEvent>) {
        info!(escalation.id = %self.id, "a human is being brought in");
        self.keep(true).await;
        self.look().await;
        self.perform().await;
        while !self.over {
            match self.next(&mut events).await {
                Step::Told(told) => self.handle_told(told).await,
                Step::Event(news) => self.handle_event(news).await,
                Step::LetGo => return,
                Step::Time => self.handle_timeout().await,
                Step::Done => {}
            }
            self.perform().await;
        }
        self.end().await;
    }

    async fn next(&mut self, events: &mut broadcast::Receiver<SessionEvent>) -> Step {
        let deadline = self.deadline();
        tokio::select! {
            Some(told) = self.told.recv() => Step::Told(told),
            event = events.recv(), if !self.session_over => match event {
                Ok(event) => Step::Event(event.news),
                // Whatever was lost, a look shows what matters.
                Err(RecvError::Lagged(_)) => Step::Event(sessions::News::Seen),
                // It goes on at another server, which takes this up as well.
                Err(RecvError::Closed) => Step::LetGo,
            },
            Some(_) = self.errands.join_next() => Step::Done,
            Some(_) = self.watches.join_next() => Step::Done,
            () = at(deadline) => Step::Time,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let own = [
            self.machine.deadline(),
            self.speak_at,
            self.stepping_back,
            self.there_by,
            self.callers_by,
            self.parting.map(|(_, until)| until),
        ];
        own.into_iter().flatten().min()
    }

    async fn handle_timeout(&mut self) {
        let now = now();
        self.machine.handle_timeout(now);
        if self.speak_at.is_some_and(|at| at <= now) {
            self.speak().await;
        }
        if self.callers_by.is_some_and(|at| at <= now) {
            self.callers_by = None;
            self.look().await;
        }
        if self.there_by.is_some_and(|at| at <= now) {
            self.there_by = None;
            for line in self.lines.values_mut() {
                line.orphaned = None;
            }
            self.look().await;
            self.miss_who_is_not_there();
        }
        if self.stepping_back.is_some_and(|at| at <= now) {
            self.step_back().await;
        }
        if self.parting.is_some_and(|(_, until)| until <= now) {
            self.part();
        }
    }

    async fn handle_told(&mut self, told: Told) {
        match told {
            Told::News(news) => self.machine.handle_news(now(), news),
            Told::Called(leg, called) => self.handle_called(leg, called).await,
            Told::AtTheDoor(leg, acceptance) => self.handle_at_the_door(leg, acceptance),
            Told::BriefingOver(leg) => self.handle_briefing_over(leg),
            Told::Cancel => self.machine.handle_news(now(), News::Cancelled),
        }
    }

    async fn handle_event(&mut self, news: sessions::News) {
        match news {
            sessions::News::Seen => self.look().await,
            sessions::News::Status(Status::Ended(_)) => {
                self.session_over = true;
                self.machine.handle_news(now(), News::Callers(0));
            }
            sessions::News::Agent(Event::State { state }) => {
                let spoke = self.agent.replace(state) == Some(AgentState::Speaking);
                self.duck.send_replace(state == AgentState::Speaking);
                if state == AgentState::Speaking {
                    return;
                }
                if self.words.is_some() {
                    self.speak().await;
                } else if spoke && self.parting.is_some() {
                    self.part();
                } else if spoke && self.stepping_back.is_some() {
                    // It has said that the contact is there.
                    self.step_back().await;
                }
            }
            _ => {}
        }
    }

    /// Has it kept where it stands, for whoever comes after this process.
    async fn keep(&self, under_way: bool) {
        let state = serde_json::to_string(&self.kept).ok().filter(|_| under_way);
        let session = self.scene.session.as_str();
        let kept = self.office.store.keep_escalation(session, state);
        if timeout(KEPT_WITHIN, kept).await.is_err() {
            warn!(
                "an escalation could not be taken up after a fault: the database does not answer"
            );
        }
    }

    /// Leaves everything as it should be.
    async fn end(mut self) {
        self.music = None;
        let is_in_vain = self.recall.as_ref().is_some_and(|recall| !recall.is_met);
        if is_in_vain {
            // It was opened for nothing else.
            let room = self.scene.room.clone();
            drop(
                self.office
                    .sessions
                    .end_for(room, EndReason::NoAnswer)
                    .await,
            );
        } else {
            self.settle_session().await;
        }
        self.keep(false).await;
        if let (Some(lines), Some(visitor), false) = (
            self.office.crew.lines.clone(),
            self.visitor.take(),
            self.machine.has_callers(),
        ) {
            lines.hang_up(&visitor).await;
        }
        while self.errands.join_next().await.is_some() {}
        self.watches.shutdown().await;
        let stage = self.view.borrow().stage.name();
        info!(escalation.id = %self.id, stage, "an escalation is over");
    }
}
