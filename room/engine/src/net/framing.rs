//! Cuts a byte stream into packets: RFC 4571 for ICE-TCP, STUN and channel data for TURN.

/// How packets follow each other in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Two bytes of length before each packet (RFC 4571).
    LengthPrefixed,
    /// STUN messages and channel data, padded to four bytes (RFC 8656 §12.5).
    Turn,
}

/// The stream cannot be cut any further: close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream holds neither STUN nor channel data")]
pub(super) struct BrokenFraming;

/// Where the next packet lies within the buffered bytes.
struct Frame {
    start: usize,
    end: usize,
    /// Start of the following frame.
    next: usize,
}

impl Framing {
    /// Appends one packet to `stream`; a packet longer than the length field can say is left out.
    pub(super) fn write(self, packet: &[u8], stream: &mut Vec<u8>) {
        let Ok(length) = u16::try_from(packet.len()) else {
            return;
        };
        match self {
            Self::LengthPrefixed => {
                stream.extend_from_slice(&length.to_be_bytes());
                stream.extend_from_slice(packet);
            }
            Self::Turn => {
                stream.extend_from_slice(packet);
                stream.resize(stream.len() + padding(packet.len()), 0);
            }
        }
    }

    /// Returns the first frame, none while its header is incomplete.
    fn locate(self, bytes: &[u8]) -> Result<Option<Frame>, BrokenFraming> {
        let &[first, second, ref rest @ ..] = bytes else {
            return Ok(None);
        };
        if self == Self::LengthPrefixed {
            let length = usize::from(u16::from_be_bytes([first, second]));
            return Ok(Some(Frame {
                start: 2,
                end: 2 + length,
                next: 2 + length,
            }));
        }
        let &[third, fourth, ..] = rest else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes([third, fourth]));
        match first >> 6 {
            0b00 if length % 4 == 0 => Ok(Some(Frame {
                start: 0,
                end: 20 + length,
                next: 20 + length,
            })),
            0b01 => Ok(Some(Frame {
                start: 0,
                end: 4 + length,
                next: 4 + length + padding(length),
            })),
            _ => Err(BrokenFraming),
        }
    }
}

fn padding(length: usize) -> usize {
    length.next_multiple_of(4) - length
}

/// Collects bytes and hands out packets. Holds less than one packet (65 KiB) between reads.
#[derive(Debug)]
pub(super) struct Deframer {
    framing: Framing,
    bytes: Vec<u8>,
    /// How many of `bytes` were handed out already.
    consumed: usize,
}

impl Deframer {
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            bytes: Vec::new(),
            consumed: 0,
        }
    }

    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    pub(super) fn handle_bytes(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.consumed);
        self.consumed = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns the next complete packet.
    ///
    /// # Errors
    /// The stream is not what it should be; nothing more can be read from it.
    pub(super) fn poll_packet(&mut self) -> Result<Option<&[u8]>, BrokenFraming> {
        let pending = &self.bytes[self.consumed..];
        let Some(frame) = self.framing.locate(pending)? else {
            return Ok(None);
        };
        if pending.len() < frame.next {
            return Ok(None);
        }
        let start = self.consumed;
        self.consumed += frame.next;
        Ok(Some(&self.bytes[start + frame.start..start + frame.end]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packets(
        framing: Framing,
        stream: &[u8],
        chunk: usize,
    ) -> Result<Vec<Vec<u8>>, BrokenFraming> {
        let mut deframer = Deframer::new(framing);
        let mut packets = Vec::new();
        for bytes in stream.chunks(chunk) {
            deframer.handle_bytes(bytes);
            while let Some(packet) = deframer.poll_packet()? {
                packets.push(packet.to_vec());
            }
        }
        Ok(packets)
    }

    #[test]
    fn channel_data_is_padded_on_a_stream_and_the_padding_is_skipped() {
        let mut stream = Vec::new();
        Framing::Turn.write(&[0x40, 0, 0, 1, 7], &mut stream);
        Framing::Turn.write(&[0x40, 1, 0, 0], &mut stream);

        assert_eq!(stream.len(), 12);
        assert_eq!(
            packets(Framing::Turn, &stream, 3).unwrap(),
            [vec![0x40, 0, 0, 1, 7], vec![0x40, 1, 0, 0]]
        );
    }

    #[test]
    fn a_stream_that_is_not_turn_is_refused() {
        assert_eq!(
            packets(Framing::Turn, b"\x80nonsense", 100),
            Err(BrokenFraming)
        );
    }

    proptest! {
        #[test]
        fn every_packet_comes_out_as_it_went_in_however_the_stream_is_cut(
            sent in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2000), 0..8),
            chunk in 1usize..3000,
        ) {
            let mut stream = Vec::new();
            for packet in &sent {
                Framing::LengthPrefixed.write(packet, &mut stream);
            }

            prop_assert_eq!(packets(Framing::LengthPrefixed, &stream, chunk).unwrap(), sent);
        }

        #[test]
        fn any_bytes_are_cut_or_refused_without_a_panic(
            stream in proptest::collection::vec(any::<u8>(), 0..4000),
            chunk in 1usize..500,
        ) {
            for framing in [Framing::LengthPrefixed, Framing::Turn] {
                let cut = packets(framing, &stream, chunk);
                let total = cut.map_or(0, |packets| packets.iter().map(Vec::len).sum());
                prop_assert!(total <= stream.len());
            }
        }
    }
}
