//! What every provider does, and every fault as what it is.

use std::{f64::consts::TAU, sync::Arc};

use agent_contract::conformance::{
    self, SpeakerSubject, ThinkerSubject, TranscriberSubject, thinker::errand,
};
use agent_providers_openai::{
    OpenAiSpeaker, OpenAiThinker, OpenAiTranscriber, SpeakerSettings, ThinkerSettings,
    TranscriberSettings,
};
use tests_fakes::{Fault, OpenAi};

use crate::world::name;

const WORDS: &str = "I would like a table";

/// Everything that a server can do wrong, and what it is called.
fn faults() -> Vec<(Fault, &'static str)> {
    vec![
        (Fault::status(401), "account"),
        (Fault::status(402), "account"),
        (Fault::status(404), "rejected"),
        (Fault::too_many(1), "unavailable"),
        (Fault::status(503), "unavailable"),
        (Fault::Reset, "unavailable"),
        (Fault::ResetAfter(0), "unavailable"),
        (Fault::Stall, "stalled"),
        (Fault::StallAfter(0), "stalled"),
        (Fault::GarbageAfter(0), "garbled"),
    ]
}

async fn server() -> Arc<OpenAi> {
    let server = OpenAi::start().await.unwrap();
    server.always_hears(WORDS);
    Arc::new(server)
}

/// Half a second and more that is clearly no silence.
fn speech() -> Vec<i16> {
    let tone = (0..12_000).map(|n| (f64::from(n) / 16_000.0 * 300.0 * TAU).sin() * 6_000.0);
    tone.map(|sample| sample as i16).collect()
}

fn thinker_at(server: &Arc<OpenAi>, patience_ms: u64) -> ThinkerSubject {
    let settings = ThinkerSettings {
        base_url: server.url(),
        patience_ms,
        ..ThinkerSettings::default()
    };
    let thinker = OpenAiThinker::new(name(), settings).unwrap();
    let server = Arc::clone(server);
    ThinkerSubject {
        errand: Some(errand("Please use look_up", "look_up")),
        open: Some(Arc::new(move || server.open())),
        ..ThinkerSubject::new(Arc::new(thinker), "How are you today?")
    }
}

fn transcriber_at(server: &Arc<OpenAi>, patience_ms: u64) -> TranscriberSubject {
    let settings = TranscriberSettings {
        base_url: server.url(),
        patience_ms,
        ..TranscriberSettings::default()
    };
    let transcriber = OpenAiTranscriber::new(name(), settings).unwrap();
    let server = Arc::clone(server);
    TranscriberSubject {
        open: Some(Arc::new(move || server.open())),
        ..TranscriberSubject::new(Arc::new(transcriber), speech(), WORDS)
    }
}

fn speaker_at(server: &Arc<OpenAi>, patience_ms: u64) -> SpeakerSubject {
    let settings = SpeakerSettings {
        base_url: server.url(),
        patience_ms,
        ..SpeakerSettings::default()
    };
    let speaker = OpenAiSpeaker::new(name(), settings).unwrap();
    let server = Arc::clone(server);
    SpeakerSubject {
        open: Some(Arc::new(move || server.open())),
        ..SpeakerSubject::new(Arc::new(speaker))
    }
}

mod thinker {
    use super::*;

    agent_contract::thinker_conformance!(thinker_at(&server().await, 10_000));

    #[tokio::test]
    async fn every_fault_is_told_as_what_it_is() {
        for (fault, kind) in faults() {
            let server = server().await;
            server.fail(fault);
            conformance::thinker::fails_as(thinker_at(&server, 500), kind).await;
        }
    }
}

mod transcriber {
    use super::*;

    agent_contract::transcriber_conformance!(transcriber_at(&server().await, 10_000));

    #[tokio::test]
    async fn every_fault_is_told_as_what_it_is() {
        for (fault, kind) in faults() {
            let server = server().await;
            server.fail(fault);
            conformance::transcriber::fails_as(transcriber_at(&server, 500), kind).await;
        }
    }
}

mod speaker {
    use super::*;

    agent_contract::speaker_conformance!(speaker_at(&server().await, 10_000));

    #[tokio::test]
    async fn every_fault_is_told_as_what_it_is() {
        for (fault, kind) in faults() {
            let server = server().await;
            server.fail(fault);
            conformance::speaker::fails_as(speaker_at(&server, 500), kind).await;
        }
    }
}
