//! The rooms in memory.

mod conformance;
mod outages;
mod scale;
mod service;
mod stage;
