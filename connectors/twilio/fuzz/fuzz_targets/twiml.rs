//! Texts of any kind in an answer: written within the limits or refused, never a panic.
#![no_main]

use connectors_twilio::twiml::{Conference, Connect, Dial, LONGEST, Response, Say, Stream};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str, &str)| {
    let (text, name, value) = texts;
    let answer = Response::new()
        .then(Say::new(text).voice(value))
        .then(Connect::stream(
            Stream::new("wss://a").parameter(name, value),
        ))
        .then(Dial::conference(Conference::new(name)));
    if let Ok(xml) = answer.to_xml() {
        assert!(xml.len() <= LONGEST);
        // Whatever is in it, nothing but the elements that were asked for.
        assert_eq!(xml.matches('<').count() - xml.matches("</").count(), 8);
    }
});
