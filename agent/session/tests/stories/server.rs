//! The same on a real LiveKit server: sockets, codecs and jitter included.

use std::{sync::Arc, time::Duration};

use agent_contract::{
    SpeakerCapabilities,
    stub::{Pace, StubSpeaker},
};
use agent_session::Event;
use room_launcher::{LiveKitServer, Options};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use room_media::SampleRate;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::{cast::Cast, story::Story};

const LONG: &str = "one two three four five six seven eight nine ten eleven twelve.";

/// A server, and a story on it. The server ends with the story.
async fn begin(cast: Cast) -> (LiveKitServer, Story) {
    let server = LiveKitServer::start(Options::default())
        .await
        .expect("a server");
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: server.url(),
        public_url: None,
        api_key: server.api_key().to_owned(),
        api_secret: SecretString::from(server.api_secret()),
    });
    let rooms = Arc::new(rooms.expect("a usable configuration").without_shortcuts());
    let story = Story::begin_in(rooms, cast).await;
    (server, story)
}

fn speaker() -> StubSpeaker {
    StubSpeaker::new("mouth")
        .able(SpeakerCapabilities {
            sample_rate: SampleRate::HZ_24000,
            takes_words: false,
            word_times: true,
        })
        .paced(Pace::first(Duration::from_millis(20)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_is_heard_from_its_first_word_and_a_question_is_answered() {
    let cast = Cast::new()
        .greeting("Hello there my friend.")
        .answering(&["We open at nine."])
        .speaking(speaker());
    let (_server, mut story) = begin(cast).await;
    let ann = story.enters("ann").await;
    story.agent_has_said("Hello there my friend.").await;
    story.waits(500).await;
    assert_eq!(ann.heard("hello there my friend"), "hello there my friend");
    story.cast.transcriber.add("When do you open?");

    ann.speaks(1_000).await;
    let mut report = None;
    story
        .until("a report", |event| {
            if let Event::Turn { report: told } = event {
                report = Some(told.clone());
            }
            report.is_some()
        })
        .await;
    story.agent_has_said("We open at nine.").await;
    story.waits(500).await;

    assert_eq!(ann.heard("we open at nine"), "we open at nine");
    assert_eq!(
        ann.read("lk.transcription"),
        [
            "agent-alice: Hello there my friend.",
            "ann: When do you open?",
            "agent-alice: We open at nine.",
        ]
    );
    let report = report.expect("it came");
    let parts = report.endpointing_ms
        + report.transcription_ms
        + report.first_token_ms
        + report.first_speech_ms
        + report.transport_ms
        + report.rest_ms;
    assert_eq!(parts, report.total_ms, "{report:?}");
    ann.sees_the_agent("listening").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn talking_over_a_reply_silences_it_at_once() {
    let cast = Cast::new()
        .answering(&[LONG, "All right."])
        .speaking(speaker());
    let (_server, mut story) = begin(cast).await;
    let ann = story.enters("ann").await;
    story.waits(500).await;
    story.cast.transcriber.add("Stop it now please.");
    ann.types("Count to twelve.").await;
    story.agent_has_begun("one two three").await;

    let onset = Instant::now();
    let listening = async {
        story.waits(1_200).await;
        ann.heard_last().expect("it was heard")
    };
    let ((), last_sound) = tokio::join!(ann.speaks(1_000), listening);
    story.agent_has_said("All right.").await;

    // The barge-in goal is measured by the benchmarks; a busy machine is allowed for here.
    let leaked = last_sound.duration_since(onset);
    assert!(leaked <= Duration::from_millis(400), "{leaked:?}");
    let kept = story.kept();
    assert!(kept[1].starts_with("agent: one two three"), "{kept:?}");
    assert!(kept[1].ends_with(" --"), "{kept:?}");
    let heard = kept[1]
        .trim_start_matches("agent: ")
        .trim_end_matches(" --");
    let words = ann.heard(LONG);
    assert!(words.starts_with(heard), "heard {words}, kept {heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cough_does_not_lose_the_reply() {
    let cast = Cast::new().answering(&[LONG]).speaking(speaker());
    let (_server, mut story) = begin(cast).await;
    let ann = story.enters("ann").await;
    story.waits(500).await;
    story.cast.transcriber.add("");
    ann.types("Count to twelve.").await;
    story.agent_has_begun("one two three").await;

    ann.speaks(150).await;
    story.agent_has_said(LONG).await;
    story.waits(500).await;

    let words = ann.heard(LONG);
    assert!(words.ends_with("nine ten eleven twelve"), "{words}");
    for word in LONG.trim_end_matches('.').split(' ') {
        assert!(words.contains(word), "{word} is missing: {words}");
    }
    assert_eq!(story.kept()[1], format!("agent: {LONG}"));
}
