//! Counters of the audio parts, cumulative since the track began.

/// What a sender did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioSenderStats {
    /// Packets handed to the network.
    pub packets: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// Times the sender fell silent and began to speak again.
    pub talk_spurts: u64,
    /// Frames of 20 ms taken from the source and not sent: disabled track, silence, bad codec.
    pub frames_not_sent: u64,
}

/// What a receiver heard so far. Samples are counted per channel on the 48 kHz clock.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct AudioReceiverStats {
    /// Packets taken, without duplicates and late ones.
    pub received: u64,
    /// Packets that never came in time.
    pub lost: u64,
    /// Lost packets whose audio came out of a later packet (RED or in-band FEC).
    pub recovered: u64,
    /// Packets that came a second time.
    pub duplicates: u64,
    /// Packets that came after their place in the timeline had passed.
    pub late: u64,
    /// Packets that made no sense: empty, not Opus, broken RED.
    pub malformed: u64,
    /// Samples delivered, concealed ones included.
    pub total_samples: u64,
    /// Samples made up by the decoder because nothing was there.
    pub concealed_samples: u64,
    /// Stretches of concealment.
    pub concealment_events: u64,
    /// Interarrival jitter (RFC 3550 §6.4.1) in seconds.
    pub jitter: f64,
}
