//! What was measured. `livekit` hands these on without looking inside.

use room_engine::{ConnectionStats, InboundStats, OutboundStats, PathStats};

/// One measured thing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RtcStats {
    /// A section that receives.
    InboundRtp(InboundStats),
    /// A section that sends.
    OutboundRtp(OutboundStats),
    /// The path in use.
    CandidatePair(PathStats),
}

impl RtcStats {
    /// The section it was measured on.
    pub(crate) fn mid(&self) -> Option<&String> {
        match self {
            Self::InboundRtp(stats) => Some(&stats.mid),
            Self::OutboundRtp(stats) => Some(&stats.mid),
            Self::CandidatePair(_) => None,
        }
    }
}

pub(crate) fn inbound(stats: &ConnectionStats) -> impl Iterator<Item = RtcStats> {
    stats.inbound.iter().cloned().map(RtcStats::InboundRtp)
}

pub(crate) fn outbound(stats: &ConnectionStats) -> impl Iterator<Item = RtcStats> {
    stats.outbound.iter().cloned().map(RtcStats::OutboundRtp)
}

pub(crate) fn all(stats: &ConnectionStats) -> Vec<RtcStats> {
    let path = RtcStats::CandidatePair(stats.path.clone());
    inbound(stats)
        .chain(outbound(stats))
        .chain([path])
        .collect()
}
