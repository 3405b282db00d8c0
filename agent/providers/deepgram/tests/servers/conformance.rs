//! What every transcriber does, and every fault as what it is.

use std::sync::Arc;

use agent_contract::conformance::{self, TranscriberSubject};
use tests_fakes::{Deepgram, Fault};

use crate::world::{server, settings, speech, transcriber};

const WORDS: &str = "I would like a table";

fn subject(server: &Arc<Deepgram>, patience_ms: u64) -> TranscriberSubject {
    server.always_hears(WORDS);
    let transcriber = transcriber(settings(server, patience_ms));
    let server = Arc::clone(server);
    TranscriberSubject {
        open: Some(Arc::new(move || server.open())),
        ..TranscriberSubject::new(Arc::new(transcriber), speech(0.8), WORDS)
    }
}

agent_contract::transcriber_conformance!(subject(&server().await, 10_000));

#[tokio::test]
async fn every_fault_is_told_as_what_it_is() {
    let faults = [
        (Fault::status(401), "account"),
        (Fault::status(402), "account"),
        (Fault::status(403), "account"),
        (Fault::status(400), "rejected"),
        (Fault::too_many(1), "unavailable"),
        (Fault::status(503), "unavailable"),
        (Fault::Reset, "unavailable"),
        (Fault::ResetAfter(0), "unavailable"),
        (Fault::ResetAfter(2), "unavailable"),
        (Fault::ErrorAfter(1), "unavailable"),
        (Fault::WrongRate, "rejected"),
        (Fault::StallAfter(0), "stalled"),
        (Fault::StallAfter(1), "stalled"),
        (Fault::GarbageAfter(1), "garbled"),
        (Fault::EndlessToken, "garbled"),
    ];
    for (fault, kind) in faults {
        let server = server().await;
        server.fail(fault);
        conformance::transcriber::fails_as(subject(&server, 500), kind).await;
    }
}
