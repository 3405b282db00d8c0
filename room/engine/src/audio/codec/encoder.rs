//! Opus encoder for 16-bit samples.

use std::fmt;

use opusic_c::{Application, Bitrate, InbandFec, Signal};

use super::options::{CodecMode, CodecOptions};
use super::{CodecError, channels, native_rate};
use crate::audio::format::AudioFormat;

/// Largest Opus frame (RFC 6716 §3.2.1), plus its first byte.
const MAX_PACKET: usize = 1_276;

/// Encodes interleaved 16-bit samples.
pub struct OpusEncoder {
    encoder: opusic_c::Encoder,
    /// The samples as libopus's Rust binding wants them.
    input: Vec<u16>,
    output: Box<[u8; MAX_PACKET]>,
}

impl OpusEncoder {
    /// Returns an encoder for samples of `format`.
    ///
    /// # Errors
    ///
    /// When Opus does not code that sample rate.
    pub fn new(format: AudioFormat, options: CodecOptions) -> Result<Self, CodecError> {
        let application = match options.mode {
            CodecMode::LowDelay => Application::LowDelay,
            CodecMode::Voice => Application::Voip,
            CodecMode::General => Application::Audio,
        };
        let rate = native_rate(format.sample_rate())?;
        let mut encoder = opusic_c::Encoder::new(channels(format.channels()), rate, application)?;
        if options.mode == CodecMode::Voice {
            encoder.set_signal(Signal::Voice)?;
        }
        encoder.set_bitrate(Bitrate::Value(options.bitrate.clamp(500, 512_000)))?;
        encoder.set_complexity(options.complexity.min(10))?;
        // CELT has no comfort noise: what it leaves out is heard as a hole.
        encoder.set_dtx(options.dtx && options.mode != CodecMode::LowDelay)?;
        if options.expected_loss > 0 {
            encoder.set_inband_fec(InbandFec::Mode1)?;
            encoder.set_packet_loss(options.expected_loss.min(100))?;
        }
        Ok(Self {
            encoder,
            input: Vec::new(),
            output: Box::new([0; MAX_PACKET]),
        })
    }

    /// Encodes one frame of 2.5, 5, 10, 20, 40 or 60 ms, and returns the packet. One of at most
    /// two bytes need not be sent: it says that silence goes on.
    ///
    /// # Errors
    ///
    /// When the frame has another length.
    pub fn encode(&mut self, samples: &[i16]) -> Result<&[u8], CodecError> {
        self.input.clear();
        self.input
            .extend(samples.iter().map(|sample| sample.cast_unsigned()));
        let length = self
            .encoder
            .encode_to_slice(&self.input, self.output.as_mut_slice())?;
        Ok(&self.output[..length])
    }

    /// Returns by how many samples per channel a decoder's output lags the input.
    ///
    /// # Errors
    ///
    /// When libopus does not tell.
    pub fn look_ahead(&mut self) -> Result<u32, CodecError> {
        Ok(self.encoder.get_look_ahead()?)
    }
}

impl fmt::Debug for OpusEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusEncoder").finish_non_exhaustive()
    }
}
