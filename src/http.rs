//! The HTTP API: extract, one domain call, respond.

mod agents;
mod aliases;
mod app;
mod auth;
mod body;
mod calls;
mod docs;
mod error;
mod escalations;
mod events;
mod health;
mod idempotency;
mod join;
mod listen;
mod middleware;
mod names;
mod openapi;
mod page;
mod params;
mod peer;
mod people;
mod phone;
mod records;
mod rooms;
mod router;
mod seen;
mod sessions;
mod timestamp;
mod views;
mod visits;
mod webhook;
mod website;

pub use app::{Addresses, App, Parts};
pub(crate) use listen::listen;
pub use openapi::document;
pub use router::router;
