//! Promises 3, 4, 5 and 11: how a voice comes through, how fast, and over which paths.

mod apart;
mod bad_path;
mod fidelity;
mod live;
mod onset;
