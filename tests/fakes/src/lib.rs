//! Faithful servers of the services that the agent buys: they speak the wire formats on a loopback port, answer what a
//! test scripts, fail as a test asks, and write down what they were sent.
//!
//! Everything they accept and send is checked against what the vendors publish (`specs/`), and the vendors' own SDKs
//! prove them (`tests/`).
//!
//! | fake | speaks |
//! |---|---|
//! | [`OpenAi`] | chat completions, speech, transcriptions |

mod body;
mod conduct;
mod journal;
mod openai;
mod server;
mod specs;
mod voice;
mod words;

pub use conduct::{Conduct, Fault};
pub use journal::{Entry, Journal, Way};
pub use openai::{OpenAi, Reply};
pub use specs::Vendor;
