//! The others' tracks that can be listened to.

use std::{
    collections::HashMap,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;
use livekit::webrtc::{
    audio_stream::native::{NativeAudioStream, NativeAudioStreamOptions},
    prelude::RtcAudioTrack,
};
use parking_lot::Mutex;
use room_contract::{AudioFormat, AudioFrame, AudioStream, FrameSource, TrackId};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// [`room_contract::audio::QUEUE`] in frames of 10 ms; when it is full the SDK drops the oldest.
const FRAMES: usize = 100;

/// Subscribed audio tracks, by id.
#[derive(Default)]
pub(crate) struct Heard {
    tracks: Mutex<HashMap<TrackId, Subscribed>>,
}

struct Subscribed {
    track: RtcAudioTrack,
    ended: CancellationToken,
}

impl Heard {
    /// Opens a stream, if the track is there.
    pub(super) fn open(&self, track: &TrackId, format: AudioFormat) -> Option<AudioStream> {
        let tracks = self.tracks.lock();
        let subscribed = tracks.get(track)?;
        let options = NativeAudioStreamOptions {
            queue_size_frames: Some(FRAMES),
        };
        let (rate, channels) = (
            i32::try_from(format.sample_rate).ok()?,
            i32::from(format.channels),
        );
        let frames =
            NativeAudioStream::with_options(subscribed.track.clone(), rate, channels, options);
        Some(AudioStream::new(Ear {
            frames,
            ended: Box::pin(subscribed.ended.clone().cancelled_owned()),
        }))
    }

    pub(super) fn add(&self, id: TrackId, track: RtcAudioTrack) {
        let subscribed = Subscribed {
            track,
            ended: CancellationToken::new(),
        };
        if let Some(former) = self.tracks.lock().insert(id, subscribed) {
            former.ended.cancel();
        }
    }

    /// Ends a track's streams; says whether it was there.
    pub(super) fn remove(&self, id: &TrackId) -> bool {
        let removed = self.tracks.lock().remove(id);
        if let Some(subscribed) = &removed {
            subscribed.ended.cancel();
        }
        removed.is_some()
    }

    pub(super) fn clear(&self) {
        for (_, subscribed) in self.tracks.lock().drain() {
            subscribed.ended.cancel();
        }
    }
}

/// One stream of the SDK that ends with its subscription.
struct Ear {
    frames: NativeAudioStream,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl FrameSource for Ear {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        if self.ended.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        let frame = std::task::ready!(Pin::new(&mut self.frames).poll_next(cx));
        Poll::Ready(frame.map(|frame| AudioFrame {
            format: AudioFormat {
                sample_rate: frame.sample_rate,
                channels: u16::try_from(frame.num_channels).unwrap_or(1),
            },
            samples: frame.data.into_owned(),
        }))
    }
}
