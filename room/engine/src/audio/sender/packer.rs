//! Puts encoded frames into payloads, with earlier frames beside them when RED was negotiated.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::red;

/// Largest payload: fits every path on the Internet together with the headers around it.
const MAX_PAYLOAD: usize = 1_100;

/// How RED (RFC 2198) is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Redundancy {
    /// Negotiated payload type of Opus, which each block names.
    pub(crate) payload_type: u8,
    /// How many earlier frames travel with each frame.
    pub(crate) distance: u8,
}

/// Makes payloads of encoded frames.
#[derive(Debug)]
pub(super) struct Packer {
    redundancy: Option<Redundancy>,
    /// The last frames and their positions, oldest first; no more than the distance.
    history: VecDeque<(u64, Vec<u8>)>,
    payload: Vec<u8>,
}

impl Packer {
    pub(super) fn new(redundancy: Option<Redundancy>) -> Self {
        Self {
            redundancy,
            history: VecDeque::new(),
            payload: Vec::new(),
        }
    }

    pub(super) fn set_redundancy(&mut self, redundancy: Option<Redundancy>) {
        self.redundancy = redundancy;
    }

    /// Whether payloads are RED.
    pub(super) fn is_red(&self) -> bool {
        self.redundancy.is_some()
    }

    /// Returns the payload for the frame at `position` (48 kHz samples).
    pub(super) fn pack(&mut self, position: u64, frame: &[u8]) -> Arc<[u8]> {
        let Some(redundancy) = self.redundancy else {
            return Arc::from(frame);
        };
        let mut room = MAX_PAYLOAD.saturating_sub(frame.len());
        let fitting = self.history.iter().rev().take_while(|(earlier, bytes)| {
            let fits = bytes.len() <= red::MAX_LENGTH.min(room);
            room = room.saturating_sub(bytes.len());
            fits && position - earlier <= u64::from(red::MAX_AGE)
        });
        let unfit = self.history.len() - fitting.count();
        let earlier = self.history.iter().skip(unfit);
        let earlier =
            earlier.map(|(earlier, bytes)| ((position - earlier) as u32, bytes.as_slice()));
        red::pack(&mut self.payload, redundancy.payload_type, earlier, frame);
        self.remember(position, frame, redundancy.distance);
        Arc::from(self.payload.as_slice())
    }

    fn remember(&mut self, position: u64, frame: &[u8], distance: u8) {
        let mut buffer = Vec::new();
        while self.history.len() >= usize::from(distance.max(1)) {
            buffer = self
                .history
                .pop_front()
                .map(|(_, bytes)| bytes)
                .unwrap_or_default();
        }
        buffer.clear();
        buffer.extend_from_slice(frame);
        self.history.push_back((position, buffer));
    }
}
