//! Takes wishes for callbacks, lists them, calls them off. The store is what counts: any node may carry one out.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use room_contract::RoomName;
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::info;

use super::schedule::Schedule;
use super::settings::Settings;
use super::wish::{CallbackError, Promise, When, Wish};
use crate::config::Profiles;
use crate::dial::{Ask, Number, Policy, Tally};
use crate::escalation::{Contact, Whose, caller_name};
use crate::phone::{Telephone, Tongue};
use crate::random;
use crate::sessions::{Session, Sessions};
use crate::store::{CallbackRecord, CallbackState, Moment, NewCallback, Noted, Store};

/// Callbacks that are listed at most.
const MOST_LISTED: u32 = 200;

/// A time that has just passed is taken as the present.
const JUST_PASSED: SignedDuration = SignedDuration::from_secs(60);

/// What a register is made of.
pub(crate) struct Register {
    pub(super) store: Store,
    pub(super) sessions: Sessions,
    pub(super) profiles: Arc<Profiles>,
    pub(super) contacts: Arc<[Contact]>,
    pub(super) settings: Settings,
    pub(super) policy: Policy,
    pub(super) telephone: Telephone,
    /// The number that whoever is called sees.
    pub(super) from: Option<Number>,
    /// Told when there is something new.
    pub(super) news: Notify,
}

/// Asks for callbacks. Cheap to clone. Those made before the register is there are bound to it later.
#[derive(Clone, Default)]
pub struct Callbacks(Arc<OnceLock<Arc<Register>>>);

impl Callbacks {
    pub(super) fn bind(&self, register: Arc<Register>) {
        // There is one register.
        let _ = self.0.set(register);
    }

    /// Notes that somebody wants to be called back.
    ///
    /// # Errors
    ///
    /// [`CallbackError`] says why they are not.
    pub(crate) async fn request(&self, whose: Whose, wish: Wish) -> Result<Promise, CallbackError> {
        let register = self.0.get().ok_or(CallbackError::Impossible)?;
        register.request(whose, wish).await
    }

    /// Returns the callbacks: those to come in their order, then those that are over.
    ///
    /// # Errors
    ///
    /// The records do not answer.
    pub(crate) async fn list(&self) -> Result<Vec<CallbackRecord>, CallbackError> {
        match self.0.get() {
            Some(register) => Ok(register.store.callbacks(MOST_LISTED).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Calls one off, also while somebody is being called for it.
    ///
    /// # Errors
    ///
    /// There is none, or it is over.
    pub(crate) async fn cancel(&self, id: &str) -> Result<(), CallbackError> {
        let register = self.0.get().ok_or(CallbackError::Unknown)?;
        register.cancel(id).await
    }
}

impl std::fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callbacks").finish_non_exhaustive()
    }
}

impl Register {
    /// Tells whether anybody can be called back: there is a telephone, and a contact who can be reached.
    pub(super) fn is_possible(&self) -> bool {
        let mut contacts = self.contacts.iter();
        self.from.is_some() && contacts.any(|contact| !contact.ways.is_empty())
    }

    /// Returns when it is looked what has changed.
    pub(super) fn looks(&self) -> Interval {
        let mut looks = interval(self.settings.look());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks
    }

    async fn request(&self, whose: Whose, wish: Wish) -> Result<Promise, CallbackError> {
        if !self.is_possible() {
            return Err(CallbackError::Impossible);
        }
        let session = match whose {
            Whose::Room(room) => self.sessions.find_room(room).await,
            Whose::Session(id) => self.sessions.find(id).await,
        };
        let session = session.map_err(|_| CallbackError::Gone)?;
        let number = self.number(&session, wish.number.clone()).await?;
        let due = self.due(&wish, Timestamp::now())?;
        let new = NewCallback {
            id: random::id(""),
            session: session.id().as_str().to_owned(),
            profile: session.profile().map(ToOwned::to_owned),
            language: Tongue::of_profile(&self.profiles, session.profile())
                .tag()
                .to_owned(),
            name: caller_name(&session),
            contact: wish.contact,
            reason: wish.reason,
            summary: wish.summary,
            number,
            by: wish.by,
            at: Moment::now(),
            due: Moment(due.as_millisecond()),
        };
        let (id, due) = match self.store.note_callback(&new).await? {
            Noted::As(id) => (id, due),
            Noted::UnderWay(id) => (id, Timestamp::now()),
            Noted::Full => return Err(CallbackError::Full),
        };
        info!(callback.id = %id, "somebody wants to be called back");
        self.news.notify_one();
        Ok(Promise {
            id,
            due,
            local: self.local(due, new.contact.as_deref()),
        })
    }

    /// Returns the number to be called, which has to be one that may be called.
    async fn number(
        &self,
        session: &Session,
        wanted: Option<Number>,
    ) -> Result<Number, CallbackError> {
        let number = match wanted {
            Some(number) => Some(number),
            None => self.telephone.number_behind(session.id().as_str()).await,
        };
        let number = number.ok_or(CallbackError::NumberNeeded)?;
        let from = self.from.as_ref().ok_or(CallbackError::Impossible)?;
        let tally = Tally {
            switched_off: !self.store.dialling().await?,
            ..Tally::default()
        };
        let ask = Ask { to: &number, from };
        self.policy.judge(ask, &tally)?;
        Ok(number)
    }

    fn due(&self, wish: &Wish, now: Timestamp) -> Result<Timestamp, CallbackError> {
        let far = || CallbackError::Time("that is too far ahead");
        let in_some_time = |time: Duration| now.checked_add(time).map_err(|_| far());
        let asked = match wish.when {
            When::Soon => in_some_time(self.settings.soon())?,
            When::InMinutes(minutes) => in_some_time(Duration::from_secs(60 * u64::from(minutes)))?,
            When::At(at) => at,
        };
        if asked < now - JUST_PASSED {
            return Err(CallbackError::Time("that time has passed"));
        }
        if asked > in_some_time(self.settings.horizon())? {
            return Err(far());
        }
        let schedule = Schedule {
            contacts: &self.contacts,
            settings: &self.settings,
            who: wish.contact.as_deref(),
        };
        let due = schedule.first_from(asked.max(now));
        due.ok_or(CallbackError::Time("nobody can be had at any time"))
    }

    /// Returns a time as the clock of whoever will call shows it.
    fn local(&self, due: Timestamp, who: Option<&str>) -> Zoned {
        let meant = |contact: &&Contact| who.is_some_and(|who| contact.is_called(who));
        let open = |contact: &&Contact| contact.is_open(due);
        let mut contacts = self.contacts.iter().filter(open);
        let contact = contacts.clone().find(meant).or_else(|| contacts.next());
        let zone = contact.map_or(TimeZone::UTC, |contact| contact.zone.clone());
        due.to_zoned(zone)
    }

    async fn cancel(&self, id: &str) -> Result<(), CallbackError> {
        let Some(found) = self.store.callback(id).await? else {
            return Err(CallbackError::Unknown);
        };
        if !self
            .store
            .end_callback(&found.id, CallbackState::Cancelled)
            .await?
        {
            return Err(CallbackError::Over);
        }
        info!(callback.id = %found.id, "a callback is called off");
        self.news.notify_one();
        Ok(())
    }
}

/// Returns the room in which a callback is carried out, each attempt in its own.
pub(super) fn room_of(id: &str, attempt: u32) -> RoomName {
    let text = match attempt {
        0 | 1 => format!("callback-{id}"),
        later => format!("callback-{id}-{later}"),
    };
    RoomName::new(text).expect("an id is short and printable")
}
