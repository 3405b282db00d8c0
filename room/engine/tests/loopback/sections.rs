//! Media sections: their names, directions and tracks.

use room_engine::{
    Direction, LocalTrack, MediaKind, OfferPurpose, SendEncoding, SignalingState, TransceiverInit,
};

use crate::support::{Pair, Seen, add_receiver, negotiated, wanted};

fn voice(id: &str) -> (LocalTrack, TransceiverInit) {
    let init = TransceiverInit {
        direction: Direction::SendOnly,
        stream_ids: vec!["stream".to_owned()],
        encoding: SendEncoding::default(),
    };
    (LocalTrack::silent(id, MediaKind::Audio), init)
}

#[tokio::test]
async fn a_section_has_a_name_once_its_offer_is_set() {
    let pair = Pair::new();
    let section = add_receiver(&pair.caller, MediaKind::Audio);

    let offer = pair.draft().await;
    assert_eq!(section.mid(), None);
    pair.caller
        .set_local_description(offer.clone())
        .await
        .unwrap();

    let mid = section.mid().unwrap();
    assert!(offer.sdp().contains(&format!("a=mid:{mid}")));
}

#[tokio::test]
async fn the_offer_names_the_track_and_the_peer_sees_its_stream() {
    let pair = Pair::new();
    let tracks = Seen::default();
    pair.callee.on_track(Some(tracks.handler()));
    let (track, init) = voice("TR_cid");
    pair.caller
        .add_transceiver(MediaKind::Audio, Some(track), init)
        .unwrap();

    let offer = pair.draft().await;
    assert!(offer.sdp().contains("a=msid:stream TR_cid"));
    pair.caller
        .set_local_description(offer.clone())
        .await
        .unwrap();
    let answer = pair.answer(offer).await;
    pair.caller.set_remote_description(answer).await.unwrap();

    let seen = tracks.wait_for(|_| true).await;
    assert_eq!(seen.remote_streams(), ["stream"]);
    assert_eq!(seen.current_direction(), Some(Direction::RecvOnly));
}

#[tokio::test]
async fn sections_keep_their_order_and_names_over_many_exchanges() {
    let pair = Pair::new();
    let _data = pair
        .caller
        .create_data_channel("data", negotiated(100))
        .unwrap();
    let mut names = Vec::new();

    for _ in 0..6 {
        add_receiver(&pair.caller, MediaKind::Audio);
        add_receiver(&pair.caller, MediaKind::Video);
        pair.negotiate().await;
        let now: Vec<_> = pair
            .caller
            .transceivers()
            .iter()
            .map(|t| t.mid().unwrap())
            .collect();
        assert_eq!(&now[..names.len()], &names[..]);
        names = now;
    }

    assert_eq!(names.len(), 12);
    assert_eq!(pair.callee.transceivers().len(), 12);
}

#[tokio::test]
async fn an_exchange_without_changes_is_possible() {
    let pair = Pair::new();
    let section = add_receiver(&pair.caller, MediaKind::Audio);
    pair.negotiate().await;
    let agreed = section.current_direction();

    pair.negotiate().await;

    assert_eq!(section.current_direction(), agreed);
    assert_eq!(pair.caller.signaling_state(), SignalingState::Stable);
}

#[tokio::test]
async fn a_removed_track_makes_its_section_inactive() {
    let pair = Pair::new();
    let (track, init) = voice("voice");
    let section = pair
        .caller
        .add_transceiver(MediaKind::Audio, Some(track), init)
        .unwrap();
    pair.negotiate().await;
    assert_eq!(section.current_direction(), Some(Direction::SendOnly));

    section.remove_local_track();
    pair.negotiate().await;

    assert_eq!(section.current_direction(), Some(Direction::Inactive));
    assert!(section.local_track().is_none());
}

#[tokio::test]
async fn a_restart_of_ice_ends_connected_again() {
    let pair = Pair::new();
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    pair.connected().await;
    let messages = Seen::default();
    theirs.on_message(Some(messages.handler()));

    pair.exchange(OfferPurpose::IceRestart).await;
    use room_engine::ConnectionState::Connected;
    let twice =
        |states: &[_]| (states.iter().filter(|s| **s == Connected).count() == 2).then_some(());
    pair.caller_states.wait_until(twice).await;
    ours.send(room_engine::Message {
        data: b"after".to_vec(),
        binary: true,
    })
    .unwrap();

    messages.wait_for(|message| message.data == b"after").await;
}

#[tokio::test]
async fn sections_that_only_receive_have_no_stream_of_their_own() {
    let pair = Pair::new();
    let (track, init) = voice("voice");
    pair.caller
        .add_transceiver(MediaKind::Audio, Some(track), init)
        .unwrap();
    for kind in [MediaKind::Audio, MediaKind::Video] {
        add_receiver(&pair.caller, kind);
    }
    pair.negotiate().await;

    let offer = pair.draft().await;

    let streams = |section: &str| section.contains("a=ssrc:");
    let sections: Vec<bool> = offer.sdp().split("m=").skip(1).map(streams).collect();
    assert_eq!(sections, [true, false, false]);
}

#[tokio::test]
async fn sections_wanted_for_receiving_are_offered_for_receiving() {
    let pair = Pair::new();
    pair.caller
        .add_transceiver(MediaKind::Audio, None, wanted(Direction::RecvOnly))
        .unwrap();

    let offer = pair.draft().await;

    assert!(offer.sdp().contains("a=recvonly"));
    assert!(offer.sdp().contains("red/48000"));
    assert!(
        offer
            .sdp()
            .contains("urn:ietf:params:rtp-hdrext:ssrc-audio-level")
    );
}
