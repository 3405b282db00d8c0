//! What REST knows: calls, numbers, and who answers which phone.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use super::{Entry, Hall, Letter, Recording};
use crate::{
    Fate, Number, Persona,
    conference::{Conference, State},
    sid::Sids,
};

/// A number of the account with its identifier.
#[derive(Clone, Debug)]
pub(crate) struct OwnNumber {
    pub(crate) sid: String,
    pub(crate) number: Number,
}

/// Shared by REST and all calls; each lock is held for a look or a change.
#[derive(Debug)]
pub(crate) struct Registry {
    calls: Mutex<Calls>,
    numbers: Mutex<Vec<OwnNumber>>,
    personas: Mutex<HashMap<String, Persona>>,
    halls: Mutex<Vec<Arc<Hall>>>,
    recordings: Mutex<Vec<Arc<Recording>>>,
    letters: Mutex<Vec<Letter>>,
    fates: Mutex<HashMap<String, Fate>>,
    /// When somebody last wrote to the application.
    writers: Mutex<HashMap<String, Instant>>,
}

/// How long after a person's message WhatsApp takes others than templates.
const WINDOW: Duration = Duration::from_hours(24);

#[derive(Debug, Default)]
struct Calls {
    in_order: Vec<Entry>,
    by_sid: HashMap<String, usize>,
}

impl Registry {
    pub(crate) fn new(numbers: &[Number], sids: &mut Sids) -> Self {
        let numbers = numbers.iter().map(|number| OwnNumber {
            sid: sids.next("PN"),
            number: number.clone(),
        });
        Self {
            calls: Mutex::default(),
            numbers: Mutex::new(numbers.collect()),
            personas: Mutex::default(),
            halls: Mutex::default(),
            recordings: Mutex::default(),
            letters: Mutex::default(),
            fates: Mutex::default(),
            writers: Mutex::default(),
        }
    }

    pub(crate) fn add_call(&self, sid: &str, entry: Entry) {
        let mut calls = self.calls.lock();
        let index = calls.in_order.len();
        calls.in_order.push(entry);
        calls.by_sid.insert(sid.to_owned(), index);
    }

    pub(crate) fn call(&self, sid: &str) -> Option<Entry> {
        let calls = self.calls.lock();
        calls
            .by_sid
            .get(sid)
            .map(|&index| calls.in_order[index].clone())
    }

    /// Returns all calls, the oldest first.
    pub(crate) fn calls(&self) -> Vec<Entry> {
        self.calls.lock().in_order.clone()
    }

    pub(crate) fn numbers(&self) -> Vec<OwnNumber> {
        self.numbers.lock().clone()
    }

    pub(crate) fn number(&self, number: &str) -> Option<Number> {
        let numbers = self.numbers.lock();
        let own = numbers.iter().find(|own| own.number.number == number);
        own.map(|own| own.number.clone())
    }

    pub(crate) fn change_number(
        &self,
        sid: &str,
        change: impl FnOnce(&mut Number),
    ) -> Option<OwnNumber> {
        let mut numbers = self.numbers.lock();
        let own = numbers.iter_mut().find(|own| own.sid == sid)?;
        change(&mut own.number);
        Some(own.clone())
    }

    pub(crate) fn persona(&self, number: &str) -> Persona {
        self.personas
            .lock()
            .get(number)
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn set_persona(&self, number: &str, persona: Persona) {
        self.personas.lock().insert(number.to_owned(), persona);
    }

    /// Returns the conference with an identifier, or the running one with a name.
    pub(crate) fn hall(&self, name: &str) -> Option<Arc<Hall>> {
        find(&self.halls.lock(), name)
    }

    /// Returns a conference that can be entered, or opens one.
    pub(crate) fn hall_or(&self, name: &str, open: impl FnOnce() -> Arc<Hall>) -> Arc<Hall> {
        let mut halls = self.halls.lock();
        if let Some(hall) = find(&halls, name) {
            return hall;
        }
        let hall = open();
        halls.push(Arc::clone(&hall));
        hall
    }

    pub(crate) fn add_recording(&self, recording: Arc<Recording>) {
        self.recordings.lock().push(recording);
    }

    pub(crate) fn remove_recording(&self, sid: &str) {
        self.recordings
            .lock()
            .retain(|recording| recording.sid != sid);
    }

    /// Returns all recordings, the oldest first.
    pub(crate) fn recordings(&self) -> Vec<Arc<Recording>> {
        self.recordings.lock().clone()
    }

    pub(crate) fn add_letter(&self, letter: Letter) {
        self.letters.lock().push(letter);
    }

    /// Returns all messages of the application, the oldest first.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.letters.lock().clone()
    }

    pub(crate) fn fate(&self, number: &str) -> Fate {
        self.fates.lock().get(number).copied().unwrap_or_default()
    }

    pub(crate) fn set_fate(&self, number: &str, fate: Fate) {
        self.fates.lock().insert(number.to_owned(), fate);
    }

    pub(crate) fn note_writer(&self, number: &str) {
        self.writers
            .lock()
            .insert(number.to_owned(), Instant::now());
    }

    /// Returns why a message to `number` does not arrive.
    pub(crate) fn fault_of(&self, number: &str, is_template: bool) -> Option<u32> {
        if let Fate::Undelivered(code) = self.fate(number) {
            return Some(code);
        }
        let last = self.writers.lock().get(number).copied();
        let is_open = last.is_some_and(|last| last.elapsed() < WINDOW);
        let is_closed = number.starts_with("whatsapp:") && !is_template && !is_open;
        is_closed.then_some(63_016)
    }

    /// Returns all conferences, the oldest first.
    pub(crate) fn halls(&self) -> Vec<Arc<Hall>> {
        let halls = self.halls.lock();
        let public = halls
            .iter()
            .filter(|hall| !hall.look(|conference| conference.is_private));
        public.cloned().collect()
    }
}

fn find(halls: &[Arc<Hall>], name: &str) -> Option<Arc<Hall>> {
    let fits = |conference: &Conference| {
        conference.sid == name || (conference.name == name && conference.state != State::Completed)
    };
    halls.iter().rev().find(|hall| hall.look(fits)).cloned()
}
