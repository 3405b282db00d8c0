//! The others' tracks that can be listened to.

mod ending;

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::Stream;
use livekit::webrtc::{
    audio_stream::native::{NativeAudioStream, NativeAudioStreamOptions},
    prelude::RtcAudioTrack,
};
use parking_lot::Mutex;
use room_contract::{
    AudioFormat, AudioFrame, AudioStream, FrameSource, Identity, RoomError, TrackId,
};

use self::ending::{Ending, Outlook};
use crate::track::Outlet;

/// [`room_contract::audio::QUEUE`] in frames of 10 ms; when it is full the SDK drops the oldest.
const FRAMES: usize = 100;

/// Subscribed audio tracks, by id.
#[derive(Default)]
pub(crate) struct Heard {
    tracks: Mutex<HashMap<TrackId, Subscribed>>,
}

struct Subscribed {
    sound: Sound,
    ending: Arc<Ending>,
}

/// Where a track's sound comes from.
pub(crate) enum Sound {
    /// The server sends it.
    Server(RtcAudioTrack),
    /// This process has it, and hands it on to somebody.
    Nearby(Arc<Outlet>, Identity),
}

impl Heard {
    /// Opens a stream of a track that is there.
    pub(super) fn open(
        &self,
        track: &TrackId,
        format: AudioFormat,
    ) -> Result<AudioStream, RoomError> {
        let tracks = self.tracks.lock();
        let subscribed = tracks.get(track).ok_or(RoomError::Gone)?;
        let frames = match &subscribed.sound {
            Sound::Server(track) => Some(AudioStream::new(served(track.clone(), format))),
            Sound::Nearby(outlet, who) => outlet.listen(who, format),
        };
        let frames = frames.ok_or_else(|| {
            RoomError::Refused("the track's sample rate does not convert to that one".to_owned())
        })?;
        Ok(AudioStream::new(Ear {
            frames,
            outlook: subscribed.ending.outlook(),
        }))
    }

    /// Tells whether a track is heard without the server.
    pub(super) fn is_nearby(&self, id: &TrackId) -> bool {
        let tracks = self.tracks.lock();
        let subscribed = tracks.get(id);
        subscribed.is_some_and(|subscribed| matches!(subscribed.sound, Sound::Nearby(..)))
    }

    pub(super) fn add(&self, id: TrackId, sound: Sound) {
        let subscribed = Subscribed {
            sound,
            ending: Arc::default(),
        };
        if let Some(former) = self.tracks.lock().insert(id, subscribed) {
            former.ending.reach();
        }
    }

    /// Ends a track's streams; says whether it was there.
    pub(super) fn remove(&self, id: &TrackId) -> bool {
        let removed = self.tracks.lock().remove(id);
        if let Some(subscribed) = &removed {
            subscribed.ending.reach();
        }
        removed.is_some()
    }

    pub(super) fn clear(&self) {
        for (_, subscribed) in self.tracks.lock().drain() {
            subscribed.ending.reach();
        }
    }
}

/// A stream that ends with its subscription.
struct Ear {
    frames: AudioStream,
    outlook: Outlook,
}

impl FrameSource for Ear {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        if self.outlook.is_over(cx) {
            return Poll::Ready(None);
        }
        self.frames.poll_next(cx)
    }
}

/// What the SDK makes of the packets.
struct Served(NativeAudioStream);

/// Opens a stream of the SDK in one of the formats that [`check`](crate::track::check) lets pass.
fn served(track: RtcAudioTrack, format: AudioFormat) -> Served {
    let options = NativeAudioStreamOptions {
        queue_size_frames: Some(FRAMES),
    };
    let rate = format.sample_rate.cast_signed();
    let channels = i32::from(format.channels);
    Served(NativeAudioStream::with_options(
        track, rate, channels, options,
    ))
}

impl FrameSource for Served {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        let frame = std::task::ready!(Pin::new(&mut self.0).poll_next(cx));
        Poll::Ready(frame.map(|frame| AudioFrame {
            format: AudioFormat {
                sample_rate: frame.sample_rate,
                channels: u16::try_from(frame.num_channels).unwrap_or(1),
            },
            samples: frame.data.into_owned(),
        }))
    }
}
