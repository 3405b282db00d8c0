//! What a connection has measured so far.

use std::time::Duration;

use crate::audio::{AudioReceiverStats, AudioSenderStats};

/// Counters of a connection. Refreshed once a second.
#[derive(Debug, Clone, Default)]
pub struct ConnectionStats {
    /// The path in use.
    pub path: PathStats,
    /// One entry for each section that sends.
    pub outbound: Vec<OutboundStats>,
    /// One entry for each section that receives.
    pub inbound: Vec<InboundStats>,
}

/// The candidate pair in use.
#[derive(Debug, Clone, Default)]
pub struct PathStats {
    /// Bytes sent, media and data.
    pub bytes_sent: u64,
    /// Bytes received, media and data.
    pub bytes_received: u64,
    /// Round trip as ICE sees it.
    pub round_trip: Option<Duration>,
    /// Packets thrown away on this side because a socket was full or its address was gone.
    pub packets_dropped: u64,
}

/// One section that sends.
#[derive(Debug, Clone)]
pub struct OutboundStats {
    /// The section.
    pub mid: String,
    /// What the encoder did.
    pub audio: AudioSenderStats,
    /// What the peer reported about our packets.
    pub reported: ReportedStats,
}

/// One section that receives.
#[derive(Debug, Clone)]
pub struct InboundStats {
    /// The section.
    pub mid: String,
    /// What arrived and what was made of it.
    pub audio: AudioReceiverStats,
}

/// What a peer reports about the packets it gets (RTCP receiver reports).
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportedStats {
    /// Share of packets lost since the report before, 0 to 1.
    pub loss: Option<f32>,
    /// Round trip measured by reports.
    pub round_trip: Option<Duration>,
}
