//! Beginnings and ends: what is left of a connection that is gone.

use std::time::Duration;

use room_engine::{
    ChannelState, Connection, ConnectionConfig, ConnectionState, EngineError, MediaKind,
    OfferPurpose, SignalingState, live_tasks,
};
use tokio::time::timeout;

use crate::support::{PATIENCE, Pair, Seen, add_receiver, negotiated};

#[tokio::test]
async fn closing_says_so_at_once_and_to_the_peer() {
    let pair = Pair::new();
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let ours_seen = Seen::default();
    ours.on_state_change(Some(ours_seen.handler()));
    let track = add_receiver(&pair.caller, MediaKind::Audio).remote_track();
    drop(theirs);

    pair.caller.close();

    assert_eq!(pair.caller.connection_state(), ConnectionState::Closed);
    assert_eq!(pair.caller.signaling_state(), SignalingState::Closed);
    assert!(pair.caller.transceivers().is_empty());
    assert!(track.ended());
    ours_seen
        .wait_for(|state| *state == ChannelState::Closed)
        .await;
    pair.caller_states
        .wait_for(|state| *state == ConnectionState::Closed)
        .await;
    pair.callee_states
        .wait_for(|state| *state == ConnectionState::Disconnected)
        .await;
}

#[tokio::test]
async fn a_closed_connection_refuses_everything() {
    let connection = Connection::open(ConnectionConfig::default()).unwrap();
    connection.close();
    connection.close();

    assert!(matches!(connection.stats().await, Err(EngineError::Closed)));
    assert!(
        connection
            .create_data_channel("late", negotiated(1))
            .is_err()
    );
}

#[tokio::test]
async fn the_last_handle_closes_the_connection() {
    let pair = Pair::new();
    let _channels = pair.open_channels(negotiated(100)).await;
    pair.connected().await;
    let Pair {
        caller,
        callee_states,
        callee,
        ..
    } = pair;
    let other = caller.clone();

    drop(caller);
    assert_eq!(other.connection_state(), ConnectionState::Connected);
    // The task that passes candidates of the callee holds a handle to the caller.
    callee.on_candidate(None);
    drop(other);

    callee_states
        .wait_for(|state| *state == ConnectionState::Disconnected)
        .await;
}

/// Other tests of this process open connections too, so the counts are watched until they are low
/// rather than compared with what they were.
#[tokio::test]
async fn two_hundred_connections_leave_nothing_behind() {
    for _ in 0..200 {
        let connection = Connection::open(ConnectionConfig::default()).unwrap();
        add_receiver(&connection, MediaKind::Audio);
        drop(
            connection
                .create_offer(OfferPurpose::Renegotiate)
                .await
                .unwrap(),
        );
        connection.close();
    }

    let quiet = async {
        while live_tasks() > 60 || open_files() > 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(2 * PATIENCE, quiet)
        .await
        .expect("tasks and sockets go away");
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_transport_that_the_peer_closed_is_not_offered_again() {
    let pair = Pair::new();
    let (ours, _theirs) = pair.open_channels(negotiated(100)).await;
    let at_disconnection = Seen::default();
    let mut note = at_disconnection.handler();
    let channel = ours.clone();
    pair.connected().await;
    pair.caller
        .on_ice_state(Some(Box::new(move |_| note(channel.state()))));
    let closing = Seen::default();
    ours.on_state_change(Some(closing.handler()));

    pair.callee.close();
    at_disconnection
        .wait_for(|state| *state == ChannelState::Open)
        .await;
    closing
        .wait_for(|state| *state == ChannelState::Closed)
        .await;
    pair.caller_states
        .wait_for(|state| *state == ConnectionState::Failed)
        .await;

    let refused = pair.caller.create_offer(OfferPurpose::IceRestart).await;
    assert!(matches!(refused, Err(EngineError::InvalidState { .. })));
}
