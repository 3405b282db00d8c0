//! The stubs' faults are told as what they are.

use std::{sync::Arc, time::Duration};

use agent_contract::{
    ProviderError,
    conformance::{
        SpeakerSubject, ThinkerSubject, TranscriberSubject, speaker, thinker, transcriber,
    },
    stub::{Fault, StubSpeaker, StubThinker, StubTranscriber},
};

const FAULTS: [(Fault, &str); 6] = [
    (
        Fault::Unavailable(Some(Duration::from_secs(7))),
        "unavailable",
    ),
    (Fault::Rejects, "rejected"),
    (Fault::Account, "account"),
    (Fault::ResetAt(0), "unavailable"),
    (Fault::ResetAt(1), "unavailable"),
    (Fault::GarbageAt(1), "garbled"),
];

#[tokio::test]
async fn a_transcribers_faults_are_told() {
    for (fault, kind) in FAULTS {
        let stub = StubTranscriber::new("stub")
            .hearing("when are you open")
            .failing(fault);
        let subject = TranscriberSubject::new(Arc::new(stub), super::transcriber::speech(), "when");

        transcriber::fails_as(subject, kind).await;
    }
}

#[tokio::test]
async fn a_thinkers_faults_are_told() {
    for (fault, kind) in FAULTS {
        let stub = StubThinker::new("stub").failing(fault);

        thinker::fails_as(ThinkerSubject::new(Arc::new(stub), "Hello there."), kind).await;
    }
}

#[tokio::test]
async fn a_speakers_faults_are_told() {
    for (fault, kind) in FAULTS {
        let stub = StubSpeaker::new("stub").failing(fault);

        let error = speaker::fails_as(SpeakerSubject::new(Arc::new(stub)), kind).await;

        if let ProviderError::Unavailable {
            retry_after: Some(after),
            ..
        } = error
        {
            assert_eq!(after, Duration::from_secs(7));
        }
    }
}
