//! What the original crate only has outside of browsers.

pub mod frame_cryptor;
pub mod packet_trailer;

/// Returns a random version 4 UUID.
#[must_use]
pub fn create_random_uuid() -> String {
    room_engine::random_uuid()
}
