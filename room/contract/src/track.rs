//! One's own audio track.

use std::time::Duration;

use async_trait::async_trait;

use crate::{AudioFormat, CaptureError, RoomError, TrackId, TrackSource};

/// What is handed over but not yet sent, at most; past it [`LocalTrack::capture`] waits.
pub const QUEUE: Duration = Duration::from_millis(1000);

/// A published audio track. It stays published until [`unpublish`](LocalTrack::unpublish),
/// also across reconnections; dropping the handle leaves it published and silent.
#[async_trait]
pub trait LocalTrack: Send + Sync + 'static {
    /// Returns its present id; a full reconnection gives it a new one.
    fn id(&self) -> TrackId;

    /// Returns the format that `capture` expects.
    fn format(&self) -> AudioFormat;

    /// Hands over samples (interleaved) to be sent in real time. Waits while more than
    /// [`QUEUE`] is unsent.
    ///
    /// # Errors
    /// [`CaptureError::Format`] when the samples do not fill whole frames of 10 ms,
    /// [`CaptureError::Gone`] when the track or the room is no more.
    async fn capture(&self, samples: &[i16]) -> Result<(), CaptureError>;

    /// Drops what is unsent: silence from the next packet on.
    fn clear(&self);

    /// Returns how much is unsent.
    fn queued(&self) -> Duration;

    /// Waits until somebody listens to the track for the first time. Nobody hears what was handed over before.
    async fn subscribed(&self);

    /// Waits until everything handed over was sent or cleared.
    async fn played(&self);

    /// Silences the track for everybody, or opens it again; others see it.
    fn mute(&self, to: Muting);

    /// Takes the track back.
    ///
    /// # Errors
    /// [`RoomError::Gone`] when it was no longer published.
    async fn unpublish(&self) -> Result<(), RoomError>;
}

/// How to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishOptions {
    /// The name that others see.
    pub name: String,
    /// What it stands for; listeners take an agent's voice from its microphone.
    pub source: TrackSource,
    /// What [`LocalTrack::capture`] will be given.
    pub format: AudioFormat,
    /// At most this many bits per second on the wire, redundancy not counted.
    pub bitrate: u32,
    /// Sends next to nothing while there is silence in the samples.
    pub dtx: bool,
    /// Sends each frame twice, so that a lost packet is not heard.
    pub red: bool,
}

impl PublishOptions {
    /// A voice: 24 kHz mono, 48 kb/s, redundancy on.
    #[must_use]
    pub fn voice(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source: TrackSource::Microphone,
            format: AudioFormat::mono(24_000),
            bitrate: 48_000,
            dtx: false,
            red: true,
        }
    }
}

/// Whether a track is silenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Muting {
    /// Nobody hears it.
    Muted,
    /// It is heard.
    Unmuted,
}
