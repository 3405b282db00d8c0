//! The REST client against a server on loopback: what it sends is what Twilio documents, and what it is told is understood.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod contract;
mod errors;
mod server;
