//! Settings of an Opus encoder.

/// Which of Opus's coders works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecMode {
    /// CELT only: 2.5 ms look-ahead and a third of the cost, at its best from 32 kb/s upwards.
    LowDelay,
    /// The speech coder: intelligible at 12 kb/s, can carry in-band FEC, 6.5 ms look-ahead.
    Voice,
    /// Opus chooses by content: for music.
    General,
}

/// Settings of an Opus encoder.
///
/// The default is measured (`benches/codec.rs`): the low-delay coder costs a fraction of the speech
/// coder, and above complexity 4 it costs two fifths more for its search of pitch and of the best
/// resolution in time, which speech at this bit rate does without. Below 1 it costs a third less and
/// looks for no onsets: the 5 ms before one get 10 dB more noise, which most voices' PESQ and STOI do
/// not mind, and of "open from nine to five" a recogniser at a telephone makes "looking for ninety
/// five".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodecOptions {
    /// Which coder works.
    pub mode: CodecMode,
    /// Bits per second; Opus takes 500 to 512 000.
    pub bitrate: u32,
    /// Effort from 0 to 10.
    pub complexity: u8,
    /// Send nothing in silence, be it digital or, where the coder can tell, a room's.
    pub dtx: bool,
    /// Makes in-band FEC for this expected loss in percent; only [`CodecMode::Voice`] carries it.
    pub expected_loss: u8,
}

impl Default for CodecOptions {
    fn default() -> Self {
        Self {
            mode: CodecMode::LowDelay,
            bitrate: 48_000,
            complexity: 4,
            dtx: true,
            expected_loss: 0,
        }
    }
}
