//! The stubs do what every provider does.

mod chain;
mod faults;
mod speaker;
mod thinker;
mod transcriber;
