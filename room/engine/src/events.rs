//! The one ordered queue of news for the application, and the task that delivers them.
//!
//! The connection's loop fills the queue and never waits. A dispatcher on threads of its own runs
//! the callbacks, so that one that blocks delays later news of its connection and no media.
//! When the application is slow, data messages are the only thing that can pile up: beyond
//! [`MAX_QUEUED_BYTES`] the queue says that it [is full](EventQueue::is_full), the loop stops
//! reading DTLS packets, and SCTP makes the peer slow down. Other news are few and never lost.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::candidate::{CandidateError, IceCandidate};
use crate::channel::{ChannelState, DataChannel, Message};
use crate::handler::Slot;
use crate::state::{ConnectionState, IceState};
use crate::transceiver::Transceiver;

/// Data that may wait for a slow callback. As much as a peer may have on its way with the usual
/// buffers, a few times over.
const MAX_QUEUED_BYTES: usize = 8 << 20;

/// What a queued message costs besides its bytes, so that empty ones are bounded as well.
const MESSAGE_OVERHEAD: usize = 128;

/// News for the application.
#[derive(Debug)]
pub(crate) enum Event {
    ConnectionState(ConnectionState),
    IceState(IceState),
    Candidate(IceCandidate),
    CandidateError(CandidateError),
    GatheringDone,
    /// The peer announced streams on a section.
    Track(Transceiver),
    /// The peer opened a channel.
    Channel(DataChannel),
    ChannelState(DataChannel, ChannelState),
    ChannelMessage(DataChannel, Message),
    ChannelSent(DataChannel, u64),
}

/// The callbacks of a connection; those of a channel are kept with the channel.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) connection_state: Slot<ConnectionState>,
    pub(crate) ice_state: Slot<IceState>,
    pub(crate) candidate: Slot<IceCandidate>,
    pub(crate) candidate_error: Slot<CandidateError>,
    pub(crate) gathering_done: Slot<()>,
    pub(crate) track: Slot<Transceiver>,
    pub(crate) channel: Slot<DataChannel>,
}

impl Handlers {
    fn deliver(&self, event: Event) {
        match event {
            Event::ConnectionState(state) => self.connection_state.call(state),
            Event::IceState(state) => self.ice_state.call(state),
            Event::Candidate(candidate) => self.candidate.call(candidate),
            Event::CandidateError(error) => self.candidate_error.call(error),
            Event::GatheringDone => self.gathering_done.call(()),
            Event::Track(transceiver) => self.track.call(transceiver),
            Event::Channel(channel) => self.channel.call(channel),
            Event::ChannelState(channel, state) => {
                channel.report_state(state);
                if state == ChannelState::Closed {
                    channel.forget_handlers();
                }
            }
            Event::ChannelMessage(channel, message) => channel.report_message(message),
            Event::ChannelSent(channel, bytes) => channel.report_sent(bytes),
        }
    }

    /// Lets go of the callbacks and of what they captured.
    fn forget(&self) {
        self.connection_state.set(None);
        self.ice_state.set(None);
        self.candidate.set(None);
        self.candidate_error.set(None);
        self.gathering_done.set(None);
        self.track.set(None);
        self.channel.set(None);
    }
}

/// Filled by the loop, emptied by [`dispatch`].
#[derive(Default)]
pub(crate) struct EventQueue {
    queued: Mutex<Queued>,
    news: Notify,
}

#[derive(Default)]
struct Queued {
    events: VecDeque<Event>,
    message_bytes: usize,
    is_closed: bool,
}

impl EventQueue {
    pub(crate) fn push(&self, event: Event) {
        let mut queued = self.queued.lock();
        match (&event, queued.events.back_mut()) {
            // Acknowledgements come with every packet; the application only needs their sum.
            (Event::ChannelSent(channel, bytes), Some(Event::ChannelSent(last, sum)))
                if channel.is(last) =>
            {
                *sum += bytes;
                return;
            }
            (Event::ChannelMessage(_, message), _) => {
                queued.message_bytes += message.data.len() + MESSAGE_OVERHEAD;
            }
            _ => {}
        }
        queued.events.push_back(event);
        drop(queued);
        self.news.notify_one();
    }

