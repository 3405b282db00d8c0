//! Packets of any content, in any order, at any time.
#![no_main]

libfuzzer_sys::fuzz_target!(|script: &[u8]| room_engine::audio::internals::receive(script));
