//! Text and byte streams: long or growing messages, piece by piece.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Attributes, Identity, Recipients, StreamError, Topic};

/// How a stream begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamOptions {
    /// What it is about.
    pub topic: Topic,
    /// What else receivers should know before the first piece.
    pub attributes: Attributes,
    /// Who gets it.
    pub to: Recipients,
    /// In whose name it is sent. Only an agent may set it, and only for text.
    pub sender: Option<Identity>,
    /// The file name; byte streams only.
    pub name: Option<String>,
    /// What the content is, such as `text/plain` or `audio/opus`; byte streams only.
    pub mime_type: Option<String>,
}

impl StreamOptions {
    /// A stream to everybody, in one's own name.
    #[must_use]
    pub fn topic(topic: Topic) -> Self {
        Self {
            topic,
            attributes: Attributes::new(),
            to: Recipients::Everybody,
            sender: None,
            name: None,
            mime_type: None,
        }
    }
}

/// What a receiver knows about a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamInfo {
    /// Unique in the room.
    pub id: String,
    /// What it is about.
    pub topic: Topic,
    /// In whose name it comes.
    pub sender: Identity,
    /// The attributes so far: those of the end are merged in when the stream ends.
    pub attributes: Attributes,
    /// The file name, if it is a byte stream that has one.
    pub name: Option<String>,
    /// What the content is.
    pub mime_type: String,
    /// All bytes to come, where the sender knew.
    pub total_bytes: Option<u64>,
}

/// A text stream being written. Dropped without [`close`](TextWriter::close), receivers see it
/// break off.
#[async_trait]
pub trait TextWriter: Send {
    /// Returns the stream's id.
    fn id(&self) -> &str;

    /// Sends a piece.
    ///
    /// # Errors
    /// [`StreamError`]: the stream is over, nothing more can be written.
    async fn write(&mut self, text: &str) -> Result<(), StreamError>;

    /// Ends the stream; the attributes are merged over those of its beginning.
    ///
    /// # Errors
    /// [`StreamError`]: receivers will see it break off.
    async fn close(self: Box<Self>, attributes: Attributes) -> Result<(), StreamError>;
}

/// A byte stream being written. Dropped without [`close`](ByteWriter::close), receivers see it
/// break off.
#[async_trait]
pub trait ByteWriter: Send {
    /// Returns the stream's id.
    fn id(&self) -> &str;

    /// Sends a piece.
    ///
    /// # Errors
    /// [`StreamError`]: the stream is over, nothing more can be written.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError>;

    /// Ends the stream; the attributes are merged over those of its beginning.
    ///
    /// # Errors
    /// [`StreamError`]: receivers will see it break off.
    async fn close(self: Box<Self>, attributes: Attributes) -> Result<(), StreamError>;
}

/// A text stream being read. Dropping it stops listening.
#[async_trait]
pub trait TextReader: Send + Sync {
    /// Returns what is known by now.
    fn info(&self) -> StreamInfo;

    /// Returns the next piece, `None` at the end. A piece is whole characters, not a whole
    /// write.
    ///
    /// # Errors
    /// [`StreamError`]: the stream broke off.
    async fn next(&mut self) -> Result<Option<String>, StreamError>;

    /// Reads to the end.
    ///
    /// # Errors
    /// [`StreamError::TooLong`] past `limit` bytes.
    async fn read_all(&mut self, limit: usize) -> Result<String, StreamError> {
        let mut whole = String::new();
        while let Some(piece) = self.next().await? {
            if whole.len() + piece.len() > limit {
                return Err(StreamError::TooLong);
            }
            whole.push_str(&piece);
        }
        Ok(whole)
    }
}

/// A byte stream being read. Dropping it stops listening.
#[async_trait]
pub trait ByteReader: Send + Sync {
    /// Returns what is known by now.
    fn info(&self) -> StreamInfo;

    /// Returns the next piece, `None` at the end.
    ///
    /// # Errors
    /// [`StreamError`]: the stream broke off.
    async fn next(&mut self) -> Result<Option<Bytes>, StreamError>;

    /// Reads to the end.
    ///
    /// # Errors
    /// [`StreamError::TooLong`] past `limit` bytes.
    async fn read_all(&mut self, limit: usize) -> Result<Vec<u8>, StreamError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.next().await? {
            if whole.len() + piece.len() > limit {
                return Err(StreamError::TooLong);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}
