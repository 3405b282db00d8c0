//! Conversations from outside: the real program with its offline set, the real LiveKit server, and people on stock
//! libwebrtc who speak with flite and whose ears are PocketSphinx. One at a time, or two where nobody is timed: sound
//! wants its time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod caller;
mod calls;
mod company;
mod ear;
mod escalation;
mod faults;
mod house;
mod interruptions;
mod matrix;
mod party;
mod phone;
mod privacy;
mod questions;
mod quiet;
mod sentences;
mod sound;
mod words;
