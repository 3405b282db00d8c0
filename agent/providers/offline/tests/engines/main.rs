//! The engines themselves: what one speaks, the other hears.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod hearing;
mod limits;
mod speaking;
mod stage;
