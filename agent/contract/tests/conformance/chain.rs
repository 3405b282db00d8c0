//! A chain whose first candidate fails is as good as any provider.

use std::sync::Arc;

use agent_contract::{
    Speaker, Thinker, Transcriber,
    chain::{Candidate, Chain, Settings},
    conformance::{SpeakerSubject, ThinkerSubject, TranscriberSubject},
    stub::{Fault, StubSpeaker, StubThinker, StubTranscriber},
};

const WORDS: &str = "when are you open";

mod transcriber {
    agent_contract::transcriber_conformance!(super::transcriber_subject());
}

mod thinker {
    agent_contract::thinker_conformance!(super::thinker_subject());
}

mod speaker {
    agent_contract::speaker_conformance!(super::speaker_subject());
}

fn transcriber_subject() -> TranscriberSubject {
    let stub = |name| StubTranscriber::new(name).hearing(WORDS);
    let candidates: Vec<Candidate<dyn Transcriber>> = vec![
        Candidate::new(Arc::new(stub("one").failing(Fault::ResetAt(2)))),
        Candidate::new(Arc::new(stub("two"))),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");
    TranscriberSubject::new(Arc::new(chain), super::transcriber::speech(), WORDS)
}

fn thinker_subject() -> ThinkerSubject {
    let stub = |name| StubThinker::new(name).saying("From nine to five.");
    let candidates: Vec<Candidate<dyn Thinker>> = vec![
        Candidate::new(Arc::new(stub("one").failing(Fault::ResetAt(2)))),
        Candidate::new(Arc::new(stub("two"))),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");
    ThinkerSubject::new(Arc::new(chain), "When are you open?")
}

fn speaker_subject() -> SpeakerSubject {
    let candidates: Vec<Candidate<dyn Speaker>> = vec![
        Candidate::new(Arc::new(
            StubSpeaker::new("one").failing(Fault::ResetAt(42)),
        )),
        Candidate::new(Arc::new(StubSpeaker::new("two"))),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");
    SpeakerSubject::new(Arc::new(chain))
}
