//! Where calls meet: a conference, its clock, and the ways to its calls.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::Office;
use crate::{
    FRAME, TICK,
    conference::{Change, Conference, Full, Guest, News, State, WaitDocument},
    core::{Fetch, Input},
};

/// Ten minutes, in pieces of 20 ms: who was called to an empty conference will not come any more.
const LONGEST_WAIT: u32 = 30_000;

/// A conference that calls share; each lock is held for one deed.
#[derive(Debug)]
pub(crate) struct Hall {
    conference: Mutex<Conference>,
    lines: Mutex<HashMap<String, mpsc::Sender<Input>>>,
    office: Weak<Office>,
    me: Weak<Self>,
    pub(crate) created: OffsetDateTime,
}

impl Hall {
    /// Opens a conference and starts its clock.
    pub(crate) fn open(office: &Arc<Office>, conference: Conference) -> Arc<Self> {
        let hall = Arc::new_cyclic(|me| Self {
            conference: Mutex::new(conference),
            lines: Mutex::default(),
            office: Arc::downgrade(office),
            me: me.clone(),
            created: OffsetDateTime::now_utc(),
        });
        office
            .tasks
            .spawn(run(Arc::clone(&hall), Arc::clone(office)));
        hall
    }

    pub(crate) fn join(&self, guest: Guest, line: mpsc::Sender<Input>) -> Result<(), Full> {
        let call_sid = guest.call_sid.clone();
        self.lines.lock().insert(call_sid, line);
        self.with(|conference| conference.join(guest))
    }

    pub(crate) fn put(&self, call_sid: &str, frame: [u8; FRAME]) {
        self.conference.lock().put(call_sid, frame);
    }

    pub(crate) fn leave(&self, call_sid: &str, is_kicked: bool) {
        self.with(|conference| conference.leave(call_sid, is_kicked));
    }

    pub(crate) fn change(&self, call_sid: &str, change: &Change) {
        self.with(|conference| conference.change(call_sid, change));
    }

    pub(crate) fn end(&self) {
        self.with(|conference| conference.end("conference-ended-via-api", None));
    }

    pub(crate) fn announce(&self, sound: &[u8]) {
        self.conference.lock().announce(sound);
    }

    pub(crate) fn handle_wait_sound(
        &self,
        call_sid: &str,
        sound: Vec<u8>,
        next: Option<WaitDocument>,
    ) {
        let mut conference = self.conference.lock();
        conference.handle_wait_sound(call_sid, sound, next);
    }

    /// Returns what `look` sees.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Conference) -> T) -> T {
        look(&self.conference.lock())
    }

    /// Does something with the conference and passes on what comes of it.
    fn with<T>(&self, deed: impl FnOnce(&mut Conference) -> T) -> T {
        let (result, news) = {
            let mut conference = self.conference.lock();
            let result = deed(&mut conference);
            let news: Vec<News> = std::iter::from_fn(|| conference.poll_news()).collect();
            (result, news)
        };
        for news in news {
            self.pass_on(news);
        }
        result
    }

    fn pass_on(&self, news: News) {
        match news {
            // A call that does not keep up misses sound.
            News::Heard { call_sid, frame } => {
                if let Some(line) = self.lines.lock().get(&call_sid) {
                    drop(line.try_send(Input::Heard(frame)));
                }
            }
            News::Out { call_sid } => {
                if let Some(line) = self.lines.lock().remove(&call_sid) {
                    drop(line.try_send(Input::MeetingOver));
                }
            }
            News::Waits { call_sid, document } => {
                if let (Some(office), Some(hall)) = (self.office.upgrade(), self.me.upgrade()) {
                    office.entertain(&hall, call_sid, document);
                }
            }
            News::Tell {
                url,
                method,
                parameters,
            } => {
                if let Some(office) = self.office.upgrade() {
                    let fetch = Fetch {
                        fetch: 0,
                        url,
                        method,
                        parameters,
                    };
                    office.tell(fetch);
                }
            }
        }
    }
}

async fn run(hall: Arc<Hall>, office: Arc<Office>) {
    let mut ticks = interval_at(Instant::now() + TICK, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut empty = 0;
    loop {
        tokio::select! {
            () = office.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if hall.look(|conference| conference.state == State::Completed) {
            return;
        }
        let is_empty = hall.look(|conference| conference.members().next().is_none());
        empty = if is_empty { empty + 1 } else { 0 };
        if empty > LONGEST_WAIT {
            hall.end();
        }
        hall.with(Conference::handle_tick);
    }
}
