//! Descriptions and candidates that nobody should send.

use proptest::prelude::*;
use room_engine::{
    Connection, ConnectionConfig, Description, DescriptionKind, EngineError, IceCandidate,
    MediaKind, SignalingState,
};

use crate::support::{Pair, add_receiver, negotiated};

fn answer_with(text: String) -> Description {
    Description::new(DescriptionKind::Answer, text)
}

/// A pair whose caller waits for the answer that is returned.
async fn waiting() -> (Pair, Description) {
    let pair = Pair::new();
    add_receiver(&pair.caller, MediaKind::Audio);
    pair.caller
        .create_data_channel("data", negotiated(100))
        .unwrap();
    let offer = pair.offer().await;
    let answer = pair.answer(offer).await;
    (pair, answer)
}

/// Sets a spoilt answer, which must be refused, then the good one, which must still be taken.
async fn spoil(edit: impl Fn(&str) -> String) {
    let (pair, answer) = waiting().await;

    let refused = pair
        .caller
        .set_remote_description(answer_with(edit(answer.sdp())))
        .await;

    assert!(
        matches!(refused, Err(EngineError::InvalidDescription { .. })),
        "{refused:?}"
    );
    assert_eq!(
        pair.caller.signaling_state(),
        SignalingState::HaveLocalOffer
    );
    pair.caller.set_remote_description(answer).await.unwrap();
    pair.connected().await;
}

#[tokio::test]
async fn an_answer_with_a_section_less_is_refused() {
    spoil(|sdp| sdp[..sdp.rfind("m=").unwrap()].to_owned()).await;
}

#[tokio::test]
async fn an_answer_with_a_section_more_is_refused() {
    spoil(|sdp| {
        format!(
            "{sdp}{}",
            sdp[sdp.rfind("m=").unwrap()..].replace("a=mid:", "a=mid:x")
        )
    })
    .await;
}

#[tokio::test]
async fn an_answer_for_an_unknown_section_is_refused() {
    spoil(|sdp| sdp.replace("a=mid:", "a=mid:z")).await;
}

#[tokio::test]
async fn an_answer_without_fingerprint_is_refused() {
    spoil(|sdp| without(sdp, "a=fingerprint")).await;
}

#[tokio::test]
async fn an_answer_without_credentials_is_refused() {
    spoil(|sdp| without(sdp, "a=ice-")).await;
}

#[tokio::test]
async fn an_answer_that_is_no_description_is_refused() {
    spoil(|_| "v=0 and nothing else".to_owned()).await;
}

fn without(sdp: &str, start: &str) -> String {
    sdp.split_inclusive("\r\n")
        .filter(|line| !line.starts_with(start))
        .collect()
}

#[tokio::test]
async fn candidates_that_cannot_be_used_are_left_out() {
    let (pair, answer) = waiting().await;
    pair.caller.set_remote_description(answer).await.unwrap();

    for text in [
        "",
        "rubbish",
        "candidate:1 1 udp 2122260223 7c1b2e7a-1234.local 54321 typ host",
        "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
        "candidate:1 1 tcp 1518280447 192.0.2.1 7881 typ host tcptype passive",
        "candidate:1 1 udp 2122260223 2001:db8::1 54321 typ host",
        "candidate:1 1 udp 2122260223 192.0.2.1 99999 typ host",
        "candidate:1 1 sctp 1 192.0.2.1 1 typ strange",
    ] {
        let candidate = IceCandidate {
            mid: "0".into(),
            line_index: 0,
            text: text.into(),
        };
        pair.caller.add_candidate(candidate).await.unwrap();
    }

    pair.connected().await;
}

/// A connection that waits for an answer, for any number of spoilt ones.
fn with_open_offer<R>(test: impl AsyncFnOnce(Connection, Description, Description) -> R) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (pair, answer) = waiting().await;
        let offer = pair.offer().await;
        test(pair.caller.clone(), offer, answer).await
    })
}

/// One edit of a text: cuts, repeats or overwrites some of it.
fn edits() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    prop::collection::vec((0_usize..6000, 0_usize..80, "\\PC{0,12}"), 1..6)
}

fn edited(text: &str, edits: &[(usize, usize, String)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (start, length, replacement) in edits {
        let start = start % (chars.len() + 1);
        let end = (start + length).min(chars.len());
        chars.splice(start..end, replacement.chars());
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_the_connection_panic(edits in edits()) {
        with_open_offer(async |connection, _, answer| {
            let spoilt = answer_with(edited(answer.sdp(), &edits));
            drop(connection.set_remote_description(spoilt).await);
            // The loop is alive when it still answers.
            assert!(connection.stats().await.is_ok());
        });
    }

    #[test]
    fn no_offer_makes_the_connection_panic(edits in edits()) {
        with_open_offer(async |_, offer, _| {
            let callee = Connection::open(ConnectionConfig::default()).unwrap();
            let spoilt = Description::new(DescriptionKind::Offer, edited(offer.sdp(), &edits));
            if callee.set_remote_description(spoilt).await.is_ok() {
                let answer = callee.create_answer().await.unwrap();
                drop(callee.set_local_description(answer).await);
            }
            assert!(callee.stats().await.is_ok());
        });
    }

    #[test]
    fn no_candidate_makes_the_connection_panic(text in "(candidate:)?\\PC{0,60}") {
        with_open_offer(async |connection, _, _| {
            let candidate = IceCandidate { mid: "0".into(), line_index: 0, text };
            drop(connection.add_candidate(candidate).await);
            assert!(connection.stats().await.is_ok());
        });
    }
}
