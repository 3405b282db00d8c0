//! Text and byte streams on LiveKit.

pub(crate) mod bytes;
pub(crate) mod text;

use futures_util::{Stream, StreamExt};
use livekit::data_stream::api::{StreamError as SdkError, StreamResult};
use room_contract::{StreamError, deadline};

use crate::failure::{PastDeadline, within};

/// Waits for the next piece.
async fn pull<T>(
    pieces: &mut (impl Stream<Item = StreamResult<T>> + Unpin),
) -> Result<Option<T>, StreamError> {
    match within(deadline::STREAM_SILENCE, pieces.next()).await {
        Ok(Some(piece)) => piece.map(Some).map_err(|error| reading(&error)),
        Ok(None) => Ok(None),
        Err(PastDeadline(silence)) => Err(StreamError::Stalled(silence)),
    }
}

/// Waits for a piece to be sent.
async fn push<T>(sending: impl Future<Output = StreamResult<T>>) -> Result<T, StreamError> {
    match within(deadline::SEND, sending).await {
        Ok(sent) => sent.map_err(|error| writing(&error)),
        Err(PastDeadline(stall)) => Err(StreamError::Stalled(stall)),
    }
}

fn reading(error: &SdkError) -> StreamError {
    match error {
        SdkError::PayloadTooLarge | SdkError::HeaderTooLarge | SdkError::LengthExceeded => {
            StreamError::TooLong
        }
        SdkError::Utf8(_)
        | SdkError::InvalidHeader
        | SdkError::Decompression
        | SdkError::InvalidFileName
        | SdkError::EncryptionTypeMismatch { .. } => StreamError::Garbled,
        SdkError::AlreadyClosed
        | SdkError::AbnormalEnd(_)
        | SdkError::MissedChunk
        | SdkError::Incomplete
        | SdkError::SendFailed
        | SdkError::Io(_)
        | SdkError::Internal => StreamError::BrokeOff,
    }
}

fn writing(error: &SdkError) -> StreamError {
    match error {
        SdkError::AlreadyClosed => StreamError::Closed,
        SdkError::PayloadTooLarge | SdkError::HeaderTooLarge => StreamError::TooLong,
        other => reading(other),
    }
}
