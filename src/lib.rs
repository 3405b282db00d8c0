//! Patchbay: voice agents on phone, `WhatsApp` and web in `LiveKit` rooms.
//!
//! [`config`] says how, [`server`] puts everything together, [`http`] answers, [`sessions`] decides,
//! [`wiring`] names the concrete parts, [`commands`] are what the program can be told to do.

pub mod appointments;
pub mod callback;
mod clock;
pub mod commands;
pub mod config;
pub mod dial;
pub mod escalation;
pub mod health;
pub mod http;
pub mod invitation;
pub mod message;
pub mod metrics;
mod phone;
mod random;
pub mod server;
pub mod sessions;
pub mod store;
mod takeover;
pub mod telemetry;
mod ticket;
pub mod trial;
pub mod troupe;
pub mod wiring;
