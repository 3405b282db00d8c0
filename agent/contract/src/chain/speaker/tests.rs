use std::time::Duration;

use room_media::SampleRate;
use tokio::time::Instant;

use super::super::{Candidate, Incident, Ledger, Money, Price, Settings, Warmth};
use super::*;
use crate::{
    Language, SpeechEvent, SpeechInput,
    stub::{Fault, Pace, StubSpeaker, WORD, hear},
};

const TEXT: &str = "We are open from nine to five, and on Saturdays until noon.";
const WORDS: &str = "we are open from nine to five and on saturdays until noon";
/// How long the second takes for its first sound.
const SECOND: Duration = Duration::from_millis(200);

#[derive(Default)]
struct Told {
    samples: Vec<i16>,
    incidents: Vec<Incident>,
    places: Vec<usize>,
    silence: Duration,
    error: Option<ProviderError>,
}

impl Told {
    fn words(&self) -> String {
        hear(&self.samples, SampleRate::HZ_24000, TEXT).join(" ")
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
async fn every_fault_before_the_first_sound_is_covered_by_the_next() {
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
        let told = say(&chain(one().failing(fault), two())).await;

        assert_eq!(told.words(), WORDS, "{fault:?}");
        assert_eq!(told.blamed(), [("one", kind, Some("two"))], "{fault:?}");
        assert!(
            told.silence <= Duration::from_millis(1_050),
            "{fault:?}: {:?}",
            told.silence
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_in_mid_speech_loses_and_doubles_no_word() {
    // Within the gap after a word, at 8 and 9 pieces of 10, its sound is whole but its place is not told yet.
    for at in (1..120).step_by(7).filter(|at| at % 10 < 8) {
        for fault in [Fault::StallAt(at), Fault::ResetAt(at), Fault::CloseAt(at)] {
            for word_times in [false, true] {
                let told = say(&chain(with_times(one().failing(fault), word_times), two())).await;

                assert_eq!(told.words(), WORDS, "{fault:?}, word times: {word_times}");
                assert_eq!(told.incidents.len(), 1, "{fault:?}");
                assert!(
                    told.silence <= Duration::from_millis(1_500),
                    "{fault:?}: {:?}",
                    told.silence
                );
                assert!(told.places.is_sorted(), "{:?}", told.places);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_is_fitted_to_the_rate_and_the_pieces_of_the_first() {
    let mut able = two().capabilities();
    (able.sample_rate, able.takes_words) = (SampleRate::HZ_16000, false);

    let told = say(&chain(one().failing(Fault::StallAt(33)), two().able(able))).await;

    assert_eq!(told.words(), WORDS);
    let lasted = SampleRate::HZ_24000.duration_of(told.samples.len());
    let wanted = WORD * 12;
    assert!(lasted >= wanted && lasted <= wanted + WORD, "{lasted:?}");
}

#[tokio::test(start_paused = true)]
async fn text_that_is_still_being_written_goes_to_who_speaks_then() {
    let chain = chain(one().failing(Fault::ResetAt(12)), two());
    let speech = chain.speak(options()).await.expect("speech");
    let Speech {
        input,
        mut spoken,
        task,
    } = speech;
    let mut told = Told::default();

    for piece in [
        "We are open ",
        "from nine to five,",
        " and on Saturdays",
        " until noon.",
    ] {
        input
            .send(SpeechInput::Text(piece.to_owned()))
            .await
            .expect("sent");
        input.send(SpeechInput::Flush).await.expect("sent");
        tokio::time::sleep(Duration::from_secs(3)).await;
        while let Ok(event) = spoken.try_recv() {
            told.takes(event);
        }
    }
    drop(input);
    while let Some(event) = spoken.recv().await {
        told.takes(event);
    }

    drop(task);
    assert_eq!(told.words(), WORDS);
    assert_eq!(told.blamed(), [("one", "unavailable", Some("two"))]);
}

#[tokio::test(start_paused = true)]
async fn silence_between_sentences_is_nobodys_fault() {
    let chain = chain(one(), two());
    let mut speech = chain.speak(options()).await.expect("speech");
    let mut told = Told::default();

    for _ in 0..2 {
        speech
            .input
            .send(SpeechInput::Text("Open. ".to_owned()))
            .await
            .expect("sent");
        speech.input.send(SpeechInput::Flush).await.expect("sent");
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    speech.input.send(SpeechInput::Finish).await.expect("sent");
    while let Some(event) = speech.spoken.recv().await {
        told.takes(event);
    }

    assert_eq!(told.words(), "open open");
    assert!(told.incidents.is_empty() && told.error.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_warm_second_is_connected_before_it_is_needed() {
    let slow_to_open = Pace {
        open: Duration::from_millis(400),
        ..Pace::first(Duration::from_millis(100))
    };
    let second = Arc::new(two().paced(slow_to_open));
    let candidates = vec![
        candidate(one().failing(Fault::StallAt(0)).paced(slow_to_open)),
        Candidate::new(Arc::clone(&second) as Arc<dyn Speaker>),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");
    assert!(matches!(Settings::warm().warmth, Warmth::Warm { .. }));

    let told = say(&chain).await;

    assert_eq!(told.words(), WORDS);
    assert_eq!(
        told.silence,
        Settings::warm().first + Duration::from_millis(100)
    );
    assert_eq!((second.opened(), second.open()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn speech_without_end_is_ended() {
    let told = say(&chain(one().failing(Fault::Endless), two())).await;

    assert!(told.words().starts_with(WORDS), "{}", told.words());
    assert_eq!(told.blamed(), [("one", "garbled", None)]);
    assert!(told.error.is_none());
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_each_is_blamed_and_the_last_error_told() {
    let told = say(&chain(
        one().failing(Fault::StallAt(5)),
        two().failing(Fault::Rejects),
    ))
    .await;

    assert_eq!(
        told.blamed(),
        [("one", "stalled", Some("two")), ("two", "rejected", None)]
    );
    assert_eq!(told.error.expect("an error").kind(), "rejected");
}

#[tokio::test(start_paused = true)]
async fn a_reply_costs_what_each_took_of_it() {
    let price = Price {
        characters: Money::of(1.0),
        ..Price::default()
    };
    let candidates = vec![
        candidate(one().failing(Fault::ResetAt(10))).priced(price),
        candidate(two()).priced(price),
    ];
    let ledger = Arc::new(Ledger::default());
    let chain = Chain::new(candidates, Settings::default()).expect("a chain");

    say(&chain.for_call(Arc::clone(&ledger))).await;

    let used: Vec<u64> = ledger
        .accounts()
        .iter()
        .map(|a| a.usage.characters)
        .collect();
    let all = TEXT.chars().count() as u64;
    assert_eq!(
        used,
        [all, all - 3],
        "the first was given all, the second the rest"
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_the_reply_ends_it_everywhere() {
    let (first, second) = (Arc::new(one()), Arc::new(two()));
    let candidates = vec![
        Candidate::new(Arc::clone(&first) as Arc<dyn Speaker>),
        Candidate::new(Arc::clone(&second) as Arc<dyn Speaker>),
    ];
    let chain = Chain::new(candidates, Settings::warm()).expect("a chain");
    let mut speech = chain.speak(options()).await.expect("speech");
    speech
        .input
        .send(SpeechInput::Text(TEXT.to_owned()))
        .await
        .expect("sent");
    speech.spoken.recv().await;
    assert_eq!((first.open(), second.open()), (1, 1));

    drop(speech);
    tokio::time::sleep(Duration::from_millis(1)).await;

    assert_eq!((first.open(), second.open()), (0, 0));
}

impl Told {
    fn takes(&mut self, event: Result<SpeechEvent, ProviderError>) {
        match event {
            Ok(SpeechEvent::Audio(spoken)) => {
                self.samples.extend(spoken.samples);
                self.places.extend(spoken.text_until);
            }
            Ok(SpeechEvent::Incident(incident)) => self.incidents.push(incident),
            Ok(SpeechEvent::Words(_) | SpeechEvent::Charged(_) | SpeechEvent::Finished) => {}
            Err(error) => self.error = Some(error),
        }
    }
}

async fn say(chain: &Chain<dyn Speaker>) -> Told {
    let mut speech = chain.speak(options()).await.expect("speech");
    speech
        .input
        .send(SpeechInput::Text(TEXT.to_owned()))
        .await
        .expect("sent");
    speech.input.send(SpeechInput::Finish).await.expect("sent");
    let (mut told, mut last) = (Told::default(), Instant::now());
    while let Some(event) = speech.spoken.recv().await {
        if matches!(event, Ok(SpeechEvent::Audio(_))) {
            told.silence = told.silence.max(last.elapsed());
            last = Instant::now();
        }
        told.takes(event);
    }
    told
}

fn one() -> StubSpeaker {
    StubSpeaker::new("one")
}

fn two() -> StubSpeaker {
    StubSpeaker::new("two").paced(Pace::first(SECOND))
}

fn with_times(stub: StubSpeaker, word_times: bool) -> StubSpeaker {
    let mut able = stub.capabilities();
    able.word_times = word_times;
    stub.able(able)
}

fn chain(one: StubSpeaker, two: StubSpeaker) -> Chain<dyn Speaker> {
    Chain::new(vec![candidate(one), candidate(two)], Settings::default()).expect("a chain")
}

fn candidate(stub: StubSpeaker) -> Candidate<dyn Speaker> {
    Candidate::new(Arc::new(stub))
}

fn options() -> SpeakOptions {
    SpeakOptions {
        voice: None,
        language: Language::english(),
    }
}
