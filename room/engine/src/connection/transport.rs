//! How str0m is set up.

use std::time::{Duration, Instant};

use str0m::Rtc;

use crate::config::ConnectionConfig;

/// First repetition of a lost STUN check: a few round trips across a continent.
const FIRST_STUN_REPEAT: Duration = Duration::from_millis(200);

/// Checks are never further apart, so that a dead path is noticed in seconds.
const SLOWEST_STUN_REPEAT: Duration = Duration::from_millis(1500);

/// Unanswered checks after which a pair is given up, about 17 s. Not sooner than a server gives us
/// up: a path that comes back before that needs nothing but the next check.
const STUN_REPEATS: usize = 13;

/// Bytes inside the SCTP association; the rest waits in the channels' outboxes. Bounds the burst
/// that a growing congestion window can throw at a socket, and is more than a path with 50 ms of
/// delay takes at 100 Mbit/s.
const ASSOCIATION_BUFFER: usize = 1 << 20;

/// Packets that are kept to be sent again: audio is repaired by redundancy, and nobody is offered to ask for it. The least
/// that can be set; str0m's 50 take 30 KiB.
const UNREPEATED: usize = 1;

/// How often the path and the reports of the peer are summed up.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

/// Voice needs Opus, plain and with redundancy. VP8 is negotiated because servers map cameras onto
/// sections whether or not somebody watches them.
pub(crate) fn build(config: &ConnectionConfig, now: Instant) -> Rtc {
    let mut rtc = Rtc::builder()
        .clear_codecs()
        .enable_opus(true, true)
        .enable_vp8(true)
        .set_rtp_mode(true)
        .set_send_buffer_audio(UNREPEATED)
        .set_stats_interval(Some(STATS_INTERVAL))
        .set_sctp_max_buffered_amount(ASSOCIATION_BUFFER)
        .set_snap_enabled(config.sctp_in_sdp);
    rtc.set_initial_stun_rto(FIRST_STUN_REPEAT);
    rtc.set_max_stun_rto(SLOWEST_STUN_REPEAT);
    rtc.set_max_stun_retransmits(STUN_REPEATS);
    rtc.build(now)
}
