//! Providers that do as they are told: scripted answers, delays and faults, for tests without a vendor.
//!
//! They live on tokio's time, so a paused clock governs them. The [`StubSpeaker`] makes two tones for each word;
//! [`hear`] finds the words again in what arrived, so that what was heard can be counted, and a
//! [`StubTranscriber`] that knows the words does the same.

mod director;
mod fault;
mod speaker;
mod thinker;
mod transcriber;
mod word;

pub use fault::{Fault, Pace};
pub use speaker::StubSpeaker;
pub use thinker::{Line, StubThinker};
pub use transcriber::StubTranscriber;
pub use word::{Ear, WORD, hear, say};
