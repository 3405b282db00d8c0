//! What waits to be sent on one channel, counted exactly.

use std::collections::VecDeque;

use super::{Message, SendError};

/// Bytes that may be taken and not yet acknowledged, like in libwebrtc. Beyond it sending fails and
/// the application waits for the buffered amount to fall.
pub(crate) const MAX_OUTSTANDING: u64 = 16 << 20;

/// Messages in the order they were given, and the count of bytes that are still on their way.
///
/// Invariant: `outstanding` = bytes of waiting messages + bytes inside the SCTP association that
/// were not reported as sent yet.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<Message>,
    waiting_bytes: u64,
    outstanding: u64,
}

impl Outbox {
    pub(crate) fn push(&mut self, message: Message) -> Result<(), SendError> {
        let bytes = message.data.len() as u64;
        if self.outstanding + bytes > MAX_OUTSTANDING {
            return Err(SendError::Full);
        }
        self.outstanding += bytes;
        self.waiting_bytes += bytes;
        self.waiting.push_back(message);
        Ok(())
    }

    pub(crate) fn outstanding(&self) -> u64 {
        self.outstanding
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn front(&self) -> Option<&Message> {
        self.waiting.front()
    }

    /// Notes that the front message was handed to the association.
    pub(crate) fn advance(&mut self) {
        if let Some(message) = self.waiting.pop_front() {
            self.waiting_bytes -= message.data.len() as u64;
        }
    }

    /// Compares with what the association still holds; returns the bytes that are through since
    /// the last call.
    pub(crate) fn settle(&mut self, in_association: u64) -> u64 {
        let remaining = self.waiting_bytes + in_association;
        let sent = self.outstanding.saturating_sub(remaining);
        self.outstanding -= sent;
        sent
    }

    /// Throws everything away, as closing a channel does.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Message {
        Message {
            data: vec![0; length],
            binary: true,
        }
    }

    #[test]
    fn what_is_reported_as_sent_adds_up_to_what_was_given() {
        let mut outbox = Outbox::default();
        outbox.push(message(100)).unwrap();
        outbox.push(message(50)).unwrap();

        outbox.advance();
        let first = outbox.settle(100);
        let second = outbox.settle(30);
        outbox.advance();
        let third = outbox.settle(0);

        assert_eq!((first, second, third), (0, 70, 80));
        assert_eq!(outbox.outstanding(), 0);
    }

    #[test]
    fn a_full_outbox_refuses_and_takes_again_after_acknowledgement() {
        let mut outbox = Outbox::default();
        outbox.push(message(MAX_OUTSTANDING as usize)).unwrap();

        assert_eq!(outbox.push(message(1)), Err(SendError::Full));

        outbox.advance();
        outbox.settle(0);
        assert_eq!(outbox.push(message(1)), Ok(()));
    }
}
