//! The whole server, told as stories. Fakes stand at its outer edge only: rooms in memory here, and in
//! `dev` nothing at all, there the real program runs with the real LiveKit server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod agents;
mod caller;
mod dev;
mod dev_program;
mod documents;
mod idempotency;
mod keys;
mod operation;
mod program;
mod refusals;
mod rooms;
mod sessions;
mod snapshot;
mod stopping;
mod webhooks;
mod world;
