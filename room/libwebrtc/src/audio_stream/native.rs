//! A stream of decoded frames.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use room_engine::audio::{AudioStream, StreamCapacity};
use tokio_stream::Stream;

use crate::audio_frame::AudioFrame;
use crate::audio_source::native::format_of;
use crate::audio_track::RtcAudioTrack;

/// Frames held for a slow reader unless the options say otherwise.
const DEFAULT_QUEUE_FRAMES: usize = 10;

/// What stands in for "without a bound": a minute of frames of 20 ms.
const LARGE_QUEUE_FRAMES: usize = 60 * 50;

/// How a stream queues.
#[derive(Clone, Debug, Default)]
pub struct NativeAudioStreamOptions {
    /// Frames held for a slow reader before the oldest is dropped: 10 by default, a minute of
    /// audio for 0.
    pub queue_size_frames: Option<usize>,
}

/// The audio of a track, in the format the application asked for, as it arrives from the network:
/// one frame per packet, none while the sender is silent.
pub struct NativeAudioStream {
    track: RtcAudioTrack,
    /// `None` for a track that has no audio to give: a local one.
    stream: Option<AudioStream>,
}

impl NativeAudioStream {
    /// Attaches a stream with the default options.
    ///
    /// # Panics
    ///
    /// When the format is not one or two channels at 8 to 192 kHz.
    #[must_use]
    pub fn new(audio_track: RtcAudioTrack, sample_rate: i32, num_channels: i32) -> Self {
        let options = NativeAudioStreamOptions::default();
        Self::with_options(audio_track, sample_rate, num_channels, options)
    }

    /// Attaches a stream.
    ///
    /// # Panics
    ///
    /// When the format is not one or two channels at 8 to 192 kHz.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn with_options(
        audio_track: RtcAudioTrack,
        sample_rate: i32,
        num_channels: i32,
        options: NativeAudioStreamOptions,
    ) -> Self {
        let format = format_of(sample_rate.unsigned_abs(), num_channels.unsigned_abs())
            .expect("the caller asks for one or two channels at 8 to 192 kHz");
        let frames = match options.queue_size_frames {
            None => DEFAULT_QUEUE_FRAMES,
            Some(0) => LARGE_QUEUE_FRAMES,
            Some(frames) => frames,
        };
        let remote = audio_track.remote();
        let stream = remote.map(|audio| audio.stream(format, StreamCapacity::frames(frames)));
        Self {
            track: audio_track,
            stream,
        }
    }

    /// Returns the track the audio comes from.
    #[must_use]
    pub fn track(&self) -> RtcAudioTrack {
        self.track.clone()
    }

    /// Ends the stream.
    pub fn close(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.close();
        }
    }
}

impl Stream for NativeAudioStream {
    type Item = AudioFrame<'static>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        Pin::new(stream)
            .poll_next(context)
            .map(|frame| frame.map(from_engine))
    }
}

fn from_engine(frame: room_engine::audio::AudioFrame) -> AudioFrame<'static> {
    let channels = u32::from(frame.format.channels());
    AudioFrame {
        sample_rate: frame.format.sample_rate(),
        num_channels: channels,
        samples_per_channel: u32::try_from(frame.samples.len()).unwrap_or(u32::MAX) / channels,
        data: frame.samples.into(),
    }
}

impl fmt::Debug for NativeAudioStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeAudioStream")
            .field("track", &self.track)
            .finish_non_exhaustive()
    }
}
