//! The API of the crate libwebrtc over a voice-only engine in pure Rust.
