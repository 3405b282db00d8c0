//! The loop that owns all escalations: one for each room at most.

use std::collections::HashMap;
use std::sync::Arc;

use agent_tools::{BookAppointment, CheckAvailability, LeaveMessage, RequestCallback};
use room_contract::{Identity, ParticipantKind, RoomName};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::case::{Case, Live, Office, Scene, Told};
use super::handle::{Request, Whose};
use super::kept::Kept;
use super::machine::{Caller, Machine};
use super::plan::{Wanted, plan};
use super::recall::Recall;
use super::wish::{EscalationError, EscalationId, Wish};
use super::words::offers::Offers;
use super::words::{Matter, Occasion};
use super::{Escalations, Parts};
use crate::clock::now;
use crate::config::Profiles;
use crate::phone::Tongue;
use crate::sessions::{EndReason, Escalating, Session};
use crate::telemetry::chain;

/// Owns all escalations of this process.
pub struct Director {
    office: Office,
    profiles: Arc<Profiles>,
    /// Whether callers can be called back.
    calls_back: bool,
    inbox: mpsc::Receiver<Request>,
    cases: HashMap<RoomName, Live>,
    tasks: JoinSet<()>,
    running: HashMap<Id, RoomName>,
}

/// Where the callers are as an escalation begins.
enum Begin {
    /// In the room.
    There,
    /// Their server is gone, and they are on their way back; this call to a telephone of theirs may ring.
    OnTheirWayBack(Option<String>),
    /// Nowhere: they are called back.
    CalledLast(Recall),
}

impl Director {
    /// Makes one and binds it to the handle.
    #[must_use]
    pub fn new(parts: Parts, handle: &Escalations) -> Self {
        Self {
            inbox: handle.bind(),
            profiles: parts.profiles,
            calls_back: parts.calls_back,
            office: Office {
                sessions: parts.sessions,
                rooms: parts.rooms,
                crew: parts.crew,
                invitations: parts.invitations,
                contacts: parts.contacts,
                settings: parts.settings,
                store: parts.store,
            },
            cases: HashMap::new(),
            tasks: JoinSet::new(),
            running: HashMap::new(),
        }
    }

    /// Runs until `stop` is cancelled: the sessions are over by then.
    pub async fn run(mut self, stop: CancellationToken) {
        self.take_up().await;
        loop {
            tokio::select! {
                biased; // stopping comes first, then ends, then requests
                () = stop.cancelled() => break,
                Some(ended) = self.tasks.join_next_with_id() => {
                    let task = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    if let Some(room) = self.running.remove(&task) {
                        self.cases.remove(&room);
                    }
                }
                Some(request) = self.inbox.recv() => self.handle(request).await,
            }
        }
        self.tasks.shutdown().await;
    }

    async fn handle(&mut self, request: Request) {
        // Whoever asks may have gone.
        match request {
            Request::Begin(whose, wish, reply) => {
                let begun = self.begin(whose, wish, Begin::There).await;
                let _ = reply.send(begun);
            }
            Request::Recall(room, wish, recall, reply) => {
                let begun = self
                    .begin(Whose::Room(room), wish, Begin::CalledLast(recall))
                    .await;
                let _ = reply.send(begun);
            }
            Request::Drop(session, reply) => {
                let has_come_about = self.drop_calls(&session).await;
                let _ = reply.send(has_come_about);
            }
            Request::Cancel(room, reply) => {
                let case = self.cases.get(&room);
                let _ =
                    reply.send(case.is_some_and(|live| live.teller.try_send(Told::Cancel).is_ok()));
            }
            Request::Look(room, reply) => {
                let view = self.cases.get(&room).map(|live| live.view.borrow().clone());
                let _ = reply.send(view);
            }
            Request::TakeUp => self.take_up().await,
        }
    }

