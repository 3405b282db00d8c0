use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::super::{Candidate, Incident, Ledger, Money, Price, Settings, Standing};
use super::*;
use crate::{
    FinishReason, Language, Message, Thought,
    stub::{Fault, Pace, StubThinker},
};

const TEXT: &str = "We are open from nine to five, and on Saturdays until noon.";
/// How long the second takes for its first word.
const SECOND: Duration = Duration::from_millis(300);

struct Told {
    text: String,
    incidents: Vec<Incident>,
    calls: usize,
    /// The longest time without a word.
    silence: Duration,
    end: Result<FinishReason, ProviderError>,
}

#[tokio::test(start_paused = true)]
async fn every_fault_before_the_first_word_is_covered_by_the_next() {
    for (fault, kind) in [
        (Fault::Unavailable(None), "unavailable"),
        (Fault::Rejects, "rejected"),
        (Fault::Account, "account"),
        (Fault::StallOpening, "stalled"),
        (Fault::StallAt(0), "stalled"),
        (Fault::ResetAt(0), "unavailable"),
        (Fault::GarbageAt(0), "garbled"),
        (Fault::CloseAt(0), "unavailable"),
    ] {
        let told = ask(&chain(StubThinker::new("one").saying(TEXT).failing(fault))).await;

        assert_eq!(told.text, TEXT, "{fault:?}");
        assert_eq!(blamed(&told), [("one", kind, Some("two"))], "{fault:?}");
        assert!(
            told.silence <= Duration::from_millis(1_150),
            "{fault:?}: {:?}",
            told.silence
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_in_mid_answer_loses_and_doubles_nothing() {
    for at in 1..12 {
        for fault in [
            Fault::StallAt(at),
            Fault::ResetAt(at),
            Fault::GarbageAt(at),
            Fault::CloseAt(at),
        ] {
            for second in [two(), two().starting_over()] {
                let one = StubThinker::new("one").saying(TEXT).failing(fault);
                let chain = of([one, second], Settings::default());

                let told = ask(&chain).await;

                assert_eq!(told.text, TEXT, "{fault:?}");
                assert_eq!(told.incidents.len(), 1, "{fault:?}");
                assert!(
                    told.silence <= Duration::from_millis(1_500),
                    "{fault:?}: {:?}",
                    told.silence
                );
                assert_eq!(told.end.expect("a reason"), FinishReason::Stop);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_is_told_what_was_said() {
    let second = Arc::new(two());
    let candidates = vec![
        candidate(
            StubThinker::new("one")
                .saying(TEXT)
                .failing(Fault::ResetAt(3)),
        ),
        Candidate::new(Arc::clone(&second) as Arc<dyn Thinker>),
    ];
    let chain = Chain::new(candidates, Settings::default()).expect("a chain");

    ask(&chain).await;

    let asked = second.requests();
    let messages = &asked[0].messages;
    assert!(
        matches!(&messages[..], [Message::Person { .. }, Message::Agent { text, .. }, Message::Note(_)]
            if text == "We are open"),
        "{messages:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_warm_second_overtakes_a_slow_first() {
    let slow = StubThinker::new("one")
        .saying(TEXT)
        .paced(Pace::first(Duration::from_secs(9)));
    let told = ask(&of([slow, two()], Settings::warm())).await;

    assert_eq!(told.text, TEXT);
    assert_eq!(blamed(&told), [("one", "stalled", Some("two"))]);
    assert_eq!(told.silence, Duration::from_millis(350) + SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_warm_second_is_not_asked_when_the_first_is_quick() {
    let second = Arc::new(two());
    let candidates = vec![
        candidate(
            StubThinker::new("one")
                .saying(TEXT)
                .paced(Pace::first(SECOND)),
        ),
        Candidate::new(Arc::clone(&second) as Arc<dyn Thinker>),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");

    let told = ask(&chain).await;

    assert_eq!(told.text, TEXT);
    assert!(told.incidents.is_empty() && second.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_in_line_is_waited_for() {
    let slow = StubThinker::new("two")
        .saying(TEXT)
        .paced(Pace::first(Duration::from_secs(4)));
    let chain = of(
        [StubThinker::new("one").failing(Fault::StallAt(0)), slow],
        Settings::default(),
    );

    assert_eq!(ask(&chain).await.text, TEXT);
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_the_last_error_is_told_and_each_is_blamed() {
    let chain = of(
        [
            StubThinker::new("one").failing(Fault::StallAt(0)),
            StubThinker::new("two").failing(Fault::Unavailable(None)),
        ],
        Settings::default(),
    );

    let told = ask(&chain).await;

    assert_eq!(
        blamed(&told),
        [
            ("one", "stalled", Some("two")),
            ("two", "unavailable", None)
        ]
    );
    assert_eq!(told.end.expect_err("an error").provider().as_str(), "two");
}

#[tokio::test(start_paused = true)]
async fn who_failed_is_skipped_then_probed_then_asked_again() {
    let one = Arc::new(
        StubThinker::new("one")
            .saying(TEXT)
            .failing(Fault::StallAt(0)),
    );
    let candidates = vec![
        Candidate::new(Arc::clone(&one) as Arc<dyn Thinker>),
        candidate(two()),
    ];
    let chain = Chain::new(candidates, Settings::default()).expect("a chain");

    assert_eq!(ask(&chain).await.incidents.len(), 1);
    assert_eq!(chain.standings()[0].1, Standing::Resting);
    let skipped = ask(&chain).await;
    assert!(skipped.incidents.is_empty() && skipped.silence == SECOND);
    assert_eq!(one.requests().len(), 1);

    one.set_fault(None);
    tokio::time::sleep(Duration::from_secs(6)).await;
    ask(&chain).await;

    assert_eq!(chain.standings()[0].1, Standing::Well);
    let back = ask(&chain).await;
    assert!(back.silence < SECOND, "{:?}", back.silence);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_is_ended() {
    let endless = StubThinker::new("one")
        .saying("Yes, ha")
        .failing(Fault::Endless);

    let told = ask(&chain(endless)).await;

    assert!(matches!(told.end, Ok(FinishReason::Length)));
    assert_eq!(blamed(&told)[0].1, "garbled");
    assert!(told.text.len() < 20_000);
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_was_called_is_not_called_twice() {
    let one = StubThinker::new("one")
        .calling("look_up", "{}")
        .failing(Fault::ResetAt(1));
    let second = StubThinker::new("two").calling("look_up", "{}");

    let told = ask(&of([one, second], Settings::default())).await;

    assert_eq!(told.calls, 1);
    assert_eq!(told.end.expect("a reason"), FinishReason::Calls);
}

#[tokio::test(start_paused = true)]
async fn past_the_budget_only_what_is_free_is_asked() {
    let price = Price {
        output_tokens: Money::of(1_000.0),
        ..Price::default()
    };
    let one = candidate(StubThinker::new("one").saying("That costs.")).priced(price);
    let candidates = vec![one, candidate(StubThinker::new("two").saying("For free."))];
    let shared = Chain::new(candidates, Settings::default()).expect("a chain");
    let ledger = Arc::new(Ledger::with_budget(Money::of(0.001)));
    let chain = shared.for_call(Arc::clone(&ledger));

    assert_eq!(ask(&chain).await.text, "That costs.");
    assert_eq!(ledger.spent(), Money::of(0.002));
    assert_eq!(ask(&chain).await.text, "For free.");
    assert_eq!(ask(&shared).await.text, "That costs.");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_answer_stops_all_who_were_asked() {
    let (one, second) = (
        Arc::new(StubThinker::new("one").failing(Fault::StallAt(1))),
        Arc::new(two()),
    );
    let candidates = vec![
        Candidate::new(Arc::clone(&one) as Arc<dyn Thinker>),
        Candidate::new(Arc::clone(&second) as Arc<dyn Thinker>),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");

    let mut thoughts = chain.think(request()).await.expect("thoughts");
    thoughts.next().await;
    assert_eq!(one.open(), 1);
    drop(thoughts);

    assert_eq!((one.open(), second.open()), (0, 0));
}

fn two() -> StubThinker {
    StubThinker::new("two")
        .saying(TEXT)
        .paced(Pace::first(SECOND))
}

fn chain(one: StubThinker) -> Chain<dyn Thinker> {
    of([one, two()], Settings::default())
}

fn of(stubs: [StubThinker; 2], settings: Settings) -> Chain<dyn Thinker> {
    Chain::new(stubs.map(candidate).into(), settings).expect("a chain")
}

fn candidate(stub: StubThinker) -> Candidate<dyn Thinker> {
    Candidate::new(Arc::new(stub))
}

fn request() -> ThoughtRequest {
    ThoughtRequest {
        instructions: "Answer.".into(),
        messages: vec![Message::Person {
            name: None,
            text: "When are you open?".to_owned(),
        }],
        tools: [].into(),
        language: Language::english(),
        max_tokens: None,
    }
}

async fn ask(chain: &Chain<dyn Thinker>) -> Told {
    let mut thoughts = chain.think(request()).await.expect("thoughts");
    let (mut text, mut incidents, mut calls) = (String::new(), Vec::new(), 0);
    let (mut silence, mut last) = (Duration::ZERO, Instant::now());
    let end = loop {
        match thoughts.next().await.expect("an end") {
            Ok(Thought::Text(piece)) => {
                silence = silence.max(last.elapsed());
                last = Instant::now();
                text.push_str(&piece);
            }
            Ok(Thought::Incident(incident)) => incidents.push(incident),
            Ok(Thought::Call(_)) => calls += 1,
            Ok(Thought::Tokens(_)) => {}
            Ok(Thought::Finished(reason)) => break Ok(reason),
            Err(error) => break Err(error),
        }
    };
    assert!(thoughts.next().await.is_none());
    // Probes get their turn.
    tokio::task::yield_now().await;
    Told {
        text,
        incidents,
        calls,
        silence,
        end,
    }
}

fn blamed(told: &Told) -> Vec<(&str, &str, Option<&str>)> {
    let all = told.incidents.iter();
    all.map(|i| {
        (
            i.provider.as_str(),
            i.kind,
            i.next.as_ref().map(ProviderName::as_str),
        )
    })
    .collect()
}
