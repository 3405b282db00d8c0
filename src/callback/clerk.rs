//! The loop that carries callbacks out: one at a time in the whole house, on whichever node claims it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::register::{Register, room_of};
use super::schedule::{Next, Schedule};
use crate::dial::Number;
use crate::escalation::{
    self, Contact, Escalations, Lines, Matter, Occasion, Reached, Recall, Staff, called_first,
    spoken,
};
use crate::phone::{Office, Tongue};
use crate::sessions::{
    AgentWish, CallId, Channel, EndReason, Opening, SessionError, SessionId, Sessions,
};
use crate::store::{CallbackRecord, CallbackState, Counting, Moment, Store, StoreError};
use crate::telemetry::chain;

/// One that was broken off because this server stops is up again then: on another one, or on this one.
const ANOTHER_TIME: Duration = Duration::from_secs(5);

/// Carries callbacks out.
pub(crate) struct Clerk {
    register: Arc<Register>,
    escalations: Escalations,
    lines: Arc<dyn Lines>,
    /// Whether contacts get a message when it comes to nothing.
    tell_missed: bool,
    /// One that has ended, and the records do not know it yet.
    to_end: Option<(String, CallbackState)>,
    /// What was wiped is in the file still.
    is_unclean: bool,
}

/// How an attempt ended.
enum Ended {
    Reached(Reached),
    /// It was called off while somebody was being called.
    CalledOff,
    /// The server is stopping.
    Stopped,
}

impl Clerk {
    /// Makes one and binds its register to the handle.
    pub(crate) fn new(office: &Office, staff: &Staff, sessions: &Sessions, store: &Store) -> Self {
        let register = Arc::new(Register {
            store: store.clone(),
            sessions: sessions.clone(),
            profiles: Arc::clone(office.profiles()),
            contacts: Arc::clone(&staff.contacts),
            settings: staff.calling_back.clone(),
            policy: office.policy().clone(),
            telephone: office.telephone().clone(),
            from: office.usual_number(),
            news: Notify::new(),
        });
        staff.callbacks.bind(Arc::clone(&register));
        Self {
            register,
            escalations: staff.escalations.clone(),
            lines: office.guests(),
            tell_missed: staff.settings.tell_missed,
            to_end: None,
            is_unclean: true,
        }
    }

    /// Tells whether anybody can be called back.
    pub(crate) fn is_possible(&self) -> bool {
        self.register.is_possible()
    }

    /// Runs until `drain` is cancelled and the attempt under way has ended.
    pub(crate) async fn run(mut self, drain: CancellationToken) {
        if !self.is_possible() {
            return;
        }
        let mut looks = self.register.looks();
        loop {
            tokio::select! {
                biased;
                () = drain.cancelled() => return,
                () = self.register.news.notified() => {}
                _ = looks.tick() => {}
            }
            if let Err(error) = self.look(&drain).await {
                warn!(error = chain(&error), "nobody is called back at the moment");
            }
        }
    }

    /// Looks who is to be called back. No attempt of this node is under way at that moment.
    async fn look(&mut self, drain: &CancellationToken) -> Result<(), StoreError> {
        let store = self.register.store.clone();
        if let Some((id, state)) = self.to_end.clone() {
            store.end_callback(&id, state).await?;
            self.to_end = None;
        }
        if !store.has_callbacks_to_look_at(Moment::now()).await? {
            return self.wipe().await;
        }
        for record in store.take_abandoned_callbacks().await? {
            info!(callback.id = %record.id, "a callback was left behind");
            // What another process was doing for it ends first.
            let session = session_of(&record);
            let dropping = self.escalations.drop_calls(session.as_str().to_owned());
            match dropping.await {
                Ok(true) => self.end(&record, CallbackState::Done).await?,
                // What cannot be ended ends by itself.
                Ok(false) | Err(_) => self.settle_failure(&record).await?,
            }
        }
        while let Some(record) = store.claim_callback(Moment::now()).await? {
            self.carry_out(&record, drain).await?;
            if drain.is_cancelled() {
                break;
            }
        }
        self.wipe().await
    }

