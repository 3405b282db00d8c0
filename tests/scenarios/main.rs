//! The whole server, told as stories. Fakes stand at its outer edge only: rooms in memory here, and in
//! `dev` and `serve` nothing at all, there the real program runs with the real LiveKit server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod agents;
mod alternatives;
mod appointments;
mod callbacks;
mod caller;
mod calling;
mod control;
mod dev;
mod disorder;
mod documents;
mod draining;
mod escalation;
mod faults;
mod history;
mod hostile;
mod house;
mod idempotency;
mod invitations;
mod keypress;
mod keys;
mod log;
mod operation;
mod outage;
mod pair;
mod phone;
mod place;
mod program;
mod recall;
mod refusals;
mod resumption;
mod rooms;
mod running;
mod serve;
mod sessions;
mod snapshot;
mod stopping;
mod survival;
mod telephone;
mod visits;
mod webhooks;
mod website;
mod world;
