//! What waits to be written: in order, bounded, and never in the way of a conversation.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_session::Record;
use tokio::sync::{Notify, oneshot};

use super::{Deed, IntentRef, KeptNews, Moment, NewCall};
use crate::dial::Progress;
use crate::sessions::{CallId, Status};

/// Entries that wait, as a rule. When it is full a conversation's journal waits (its audio does not), new sessions
/// are refused, and what live sessions still have to tell is taken nevertheless: that is a few entries each.
const CAPACITY: usize = 16_384;

/// Something to be kept.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A call began.
    Began(NewCall),
    /// A call went on to another state.
    Moved {
        /// Which.
        call: CallId,
        /// Where it stands.
        status: Status,
        /// Since when.
        at: Moment,
    },
    /// A call has another profile.
    Cast {
        /// Which.
        call: CallId,
        /// The profile's name.
        profile: Option<String>,
        /// Whether an agent takes part.
        agent: &'static str,
    },
    /// Something was said or happened in a call.
    Told {
        /// Which.
        call: CallId,
        /// What.
        record: Record,
    },
    /// Something became known of a session's phone line.
    Line {
        /// Whose.
        session: String,
        /// What.
        news: KeptNews,
    },
    /// An escalation went on, or is over.
    Escalation {
        /// Whose.
        session: String,
        /// Where it stands, while it is under way.
        state: Option<String>,
    },
    /// Something became known of a call that was to be placed.
    Dialled {
        /// Which.
        which: IntentRef,
        /// What.
        progress: Progress,
        /// When.
        at: Moment,
    },
    /// Somebody did something that others may ask about.
    Done(Deed),
}

impl Entry {
    /// Returns the id of what it is about.
    pub(super) fn subject(&self) -> &str {
        match self {
            Self::Began(call) => call.id.as_str(),
            Self::Moved { call, .. } | Self::Cast { call, .. } | Self::Told { call, .. } => {
                call.as_str()
            }
            Self::Line { session, .. } | Self::Escalation { session, .. } => session,
            Self::Dialled { which, .. } => which.as_str(),
            Self::Done(deed) => &deed.subject,
        }
    }
}

/// Takes what is to be kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Records(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    made_room: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: VecDeque<Entry>,
    /// Taken by the writer, not written yet.
    held: usize,
    /// Who waits until all that stands before them is written: after so many more entries.
    settlers: Vec<(usize, oneshot::Sender<()>)>,
}

/// The writer's end.
#[derive(Debug)]
pub(super) struct Queue(Arc<Shared>);

pub(super) fn queue() -> (Records, Queue) {
    let shared = Arc::new(Shared::default());
    (Records(Arc::clone(&shared)), Queue(shared))
}

impl Records {
    /// Takes an entry at once, whatever waits already. For the few entries that a live session must be able to
    /// leave behind.
    pub fn push(&self, entry: Entry) {
        self.0.lock().entries.push_back(entry);
        self.0.arrived.notify_one();
    }

    /// Takes an entry as soon as there is room for it.
    pub async fn record(&self, entry: Entry) {
        loop {
            let mut made_room = std::pin::pin!(self.0.made_room.notified());
            made_room.as_mut().enable();
            if !self.is_full() {
                return self.push(entry);
            }
            made_room.await;
        }
    }

    /// Tells whether the writer is so far behind that no new session should begin.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.lock().len() >= CAPACITY
    }

    pub(super) async fn settled(&self) {
        let (sender, written) = oneshot::channel();
        {
            let mut waiting = self.0.lock();
            let ahead = waiting.len();
            if ahead == 0 {
                return;
            }
            waiting.settlers.push((ahead, sender));
        }
        // An error means that the writer is gone: then nothing is written any more.
        drop(written.await);
    }
}

impl Queue {
    /// Waits for entries and takes up to `most` of them; they count as waiting until they are
    /// [written](Self::written).
    pub(super) async fn take(&self, most: usize) -> Vec<Entry> {
        loop {
            let taken = self.take_now(most);
            if !taken.is_empty() {
                return taken;
            }
            self.0.arrived.notified().await;
        }
    }

    /// Takes what is there at this moment.
    pub(super) fn take_now(&self, most: usize) -> Vec<Entry> {
        let mut waiting = self.0.lock();
        let count = waiting.entries.len().min(most);
        waiting.held += count;
        waiting.entries.drain(..count).collect()
    }

    /// Puts entries back to where they were taken.
    #[cfg(test)]
    pub(super) fn put_back(&self, entries: Vec<Entry>) {
        let mut waiting = self.0.lock();
        waiting.held = waiting.held.saturating_sub(entries.len());
        for entry in entries.into_iter().rev() {
            waiting.entries.push_front(entry);
        }
    }

    /// Says that so many of the entries taken are dealt with.
    pub(super) fn written(&self, count: usize) {
        let mut waiting = self.0.lock();
        waiting.held = waiting.held.saturating_sub(count);
        for (ahead, _) in &mut waiting.settlers {
            *ahead = ahead.saturating_sub(count);
        }
        let (done, still): (Vec<_>, Vec<_>) = std::mem::take(&mut waiting.settlers)
            .into_iter()
            .partition(|(ahead, _)| *ahead == 0);
        waiting.settlers = still;
        drop(waiting);
        for (_, settler) in done {
            // Whoever waited may have gone.
            let _ = settler.send(());
        }
        self.0.made_room.notify_waiters();
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.0.lock().settlers.clear();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn len(&self) -> usize {
        self.entries.len() + self.held
    }
}
