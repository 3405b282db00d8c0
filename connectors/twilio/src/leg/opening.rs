//! A socket until its stream begins: nobody knows yet whose it is.

use std::{future::poll_fn, time::Duration};

use tokio::time::timeout;

use super::{Breach, Wire, WireMessage};
use crate::media::{FrameError, Incoming, Start};

/// A stream begins at once; whoever takes longer is not Twilio.
pub const OPENING: Duration = Duration::from_secs(5);

/// Messages before the beginning; Twilio sends one.
const MOST_BEFORE: usize = 8;

/// A socket whose stream has begun. Check its token before a leg gets it.
pub struct Opened {
    pub(super) wire: Box<dyn Wire>,
    pub(super) start: Start,
}

impl Opened {
    /// Returns how the stream began: whose call it is, and what the `TwiML` handed over.
    #[must_use]
    pub fn start(&self) -> &Start {
        &self.start
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Opened").field(&self.start).finish()
    }
}

/// A socket on which no stream began. It is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// Nothing began within [`OPENING`].
    #[error("no stream began in time")]
    TooLate,
    /// It was closed before.
    #[error("the socket was closed before a stream began")]
    Closed,
    /// It sent something else.
    #[error("something else came before a stream began")]
    Breach(#[from] Breach),
    /// The sound is not μ-law at 8 kHz.
    #[error("the stream's sound is of a kind that no phone has")]
    Format,
}

/// Waits for the beginning of the stream.
///
/// # Errors
/// [`OpeningError`] says why there is none.
pub async fn open(mut wire: impl Wire) -> Result<Opened, OpeningError> {
    let beginning = timeout(OPENING, begin(&mut wire)).await;
    let start = beginning.unwrap_or(Err(OpeningError::TooLate))?;
    if !start.format.is_telephone() {
        return Err(OpeningError::Format);
    }
    Ok(Opened {
        wire: Box::new(wire),
        start,
    })
}

async fn begin(wire: &mut impl Wire) -> Result<Start, OpeningError> {
    for _ in 0..=MOST_BEFORE {
        let text = match poll_fn(|cx| wire.poll_next(cx)).await {
            WireMessage::Text(text) => text,
            WireMessage::Binary => return Err(Breach::Garbled.into()),
            WireMessage::TooLong => return Err(Breach::TooLong.into()),
            WireMessage::Closed => return Err(OpeningError::Closed),
        };
        match Incoming::parse(&text) {
            Ok(Incoming::Start(start)) => return Ok(*start),
            Ok(Incoming::Connected | Incoming::Unknown) => {}
            Ok(
                Incoming::Media(_)
                | Incoming::Dtmf { .. }
                | Incoming::Mark { .. }
                | Incoming::Stop { .. },
            ) => return Err(Breach::WrongStream.into()),
            Err(FrameError::TooLong) => return Err(Breach::TooLong.into()),
            Err(FrameError::Garbled | FrameError::Sound) => return Err(Breach::Garbled.into()),
        }
    }
    Err(Breach::TooFast.into())
}
