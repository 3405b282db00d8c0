//! Starts a real LiveKit server on loopback and stops it with its parent.
