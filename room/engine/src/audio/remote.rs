//! A remote track as the application sees it.

use super::format::AudioFormat;
use super::stream::{AudioStream, StreamCapacity};

/// The audio of one remote track. While no stream is attached, nothing is decoded.
#[derive(Debug, Default)]
pub struct RemoteAudio {}

impl RemoteAudio {
    /// Returns a track without streams.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Attaches a stream that gets the audio from here on, in its own format.
    pub fn stream(&self, format: AudioFormat, capacity: StreamCapacity) -> AudioStream {
        AudioStream::new(format, capacity)
    }

    /// Ends the track: streams run dry and finish, later ones finish at once.
    pub(crate) fn end(&self) {}
}
