//! The room on a real LiveKit server.

mod bad_input;
mod conformance;
mod nearby;
mod reconnection;
mod server;
#[path = "../support/rooms.rs"]
mod support;