    async fn begin(
        &mut self,
        whose: Whose,
        wish: Wish,
        begin: Begin,
    ) -> Result<EscalationId, EscalationError> {
        let sessions = self.office.sessions.clone();
        let found = match whose {
            Whose::Room(room) => sessions.find_room(room).await,
            Whose::Session(id) => sessions.find(id).await,
        };
        let room = found.map_err(|_| EscalationError::Gone)?.room().clone();
        if let Some(live) = self.cases.get(&room) {
            return Ok(live.view.borrow().id.clone());
        }
        if self.office.contacts.is_empty() {
            return Err(EscalationError::NoContacts);
        }
        let session = sessions
            .escalate(room.clone(), Escalating::Begun)
            .await
            .map_err(|_| EscalationError::Gone)?;
        let watch = sessions.watch(session.id().as_str().to_owned()).await;
        let watch = watch.map_err(|_| EscalationError::Gone)?;

        let scene = self.scene(&session);
        let recall = match &begin {
            Begin::CalledLast(recall) => Some(recall),
            Begin::There | Begin::OnTheirWayBack(_) => None,
        };
        let matter = matter(&session, &wish, recall);
        let groups = plan(
            &self.office.contacts,
            &Wanted {
                who: wish.contact.as_deref(),
                language: scene.tongue.tag(),
                ring: self.office.settings.patience().ring,
                link: self.office.settings.link(),
            },
            jiff::Timestamp::now(),
        );
        let caller = match (&begin, &wish.caller_number) {
            (Begin::CalledLast(_), _) => Caller::CalledLast,
            (Begin::There | Begin::OnTheirWayBack(_), Some(_)) => Caller::CalledToo,
            (Begin::There | Begin::OnTheirWayBack(_), None) => Caller::Here,
        };
        let patience = self.office.settings.patience();
        let machine = Machine::new(now(), patience, groups, caller);
        let (case, live) = Case::new(self.office.clone(), scene, wish, matter, machine);
        let id = live.view.borrow().id.clone();
        let case = match begin {
            Begin::There => case,
            Begin::OnTheirWayBack(visitor) => case.taken_up(visitor),
            Begin::CalledLast(recall) => case.recalling(recall),
        };
        self.start(room, case.run(watch.events), live);
        Ok(id)
    }

    /// Has a case carried out, and remembers whose it is.
    fn start(
        &mut self,
        room: RoomName,
        run: impl Future<Output = ()> + Send + 'static,
        live: Live,
    ) {
        let task = self.tasks.spawn(run).id();
        self.running.insert(task, room.clone());
        self.cases.insert(room, live);
    }

    /// Takes up what another process left, this one's predecessor or one that is gone: contacts in the conversation stay, others are called anew.
    async fn take_up(&mut self) {
        for (session, state) in self.left_behind().await {
            // What is over, or another node's, is left alone.
            if let Ok(live) = self.office.sessions.find(session).await
                && !self.cases.contains_key(live.room())
            {
                let kept: Kept = serde_json::from_str(&state).unwrap_or_default();
                if self.take_up_one(&live, &kept).await.is_none() {
                    warn!("an escalation is not taken up");
                }
            }
        }
    }

    /// Returns what is kept of escalations under way: the session of each, and where it stood.
    async fn left_behind(&self) -> Vec<(String, String)> {
        let store = &self.office.store;
        let found = match store.forget_escalations().await {
            Ok(()) => store.escalations().await,
            Err(error) => Err(error),
        };
        found.unwrap_or_else(|error| {
            warn!(error = chain(&error), "no escalation is taken up");
            Vec::new()
        })
    }

    async fn take_up_one(&mut self, live: &Session, kept: &Kept) -> Option<()> {
        if let Some(lines) = &self.office.crew.lines {
            for call in &kept.calls {
                lines.hang_up(call).await;
            }
        }
        if let Some((contact, identity)) = &kept.connected {
            return self.take_up_contact(live, kept, (contact, identity)).await;
        }
        if kept.is_recall {
            let session = live.id().as_str().to_owned();
            drop(
                self.office
                    .sessions
                    .end_for(live.room().clone(), EndReason::Error)
                    .await,
            );
            return self.office.store.forget_escalation(&session).await.ok();
        }
        let whose = Whose::Room(live.room().clone());
        let begin = Begin::OnTheirWayBack(kept.visitor.clone());
        let begun = self.begin(whose, kept.wish(), begin).await;
        begun.ok().map(drop)
    }

