//! RED payloads (RFC 2198).
#![no_main]

libfuzzer_sys::fuzz_target!(|payload: &[u8]| room_engine::audio::internals::unpack_red(payload));
