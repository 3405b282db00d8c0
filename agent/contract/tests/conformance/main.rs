//! The stubs do what every provider does.

mod faults;
mod speaker;
mod thinker;
mod transcriber;
