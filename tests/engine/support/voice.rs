//! A microphone that hears a tone.

use std::time::Duration;

use anyhow::Result;
use livekit::{
    options::TrackPublishOptions,
    prelude::*,
    webrtc::{
        audio_source::{AudioSourceOptions, native::NativeAudioSource},
        prelude::{AudioFrame, RtcAudioSource},
    },
};
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::task::JoinSet;

/// What guests speak and hear.
pub(crate) const RATE: SampleRate = SampleRate::HZ_48000;
/// Loud, with room above.
pub(crate) const LEVEL: f32 = -20.0;
/// One call of a microphone's driver.
const PIECE: Duration = Duration::from_millis(10);
/// What a source may hold: enough that a busy machine does not run it dry.
const QUEUE_MS: u32 = 200;

/// A published track on which a tone sounds until this value is dropped.
pub(crate) struct Voice {
    pub(crate) publication: LocalTrackPublication,
    _pump: JoinSet<()>,
}

impl Voice {
    /// Publishes a track and lets a tone of `hertz` sound on it.
    pub(crate) async fn publish(room: &Room, hertz: f32) -> Result<Self> {
        let source =
            NativeAudioSource::new(AudioSourceOptions::default(), RATE.hertz(), 1, QUEUE_MS);
        let publication = publish_source(room, &source).await?;
        let mut pump = JoinSet::new();
        pump.spawn(sound(source, hertz));
        Ok(Self {
            publication,
            _pump: pump,
        })
    }
}

/// Publishes `source` as a microphone.
pub(crate) async fn publish_source(
    room: &Room,
    source: &NativeAudioSource,
) -> RoomResult<LocalTrackPublication> {
    let track =
        LocalAudioTrack::create_audio_track("voice", RtcAudioSource::Native(source.clone()));
    let options = TrackPublishOptions {
        source: TrackSource::Microphone,
        ..TrackPublishOptions::default()
    };
    room.local_participant()
        .publish_track(LocalTrack::Audio(track), options)
        .await
}

/// Returns a piece of sound as the source wants it.
pub(crate) fn frame(samples: Vec<i16>) -> AudioFrame<'static> {
    AudioFrame {
        samples_per_channel: u32::try_from(samples.len()).unwrap_or_default(),
        data: samples.into(),
        sample_rate: RATE.hertz(),
        num_channels: 1,
    }
}

/// The source sets the pace: it lets the pump wait while it is full.
async fn sound(source: NativeAudioSource, hertz: f32) {
    let mut tone = Tone::new(RATE, hertz, Dbfs::new(LEVEL));
    let piece = RATE.samples_in(PIECE);
    while source.capture_frame(&frame(tone.take(piece))).await.is_ok() {}
}
