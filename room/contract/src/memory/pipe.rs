//! Streams in memory: one writer, a bounded pipe to each reader.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Attributes, ByteReader, ByteWriter, StreamError, StreamInfo, TextReader, TextWriter, deadline,
};

/// Pieces that wait to be read. When it is full the writer waits, for
/// [`deadline::SEND`] at most; then this reader sees the stream break off.
const QUEUE: usize = 64;

/// The writing end.
pub(super) struct PipeWriter<T> {
    id: String,
    gone: CancellationToken,
    readers: Vec<mpsc::Sender<Piece<T>>>,
}

/// One reading end.
pub(super) struct PipeReader<T> {
    info: StreamInfo,
    ended: OnceLock<Attributes>,
    pieces: mpsc::Receiver<Piece<T>>,
    gone: CancellationToken,
}

enum Piece<T> {
    Content(Arc<T>),
    End(Attributes),
}

impl<T: Send + Sync + Clone + 'static> PipeWriter<T> {
    /// Begins a stream whose writer is connected until `gone`.
    pub(super) fn new(id: String, gone: CancellationToken) -> Self {
        Self {
            id,
            gone,
            readers: Vec::new(),
        }
    }

    /// Adds a reader that learns everything written from here on.
    pub(super) fn reader(&mut self, info: StreamInfo) -> PipeReader<T> {
        let (sender, pieces) = mpsc::channel(QUEUE);
        self.readers.push(sender);
        PipeReader {
            info,
            ended: OnceLock::new(),
            pieces,
            gone: self.gone.clone(),
        }
    }

    async fn push(&mut self, content: T) -> Result<(), StreamError> {
        let content = Arc::new(content);
        self.push_piece(|| Piece::Content(Arc::clone(&content)))
            .await
    }

    async fn finish(mut self, attributes: Attributes) -> Result<(), StreamError> {
        self.push_piece(|| Piece::End(attributes.clone())).await
    }

    async fn push_piece(&mut self, piece: impl Fn() -> Piece<T>) -> Result<(), StreamError> {
        if self.gone.is_cancelled() {
            return Err(StreamError::BrokeOff);
        }
        let mut kept = Vec::with_capacity(self.readers.len());
        for reader in self.readers.drain(..) {
            if let Ok(Ok(())) = timeout(deadline::SEND, reader.send(piece())).await {
                kept.push(reader);
            }
        }
        self.readers = kept;
        Ok(())
    }
}

impl<T: Send + Sync + Clone + 'static> PipeReader<T> {
    fn known(&self) -> StreamInfo {
        let mut info = self.info.clone();
        info.attributes
            .extend(self.ended.get().cloned().unwrap_or_default());
        info
    }

    async fn pull(&mut self) -> Result<Option<T>, StreamError> {
        if self.ended.get().is_some() {
            return Ok(None);
        }
        let piece = tokio::select! {
            biased;
            piece = timeout(deadline::STREAM_SILENCE, self.pieces.recv()) => piece,
            () = self.gone.cancelled() => return Err(StreamError::BrokeOff),
        };
        match piece {
            Ok(Some(Piece::Content(content))) => Ok(Some(T::clone(&content))),
            Ok(Some(Piece::End(attributes))) => {
                let _ = self.ended.set(attributes);
                Ok(None)
            }
            Ok(None) => Err(StreamError::BrokeOff),
            Err(_) => Err(StreamError::Stalled(deadline::STREAM_SILENCE)),
        }
    }
}

#[async_trait]
impl TextWriter for PipeWriter<String> {
    fn id(&self) -> &str {
        &self.id
    }

    async fn write(&mut self, text: &str) -> Result<(), StreamError> {
        self.push(text.to_owned()).await
    }

    async fn close(self: Box<Self>, attributes: Attributes) -> Result<(), StreamError> {
        self.finish(attributes).await
    }
}

#[async_trait]
impl ByteWriter for PipeWriter<Bytes> {
    fn id(&self) -> &str {
        &self.id
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        self.push(Bytes::copy_from_slice(bytes)).await
    }

    async fn close(self: Box<Self>, attributes: Attributes) -> Result<(), StreamError> {
        self.finish(attributes).await
    }
}

#[async_trait]
impl TextReader for PipeReader<String> {
    fn info(&self) -> StreamInfo {
        self.known()
    }

    async fn next(&mut self) -> Result<Option<String>, StreamError> {
        self.pull().await
    }
}

#[async_trait]
impl ByteReader for PipeReader<Bytes> {
    fn info(&self) -> StreamInfo {
        self.known()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StreamError> {
        self.pull().await
    }
}
