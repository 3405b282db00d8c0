//! What is said in a room comes back, in memory and on a real LiveKit server.

mod livekit;
mod memory;
mod scene;
