//! Recordings in memory: 16-bit PCM in a RIFF/WAVE container.

use crate::{Channels, Format, Frame, FrameError, SampleRate, UnusableRate};

/// Plain integers.
const FORMAT_PCM: u16 = 1;
/// The same with a longer description, as some tools write for everything.
const FORMAT_EXTENSIBLE: u16 = 0xfffe;
/// Length of the shortest description of a format.
const FORMAT_LENGTH: usize = 16;
/// Where the extensible description says what the samples really are.
const SUBFORMAT: std::ops::Range<usize> = 24..26;
const BYTES_PER_VALUE: u16 = 2;
const HEADER_LENGTH: usize = 44;

/// Returns the sound of a WAV file of at most `most_values` 16-bit values (all channels together).
///
/// Chunks other than format and data are skipped. A data chunk that claims more than there is ends
/// with the file: programs that write to a pipe cannot know the length beforehand.
///
/// # Errors
///
/// [`WavError`], whatever the bytes are.
pub fn read(bytes: &[u8], most_values: usize) -> Result<Frame, WavError> {
    let (b"RIFF", rest) = split(bytes, 4)? else {
        return Err(WavError::NotWav);
    };
    let (_length, rest) = split(rest, 4)?;
    let (b"WAVE", mut rest) = split(rest, 4)? else {
        return Err(WavError::NotWav);
    };
    let mut format = None;
    loop {
        let (name, after_name) = split(rest, 4)?;
        let (length, body) = split(after_name, 4)?;
        let length = usize::try_from(word(length)).map_err(|_| WavError::Truncated)?;
        match (name, format) {
            (b"fmt ", _) => format = Some(read_format(split(body, length)?.0)?),
            (b"data", Some(format)) => {
                return read_samples(format, &body[..length.min(body.len())], most_values);
            }
            (b"data", None) => return Err(WavError::NotWav),
            _ => {}
        }
        // Chunks are padded to even lengths.
        rest = split(body, length.saturating_add(length % 2))?.1;
    }
}

/// Returns the WAV file of a frame; its position is lost.
///
/// # Errors
///
/// [`WavError::TooLong`] beyond the 4 GiB that the container can describe.
pub fn write(frame: &Frame) -> Result<Vec<u8>, WavError> {
    let values = frame.samples().len();
    let data = values * usize::from(BYTES_PER_VALUE);
    let too_long = |_| WavError::TooLong { values };
    let length = u32::try_from(data + HEADER_LENGTH - 8).map_err(too_long)?;
    let rate = frame.format().rate.hertz();
    let channels = frame.format().channels.count() as u16;
    let sample = BYTES_PER_VALUE * channels;

    let mut bytes = Vec::with_capacity(HEADER_LENGTH + data);
    bytes.extend(b"RIFF");
    bytes.extend(length.to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend((FORMAT_LENGTH as u32).to_le_bytes());
    bytes.extend(FORMAT_PCM.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(sample)).to_le_bytes());
    bytes.extend(sample.to_le_bytes());
    bytes.extend((BYTES_PER_VALUE * 8).to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((length - (HEADER_LENGTH as u32 - 8)).to_le_bytes());
    bytes.extend(
        frame
            .samples()
            .iter()
            .flat_map(|sample| sample.to_le_bytes()),
    );
    Ok(bytes)
}

/// Why bytes are not a recording for us, or a recording not a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WavError {
    /// Another kind of file.
    #[error("not a WAV file")]
    NotWav,
    /// The file ends before its sound begins.
    #[error("the file ends in the middle of its header")]
    Truncated,
    /// Convert it to 16-bit PCM, mono or stereo.
    #[error("samples of kind {kind} with {bits} bits and {channels} channels are not supported")]
    Unsupported {
        /// The number of the coding in the file.
        kind: u16,
        /// Bits per sample.
        bits: u16,
        /// Number of channels.
        channels: u16,
    },
    /// The rate is one that nothing plays.
    #[error("the sample rate is not usable")]
    Rate(#[from] UnusableRate),
    /// The last sample is not whole.
    #[error("the samples are not whole")]
    Samples(#[from] FrameError),
    /// Cut it first.
    #[error("{values} values are too many")]
    TooLong {
        /// How many there are.
        values: usize,
    },
}

fn read_format(chunk: &[u8]) -> Result<Format, WavError> {
    let field = |at: usize| {
        chunk
            .get(at..at + 2)
            .map(half_word)
            .ok_or(WavError::Truncated)
    };
    let (mut kind, channels, bits) = (field(0)?, field(2)?, field(14)?);
    if kind == FORMAT_EXTENSIBLE {
        kind = chunk
            .get(SUBFORMAT)
            .map(half_word)
            .ok_or(WavError::Truncated)?;
    }
    let rate = SampleRate::new(chunk.get(4..8).map(word).ok_or(WavError::Truncated)?)?;
    let known = Channels::of(channels.into()).filter(|_| kind == FORMAT_PCM && bits == 16);
    let channels = known.ok_or(WavError::Unsupported {
        kind,
        bits,
        channels,
    })?;
    Ok(Format { rate, channels })
}

fn read_samples(format: Format, data: &[u8], most_values: usize) -> Result<Frame, WavError> {
    let (values, _) = data.as_chunks::<2>();
    if values.len() > most_values {
        return Err(WavError::TooLong {
            values: values.len(),
        });
    }
    let samples = values
        .iter()
        .map(|&bytes| i16::from_le_bytes(bytes))
        .collect();
    Ok(Frame::new(format, 0, samples)?)
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), WavError> {
    bytes.split_at_checked(at).ok_or(WavError::Truncated)
}

fn word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, &byte| word << 8 | u32::from(byte))
}