    pub(crate) fn is_full(&self) -> bool {
        self.queued.lock().message_bytes > MAX_QUEUED_BYTES
    }

    /// Lets the dispatcher end once everything is delivered.
    pub(crate) fn close(&self) {
        self.queued.lock().is_closed = true;
        self.news.notify_one();
    }

    /// Waits for the oldest event; `None` once the queue is closed and empty.
    async fn next(&self) -> Option<Event> {
        loop {
            if let Some(end) = self.take() {
                return end;
            }
            self.news.notified().await;
        }
    }

    /// The outer `None` says: nothing there yet.
    #[expect(
        clippy::option_option,
        reason = "the three answers of a queue that can end"
    )]
    fn take(&self) -> Option<Option<Event>> {
        let mut queued = self.queued.lock();
        let Some(event) = queued.events.pop_front() else {
            return queued.is_closed.then_some(None);
        };
        if let Event::ChannelMessage(_, message) = &event {
            queued.message_bytes -= message.data.len() + MESSAGE_OVERHEAD;
        }
        Some(Some(event))
    }
}

/// Runs the callbacks in order until the queue is closed and empty.
pub(crate) async fn dispatch(queue: Arc<EventQueue>, handlers: Arc<Handlers>) {
    while let Some(event) = queue.next().await {
        // A panic is the application's; the events behind it are still owed to it.
        if catch_unwind(AssertUnwindSafe(|| handlers.deliver(event))).is_err() {
            tracing::error!("a callback of the application panicked");
        }
    }
    handlers.forget();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::DataChannelConfig;
    use crate::link::Link;

    fn channel() -> DataChannel {
        DataChannel::new("c".into(), DataChannelConfig::default(), Link::new().0)
    }

    fn message(length: usize) -> Message {
        Message {
            data: vec![0; length],
            binary: true,
        }
    }

    #[tokio::test]
    async fn acknowledgements_in_a_row_are_delivered_as_their_sum() {
        let (queue, channel) = (EventQueue::default(), channel());

        queue.push(Event::ChannelSent(channel.clone(), 3));
        queue.push(Event::ChannelSent(channel.clone(), 4));
        queue.push(Event::ChannelMessage(channel.clone(), message(1)));
        queue.push(Event::ChannelSent(channel, 5));
        queue.close();

        assert!(matches!(queue.next().await, Some(Event::ChannelSent(_, 7))));
        assert!(matches!(
            queue.next().await,
            Some(Event::ChannelMessage(..))
        ));
        assert!(matches!(queue.next().await, Some(Event::ChannelSent(_, 5))));
        assert!(queue.next().await.is_none());
    }

    #[tokio::test]
    async fn unread_messages_fill_the_queue_and_reading_empties_it() {
        let (queue, channel) = (EventQueue::default(), channel());
        queue.push(Event::ChannelMessage(
            channel.clone(),
            message(MAX_QUEUED_BYTES),
        ));

        assert!(queue.is_full());
        queue.push(Event::ConnectionState(ConnectionState::Failed));
        queue.next().await;

        assert!(!queue.is_full());
        assert!(matches!(
            queue.next().await,
            Some(Event::ConnectionState(_))
        ));
    }

    #[tokio::test]
    async fn a_callback_that_panics_does_not_swallow_the_next_event() {
        let (queue, handlers) = (
            Arc::new(EventQueue::default()),
            Arc::new(Handlers::default()),
        );
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = seen.clone();
        handlers
            .ice_state
            .set(Some(Box::new(|_| panic!("of the application"))));
        handlers
            .connection_state
            .set(Some(Box::new(move |state| noted.lock().push(state))));

        queue.push(Event::IceState(IceState::Checking));
        queue.push(Event::ConnectionState(ConnectionState::Connecting));
        queue.close();
        dispatch(queue, handlers).await;

        assert_eq!(*seen.lock(), [ConnectionState::Connecting]);
    }
}
