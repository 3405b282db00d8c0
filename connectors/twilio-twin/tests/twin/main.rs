//! The twin against a small application: what an application on the phone sees of Twilio.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod api;
mod app;
mod faults;
mod inbound;
mod media;
mod meetings;
mod messages;
mod outbound;
mod recordings;
mod relaying;
