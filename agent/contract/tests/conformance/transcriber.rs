//! The stub transcriber, hearing words and saying lines.

use std::sync::Arc;

use agent_contract::{
    conformance::TranscriberSubject,
    stub::{StubTranscriber, say},
};
use room_media::SampleRate;

const WORDS: &str = "when are you open";

agent_contract::transcriber_conformance!(subject());

fn subject() -> TranscriberSubject {
    let stub = Arc::new(StubTranscriber::new("stub").hearing(WORDS));
    let open = Arc::clone(&stub);
    TranscriberSubject {
        open: Some(Arc::new(move || open.open())),
        ..TranscriberSubject::new(stub, speech(), WORDS)
    }
}

pub(super) fn speech() -> Vec<i16> {
    WORDS
        .split(' ')
        .flat_map(|word| say(word, SampleRate::HZ_16000))
        .collect()
}
