//! The room on LiveKit: the one place that knows the LiveKit SDK.
//!
//! [`LiveKitRooms`] implements [`room_contract::Rooms`] over a LiveKit server of one's own. It
//! uses the ordinary API of the `livekit` crate only, so it runs on any WebRTC engine below it.

mod config;
mod diagnosis;
mod ended;
mod failure;
mod join;
mod nearby;
mod participants;
mod room;
mod rooms;
mod rpc;
pub mod signalling;
mod stream;
mod token;
mod track;
mod webhook;

pub use config::{InvalidConfig, LiveKitConfig};
pub use rooms::LiveKitRooms;
