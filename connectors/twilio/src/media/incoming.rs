//! What Twilio says.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use crate::sid::{AccountSid, CallSid, StreamSid};

/// The longest frame, in bytes. Twilio's have 300; 64 KiB would be six seconds of sound.
pub const MAX_FRAME: usize = 64 * 1024;

/// The most custom parameters that are kept; others are dropped.
const MOST_PARAMETERS: usize = 64;

/// A message of Twilio's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// The socket is open; the stream's beginning follows.
    Connected,
    /// The stream begins.
    Start(Box<Start>),
    /// Sound of the call.
    Media(Media),
    /// A key was pressed.
    Dtmf {
        /// On which stream.
        stream: StreamSid,
        /// Which one, as Twilio writes it.
        digit: char,
    },
    /// All sound that was sent before this mark was played, or cleared.
    Mark {
        /// On which stream.
        stream: StreamSid,
        /// The name that the mark was sent with.
        name: String,
    },
    /// The stream is over: the call ended or went on to something else.
    Stop {
        /// Which stream.
        stream: StreamSid,
    },
    /// Something that did not exist when this was written: to be ignored.
    Unknown,
}

/// The beginning of a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Start {
    /// Whose call it is.
    pub account: AccountSid,
    /// The call.
    pub call: CallSid,
    /// The stream.
    pub stream: StreamSid,
    /// What the sound is.
    pub format: MediaFormat,
    /// What the `TwiML` handed over; may hold secrets.
    pub parameters: BTreeMap<String, String>,
}

/// The shape of the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFormat {
    /// The codec's media type.
    pub encoding: String,
    /// Samples per second.
    pub rate: u64,
    /// Interleaved channels.
    pub channels: u64,
}

impl MediaFormat {
    /// Returns whether it is what a leg can play: μ-law at 8 kHz, mono.
    #[must_use]
    pub fn is_telephone(&self) -> bool {
        self.encoding == "audio/x-mulaw"
            && self.rate == u64::from(super::RATE)
            && self.channels == 1
    }
}

/// A piece of sound.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// On which stream.
    pub stream: StreamSid,
    /// Whether the call's other end says it; else it hears it.
    pub inbound: bool,
    /// Where it begins, in milliseconds since the stream began.
    pub timestamp: u64,
    /// The number of the piece, from 1; a hole in the numbers is a loss.
    pub chunk: u64,
    /// μ-law, one byte per sample; 160 as a rule, any number at all.
    pub codes: Vec<u8>,
}

/// A frame that is not a message. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// It is longer than [`MAX_FRAME`]: end the stream.
    #[error("a frame is longer than {MAX_FRAME} bytes")]
    TooLong,
    /// It is not the JSON of a message: count it.
    #[error("a frame is not a message")]
    Garbled,
    /// Its sound is not base64: count it.
    #[error("a frame's sound cannot be decoded")]
    Sound,
}

impl Incoming {
    /// Reads a text frame.
    ///
    /// # Errors
    /// [`FrameError`] says why it is none.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        if text.len() > MAX_FRAME {
            return Err(FrameError::TooLong);
        }
        match serde_json::from_str::<Raw<'_>>(text) {
            Ok(raw) => raw.read(),
            // A message to come may use known names for something else.
            Err(_) => match serde_json::from_str::<Name<'_>>(text) {
                Ok(name) if !is_known(&name.event) => Ok(Self::Unknown),
                Ok(_) | Err(_) => Err(FrameError::Garbled),
            },
        }
    }
}

fn is_known(event: &str) -> bool {
    matches!(
        event,
        "connected" | "start" | "media" | "dtmf" | "mark" | "stop"
    )
}

#[derive(Deserialize)]
struct Name<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
}

/// All messages at once: what is not there is `None`. Strings without escapes are not copied.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    stream_sid: Option<StreamSid>,
    #[serde(borrow)]
    media: Option<RawMedia<'a>>,
    start: Option<RawStart>,
    dtmf: Option<RawDtmf>,
    mark: Option<RawMark>,
}

#[derive(Deserialize)]
struct RawMedia<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow, default)]
    track: Cow<'a, str>,
    #[serde(default)]
    timestamp: Count,
    #[serde(default)]
    chunk: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStart {
    account_sid: AccountSid,
    call_sid: CallSid,
    stream_sid: StreamSid,
    media_format: RawFormat,
    #[serde(default)]
    custom_parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawFormat {
    encoding: String,
    sample_rate: Count,
    channels: Count,
}

#[derive(Deserialize)]
struct RawDtmf {
    digit: char,
}

#[derive(Deserialize)]
struct RawMark {
    name: String,
}

impl Raw<'_> {
    fn read(self) -> Result<Incoming, FrameError> {
        let garbled = FrameError::Garbled;
        match self.event.as_ref() {
            "media" => {
                let media = self.media.ok_or(garbled)?;
                Ok(Incoming::Media(Media {
                    stream: self.stream_sid.ok_or(garbled)?,
                    inbound: media.track != "outbound",
                    timestamp: media.timestamp.0,
                    chunk: media.chunk.0,
                    codes: STANDARD
                        .decode(media.payload.as_bytes())
                        .map_err(|_| FrameError::Sound)?,
                }))
            }
            "mark" => Ok(Incoming::Mark {
                stream: self.stream_sid.ok_or(garbled)?,
                name: self.mark.ok_or(garbled)?.name,
            }),
            "dtmf" => Ok(Incoming::Dtmf {
                stream: self.stream_sid.ok_or(garbled)?,
                digit: self.dtmf.ok_or(garbled)?.digit,
            }),
            "start" => Ok(Incoming::Start(Box::new(self.start.ok_or(garbled)?.into()))),
            "stop" => Ok(Incoming::Stop {
                stream: self.stream_sid.ok_or(garbled)?,
            }),
            "connected" => Ok(Incoming::Connected),
            _ => Ok(Incoming::Unknown),
        }
    }
}

impl From<RawStart> for Start {
    fn from(raw: RawStart) -> Self {
        let parameters = raw.custom_parameters.into_iter().take(MOST_PARAMETERS);
        Self {
            account: raw.account_sid,
            call: raw.call_sid,
            stream: raw.stream_sid,
            format: MediaFormat {
                encoding: raw.media_format.encoding,
                rate: raw.media_format.sample_rate.0,
                channels: raw.media_format.channels.0,
            },
            parameters: parameters.collect(),
        }
    }
}

/// A number, which Twilio writes as a string as a rule.
#[derive(Debug, Clone, Copy, Default)]
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a string of one")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Count, E> {
                Ok(Count(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Count, E> {
                value.parse().map(Count).map_err(E::custom)
            }
        }

        from.deserialize_any(Either)
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("call", &self.call)
            .field("stream", &self.stream)
            .field("parameters", &self.parameters.keys())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("chunk", &self.chunk)
            .field("bytes", &self.codes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
