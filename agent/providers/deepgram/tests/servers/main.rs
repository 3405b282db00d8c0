//! The adapter against a server that speaks the published format: what goes over the wire, and what goes wrong.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod chaos;
mod conformance;
mod transcriber;
mod world;
