//! Faithful servers of the services that the agent buys: they speak the wire formats on a loopback port, answer what a
//! test scripts, fail as a test asks, and write down what they were sent.
//!
//! Everything they accept and send is checked against what the vendors publish (`specs/`), and the vendors' own SDKs
//! prove them (`tests/`).
//!
//! | fake | speaks |
//! |---|---|
//! | [`OpenAi`] | chat completions, speech, transcriptions |
//! | [`Deepgram`] | live transcription |
//! | [`ElevenLabs`] | speech over the stream-input socket |
//!
//! [`Chaos`] is a proxy before any of them that breaks what the wire carries.

mod body;
mod chaos;
mod conduct;
mod deepgram;
mod elevenlabs;
mod journal;
mod openai;
mod server;
mod socket;
mod specs;
mod voice;
mod words;

pub use chaos::{Chaos, Mischief};
pub use conduct::{Conduct, Fault};
pub use deepgram::Deepgram;
pub use elevenlabs::ElevenLabs;
pub use journal::{Entry, Journal, Way};
pub use openai::{OpenAi, Reply};
pub use specs::Vendor;
