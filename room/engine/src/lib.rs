//! A voice-only WebRTC engine in pure Rust.
