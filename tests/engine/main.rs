//! What the engine promises, shown with the unchanged crate `livekit` on the real LiveKit server.
//!
//! `docs/engine.md` lists each promise with its test and its figure. A line that begins with
//! `figure:` is a measurement; `cargo test --test engine -- --nocapture` shows them.

mod support;

mod audio;
mod blocking;
mod churn;
mod dependencies;
mod examples;
mod joining;
mod load;
mod network;
mod protocols;
mod publishing;
mod recovery;
mod refusals;
mod rubbish;
mod sections;
