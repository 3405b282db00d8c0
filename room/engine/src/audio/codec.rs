//! Opus: the encoder, the decoder and their settings.

mod decoder;
mod encoder;
mod options;
mod toc;

pub use decoder::OpusDecoder;
pub use encoder::OpusEncoder;
pub use options::{CodecMode, CodecOptions};
pub(super) use toc::{duration_of, has_in_band_fec};

/// Opus runs its clock at 48 kHz whatever it codes, and so does RTP (RFC 7587 §4.1).
pub(crate) const CLOCK_RATE: u32 = 48_000;

/// What libopus did not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// Opus codes 8, 12, 16, 24 and 48 kHz: resample to one of them.
    #[error("Opus does not code {0} Hz")]
    SampleRate(u32),
    /// Not a packet, not a frame of 2.5 to 60 ms, or no memory.
    #[error("libopus: {0}")]
    Refused(&'static str),
}

impl From<opusic_c::ErrorCode> for CodecError {
    fn from(code: opusic_c::ErrorCode) -> Self {
        Self::Refused(code.message())
    }
}

/// Returns whether Opus codes `sample_rate` (Hz) without a resampler.
pub(super) fn is_native(sample_rate: u32) -> bool {
    native_rate(sample_rate).is_ok()
}

fn native_rate(sample_rate: u32) -> Result<opusic_c::SampleRate, CodecError> {
    match sample_rate {
        8_000 => Ok(opusic_c::SampleRate::Hz8000),
        12_000 => Ok(opusic_c::SampleRate::Hz12000),
        16_000 => Ok(opusic_c::SampleRate::Hz16000),
        24_000 => Ok(opusic_c::SampleRate::Hz24000),
        48_000 => Ok(opusic_c::SampleRate::Hz48000),
        other => Err(CodecError::SampleRate(other)),
    }
}

fn channels(channels: u16) -> opusic_c::Channels {
    if channels == 2 {
        opusic_c::Channels::Stereo
    } else {
        opusic_c::Channels::Mono
    }
}

#[cfg(test)]
mod tests;
