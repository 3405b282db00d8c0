//! Audio of a connection: PCM in and out at the edges, Opus packets towards the network.
//!
//! Sending: [`AudioSource`] → `AudioSender` → packets. Receiving: packets → `AudioReceiver` →
//! [`RemoteAudio`] → [`AudioStream`]. The sender and the receiver are pure: they hold no socket,
//! no task and no clock, and belong to the one loop that owns the connection. An application
//! holds the source, the track and the streams, which share only lock-free queues with the loop.

pub mod codec;
mod format;
#[cfg(any(test, feature = "internals"))]
pub mod internals;
mod level;
mod packet;
#[cfg(test)]
mod path_tests;
mod receiver;
mod red;
mod remote;
mod resample;
mod sender;
mod source;
mod stats;
mod stream;
#[cfg(test)]
mod testing;

pub use format::{AudioFormat, UnsupportedFormat};
pub(crate) use packet::{EncodedPacket, ReceivedPacket};
pub(crate) use receiver::AudioReceiver;
pub use remote::RemoteAudio;
pub(crate) use sender::{AudioSender, Redundancy, SenderOptions};
pub use source::{AudioSource, CaptureError};
pub use stats::{AudioReceiverStats, AudioSenderStats};
pub use stream::{AudioFrame, AudioStream, FrameOrigin, StreamCapacity};
