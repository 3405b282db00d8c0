//! Ours beside stock libwebrtc and a browser, in one room of the real LiveKit server, over good and
//! bad networks. Peers are programs of their own, all steered alike.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod bad_networks;
mod cast;
mod matrix;
