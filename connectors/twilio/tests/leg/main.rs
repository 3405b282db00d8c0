//! The phone leg in virtual time: a room in memory on one side, the end of a media socket on the other.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

mod circles;
mod hanging_up;
mod hearing;
mod opening;
mod person;
mod phone;
mod refusing;
mod resuming;
mod speaking;
mod stage;