    /// Ends the calls of a callback that nobody carries out any more; tells whether it has come about, and goes on.
    async fn drop_calls(&self, session: &str) -> bool {
        let (store, lines) = (&self.office.store, &self.office.crew.lines);
        let under_way = store.escalations().await.unwrap_or_else(|error| {
            warn!(error = chain(&error), "calls of a callback may go on");
            Vec::new()
        });
        let found = under_way.into_iter().find(|(one, _)| one == session);
        let Some(kept) = found.and_then(|(_, state)| serde_json::from_str::<Kept>(&state).ok())
        else {
            return false;
        };
        if kept.connected.is_some() {
            return true;
        }
        if let Some(lines) = lines {
            for call in &kept.calls {
                lines.hang_up(call).await;
            }
        }
        // What stays there is looked at again at the next start, and is over by then.
        drop(store.forget_escalation(session).await);
        false
    }

    async fn take_up_contact(
        &mut self,
        session: &Session,
        kept: &Kept,
        (contact, identity): (&str, &str),
    ) -> Option<()> {
        let contacts = Arc::clone(&self.office.contacts);
        let index = contacts.iter().position(|one| one.id == contact)?;
        let identity = Identity::new(identity).ok()?;
        let watch = self.office.sessions.watch(session.id().as_str().to_owned());
        let events = watch.await.ok()?.events;
        let patience = self.office.settings.patience();
        let (machine, leg) = Machine::resumed(patience, now(), index);
        let (scene, wish) = (self.scene(session), kept.wish());
        let matter = matter(session, &wish, None);
        let (case, live) = Case::new(self.office.clone(), scene, wish, matter, machine);
        let case = case
            .resume(leg, &contacts[index], &identity)
            .taken_up(kept.visitor.clone());
        self.start(session.room().clone(), case.run(events), live);
        Some(())
    }

    fn scene(&self, session: &Session) -> Scene {
        Scene {
            offers: self.offers(session),
            room: session.room().clone(),
            session: session.id().clone(),
            profile: session.profile().map(ToOwned::to_owned),
            tongue: Tongue::of_profile(&self.profiles, session.profile()),
        }
    }

    /// Returns what the agent of a session can do for callers whom nobody can talk to.
    fn offers(&self, session: &Session) -> Offers {
        let profile = self.profiles.get(session.profile());
        let has_tool = |name: &str| {
            profile.is_some_and(|(_, profile)| profile.cast.tools.iter().any(|tool| tool == name))
        };
        let mut contacts = self.office.contacts.iter();
        let takes_appointments = contacts.any(|contact| contact.appointment.is_some());
        let mut contacts = self.office.contacts.iter();
        let is_anybody_reachable = contacts.any(|contact| !contact.ways.is_empty());
        let writes = self.office.crew.lines.is_some() && is_anybody_reachable;
        Offers {
            callback: self.calls_back && has_tool(RequestCallback::NAME),
            appointment: takes_appointments
                && has_tool(CheckAvailability::NAME)
                && has_tool(BookAppointment::NAME),
            message: writes && has_tool(LeaveMessage::NAME),
            notice: writes && self.office.settings.tell_missed,
        }
    }
}

/// Returns what the caller of a session is called, where it is known.
pub(crate) fn caller_name(session: &Session) -> Option<String> {
    let mut people = session.people().iter();
    let caller = people.find(|one| one.kind == ParticipantKind::Standard);
    caller
        .map(|one| one.name.clone())
        .filter(|name| !name.is_empty() && name != "Caller")
}

fn matter(session: &Session, wish: &Wish, recall: Option<&Recall>) -> Matter {
    Matter {
        channel: session.channel().name(),
        occasion: recall.map_or(Occasion::Waiting, |_| Occasion::CallBack),
        caller: match recall {
            Some(recall) => recall.name.clone(),
            None => caller_name(session),
        },
        reason: wish.reason.clone(),
        summary: wish.summary.clone(),
    }
}
