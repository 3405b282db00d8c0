//! What passes between the audio parts and the network: RTP payloads with their facts.

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
    pub(crate) payload: Vec<u8>,
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
    pub(crate) payload: Vec<u8>,
}
