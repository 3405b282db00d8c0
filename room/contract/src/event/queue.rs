//! The one ordered, bounded queue between a room and its listener.

use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;

use super::{Ended, RoomEvent};

/// Events that wait to be taken. When it is full, [passing events](RoomEvent::is_passing) are
/// dropped and any other ends the connection with [`Ended::Overrun`]: a listener that misses
/// who joined would be wrong for good.
pub const QUEUE: usize = 1024;

/// The events of one connection. Dropping it stops listening, not the connection.
pub struct RoomEvents {
    queue: mpsc::Receiver<RoomEvent>,
    end: Arc<OnceLock<Ended>>,
    said_end: bool,
}

impl RoomEvents {
    /// Waits for the next event. [`RoomEvent::Ended`] comes last and once, then `None`.
    pub async fn next(&mut self) -> Option<RoomEvent> {
        match self.queue.recv().await {
            Some(event) => Some(event),
            None => self.last(),
        }
    }

    /// Returns an event that waits already.
    pub fn try_next(&mut self) -> Option<RoomEvent> {
        match self.queue.try_recv() {
            Ok(event) => Some(event),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => self.last(),
        }
    }

    fn last(&mut self) -> Option<RoomEvent> {
        if self.said_end {
            return None;
        }
        self.said_end = true;
        Some(RoomEvent::Ended(
            self.end.get().copied().unwrap_or(Ended::ConnectionLost),
        ))
    }
}

/// The end of the queue that an implementation fills.
pub struct EventSender {
    queue: Option<mpsc::Sender<RoomEvent>>,
    end: Arc<OnceLock<Ended>>,
}

/// Nobody took the events: the connection has to be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overrun;

/// Makes the queue of one connection.
#[must_use]
pub fn queue() -> (EventSender, RoomEvents) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let end = Arc::new(OnceLock::new());
    let events = RoomEvents {
        queue: receiver,
        end: Arc::clone(&end),
        said_end: false,
    };
    (
        EventSender {
            queue: Some(sender),
            end,
        },
        events,
    )
}

impl EventSender {
    /// Puts an event in without waiting. Past the end, or without a listener, it is dropped.
    ///
    /// # Errors
    /// [`Overrun`] when the [`QUEUE`] is full; the queue has ended then.
    pub fn send(&mut self, event: RoomEvent) -> Result<(), Overrun> {
        let Some(queue) = &self.queue else {
            return Ok(());
        };
        match queue.try_send(event) {
            Err(mpsc::error::TrySendError::Full(event)) if !event.is_passing() => {
                self.end(Ended::Overrun);
                Err(Overrun)
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Ends the queue: what waits is still taken, then comes the reason. Only the first counts.
    pub fn end(&mut self, why: Ended) {
        let _ = self.end.set(why);
        self.queue = None;
    }

    /// Returns whether the queue has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.queue.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;

    fn left(number: usize) -> RoomEvent {
        RoomEvent::ParticipantLeft(Identity::new(format!("p{number}")).expect("a name"))
    }

    #[tokio::test]
    async fn the_end_comes_last_and_once() {
        let (mut sender, mut events) = queue();

        sender.send(left(1)).expect("room for one");
        sender.end(Ended::Removed);
        sender.end(Ended::Left);
        sender.send(left(2)).expect("past the end");

        assert!(matches!(
            events.next().await,
            Some(RoomEvent::ParticipantLeft(_))
        ));
        assert!(matches!(
            events.next().await,
            Some(RoomEvent::Ended(Ended::Removed))
        ));
        assert!(events.next().await.is_none());
    }

    #[test]
    fn a_listener_that_is_too_slow_loses_passing_events_first_and_then_the_connection() {
        let (mut sender, mut events) = queue();
        for number in 0..QUEUE {
            sender.send(left(number)).expect("room");
        }

        assert_eq!(sender.send(RoomEvent::ActiveSpeakers(Vec::new())), Ok(()));
        assert_eq!(sender.send(left(QUEUE)), Err(Overrun));

        let mut last = None;
        while let Some(event) = events.try_next() {
            last = Some(event);
        }
        assert!(matches!(last, Some(RoomEvent::Ended(Ended::Overrun))));
    }
}
