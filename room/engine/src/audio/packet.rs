//! What passes between the audio parts and the network: RTP payloads with their facts.

use std::ops::Range;
use std::sync::Arc;

/// One RTP payload to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EncodedPacket {
    /// RTP timestamp on the 48 kHz clock.
    pub(crate) timestamp: u32,
    /// True for the first packet after silence.
    pub(crate) marker: bool,
    /// True when the payload is RED (RFC 2198) and wants RED's payload type.
    pub(crate) red: bool,
    /// Loudness for the audio level extension (RFC 6464): 0 (loudest) to −127.
    pub(crate) level_dbov: i8,
    /// The extension's voice activity bit.
    pub(crate) voice: bool,
    /// The payload, without RTP header.
    pub(crate) payload: Arc<[u8]>,
}

/// One RTP payload as it came from the network, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReceivedPacket {
    /// RTP sequence number, extended by its rollover count.
    pub(crate) sequence: u64,
    /// RTP timestamp on the 48 kHz clock.
    pub(crate) timestamp: u32,
    /// True when the payload came under RED's payload type.
    pub(crate) red: bool,
    /// The payload, without RTP header.
    pub(crate) payload: Arc<[u8]>,
}

/// A part of a packet's bytes, without copying them.
#[derive(Debug, Clone)]
pub(super) struct Payload {
    packet: Arc<[u8]>,
    range: Range<usize>,
}

impl Payload {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.packet[self.range.clone()]
    }

    /// Returns a part of this part, if it is that long.
    pub(super) fn part(&self, range: Range<usize>) -> Option<Self> {
        if range.start > range.end || range.end > self.range.len() {
            return None;
        }
        let start = self.range.start + range.start;
        Some(Self {
            packet: self.packet.clone(),
            range: start..start + range.len(),
        })
    }
}

impl From<Arc<[u8]>> for Payload {
    fn from(packet: Arc<[u8]>) -> Self {
        Self {
            range: 0..packet.len(),
            packet,
        }
    }
}

impl From<Vec<u8>> for Payload {
    fn from(packet: Vec<u8>) -> Self {
        Self::from(Arc::<[u8]>::from(packet))
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Payload {}