    async fn wipe(&mut self) -> Result<(), StoreError> {
        if self.is_unclean {
            self.is_unclean = !self.register.store.wipe().await?;
        }
        Ok(())
    }

    async fn carry_out(
        &mut self,
        record: &CallbackRecord,
        drain: &CancellationToken,
    ) -> Result<(), StoreError> {
        let store = self.register.store.clone();
        match self.schedule(record).when_due(Timestamp::now()) {
            Next::Dial => {}
            Next::Wait(at) => {
                let due = Moment(at.as_millisecond());
                return store
                    .put_callback_back(&record.id, due, Counting::CountsNot)
                    .await;
            }
            Next::GiveUp => return self.give_up(record).await,
        }
        let Some(number) = record.whole_number() else {
            return self.end(record, CallbackState::Missed).await;
        };
        info!(callback.id = %record.id, attempt = record.attempts, "somebody is being called back");
        let ended = self.attempt(record, number, drain).await;
        match ended {
            Ended::Reached(Reached::Both) => self.end(record, CallbackState::Done).await,
            Ended::CalledOff => self.end(record, CallbackState::Cancelled).await,
            Ended::Reached(_) if drain.is_cancelled() => self.put_off(record).await,
            Ended::Stopped => self.put_off(record).await,
            Ended::Reached(why) => {
                info!(callback.id = %record.id, ?why, "a callback has not come about");
                self.settle_failure(record).await
            }
        }
    }

    /// Calls a contact, and then whoever asked for it.
    async fn attempt(
        &self,
        record: &CallbackRecord,
        number: Number,
        drain: &CancellationToken,
    ) -> Ended {
        let room = room_of(&record.id, record.attempts);
        if let Err(error) = self.open(record).await {
            warn!(error = chain(&error), "a callback has no room");
            return Ended::Reached(Reached::BrokenOff);
        }
        let (report, reported) = oneshot::channel();
        let recall = Recall {
            name: record.name.clone(),
            // A claim is carried out once; what was put off is dialled anew.
            key: format!("callback-{}-{}", record.id, Moment::now().0),
            report,
        };
        let wish = escalation::Wish {
            contact: record.contact.clone(),
            reason: record.reason.clone(),
            summary: record.summary.clone(),
            caller_number: Some(number),
            by: record.by.clone(),
        };
        let begun = self.escalations.recall(room.clone(), wish, recall).await;
        if let Err(error) = begun {
            warn!(error = chain(&error), "a callback cannot begin");
            drop(
                self.register
                    .sessions
                    .end_for(room, EndReason::Failed)
                    .await,
            );
            return Ended::Reached(Reached::BrokenOff);
        }
        self.wait(record, reported, drain).await
    }

    /// Waits for the end of an attempt, and looks meanwhile whether it is wanted still.
    async fn wait(
        &self,
        record: &CallbackRecord,
        mut reported: oneshot::Receiver<Reached>,
        drain: &CancellationToken,
    ) -> Ended {
        let mut looks = self.register.looks();
        let mut is_wanted = true;
        loop {
            tokio::select! {
                biased;
                reached = &mut reported => return match reached {
                    Ok(Reached::Both) => Ended::Reached(Reached::Both),
                    _ if !is_wanted => Ended::CalledOff,
                    Ok(reached) => Ended::Reached(reached),
                    Err(_) if drain.is_cancelled() => Ended::Stopped,
                    Err(_) => Ended::Reached(Reached::BrokenOff),
                },
                () = self.register.news.notified() => {}
                _ = looks.tick() => {}
            }
            let found = self.register.store.callback(&record.id).await;
            // Erased ones are not wanted either.
            let is_over = found.is_ok_and(|found| {
                found.is_none_or(|found| found.state != CallbackState::Dialling)
            });
            if is_wanted && is_over {
                is_wanted = false;
                let room = room_of(&record.id, record.attempts);
                // It may just have ended.
                let _ = self.escalations.cancel(room).await;
            }
        }
    }

