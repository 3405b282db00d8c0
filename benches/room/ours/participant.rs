//! Somebody in a room who speaks, listens, or both.

use std::time::Duration;

use anyhow::{Context, Result};
use livekit::{
    Room, RoomEvent, RoomOptions,
    options::TrackPublishOptions,
    track::{LocalAudioTrack, LocalTrack, RemoteAudioTrack, RemoteTrack, TrackSource},
    webrtc::{
        audio_source::{AudioSourceOptions, RtcAudioSource, native::NativeAudioSource},
        audio_stream::native::NativeAudioStream,
        prelude::AudioFrame,
    },
};
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

use crate::signal::RATE;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Participant {
    pub(crate) room: Room,
    events: UnboundedReceiver<RoomEvent>,
}

impl Participant {
    pub(crate) async fn join(url: &str, token: &str) -> Result<Self> {
        let connecting = Room::connect(url, token, RoomOptions::default());
        let (room, events) = timeout(PATIENCE, connecting).await??;
        Ok(Self { room, events })
    }

    /// Publishes a track, with the options that are the default of either implementation.
    pub(crate) async fn speak(&self) -> Result<NativeAudioSource> {
        // Nothing waits between the application and the coder.
        let source = NativeAudioSource::new(AudioSourceOptions::default(), RATE.hertz(), 1, 0);
        let track = RtcAudioSource::Native(source.clone());
        let track = LocalAudioTrack::create_audio_track("voice", track);
        let options = TrackPublishOptions {
            source: TrackSource::Microphone,
            ..TrackPublishOptions::default()
        };
        let speaker = self.room.local_participant();
        timeout(
            PATIENCE,
            speaker.publish_track(LocalTrack::Audio(track), options),
        )
        .await??;
        Ok(source)
    }

    /// Returns the sound of the first track that is subscribed.
    pub(crate) async fn listen(&mut self) -> Result<NativeAudioStream> {
        let track = timeout(PATIENCE, self.first_track()).await??;
        Ok(NativeAudioStream::new(
            track.rtc_track(),
            RATE.hertz().cast_signed(),
            1,
        ))
    }

    async fn first_track(&mut self) -> Result<RemoteAudioTrack> {
        loop {
            let event = self.events.recv().await.context("the room is gone")?;
            if let RoomEvent::TrackSubscribed {
                track: RemoteTrack::Audio(track),
                ..
            } = event
            {
                return Ok(track);
            }
        }
    }

    pub(crate) async fn leave(self) -> Result<()> {
        timeout(PATIENCE, self.room.close()).await??;
        Ok(())
    }
}

/// Returns samples as the frame that the SDK wants.
pub(crate) fn frame(samples: &[i16]) -> AudioFrame<'_> {
    AudioFrame {
        data: samples.into(),
        sample_rate: RATE.hertz(),
        num_channels: 1,
        samples_per_channel: samples.len() as u32,
    }
}
