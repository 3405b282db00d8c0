//! Messages as a media socket brings them: read or refused, never a panic; sound that was read is written back the same.
#![no_main]

use connectors_twilio::media::{Incoming, write_media};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(Incoming::Media(media)) = Incoming::parse(text) else {
        return;
    };
    let mut frame = String::new();
    write_media(&mut frame, &media.stream, &media.codes);
    // What it says becomes longer where the text had fewer members.
    if let Ok(Incoming::Media(again)) = Incoming::parse(&frame) {
        assert_eq!(again.codes, media.codes);
    }
});
