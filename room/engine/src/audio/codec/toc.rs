//! What an Opus packet says about itself (RFC 6716 §3), without decoding it.

use super::CLOCK_RATE;

/// Returns how long a packet lasts, in samples on the 48 kHz clock; `None` if it is not Opus.
pub(in crate::audio) fn duration_of(packet: &[u8]) -> Option<u32> {
    let samples = opusic_c::utils::get_nb_samples(packet, opusic_c::SampleRate::Hz48000).ok()?;
    u32::try_from(samples)
        .ok()
        .filter(|samples| (120..=CLOCK_RATE / 1_000 * 120).contains(samples))
}

/// Returns whether the packet also carries the frame before it (LBRR, RFC 6716 §4.2.4).
///
/// Looks at packets of one frame, which is what speech coders send; of others it says no.
pub(in crate::audio) fn has_in_band_fec(packet: &[u8]) -> bool {
    let [toc, first, ..] = packet else {
        return false;
    };
    let config = toc >> 3;
    let frames_in_packet = toc & 0b11;
    // Configurations from 16 upwards are CELT, which has no LBRR.
    if config >= 16 || frames_in_packet != 0 {
        return false;
    }
    // The speech coder's frames last at most 20 ms; longer ones hold several, each with its own
    // activity bit before the LBRR bit. Sizes of configurations 0 to 11: 10, 20, 40, 60 ms.
    let inner = match (config, config % 4) {
        (0..12, 2) => 2,
        (0..12, 3) => 3,
        _ => 1,
    };
    let stereo = toc & 0b100 != 0;
    let mid = first >> (7 - inner) & 1 == 1;
    let side = stereo && first >> (6 - 2 * inner) & 1 == 1;
    mid || side
}