    async fn open(&self, record: &CallbackRecord) -> Result<(), SessionError> {
        let opening = Opening {
            channel: Channel::Phone,
            id: session_of(record),
            call: CallId::random(),
            room: room_of(&record.id, record.attempts),
            // It comes in with the contact: before, there is nobody to talk with.
            agent: AgentWish::Unwanted,
            profile: record.profile.clone(),
            metadata: String::new(),
            context: Some(spoken::context(&matter(record))),
            at: SystemTime::now(),
        };
        self.register.sessions.open(opening).await.map(drop)
    }

    /// Tries again later, or gives up.
    async fn settle_failure(&mut self, record: &CallbackRecord) -> Result<(), StoreError> {
        let next = self
            .schedule(record)
            .after_failure(record.attempts, Timestamp::now());
        match next {
            Next::Wait(at) => {
                let due = Moment(at.as_millisecond());
                let store = &self.register.store;
                store
                    .put_callback_back(&record.id, due, Counting::Counts)
                    .await
            }
            Next::Dial | Next::GiveUp => self.give_up(record).await,
        }
    }

    async fn put_off(&self, record: &CallbackRecord) -> Result<(), StoreError> {
        let due: Moment = (SystemTime::now() + ANOTHER_TIME).into();
        let store = &self.register.store;
        store
            .put_callback_back(&record.id, due, Counting::CountsNot)
            .await
    }

    async fn give_up(&mut self, record: &CallbackRecord) -> Result<(), StoreError> {
        self.end(record, CallbackState::Missed).await?;
        let whom = self.whom_to_tell(record).filter(|_| self.tell_missed);
        let Some((contact, number)) = whom else {
            return Ok(());
        };
        let tongue = Tongue::of_profile(&self.register.profiles, record.profile.as_deref());
        let text = spoken::given_up(tongue, &contact.name, &matter(record));
        if self.lines.write(number, &text).await.is_err() {
            warn!(callback.id = %record.id, "a contact was not told of a callback that has not come about");
        }
        Ok(())
    }

    /// Returns the contact who was wanted, or whoever is called first, and the number that takes messages.
    fn whom_to_tell(&self, record: &CallbackRecord) -> Option<(&Contact, &Number)> {
        let contacts = &self.register.contacts;
        let first = called_first(contacts, record.contact.as_deref(), &record.language)?;
        let contact = &contacts[first];
        Some((contact, contact.message_number()?))
    }

    async fn end(
        &mut self,
        record: &CallbackRecord,
        state: CallbackState,
    ) -> Result<(), StoreError> {
        // Nobody who has talked is called again because the records did not answer.
        self.to_end = Some((record.id.clone(), state));
        let is_new = self.register.store.end_callback(&record.id, state).await?;
        self.to_end = None;
        info!(callback.id = %record.id, state = state.name(), is_new, "a callback is over");
        self.is_unclean = true;
        Ok(())
    }

    fn schedule<'a>(&'a self, record: &'a CallbackRecord) -> Schedule<'a> {
        Schedule {
            contacts: &self.register.contacts,
            settings: &self.register.settings,
            who: record.contact.as_deref(),
        }
    }
}

fn session_of(record: &CallbackRecord) -> SessionId {
    let room = room_of(&record.id, record.attempts);
    SessionId::of_call(Channel::Phone, &room.to_string())
}

fn matter(record: &CallbackRecord) -> Matter {
    Matter {
        channel: Channel::Phone.name(),
        occasion: Occasion::CallBack,
        caller: record.name.clone(),
        reason: record.reason.clone(),
        summary: record.summary.clone(),
    }
}
