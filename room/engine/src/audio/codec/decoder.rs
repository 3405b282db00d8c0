//! Opus decoder for 16-bit samples.

use std::fmt;

use super::{CodecError, channels, duration_of, native_rate};
use crate::audio::format::AudioFormat;

/// Longest Opus packet, in samples per channel on the 48 kHz clock (120 ms).
const MAX_DURATION: u32 = 5_760;

/// Decodes Opus packets to interleaved 16-bit samples of any rate that Opus codes, whatever the
/// packets were coded at.
pub struct OpusDecoder {
    decoder: opusic_c::Decoder,
    format: AudioFormat,
    /// What libopus's Rust binding writes to: as long as the longest packet so far.
    output: Vec<u16>,
}

impl OpusDecoder {
    /// Returns a decoder to samples of `format`.
    ///
    /// # Errors
    ///
    /// When Opus does not decode to that sample rate.
    pub fn new(format: AudioFormat) -> Result<Self, CodecError> {
        let rate = native_rate(format.sample_rate())?;
        let decoder = opusic_c::Decoder::new(channels(format.channels()), rate)?;
        Ok(Self {
            decoder,
            format,
            output: Vec::new(),
        })
    }

    /// Decodes a packet, and appends its samples to `samples`.
    ///
    /// # Errors
    ///
    /// When it is not an Opus packet.
    pub fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), CodecError> {
        if packet.is_empty() {
            return Err(CodecError::Refused("empty packet"));
        }
        let duration = duration_of(packet).unwrap_or(MAX_DURATION);
        let length = self.format.samples_of(duration);
        self.run(packet, length, false, samples)
    }

    /// Decodes what `packet` says about the `duration` (48 kHz samples) before itself.
    ///
    /// # Errors
    ///
    /// When it is not an Opus packet, or the duration is not a multiple of 2.5 ms.
    pub fn decode_fec(
        &mut self,
        packet: &[u8],
        duration: u32,
        samples: &mut Vec<i16>,
    ) -> Result<(), CodecError> {
        let length = self.format.samples_of(duration);
        self.run(packet, length, true, samples)
    }

    /// Makes up `duration` (48 kHz samples) of audio that was lost.
    ///
    /// # Errors
    ///
    /// When the duration is not a multiple of 2.5 ms up to 120 ms.
    pub fn conceal(&mut self, duration: u32, samples: &mut Vec<i16>) -> Result<(), CodecError> {
        let length = self.format.samples_of(duration);
        self.run(&[], length, false, samples)
    }

    fn run(
        &mut self,
        packet: &[u8],
        length: usize,
        fec: bool,
        samples: &mut Vec<i16>,
    ) -> Result<(), CodecError> {
        let room = length.min(self.format.samples_of(MAX_DURATION));
        if self.output.len() < room {
            self.output.resize(room, 0);
        }
        let per_channel = self
            .decoder
            .decode_to_slice(packet, &mut self.output[..room], fec)?;
        let decoded = &self.output[..per_channel * usize::from(self.format.channels())];
        samples.extend(decoded.iter().map(|sample| sample.cast_signed()));
        Ok(())
    }
}

impl fmt::Debug for OpusDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusDecoder")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
