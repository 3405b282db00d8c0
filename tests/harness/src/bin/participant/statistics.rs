//! Receive statistics. The only place here that looks inside what `livekit` only hands on.

use livekit::webrtc::stats::RtcStats;
use serde_json::{Value, json};

/// What is known of a track that is received; none if nothing was received yet.
pub(crate) fn statistics(stats: &[RtcStats]) -> Option<Value> {
    stats.iter().find_map(|stats| {
        let RtcStats::InboundRtp(inbound) = stats else {
            return None;
        };
        Some(json!({
            "packets_received": inbound.audio.received,
            "packets_lost": inbound.audio.lost,
            "recovered": inbound.audio.recovered,
            "concealed_samples": inbound.audio.concealed_samples,
            "total_samples": inbound.audio.total_samples,
            // Audio is handed over as it arrives: there is no buffer to measure.
            "jitter_buffer_ms": null,
        }))
    })
}
