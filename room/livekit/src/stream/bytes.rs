//! Byte streams.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use livekit::{
    data_stream::api::{
        ByteStreamReader, ByteStreamWriter, StreamByteOptions, StreamReader, StreamWriter,
    },
    id::ParticipantIdentity,
};
use room_contract::{
    Attributes, ByteReader, ByteWriter, Identity, StreamError, StreamInfo, StreamOptions, Topic,
};

use super::{pull, push};
use crate::{failure::within, participants, room::Shared, rooms::destinations};

/// Opens a stream to be written.
pub(crate) async fn open(
    shared: &Arc<Shared>,
    options: StreamOptions,
) -> Result<Box<dyn ByteWriter>, StreamError> {
    if shared.gone.is_cancelled() {
        return Err(StreamError::BrokeOff);
    }
    let mut sdk = StreamByteOptions::new_with_topic(options.topic)
        .with_attributes(options.attributes.into_iter().collect())
        .with_destination_identities(
            destinations(&options.to, Some(&shared.identity))
                .into_iter()
                .map(Into::into)
                .collect::<Vec<_>>(),
        );
    if let Some(name) = options.name {
        sdk = sdk.with_name(name);
    }
    if let Some(mime_type) = options.mime_type {
        sdk = sdk.with_mime_type(mime_type);
    }
    let writer = push(shared.local().stream_bytes(sdk)).await?;
    Ok(Box::new(Writer {
        id: writer.info().id.clone(),
        writer: Some(writer),
        shared: Arc::clone(shared),
    }))
}

/// Takes a stream that somebody opened.
pub(crate) fn reader(
    reader: ByteStreamReader,
    sender: ParticipantIdentity,
) -> Option<Box<dyn ByteReader>> {
    let topic = Topic::new(reader.info().topic.as_str()).ok()?;
    let sender = Identity::new(sender.0).ok()?;
    Some(Box::new(Reader {
        reader,
        topic,
        sender,
    }))
}

struct Writer {
    id: String,
    writer: Option<ByteStreamWriter>,
    shared: Arc<Shared>,
}

struct Reader {
    reader: ByteStreamReader,
    topic: Topic,
    sender: Identity,
}

#[async_trait]
impl ByteWriter for Writer {
    fn id(&self) -> &str {
        &self.id
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        if self.shared.gone.is_cancelled() {
            return Err(StreamError::BrokeOff);
        }
        let writer = self.writer.as_ref().ok_or(StreamError::Closed)?;
        push(writer.write(bytes)).await
    }

    async fn close(mut self: Box<Self>, attributes: Attributes) -> Result<(), StreamError> {
        let writer = self.writer.take().ok_or(StreamError::Closed)?;
        let attributes = (!attributes.is_empty()).then(|| attributes.into_iter().collect());
        push(writer.close_with_options(None, attributes)).await
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Some(writer) = self
            .writer
            .take()
            .filter(|_| !self.shared.gone.is_cancelled())
        else {
            return;
        };
        // Without a word the readers would wait for more.
        self.shared.tasks.spawn(async move {
            let _ = within(
                room_contract::deadline::SEND,
                writer.close_with_reason("dropped"),
            )
            .await;
        });
    }
}

#[async_trait]
impl ByteReader for Reader {
    fn info(&self) -> StreamInfo {
        let info = self.reader.info();
        StreamInfo {
            id: info.id.clone(),
            topic: self.topic.clone(),
            sender: self.sender.clone(),
            attributes: participants::attributes(info.attributes()),
            name: Some(info.name.clone()).filter(|name| !name.is_empty()),
            mime_type: info.mime_type.clone(),
            total_bytes: info.total_length,
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StreamError> {
        pull(&mut self.reader).await
    }
}
