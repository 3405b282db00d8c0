//! The participant: one command, one method.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use livekit::data_stream::api::{SendByteOptions, SendTextOptions};
use livekit::prelude::*;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::arguments::Arguments;
use crate::events::{Subscriptions, attend, kind_name};
use crate::output::Output;
use crate::recording::record;
use crate::statistics::statistics;
use crate::voice::{Sound, Voice};

/// How long a track may take to appear.
const TRACK_WITHIN: Duration = Duration::from_secs(20);

/// A participant, before, in and after a room.
pub(crate) struct Guest {
    output: Output,
    room: Mutex<Option<Arc<Room>>>,
    voices: Mutex<HashMap<String, Voice>>,
    subscriptions: Subscriptions,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Guest {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            room: Mutex::default(),
            voices: Mutex::default(),
            subscriptions: Subscriptions::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Does what a command asks for and returns its reply.
    pub(crate) async fn perform(&self, command: &Value) -> Result<Value> {
        let arguments = Arguments(command);
        match arguments.text("do")? {
            "join" => self.join(arguments).await,
            "publish_tone" => {
                let (hertz, level) = (arguments.number("frequency")?, arguments.number("level")?);
                let sound = Sound::tone(hertz as f32, level as f32);
                self.publish(sound, arguments.text_or("name", "tone")).await
            }
            "publish_file" => {
                let sound = Sound::file(arguments.text("file")?)?;
                self.publish(sound, arguments.text_or("name", "file")).await
            }
            "unpublish" => self.unpublish(arguments).await,
            "mute" => self.mute(arguments).await,
            "record" => self.record(arguments).await,
            "send_data" => self.send_data(arguments).await,
            "send_text" => self.send_text(arguments).await,
            "send_bytes" => self.send_bytes(arguments).await,
            "rpc" => self.rpc(arguments).await,
            "answer_rpc" => self.answer_rpc(arguments).await,
            "set_attributes" => self.set_attributes(arguments).await,
            "participants" => self.participants().await,
            "stats" => self.stats(arguments).await,
            "leave" => self.leave().await.map(|()| json!({})),
            unknown => bail!("no command `{unknown}`"),
        }
    }

    async fn join(&self, arguments: Arguments<'_>) -> Result<Value> {
        let mut options = RoomOptions::default();
        // Trying again is up to the test.
        options.join_retries = 0;
        options.auto_subscribe = arguments.switch("auto_subscribe", true);
        let (url, token) = (arguments.text("url")?, arguments.text("token")?);
        let (room, events) = Room::connect(url, token, options).await?;
        let me = room.local_participant();
        let joined = json!({ "identity": me.identity().as_str(), "sid": me.sid().as_str() });
        let attending = attend(events, self.output.clone(), self.subscriptions.clone());
        let stop = self.stop.clone();
        self.tasks
            .spawn(async move { stop.run_until_cancelled_owned(attending).await });
        let before = self.room.lock().await.replace(Arc::new(room));
        ensure!(before.is_none(), "this peer has joined already");
        Ok(joined)
    }

    /// Says good-bye and waits for everything to end.
    pub(crate) async fn leave(&self) -> Result<()> {
        self.voices.lock().await.clear();
        let room = self.room.lock().await.take();
        if let Some(room) = room {
            room.close().await?;
        }
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        Ok(())
    }

    async fn publish(&self, sound: Sound, name: &str) -> Result<Value> {
        let voice = Voice::publish(&*self.room().await?, sound, name).await?;
        let sid = voice.sid.to_string();
        self.voices.lock().await.insert(sid.clone(), voice);
        Ok(json!({ "sid": sid }))
    }

    async fn unpublish(&self, arguments: Arguments<'_>) -> Result<Value> {
        let sid = arguments.text("sid")?;
        let voice = self
            .voices
            .lock()
            .await
            .remove(sid)
            .context("no such track")?;
        let me = self.room().await?.local_participant();
        me.unpublish_track(&voice.track.sid()).await?;
        Ok(json!({}))
    }

    async fn mute(&self, arguments: Arguments<'_>) -> Result<Value> {
        let voices = self.voices.lock().await;
        let voice = voices
            .get(arguments.text("sid")?)
            .context("no such track")?;
        if arguments.switch("muted", true) {
            voice.track.mute();
        } else {
            voice.track.unmute();
        }
        Ok(json!({}))
    }

    async fn record(&self, arguments: Arguments<'_>) -> Result<Value> {
        let identity = arguments.text("identity")?.to_owned();
        let (time, file) = (arguments.seconds("seconds")?, arguments.text("file")?);
        let first = self.microphone(&identity).await?;
        record(&self.subscriptions, (&identity, first), time, file.as_ref()).await
    }

    async fn send_data(&self, arguments: Arguments<'_>) -> Result<Value> {
        let packet = DataPacket {
            payload: arguments.bytes("data")?,
            topic: Some(arguments.text_or("topic", "").to_owned()),
            reliable: arguments.switch("reliable", true),
            destination_identities: arguments.recipients(),
        };
        self.room()
            .await?
            .local_participant()
            .publish_data(packet)
            .await?;
        Ok(json!({}))
    }

    async fn send_text(&self, arguments: Arguments<'_>) -> Result<Value> {
        let options = SendTextOptions::new_with_topic(arguments.text("topic")?)
            .with_destination_identities(arguments.recipients());
        let me = self.room().await?.local_participant();
        let info = me.send_text(arguments.text("text")?, options).await?;
        Ok(json!({ "stream": info.id }))
    }

    async fn send_bytes(&self, arguments: Arguments<'_>) -> Result<Value> {
        let options = SendByteOptions::new_with_topic(arguments.text("topic")?)
            .with_name(arguments.text("name")?)
            .with_destination_identities(arguments.recipients());
        let me = self.room().await?.local_participant();
        let info = me.send_bytes(arguments.bytes("data")?, options).await?;
        Ok(json!({ "stream": info.id }))
    }

    async fn rpc(&self, arguments: Arguments<'_>) -> Result<Value> {
        let call = PerformRpcData::new(arguments.text("to")?.to_owned(), arguments.text("method")?)
            .with_payload(arguments.text("payload")?)
            .with_response_timeout(
                arguments
                    .seconds("timeout")
                    .unwrap_or(Duration::from_secs(10)),
            );
        let answered = self
            .room()
            .await?
            .local_participant()
            .perform_rpc(call)
            .await;
        match answered {
            Ok(payload) => Ok(json!({ "payload": payload })),
            Err(error) => bail!("rpc error {}: {}", error.code, error.message),
        }
    }

    async fn answer_rpc(&self, arguments: Arguments<'_>) -> Result<Value> {
        let me = self.room().await?.local_participant();
        let identity = me.identity();
        me.register_rpc_method(arguments.text("method")?.to_owned(), move |call| {
            let answer = format!("{identity}:{}", call.payload);
            Box::pin(async move { Ok(answer) })
        });
        Ok(json!({}))
    }

    async fn set_attributes(&self, arguments: Arguments<'_>) -> Result<Value> {
        let attributes = arguments.texts("attributes")?;
        self.room()
            .await?
            .local_participant()
            .set_attributes(attributes)
            .await?;
        Ok(json!({}))
    }

    async fn participants(&self) -> Result<Value> {
        let others = self.room().await?.remote_participants();
        let described: Vec<_> = others
            .values()
            .map(|other| {
                let tracks: Vec<_> = other
                    .track_publications()
                    .keys()
                    .map(ToString::to_string)
                    .collect();
                json!({
                    "identity": other.identity().as_str(),
                    "kind": kind_name(other.kind()),
                    "name": other.name(),
                    "attributes": other.attributes(),
                    "tracks": tracks,
                })
            })
            .collect();
        Ok(json!({ "participants": described }))
    }

    async fn stats(&self, arguments: Arguments<'_>) -> Result<Value> {
        let track = self.microphone(arguments.text("identity")?).await?;
        statistics(&track.get_stats().await?).context("no statistics of this track yet")
    }

    async fn microphone(&self, identity: &str) -> Result<RemoteAudioTrack> {
        let found = timeout(TRACK_WITHIN, self.subscriptions.track(identity, None)).await;
        found.with_context(|| format!("no track of {identity}"))
    }

    async fn room(&self) -> Result<Arc<Room>> {
        self.room
            .lock()
            .await
            .clone()
            .context("this peer is in no room")
    }
}
