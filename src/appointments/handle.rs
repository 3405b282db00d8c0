//! The handle on the diary: finds what is free, books, takes back, and tells the contact.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::{Timestamp, ToSpan, Zoned};
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::slots::{self, Slot};
use super::words::{self, Matter};
use crate::dial::Number;
use crate::escalation::{Contact, Lines, meetable};
use crate::phone::{Telephone, Tongue};
use crate::random;
use crate::store::{AppointmentRecord, Booked, Moment, NewAppointment, Store, StoreError};

/// Times that are offered instead of one that is taken.
const INSTEAD: usize = 4;

/// What the diary works with.
pub(crate) struct Diary {
    /// Where appointments are kept.
    pub(crate) store: Store,
    /// Who may be met.
    pub(crate) contacts: Arc<[Contact]>,
    /// Who writes to them; nobody where there is no telephone.
    pub(crate) lines: Option<Arc<dyn Lines>>,
    /// Who knows the numbers of those who are on the telephone, where there is one.
    pub(crate) telephone: Option<Telephone>,
    /// Who waits for messages to be sent.
    pub(crate) tasks: TaskTracker,
}

/// Looks into the diary. Cheap to clone. Those made before there is a diary are bound to it later.
#[derive(Clone, Default)]
pub struct Appointments(Arc<OnceLock<Diary>>);

/// Whom somebody wants to meet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whom<'a> {
    /// A contact by id or name, or something that somebody has to know.
    pub(super) who: Option<&'a str>,
    /// The language of the conversation, by its tag.
    pub(super) language: &'a str,
}

/// Who comes to an appointment.
#[derive(Debug, Clone, Default)]
pub(super) struct Visitor {
    /// The conversation that it is made in.
    pub(super) session: Option<String>,
    pub(super) name: Option<String>,
    /// Where they are called; by default the number that they call from.
    pub(super) number: Option<Number>,
    pub(super) reason: Option<String>,
}

/// A time when a contact can be met.
#[derive(Debug, Clone)]
pub(super) struct Time {
    pub(super) contact: String,
    pub(super) start: Zoned,
}

/// An appointment that was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) time: Time,
    pub(super) minutes: u16,
}

/// There is no appointment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiaryError {
    /// Nobody takes any: offer something else.
    #[error("nobody takes appointments")]
    Nobody,
    /// Nobody can be met then: choose another time.
    #[error("nobody can be met then")]
    Taken,
    /// One conversation has made too many: take one back.
    #[error("this conversation has made enough appointments")]
    TooMany,
    /// There is no such appointment.
    #[error("there is no such appointment")]
    Unknown,
    /// The records do not answer: try again.
    #[error("the records do not answer")]
    Records(#[from] StoreError),
    /// The server has stopped, or has not started.
    #[error("there is no diary")]
    Stopped,
}

impl Appointments {
    /// Binds a diary to it.
    pub(crate) fn bind(&self, diary: Diary) {
        // A second diary of one handle is asked nothing, and there is none.
        drop(self.0.set(diary));
    }

    /// Returns the contact whose clock tells what somebody means who names no time zone.
    pub(super) fn first(&self, whom: Whom<'_>) -> Result<&Contact, DiaryError> {
        let first = self.diary()?.meetable(whom).first().copied();
        first.ok_or(DiaryError::Nobody)
    }

    /// Returns when somebody can be met, the soonest first.
    pub(super) async fn free(
        &self,
        whom: Whom<'_>,
        within: Range<Timestamp>,
        most: usize,
    ) -> Result<Vec<Time>, DiaryError> {
        let (diary, now) = (self.diary()?, Timestamp::now());
        let contacts = diary.meetable(whom);
        if contacts.is_empty() {
            return Err(DiaryError::Nobody);
        }
        let mut found: Vec<(Slot, &Contact)> = Vec::new();
        for contact in contacts {
            let taken = diary.taken(contact, &within).await?;
            let free = slots::free(contact, &taken, &within, now, most);
            found.extend(free.into_iter().map(|slot| (slot, contact)));
        }
        // Of those who are free at the same time the one comes first who fits best.
        found.sort_by_key(|(slot, _)| slot.start);
        found.dedup_by_key(|(slot, _)| slot.start);
        found.truncate(most);
        Ok(found
            .into_iter()
            .map(|(slot, contact)| time(contact, slot))
            .collect())
    }

    /// Returns what is free near a time that is taken.
    pub(super) async fn instead(
        &self,
        whom: Whom<'_>,
        of: Timestamp,
    ) -> Result<Vec<Time>, DiaryError> {
        let until = of
            .saturating_add((3 * 24).hours())
            .unwrap_or(Timestamp::MAX);
        let from = of.saturating_sub(3.hours()).unwrap_or(of);
        self.free(whom, from..until, INSTEAD).await
    }

