//! A participant that says the last three seconds back.
//!
//! Whenever somebody pauses, [`Echo`] repeats what they said, at most the last three seconds of
//! it, and falls silent as soon as somebody speaks. It needs a room and nothing else, so it shows
//! that sound goes both ways.

mod agent;
mod ears;
mod echoes;
mod mouth;
mod sign;
mod utterance;

pub use agent::{Echo, EchoError};
