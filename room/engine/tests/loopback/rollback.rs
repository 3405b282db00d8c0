//! Exchanges that do not go the straight way: stale, repeated, dropped and withdrawn descriptions.

use room_engine::{
    Description, DescriptionKind, EngineError, MediaKind, OfferPurpose, SignalingState,
};

use crate::support::{Pair, add_receiver, negotiated};

#[tokio::test]
async fn an_offer_that_is_dropped_changes_nothing() {
    let pair = Pair::new();
    let section = add_receiver(&pair.caller, MediaKind::Audio);
    pair.draft().await;

    assert_eq!(pair.caller.signaling_state(), SignalingState::Stable);
    assert_eq!(section.mid(), None);
    pair.negotiate().await;

    assert!(section.mid().is_some());
}

#[tokio::test]
async fn only_the_offer_created_last_can_be_set() {
    let pair = Pair::new();
    add_receiver(&pair.caller, MediaKind::Audio);
    let stale = pair.draft().await;
    let fresh = pair.draft().await;

    let refused = pair.caller.set_local_description(stale).await;

    assert!(matches!(refused, Err(EngineError::InvalidState { .. })));
    pair.caller.set_local_description(fresh).await.unwrap();
}

#[tokio::test]
async fn an_answer_to_an_offer_that_was_replaced_is_refused() {
    let pair = Pair::new();
    add_receiver(&pair.caller, MediaKind::Audio);
    let offer = pair.offer().await;
    let answer = pair.answer(offer).await;
    pair.draft().await;

    let refused = pair.caller.set_remote_description(answer).await;

    assert!(matches!(refused, Err(EngineError::InvalidState { .. })));
    assert_eq!(
        pair.caller.signaling_state(),
        SignalingState::HaveLocalOffer
    );
}

#[tokio::test]
async fn an_answer_counts_once() {
    let pair = Pair::new();
    add_receiver(&pair.caller, MediaKind::Audio);
    let offer = pair.offer().await;
    let answer = pair.answer(offer).await;
    pair.caller
        .set_remote_description(answer.clone())
        .await
        .unwrap();

    let refused = pair.caller.set_remote_description(answer).await;

    assert!(matches!(refused, Err(EngineError::InvalidState { .. })));
    assert_eq!(pair.caller.signaling_state(), SignalingState::Stable);
}

#[tokio::test]
async fn the_answer_before_takes_an_open_offer_back() {
    let pair = Pair::new();
    let first = add_receiver(&pair.caller, MediaKind::Audio);
    let offer = pair.offer().await;
    let answer = pair.answer(offer).await;
    pair.caller
        .set_remote_description(answer.clone())
        .await
        .unwrap();
    let second = add_receiver(&pair.caller, MediaKind::Audio);
    pair.offer().await;
    assert!(second.mid().is_some());

    pair.caller.set_remote_description(answer).await.unwrap();

    assert_eq!(pair.caller.signaling_state(), SignalingState::Stable);
    assert_eq!(second.mid(), None);
    assert!(first.mid().is_some());
    pair.exchange(OfferPurpose::IceRestart).await;
    assert!(second.mid().is_some());
}

#[tokio::test]
async fn a_rollback_takes_an_open_offer_back() {
    let pair = Pair::new();
    let section = add_receiver(&pair.caller, MediaKind::Audio);
    pair.offer().await;

    let rollback = Description::new(DescriptionKind::Rollback, "");
    pair.caller
        .set_local_description(rollback.clone())
        .await
        .unwrap();

    assert_eq!(pair.caller.signaling_state(), SignalingState::Stable);
    assert_eq!(section.mid(), None);
    let refused = pair.caller.set_local_description(rollback).await;
    assert!(matches!(refused, Err(EngineError::InvalidState { .. })));
}

#[tokio::test]
async fn descriptions_only_fit_their_states() {
    let pair = Pair::new();
    add_receiver(&pair.caller, MediaKind::Audio);
    let offer = pair.offer().await;

    assert!(
        pair.caller
            .set_remote_description(offer.clone())
            .await
            .is_err()
    );
    assert!(pair.callee.create_answer().await.is_err());
    pair.callee.set_remote_description(offer).await.unwrap();
    assert_eq!(
        pair.callee.signaling_state(),
        SignalingState::HaveRemoteOffer
    );
    assert!(
        pair.callee
            .create_offer(OfferPurpose::Renegotiate)
            .await
            .is_err()
    );

    let answer = pair.callee.create_answer().await.unwrap();
    pair.callee.set_local_description(answer).await.unwrap();
    assert_eq!(pair.callee.signaling_state(), SignalingState::Stable);
    assert!(pair.callee.create_answer().await.is_err());
}

#[tokio::test]
async fn there_must_be_something_to_offer() {
    let pair = Pair::new();

    let refused = pair.caller.create_offer(OfferPurpose::Renegotiate).await;

    assert!(matches!(refused, Err(EngineError::InvalidState { .. })));
}

#[tokio::test]
async fn closing_during_an_exchange_refuses_what_follows() {
    let pair = Pair::new();
    let channel = pair
        .caller
        .create_data_channel("data", negotiated(100))
        .unwrap();
    let offer = pair.offer().await;
    let answer = pair.answer(offer).await;

    pair.caller.close();

    assert_eq!(pair.caller.signaling_state(), SignalingState::Closed);
    let refused = pair.caller.set_remote_description(answer).await;
    assert!(matches!(refused, Err(EngineError::Closed)));
    let refused = pair.caller.create_offer(OfferPurpose::Renegotiate).await;
    assert!(matches!(refused, Err(EngineError::Closed)));
    assert_eq!(channel.state(), room_engine::ChannelState::Closed);
}
