//! Everybody with everybody: sound, data, streams, calls, and what is known of each other.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests_harness::{Heard, Recorded, listen};

use crate::cast::{Actor, Cast, LEVEL, PLAYERS};

/// Long enough that a clock which drifts or a buffer which runs empty shows.
const LISTENING: Duration = Duration::from_secs(60);
/// A tone that is half a percent noise is still a tone; another one in it is not.
const LEAST_SHARE: f32 = 0.95;
const LEVEL_WITHIN: f32 = 1.0;
const LONGEST_GAP: Duration = Duration::from_millis(40);
/// Recordings start and end between two frames, and a buffer may hold some.
const MISSING_AT_MOST: Duration = Duration::from_millis(500);
/// Too large for one packet, small enough for one moment.
const LARGE: usize = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_hears_exactly_the_others() {
    let cast = Cast::assemble().await;
    cast.sound().await;
    let folder = tempfile::tempdir().unwrap();
    // Who joined last has to be heard by all before the minute begins.
    hear(&cast, folder.path(), Duration::from_secs(1)).await;

    let heard = hear(&cast, folder.path(), LISTENING).await;

    let mut wrong = Vec::new();
    for ((listener, speaker), (heard, recorded)) in &heard {
        let line = format!(
            "{listener:>8} hears {speaker:>8}: {}",
            described(heard, recorded)
        );
        #[expect(
            clippy::print_stdout,
            reason = "the matrix is a result, also when all is well"
        )]
        {
            println!("{line}");
        }
        if !is_good(heard) {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    cast.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_and_streams_pass_in_all_directions() {
    let cast = Cast::assemble().await;
    everybody_sees_the_others(&cast).await;
    let large: String = ('a'..='z').cycle().take(LARGE).collect();

    for ((from, sender), (to, receiver)) in cast.pairs() {
        let topic = format!("test-{}", from.identity);
        let is_from = |event: &Value| event["from"] == from.identity;
        sender.send_data(&topic, b"packet").await.unwrap();
        let data = receiver
            .event("data", |e| is_from(e) && e["topic"] == topic.as_str())
            .await;
        assert_eq!(data.unwrap().fields["data"], "cGFja2V0");

        let text = json!({ "topic": "test.text", "text": large, "to": [to.identity] });
        sender.perform("send_text", text).await.unwrap();
        let text = receiver.event("text", is_from).await.unwrap();
        assert_eq!(text.fields["text"].as_str(), Some(large.as_str()));

        let file = json!({
            "topic": "test.bytes", "name": "a file", "data": "AAECAwQ=", "to": [to.identity],
        });
        sender.perform("send_bytes", file.clone()).await.unwrap();
        let bytes = receiver.event("bytes", is_from).await.unwrap();
        assert_eq!(
            (&bytes.fields["name"], &bytes.fields["data"]),
            (&file["name"], &file["data"])
        );
    }
    cast.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_answered_in_all_directions() {
    let cast = Cast::assemble().await;
    everybody_sees_the_others(&cast).await;
    for peer in &cast.peers {
        peer.perform("answer_rpc", json!({ "method": "ask" }))
            .await
            .unwrap();
    }

    for ((_, caller), (asked, _)) in cast.pairs() {
        let answer = caller
            .rpc(asked.identity, "ask", "how are you?")
            .await
            .unwrap();
        assert_eq!(answer, format!("{}:how are you?", asked.identity));

        let refused = caller
            .rpc(asked.identity, "no-such-method", "")
            .await
            .unwrap_err();
        assert!(format!("{refused:#}").contains("1400"), "{refused:#}");
    }
    cast.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_knows_who_the_others_are() {
    let cast = Cast::assemble().await;
    everybody_sees_the_others(&cast).await;

    for ((looker, peer), (seen, _)) in cast.pairs() {
        let person = seen_by((looker, peer), seen.identity).await.unwrap();
        let kind = if seen.is_agent { "agent" } else { "standard" };
        assert_eq!(person["kind"], kind, "{} sees {person}", looker.identity);
        assert_eq!(person["name"], "A Name");
        assert_eq!(person["attributes"]["since"], "joining");
    }
    for ((changing, peer), (_, witness)) in cast.pairs() {
        let value = format!("seen by {}", witness.pid().unwrap_or_default());
        let attributes = json!({ "attributes": { "mood": value } });
        peer.perform("set_attributes", attributes).await.unwrap();
        let told = witness.event("attributes", |e| {
            e["identity"] == changing.identity && e["changed"]["mood"] == value.as_str()
        });
        told.await.unwrap();
    }
    cast.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_sees_who_speaks() {
    let cast = Cast::assemble().await;
    everybody_sees_the_others(&cast).await;

    for (player, peer) in PLAYERS.iter().zip(&cast.peers) {
        let sid = peer.publish_tone(player.hertz, LEVEL).await.unwrap();
        for (other, witness) in PLAYERS.iter().zip(&cast.peers) {
            if other.identity != player.identity {
                let names = |e: &Value| {
                    let speakers = e["identities"].as_array();
                    speakers.is_some_and(|names| names.iter().any(|name| name == player.identity))
                };
                let seen = witness.event("speakers", names).await;
                assert!(
                    seen.is_ok(),
                    "{} does not see {} speak",
                    other.identity,
                    player.identity
                );
            }
        }
        peer.perform("unpublish", json!({ "sid": sid }))
            .await
            .unwrap();
    }
    cast.leave().await;
}

/// Everybody records everybody else at the same time.
async fn hear(
    cast: &Cast,
    folder: &std::path::Path,
    time: Duration,
) -> Vec<((&'static str, &'static str), (Heard, Recorded))> {
    let recordings = cast
        .pairs()
        .into_iter()
        .map(|((speaker, _), (listener, ear))| {
            let file = folder.join(format!("{}-{}.wav", listener.identity, speaker.identity));
            async move {
                let recorded = ear.record(speaker.identity, time, &file).await.unwrap();
                let heard = listen(&file, speaker.hertz).unwrap();
                ((listener.identity, speaker.identity), (heard, recorded))
            }
        });
    join_all(recordings).await
}

fn is_good(heard: &Heard) -> bool {
    heard.share >= LEAST_SHARE
        && (heard.level - LEVEL).abs() <= LEVEL_WITHIN
        && heard.longest_gap <= LONGEST_GAP
        && heard.duration + MISSING_AT_MOST >= LISTENING
}

fn described(heard: &Heard, recorded: &Recorded) -> String {
    format!(
        "share {:.4}, level {:+.2} dB, longest gap {:?}, {:.2} s, longest wait {:?}",
        heard.share,
        heard.level - LEVEL,
        heard.longest_gap,
        heard.duration.as_secs_f32(),
        recorded.longest_wait,
    )
}

/// Those who joined earlier are told of those who joined later.
async fn everybody_sees_the_others(cast: &Cast) {
    for ((looker, peer), (seen, _)) in cast.pairs() {
        if seen_by((looker, peer), seen.identity).await.is_none() {
            peer.event("participant_joined", |e| e["identity"] == seen.identity)
                .await
                .unwrap();
        }
    }
}

async fn seen_by((_, peer): Actor<'_>, identity: &str) -> Option<Value> {
    let answer = peer.perform("participants", json!({})).await.unwrap();
    let others = answer["participants"].as_array().unwrap();
    others
        .iter()
        .find(|other| other["identity"] == identity)
        .cloned()
}
