//! Decoded audio of a remote track.

pub mod native;
