//! The stub speaker, with and without word times.

use std::sync::Arc;

use agent_contract::{
    Speaker, SpeakerCapabilities, conformance::SpeakerSubject, stub::StubSpeaker,
};

agent_contract::speaker_conformance!(subject(StubSpeaker::new("stub")));

mod with_word_times {
    agent_contract::speaker_conformance!(super::with_word_times());
}

fn with_word_times() -> SpeakerSubject {
    let stub = StubSpeaker::new("stub");
    let capabilities = SpeakerCapabilities {
        word_times: true,
        ..stub.capabilities()
    };
    subject(stub.able(capabilities))
}

fn subject(stub: StubSpeaker) -> SpeakerSubject {
    let stub = Arc::new(stub);
    let open = Arc::clone(&stub);
    SpeakerSubject {
        open: Some(Arc::new(move || open.open())),
        ..SpeakerSubject::new(stub)
    }
}
