//! RED, the payload that repeats earlier frames beside the new one (RFC 2198).
//!
//! A payload is a list of headers, one per earlier frame and a short one for the new frame, and
//! then the frames themselves in the same order.

use super::packet::Payload;

/// Bytes of the header of an earlier frame: a flag, its type, its age (14 bits), its length (10).
const HEADER: usize = 4;

/// Oldest frame that a header can name, in timestamp units.
pub(super) const MAX_AGE: u32 = (1 << 14) - 1;

/// Longest earlier frame that a header can name, in bytes.
pub(super) const MAX_LENGTH: usize = (1 << 10) - 1;

/// Set in the header of every frame but the last.
const MORE: u8 = 0x80;

/// One frame of a RED payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// How much older than the packet, in timestamp units; zero for the new frame.
    pub(super) age: u32,
    /// The frame.
    pub(super) payload: Payload,
}

/// A payload that does not add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("RED payload is cut short")]
pub(super) struct Malformed;

/// Takes a payload apart into `blocks`: earlier frames first, the new one last. Earlier ones that
/// are empty or of another type are left out.
pub(super) fn unpack(packet: &Payload, blocks: &mut Vec<Block>) -> Result<(), Malformed> {
    blocks.clear();
    let bytes = packet.bytes();
    let headers = count_headers(bytes)?;
    let payload_type = bytes[headers * HEADER];
    let mut start = headers * HEADER + 1;
    for header in bytes[..headers * HEADER].chunks_exact(HEADER) {
        let age = u32::from(header[1]) << 6 | u32::from(header[2]) >> 2;
        let length = usize::from(header[2] & 0b11) << 8 | usize::from(header[3]);
        let payload = packet.part(start..start + length).ok_or(Malformed)?;
        start += length;
        if length > 0 && header[0] & !MORE == payload_type {
            blocks.push(Block { age, payload });
        }
    }
    let payload = packet.part(start..bytes.len()).ok_or(Malformed)?;
    blocks.push(Block { age: 0, payload });
    Ok(())
}

fn count_headers(bytes: &[u8]) -> Result<usize, Malformed> {
    for index in 0.. {
        let first = bytes.get(index * HEADER).ok_or(Malformed)?;
        if first & MORE == 0 {
            return Ok(index);
        }
        // The header itself has to be whole, since it is read later on.
        bytes.get(index * HEADER + HEADER - 1).ok_or(Malformed)?;
    }
    Err(Malformed)
}

/// Writes a payload into `packet`: `earlier` frames (age and bytes, oldest first), then `frame`.
///
/// Every age is at most [`MAX_AGE`], every earlier frame at most [`MAX_LENGTH`] bytes.
pub(super) fn pack<'a>(
    packet: &mut Vec<u8>,
    payload_type: u8,
    earlier: impl Iterator<Item = (u32, &'a [u8])> + Clone,
    frame: &[u8],
) {
    packet.clear();
    for (age, bytes) in earlier.clone() {
        debug_assert!(
            age <= MAX_AGE && bytes.len() <= MAX_LENGTH,
            "sifted by the caller"
        );
        let length = bytes.len() & MAX_LENGTH;
        packet.extend_from_slice(&[
            MORE | payload_type,
            (age >> 6) as u8,
            (age << 2) as u8 | (length >> 8) as u8,
            length as u8,
        ]);
    }
    packet.push(payload_type & !MORE);
    for (_, bytes) in earlier {
        packet.extend_from_slice(bytes);
    }
    packet.extend_from_slice(frame);
}

#[cfg(test)]
mod tests;
