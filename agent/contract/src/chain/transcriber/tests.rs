use std::time::Duration;

use room_media::SampleRate;
use tokio::time::Instant;

use super::super::{Candidate, Incident, Ledger, Settings};
use super::*;
use crate::{
    Heard, Language, TranscriptionInput,
    stub::{Fault, Pace, StubTranscriber, say},
};

const RATE: SampleRate = SampleRate::HZ_16000;
const STRETCHES: [&str; 3] = [
    "when are you open",
    "do you have a table",
    "for seven people please",
];
const PIECE: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Told {
    finals: Vec<String>,
    interims: usize,
    incidents: Vec<Incident>,
    /// From the end of a stretch to its text, at most.
    slowest: Duration,
    error: Option<ProviderError>,
}

impl Told {
    fn takes(&mut self, heard: Result<Heard, ProviderError>) {
        match heard {
            Ok(Heard::Final(text)) if !text.text.is_empty() => self.finals.push(text.text),
            Ok(Heard::Interim(_)) => self.interims += 1,
            Ok(Heard::Incident(incident)) => self.incidents.push(incident),
            Ok(_) => {}
            Err(error) => self.error = Some(error),
        }
    }

    fn blamed(&self) -> Vec<(&str, &str, Option<&str>)> {
        let all = self.incidents.iter();
        all.map(|i| {
            (
                i.provider.as_str(),
                i.kind,
                i.next.as_ref().map(ProviderName::as_str),
            )
        })
        .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_at_the_opening_is_covered_by_the_next() {
    for (fault, kind) in [
        (Fault::Unavailable(None), "unavailable"),
        (Fault::Rejects, "rejected"),
        (Fault::Account, "account"),
        (Fault::StallOpening, "stalled"),
    ] {
        let told = speak(&chain(one().failing(fault), two())).await;

        assert_eq!(told.finals, STRETCHES, "{fault:?}");
        assert_eq!(told.blamed(), [("one", kind, Some("two"))], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_in_mid_speech_loses_and_doubles_no_word() {
    for at in 0..15 {
        for fault in [
            Fault::StallAt(at),
            Fault::ResetAt(at),
            Fault::GarbageAt(at),
            Fault::CloseAt(at),
        ] {
            let told = speak(&chain(one().failing(fault), two())).await;

            assert_eq!(told.finals, STRETCHES, "{fault:?}");
            assert_eq!(told.incidents.len(), 1, "{fault:?}");
            assert_eq!(told.incidents[0].provider.as_str(), "one");
            assert!(
                told.slowest <= Duration::from_millis(1_300),
                "{fault:?}: {:?}",
                told.slowest
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_tells_no_interims_is_found_out_at_the_end_of_the_stretch() {
    let told = speak(&chain(one().failing(Fault::StallAt(0)), two())).await;

    assert_eq!(told.finals, STRETCHES);
    assert_eq!(told.blamed(), [("one", "stalled", Some("two"))]);
    assert!(
        told.slowest <= Duration::from_millis(1_200),
        "{:?}",
        told.slowest
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_stalls_is_found_out_while_somebody_speaks_on() {
    let chain = chain(one().failing(Fault::StallAt(0)), two());
    let mut listening = chain.listen(options()).await.expect("listening");
    let mut told = Told::default();

    let long = STRETCHES.join(" ").repeat(2);
    for piece in sound(&long).chunks(RATE.samples_in(PIECE)) {
        listening
            .input
            .send(TranscriptionInput::Audio(piece.into()))
            .await
            .expect("sent");
        tokio::time::sleep(PIECE).await;
        while let Ok(heard) = listening.heard.try_recv() {
            told.takes(heard);
        }
    }

    assert_eq!(told.blamed(), [("one", "stalled", Some("two"))]);
    assert!(told.interims > 0);
}

#[tokio::test(start_paused = true)]
async fn the_next_hears_at_its_own_rate() {
    let second = two().at(SampleRate::HZ_48000);

    let told = speak(&chain(one().failing(Fault::ResetAt(6)), second)).await;

    assert_eq!(told.finals, STRETCHES);
}

#[tokio::test(start_paused = true)]
async fn a_warm_second_hears_at_once() {
    let pace = Pace {
        open: Duration::from_millis(450),
        ..Pace::default()
    };
    let candidates = vec![
        candidate(one().failing(Fault::StallAt(0)).paced(pace)),
        candidate(two().paced(pace)),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");

    let told = speak(&chain).await;

    assert_eq!(told.finals, STRETCHES);
    assert!(
        told.slowest <= Duration::from_millis(1_000),
        "{:?}",
        told.slowest
    );
}

#[tokio::test(start_paused = true)]
async fn a_lone_transcriber_is_connected_again() {
    let lone = one().failing_once(Fault::ResetAt(4));
    let chain = Chain::new(vec![candidate(lone)], Settings::default()).expect("a chain");

    let told = speak(&chain).await;

    assert_eq!(told.finals, STRETCHES);
    assert_eq!(told.blamed(), [("one", "unavailable", Some("one"))]);
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_twice_the_error_is_told() {
    let away = Fault::Unavailable(None);

    let told = speak(&chain(one().failing(away), two().failing(away))).await;

    assert_eq!(told.incidents.len(), 4);
    assert_eq!(told.error.expect("an error").kind(), "unavailable");
}

#[tokio::test(start_paused = true)]
async fn silence_is_nobodys_fault() {
    let chain = chain(one(), two());
    let mut listening = chain.listen(options()).await.expect("listening");

    for _ in 0..3_000 {
        let silence = TranscriptionInput::Audio(vec![0; 320].into());
        listening.input.send(silence).await.expect("sent");
        tokio::time::sleep(PIECE).await;
    }
    listening
        .input
        .send(TranscriptionInput::Finalize)
        .await
        .expect("sent");
    tokio::time::sleep(Duration::from_secs(5)).await;

    let mut told = Told::default();
    while let Ok(heard) = listening.heard.try_recv() {
        told.takes(heard);
    }
    assert!(told.incidents.is_empty() && told.finals.is_empty() && told.error.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_call_costs_what_each_heard_of_it() {
    let ledger = Arc::new(Ledger::default());
    let chain = chain(one().failing(Fault::ResetAt(4)), two());

    speak(&chain.for_call(Arc::clone(&ledger))).await;

    let heard: Vec<Duration> = ledger.accounts().iter().map(|a| a.usage.heard).collect();
    assert!(heard.len() == 2 && heard[0] < heard[1], "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn dropping_it_ends_it_everywhere() {
    let (first, second) = (Arc::new(one()), Arc::new(two()));
    let candidates = vec![
        Candidate::new(Arc::clone(&first) as Arc<dyn Transcriber>),
        Candidate::new(Arc::clone(&second) as Arc<dyn Transcriber>),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");
    let listening = chain.listen(options()).await.expect("listening");
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!((first.open(), second.open()), (1, 1));

    drop(listening);
    tokio::time::sleep(Duration::from_millis(1)).await;

    assert_eq!((first.open(), second.open()), (0, 0));
}

/// Speaks in real time, and pauses after each stretch until its text is there, or for three seconds.
async fn speak(chain: &Chain<dyn Transcriber>) -> Told {
    let mut listening = chain.listen(options()).await.expect("listening");
    let mut told = Told::default();
    for (number, stretch) in STRETCHES.iter().enumerate() {
        for piece in sound(stretch).chunks(RATE.samples_in(PIECE)) {
            // When it has failed for good its error says so.
            let _ = listening
                .input
                .send(TranscriptionInput::Audio(piece.into()))
                .await;
            tokio::time::sleep(PIECE).await;
            while let Ok(heard) = listening.heard.try_recv() {
                told.takes(heard);
            }
        }
        let _ = listening.input.send(TranscriptionInput::Finalize).await;
        let asked = Instant::now();
        while told.finals.len() <= number && told.error.is_none() {
            let patience = Duration::from_secs(3);
            let Ok(Some(heard)) = tokio::time::timeout(patience, listening.heard.recv()).await
            else {
                break;
            };
            told.takes(heard);
        }
        told.slowest = told.slowest.max(asked.elapsed());
    }
    let Listening {
        input,
        mut heard,
        task,
    } = listening;
    drop(input);
    while let Some(last) = heard.recv().await {
        told.takes(last);
    }
    drop(task);
    told
}

fn sound(text: &str) -> Vec<i16> {
    text.split(' ').flat_map(|word| say(word, RATE)).collect()
}

fn one() -> StubTranscriber {
    StubTranscriber::new("one").hearing(&STRETCHES.join(" "))
}

fn two() -> StubTranscriber {
    StubTranscriber::new("two").hearing(&STRETCHES.join(" "))
}

fn chain(one: StubTranscriber, two: StubTranscriber) -> Chain<dyn Transcriber> {
    Chain::new(vec![candidate(one), candidate(two)], Settings::default()).expect("a chain")
}

fn candidate(stub: StubTranscriber) -> Candidate<dyn Transcriber> {
    Candidate::new(Arc::new(stub))
}

fn options() -> ListenOptions {
    ListenOptions {
        language: Language::english(),
        keywords: [].into(),
    }
}