    /// Makes an appointment with whoever fits best and is free then, and tells them.
    pub(super) async fn book(
        &self,
        whom: Whom<'_>,
        start: Timestamp,
        visitor: Visitor,
    ) -> Result<Made, DiaryError> {
        let (diary, now) = (self.diary()?, Timestamp::now());
        let contacts = diary.meetable(whom);
        if contacts.is_empty() {
            return Err(DiaryError::Nobody);
        }
        let visitor = diary.known(visitor).await;
        for contact in contacts {
            let Some(slot) = slots::starting(contact, start, now) else {
                continue;
            };
            let new = new(contact, slot, &visitor);
            match diary.store.book_appointment(&new).await? {
                Booked::Taken => {}
                Booked::TooMany => return Err(DiaryError::TooMany),
                Booked::Done => {
                    info!(appointment.id = new.id, "an appointment is made");
                    let made = Made {
                        id: new.id,
                        time: time(contact, slot),
                        minutes: contact.appointment.map_or(0, std::num::NonZeroU16::get),
                    };
                    diary.tell_of(contact, &made, &visitor, Tongue::of(whom.language));
                    return Ok(made);
                }
            }
        }
        Err(DiaryError::Taken)
    }

    /// Returns the appointments that are not over.
    pub(crate) async fn list(&self) -> Result<Vec<AppointmentRecord>, DiaryError> {
        Ok(self.diary()?.store.appointments(Moment::now()).await?)
    }

    /// Returns an appointment and what its contact is called.
    pub(crate) async fn find(&self, id: &str) -> Result<(AppointmentRecord, String), DiaryError> {
        let diary = self.diary()?;
        let record = diary
            .store
            .appointment(id)
            .await?
            .ok_or(DiaryError::Unknown)?;
        let name = diary.contact(&record).map(|contact| contact.name.clone());
        let name = name.unwrap_or_else(|| record.contact.clone());
        Ok((record, name))
    }

    /// Takes an appointment back, and tells the contact.
    pub(crate) async fn cancel(&self, id: &str) -> Result<(), DiaryError> {
        let diary = self.diary()?;
        let record = diary
            .store
            .appointment(id)
            .await?
            .ok_or(DiaryError::Unknown)?;
        if !diary.store.cancel_appointment(id).await? {
            return Err(DiaryError::Unknown);
        }
        info!(appointment.id = id, "an appointment is cancelled");
        let Some(contact) = diary.contact(&record) else {
            return Ok(());
        };
        if let Ok(start) = Timestamp::from_millisecond(record.start.0) {
            let start = start.to_zoned(contact.zone.clone());
            let tongue = contact.languages.first();
            let tongue = tongue.map_or(Tongue::English, |tag| Tongue::of(tag));
            diary.write(contact, words::cancelled(tongue, &contact.name, &start));
        }
        Ok(())
    }

    fn diary(&self) -> Result<&Diary, DiaryError> {
        self.0.get().ok_or(DiaryError::Stopped)
    }
}

impl Diary {
    fn meetable(&self, whom: Whom<'_>) -> Vec<&Contact> {
        meetable(&self.contacts, whom.who, whom.language)
    }

    fn contact(&self, of: &AppointmentRecord) -> Option<&Contact> {
        self.contacts
            .iter()
            .find(|contact| contact.id == of.contact)
    }

    /// Completes what is known of somebody by the number that they call from.
    async fn known(&self, mut visitor: Visitor) -> Visitor {
        if let (None, Some(telephone), Some(session)) =
            (&visitor.number, &self.telephone, &visitor.session)
        {
            visitor.number = telephone.number_behind(session).await;
        }
        visitor
    }

    async fn taken(
        &self,
        contact: &Contact,
        within: &Range<Timestamp>,
    ) -> Result<Vec<Slot>, StoreError> {
        let within = (moment(within.start), moment(within.end));
        let taken = self.store.taken(&contact.id, within).await?;
        let read = taken.into_iter().filter_map(|(start, end)| {
            Some(Slot {
                start: Timestamp::from_millisecond(start.0).ok()?,
                end: Timestamp::from_millisecond(end.0).ok()?,
            })
        });
        Ok(read.collect())
    }

    fn tell_of(&self, contact: &Contact, made: &Made, visitor: &Visitor, tongue: Tongue) {
        let matter = Matter {
            name: visitor.name.as_deref(),
            number: visitor.number.as_ref().map(Number::e164),
            reason: visitor.reason.as_deref(),
        };
        let (name, start) = (&made.time.contact, &made.time.start);
        self.write(
            contact,
            words::booked(tongue, name, start, made.minutes, matter),
        );
    }

    /// Sends a contact a message; nobody waits for it but the end of the server.
    fn write(&self, contact: &Contact, text: String) {
        let number = contact.message_number().cloned();
        let (Some(lines), Some(number)) = (self.lines.clone(), number) else {
            return;
        };
        self.tasks.spawn(async move {
            if lines.write(&number, &text).await.is_err() {
                warn!("a contact was not told of an appointment");
            }
        });
    }
}

impl fmt::Debug for Appointments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appointments").finish_non_exhaustive()
    }
}

fn new(contact: &Contact, slot: Slot, visitor: &Visitor) -> NewAppointment {
    NewAppointment {
        id: random::id("apt-"),
        contact: contact.id.clone(),
        start: moment(slot.start),
        end: moment(slot.end),
        session: visitor.session.clone(),
        name: visitor.name.clone(),
        number: visitor.number.clone(),
        reason: visitor.reason.clone(),
    }
}

fn time(contact: &Contact, slot: Slot) -> Time {
    Time {
        contact: contact.name.clone(),
        start: slot.start.to_zoned(contact.zone.clone()),
    }
}

fn moment(at: Timestamp) -> Moment {
    Moment(at.as_millisecond())
}
