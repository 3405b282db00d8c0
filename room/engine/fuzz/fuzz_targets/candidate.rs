//! Candidates as a peer's signalling brings them.
#![no_main]

use room_engine::IceCandidate;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _may_be_refused = IceCandidate::parse("0", 0, text);
});
