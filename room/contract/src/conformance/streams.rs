//! Text and byte streams.

use std::sync::Arc;

use super::stage::{Guest, Stage, identity, soon, topic};
use crate::{
    Attributes, ByteReader, Recipients, RoomEvent, Rooms, StreamError, StreamOptions, TextReader,
};

/// Pieces arrive while the writer is still at it; the end adds attributes.
pub async fn text_arrives_as_it_is_written(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let options = StreamOptions {
        attributes: pairs(&[("segment", "1"), ("final", "false")]),
        ..StreamOptions::topic(topic("words"))
    };

    let mut writer = ann.room.write_text(options).await.expect("opened");
    writer.write("Grüß ").await.expect("written");
    let mut reader = opened_text(&mut bob).await;
    let first = soon("a piece", reader.next()).await.expect("a piece");
    let before = reader.info();
    writer.write("Gott").await.expect("written");
    let second = soon("a piece", reader.next()).await.expect("a piece");
    let id = writer.id().to_owned();
    writer
        .close(pairs(&[("final", "true")]))
        .await
        .expect("closed");
    let end = soon("the end", reader.next()).await.expect("the end");

    assert_eq!(
        (first.as_deref(), second.as_deref(), end),
        (Some("Grüß "), Some("Gott"), None)
    );
    assert_eq!(before.id, id);
    assert_eq!(
        (before.topic, before.sender),
        (topic("words"), identity("ann"))
    );
    assert_eq!(
        before.attributes,
        pairs(&[("segment", "1"), ("final", "false")])
    );
    assert_eq!(
        reader.info().attributes,
        pairs(&[("segment", "1"), ("final", "true")])
    );
}

/// Pieces are cut between characters, and nothing is lost.
pub async fn a_long_text_arrives_whole(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let text = "Ein längerer Satz über Straßenbäume. ".repeat(2_000);

    let mut writer = ann
        .room
        .write_text(StreamOptions::topic(topic("long")))
        .await
        .expect("opened");
    let reading = async {
        let mut reader = opened_text(&mut bob).await;
        reader.read_all(1 << 20).await
    };
    let writing = async {
        writer.write(&text).await.expect("written");
        writer.close(Attributes::new()).await.expect("closed");
    };
    let (read, ()) = soon("the text", async { tokio::join!(reading, writing) }).await;

    assert_eq!(read.expect("read"), text);
}

/// A file arrives byte for byte.
pub async fn bytes_arrive_whole_with_their_name(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let options = StreamOptions {
        name: Some("note.opus".to_owned()),
        mime_type: Some("audio/opus".to_owned()),
        ..StreamOptions::topic(topic("file"))
    };

    let mut writer = ann.room.write_bytes(options).await.expect("opened");
    let reading = async {
        let mut reader = opened_bytes(&mut bob).await;
        (reader.read_all(1 << 20).await, reader.info())
    };
    let writing = async {
        writer.write(&bytes).await.expect("written");
        writer.close(Attributes::new()).await.expect("closed");
    };
    let ((read, info), ()) = soon("the file", async { tokio::join!(reading, writing) }).await;

    assert!(read.expect("read") == bytes, "byte for byte");
    assert_eq!(info.name.as_deref(), Some("note.opus"));
    assert_eq!(info.mime_type, "audio/opus");
}

/// Recipients are named; the rest learn nothing.
pub async fn a_stream_reaches_only_whom_it_is_for(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let mut carl = stage.enter("carl").await;
    carl.sees_joining("bob").await;

    let to = Recipients::Only(vec![identity("carl")]);
    write(
        &ann,
        StreamOptions {
            to,
            ..StreamOptions::topic(topic("private"))
        },
    )
    .await;
    write(&ann, StreamOptions::topic(topic("public"))).await;

    assert_eq!(opened_text(&mut carl).await.info().topic, topic("private"));
    assert_eq!(opened_text(&mut carl).await.info().topic, topic("public"));
    assert_eq!(opened_text(&mut bob).await.info().topic, topic("public"));
}

/// An empty list of recipients is nobody, not everybody.
pub async fn a_stream_for_nobody_reaches_nobody(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    let nobody = StreamOptions {
        to: Recipients::Only(Vec::new()),
        ..StreamOptions::topic(topic("private"))
    };
    write(&ann, nobody).await;
    write(&ann, StreamOptions::topic(topic("public"))).await;

    assert_eq!(opened_text(&mut bob).await.info().topic, topic("public"));
}

/// A writer that forgets to close is not taken for one that has finished.
pub async fn a_writer_that_is_dropped_breaks_off(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let mut writer = ann
        .room
        .write_text(StreamOptions::topic(topic("half")))
        .await
        .expect("opened");
    writer.write("half a").await.expect("written");
    let mut reader = opened_text(&mut bob).await;

    drop(writer);

    let read = soon("the end", reader.read_all(100)).await;
    assert!(matches!(read, Err(StreamError::BrokeOff)), "{read:?}");
}

/// Readers of one who leaves do not wait for ever.
pub async fn a_writer_that_leaves_breaks_off(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let mut writer = ann
        .room
        .write_text(StreamOptions::topic(topic("half")))
        .await
        .expect("opened");
    writer.write("half a").await.expect("written");
    let mut reader = opened_text(&mut bob).await;

    ann.room.leave().await;

    let read = soon("the end", reader.read_all(100)).await;
    assert!(matches!(read, Err(StreamError::BrokeOff)), "{read:?}");
    let written = writer.write("word").await;
    assert!(written.is_err(), "{written:?}");
}

/// What a caller said is written by the agent in the caller's name.
pub async fn an_agent_writes_in_anothers_name(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (_ann, mut bob) = stage.two().await;
    let mut agent = stage.admit(&stage.agent("agent")).await;
    agent.sees_joining("bob").await;

    let sender = Some(identity("ann"));
    write(
        &agent,
        StreamOptions {
            sender,
            ..StreamOptions::topic(topic("transcript"))
        },
    )
    .await;

    assert_eq!(opened_text(&mut bob).await.info().sender, identity("ann"));
}

async fn write(guest: &Guest, options: StreamOptions) {
    let mut writer = guest.room.write_text(options).await.expect("opened");
    writer.write("words").await.expect("written");
    writer.close(Attributes::new()).await.expect("closed");
}

async fn opened_text(guest: &mut Guest) -> Box<dyn TextReader> {
    guest
        .until("a text stream", |event| match event {
            RoomEvent::TextStream(reader) => Some(reader),
            _ => None,
        })
        .await
}

async fn opened_bytes(guest: &mut Guest) -> Box<dyn ByteReader> {
    guest
        .until("a byte stream", |event| match event {
            RoomEvent::ByteStream(reader) => Some(reader),
            _ => None,
        })
        .await
}

fn pairs(pairs: &[(&str, &str)]) -> Attributes {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}
