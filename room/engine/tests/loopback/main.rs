//! Two connections of the engine talking to each other over loopback, in one process.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something fails, and prints what it measured"
)]

mod callbacks;
mod channels;
mod lifecycle;
mod loss;
mod rollback;
mod rubbish;
mod sections;
mod silence;
mod support;
