//! Two providers for each port, of which the first does not deliver.

use std::{sync::Arc, time::Duration};

use agent_contract::{
    Speaker, Thinker, Transcriber,
    chain::{Candidate, Chain, Settings},
    probe::Provider,
    stub::{Fault, StubSpeaker, StubThinker, StubTranscriber},
};
use agent_session::{Entry, Port, Providers};
use tokio::time::Instant;

use crate::{cast::Cast, story::Story};

const ANSWER: &str = "one two three four five six.";

/// So much longer than otherwise may an answer take when its provider does not deliver.
const SILENCE: Duration = Duration::from_millis(1_500);

fn chain<P: Provider + ?Sized>(providers: [Arc<P>; 2]) -> Chain<P> {
    let candidates = providers.into_iter().map(Candidate::new).collect();
    Chain::new(candidates, Settings::warm()).expect("there are two")
}

/// The providers with a first one at this port that has this fault.
fn faulty(port: Port, fault: Option<Fault>) -> impl Fn(&mut Providers) {
    move |providers| match port {
        Port::Transcriber => {
            let first = StubTranscriber::new("first").saying("When?");
            let second = StubTranscriber::new("second").saying("When?");
            first.set_fault(fault);
            let both: [Arc<dyn Transcriber>; 2] = [Arc::new(first), Arc::new(second)];
            providers.transcriber = Arc::new(chain(both));
        }
        Port::Thinker => {
            let first = StubThinker::new("first").saying(ANSWER);
            let second = StubThinker::new("second").saying(ANSWER);
            first.set_fault(fault);
            let both: [Arc<dyn Thinker>; 2] = [Arc::new(first), Arc::new(second)];
            providers.thinker = Arc::new(chain(both));
        }
        Port::Speaker => {
            let (first, second) = (StubSpeaker::new("first"), StubSpeaker::new("second"));
            first.set_fault(fault);
            let both: [Arc<dyn Speaker>; 2] = [Arc::new(first), Arc::new(second)];
            providers.speaker = Arc::new(chain(both));
        }
    }
}

/// Has one question answered; returns after how long the answer was over, and who was blamed.
async fn tell(port: Port, fault: Option<Fault>) -> (Duration, Vec<(Port, String)>) {
    let mut cast = Cast::new().answering(&[ANSWER]);
    cast.transcriber = Arc::new(StubTranscriber::new("ears").saying("When?"));
    cast.change = Box::new(faulty(port, fault));
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;

    let begun = Instant::now();
    ann.speaks(1_000).await;
    let over = story.agent_has_said(ANSWER).await;
    story.waits(100).await;

    assert_eq!(
        ann.heard("one two three four five six"),
        "one two three four five six",
        "{port:?} {fault:?}"
    );
    let records = story.cast.journal.records().into_iter();
    let blamed = records.filter_map(|record| match record.entry {
        Entry::Fault { blame } => Some((blame.port, blame.provider)),
        _ => None,
    });
    (over - begun, blamed.collect())
}

const AT_ONCE: [Fault; 6] = [
    Fault::Unavailable(Some(Duration::from_secs(5))),
    Fault::Account,
    Fault::StallOpening,
    Fault::StallAt(0),
    Fault::ResetAt(0),
    Fault::GarbageAt(0),
];

/// A transcriber has told all by then.
const IN_THE_MIDDLE: [Fault; 3] = [Fault::StallAt(2), Fault::ResetAt(2), Fault::GarbageAt(2)];

async fn the_next_one_goes_on(port: Port, faults: &[Fault]) {
    let (usual, blamed) = tell(port, None).await;
    assert_eq!(blamed, [], "{port:?}");

    for fault in faults {
        let (took, blamed) = tell(port, Some(*fault)).await;

        assert!(took <= usual + SILENCE, "{port:?} {fault:?}: {took:?}");
        assert_eq!(blamed, [(port, "first".to_owned())], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_thinker_goes_on_within_the_turn() {
    the_next_one_goes_on(Port::Thinker, &AT_ONCE).await;
    the_next_one_goes_on(Port::Thinker, &IN_THE_MIDDLE).await;
}

#[tokio::test(start_paused = true)]
async fn the_next_speaker_goes_on_within_the_turn() {
    the_next_one_goes_on(Port::Speaker, &AT_ONCE).await;
    the_next_one_goes_on(Port::Speaker, &IN_THE_MIDDLE).await;
}

#[tokio::test(start_paused = true)]
async fn the_next_transcriber_hears_what_was_said_already() {
    the_next_one_goes_on(Port::Transcriber, &AT_ONCE).await;
}
