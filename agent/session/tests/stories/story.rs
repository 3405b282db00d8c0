//! A story: an agent in a room in memory, people who come and go, and what happens.

use std::{sync::Arc, time::Duration};

use agent_session::{Conversation, Ended, Entry, Event, Handle, How, MemoryJournal};
use room_contract::{Identity, RoomName, Rooms, circle::moved_to, memory::MemoryRooms};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{caller::Caller, cast::Cast};

/// Of virtual time.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Story {
    pub(crate) cast: Cast,
    pub(crate) handle: Handle,
    rooms: Arc<dyn Rooms>,
    name: RoomName,
    events: broadcast::Receiver<Event>,
    stop: CancellationToken,
    running: JoinSet<Ended>,
}

impl Story {
    /// Lets the agent enter.
    pub(crate) async fn begin(cast: Cast) -> Self {
        Self::begin_in(Arc::new(MemoryRooms::new()), cast).await
    }

    /// Lets the agent enter a room of this service.
    pub(crate) async fn begin_in(rooms: Arc<dyn Rooms>, cast: Cast) -> Self {
        let name = RoomName::new("story").expect("a name");
        let conversation = Conversation::enter(&*rooms, cast.setup(name.clone()))
            .await
            .expect("entered");
        let (handle, stop) = (conversation.handle(), CancellationToken::new());
        let mut running = JoinSet::new();
        let events = handle.events();
        running.spawn(conversation.run(stop.clone()));
        Self {
            cast,
            handle,
            rooms,
            name,
            events,
            stop,
            running,
        }
    }

    /// Lets another agent come into the same room with the same journal.
    pub(crate) async fn begin_again(self) -> Self {
        let Self {
            cast,
            rooms,
            running,
            ..
        } = self;
        drop(running);
        Self::begin_in(rooms, cast).await
    }

    pub(crate) async fn enters(&self, who: &str) -> Caller {
        Caller::enter(&*self.rooms, &self.name, who).await
    }

    /// Somebody enters who cannot hear anybody.
    pub(crate) async fn enters_deaf(&self, who: &str) -> Caller {
        Caller::enter_deaf(&*self.rooms, &self.name, who).await
    }

    pub(crate) async fn is_called_by(&self, who: &str, attributes: &[(&str, &str)]) -> Caller {
        Caller::enter_with(&*self.rooms, &self.name, who, attributes).await
    }

    /// Has the server move somebody into a circle.
    pub(crate) async fn moves(&self, who: &str, circle: Option<&str>) {
        let who = Identity::new(who).expect("a name");
        let moved = self
            .rooms
            .set_attributes(&self.name, &who, moved_to(circle));
        moved.await.expect("they are there");
    }

    /// Waits for an event; returns when it came.
    pub(crate) async fn until(
        &mut self,
        what: &str,
        mut is: impl FnMut(&Event) -> bool,
    ) -> Instant {
        let waiting = async {
            loop {
                match self.events.recv().await {
                    Ok(event) if is(&event) => return true,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        let came = timeout(PATIENCE, waiting).await.unwrap_or(false);
        let records = self.cast.journal.records();
        assert!(came, "in vain: {what}; {records:?}");
        Instant::now()
    }

    /// Waits until the agent has said something to its end, or to where it was interrupted.
    pub(crate) async fn agent_has_said(&mut self, text: &str) -> Instant {
        self.until(text, |event| {
            matches!(event, Event::Transcript { identity, text: said, last: true, .. }
                if identity == "agent-alice" && said == text)
        })
        .await
    }

    /// Waits until so many words of the agent have been heard.
    pub(crate) async fn agent_has_begun(&mut self, text: &str) -> Instant {
        self.until(text, |event| {
            matches!(event, Event::Transcript { identity, text: said, .. }
                if identity == "agent-alice" && said.starts_with(text))
        })
        .await
    }

    /// Lets time pass.
    pub(crate) async fn waits(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// Waits for the end.
    pub(crate) async fn ended(&mut self) -> Ended {
        let over = timeout(PATIENCE * 10, self.running.join_next());
        over.await
            .expect("in time")
            .expect("one")
            .expect("no panic")
    }

    /// Sends the agent away.
    pub(crate) async fn stops(&mut self) -> Ended {
        self.stop.cancel();
        self.ended().await
    }

    /// Returns what the journal says was said, one line each.
    pub(crate) fn kept(&self) -> Vec<String> {
        lines(&self.cast.journal)
    }
}

pub(crate) fn lines(journal: &MemoryJournal) -> Vec<String> {
    let entries = journal.records().into_iter().map(|record| record.entry);
    entries.filter_map(line).collect()
}

fn line(entry: Entry) -> Option<String> {
    match entry {
        Entry::Person {
            identity,
            text,
            how,
            ..
        } => Some(match how {
            How::Spoken => format!("{identity}: {text}"),
            How::Typed => format!("{identity} typed: {text}"),
            How::Overheard => format!("{identity} aside: {text}"),
        }),
        Entry::Agent { text, interrupted } => {
            let cut = if interrupted { " --" } else { "" };
            Some(format!("agent: {text}{cut}"))
        }
        Entry::Calls { calls } => Some(format!("call: {}", calls[0].name)),
        Entry::Tool { name, text, .. } => Some(format!("{name}: {text}")),
        _ => None,
    }
}