fn half_word(bytes: &[u8]) -> u16 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, &byte| word << 8 | u16::from(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recording() -> Frame {
        let format = Format::stereo(SampleRate::HZ_16000);
        Frame::new(format, 0, vec![1, -2, 3_000, i16::MIN]).unwrap()
    }

    #[test]
    fn a_file_holds_what_was_written() {
        let bytes = write(&recording()).unwrap();

        assert_eq!(bytes.len(), HEADER_LENGTH + 8);
        assert_eq!(read(&bytes, 4), Ok(recording()));
    }

    #[test]
    fn chunks_in_between_are_skipped_with_their_padding() {
        let mut bytes = write(&recording()).unwrap();
        let list = [b"LIST".as_slice(), &3_u32.to_le_bytes(), b"abc\0"].concat();
        bytes.splice(12..12, list);

        assert_eq!(read(&bytes, 4), Ok(recording()));
    }

    #[test]
    fn a_length_written_before_the_sound_was_known_does_not_matter() {
        for claimed in [u32::MAX, 0x7fff_f000] {
            let mut bytes = write(&recording()).unwrap();
            bytes[40..44].copy_from_slice(&claimed.to_le_bytes());

            assert_eq!(read(&bytes, 4), Ok(recording()));
        }
    }

    #[test]
    fn eight_bits_are_refused_with_their_name() {
        let mut bytes = write(&recording()).unwrap();
        bytes[34] = 8;

        let refused = WavError::Unsupported {
            kind: FORMAT_PCM,
            bits: 8,
            channels: 2,
        };
        assert_eq!(read(&bytes, 4), Err(refused));
    }

    #[test]
    fn a_recording_beyond_the_bound_is_refused() {
        let bytes = write(&recording()).unwrap();

        assert_eq!(read(&bytes, 3), Err(WavError::TooLong { values: 4 }));
    }

    #[test]
    fn every_beginning_of_a_file_is_an_error_or_its_beginning() {
        let bytes = write(&recording()).unwrap();

        for length in 0..HEADER_LENGTH {
            assert_eq!(
                read(&bytes[..length], 4),
                Err(WavError::Truncated),
                "{length} bytes"
            );
        }
        assert!(read(&bytes[..HEADER_LENGTH + 4], 4).is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, 1_000);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0_usize..52, byte in any::<u8>()) {
            let mut bytes = write(&recording()).unwrap();
            bytes[at] = byte;
            let _ = read(&bytes, 1_000);
        }

        #[test]
        fn any_sound_survives(samples in prop::collection::vec(any::<i16>(), 0..500)) {
            let frame = Frame::new(Format::mono(SampleRate::HZ_8000), 0, samples).unwrap();
            prop_assert_eq!(read(&write(&frame).unwrap(), 500), Ok(frame));
        }
    }
}
