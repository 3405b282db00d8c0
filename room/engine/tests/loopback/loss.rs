//! Data over a path that loses packets.

use std::time::{Duration, Instant};

use room_engine::{ConnectionState, Message};
use tokio::time::timeout;

use crate::support::{Loss, LossyPath, PATIENCE, Pair, Seen, negotiated};

const TOTAL: usize = 4_500_000;
const PIECE: usize = 15_000;

/// The stall that one lost repetition costs is a second, so this is no matter of bandwidth.
const LONGEST: Duration = Duration::from_secs(120);

#[tokio::test]
async fn reliable_data_gets_through_five_percent_loss() {
    transfer(Loss(5)).await;
}

#[tokio::test]
async fn reliable_data_gets_through_without_loss() {
    transfer(Loss(0)).await;
}

async fn transfer(loss: Loss) {
    let pair = Pair::over(LossyPath::new(loss).await);
    let (ours, theirs) = pair.open_channels(negotiated(100)).await;
    let (received, sent) = (Seen::<u64>::default(), Seen::<u64>::default());
    let mut note = received.handler();
    theirs.on_message(Some(Box::new(move |message: Message| {
        note(message.data.len() as u64)
    })));
    ours.on_sent(Some(sent.handler()));

    let started = Instant::now();
    for _ in 0..TOTAL / PIECE {
        ours.send(Message {
            data: vec![7; PIECE],
            binary: true,
        })
        .unwrap();
    }
    let is_complete = |bytes: &[u64]| (bytes.iter().sum::<u64>() == TOTAL as u64).then_some(());
    let through = async {
        while is_complete(&received.all()).is_none() || is_complete(&sent.all()).is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LONGEST, through)
        .await
        .expect("everything arrives and is reported as sent");

    println!(
        "figure: 4.5 MB at {} % loss each way took {:?}",
        loss.0,
        started.elapsed()
    );
    assert_eq!(ours.buffered_amount(), 0);
}

#[tokio::test]
async fn a_path_that_is_cut_is_noticed_and_then_given_up() {
    let path = LossyPath::new(Loss(0)).await;
    let pair = Pair::over(path);
    let _channels = pair.open_channels(negotiated(100)).await;
    pair.connected().await;

    pair.cut();
    let is_gone = |state: &ConnectionState| *state == ConnectionState::Disconnected;
    timeout(2 * PATIENCE, pair.caller_states.wait_for(is_gone))
        .await
        .unwrap();
}
