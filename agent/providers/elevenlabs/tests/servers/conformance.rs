//! What every speaker does, and every fault as what it is.

use std::sync::Arc;

use agent_contract::conformance::{self, SpeakerSubject};
use tests_fakes::{ElevenLabs, Fault};

use crate::world::{server, settings, speaker};

fn subject(server: &Arc<ElevenLabs>, patience_ms: u64) -> SpeakerSubject {
    let speaker = speaker(settings(server, patience_ms));
    let server = Arc::clone(server);
    SpeakerSubject {
        open: Some(Arc::new(move || server.open())),
        ..SpeakerSubject::new(Arc::new(speaker))
    }
}

agent_contract::speaker_conformance!(subject(&server().await, 10_000));

#[tokio::test]
async fn every_fault_is_told_as_what_it_is() {
    let faults = [
        (Fault::status(401), "account"),
        (Fault::status(422), "rejected"),
        (Fault::too_many(1), "unavailable"),
        (Fault::status(500), "unavailable"),
        (Fault::Reset, "unavailable"),
        (Fault::ResetAfter(0), "unavailable"),
        (Fault::ResetAfter(2), "unavailable"),
        (Fault::ErrorAfter(1), "account"),
        (Fault::Stall, "stalled"),
        (Fault::StallAfter(2), "stalled"),
        (Fault::NoEnd, "stalled"),
        (Fault::WrongRate, "garbled"),
        (Fault::GarbageAfter(1), "garbled"),
        (Fault::EndlessToken, "garbled"),
    ];
    for (fault, kind) in faults {
        let server = server().await;
        server.fail(fault);
        conformance::speaker::fails_as(subject(&server, 500), kind).await;
    }
}
