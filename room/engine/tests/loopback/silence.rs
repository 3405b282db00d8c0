//! Whether silence is sent is the receiver's wish.

use std::time::Duration;

use room_engine::audio::{AudioFormat, AudioSource};
use room_engine::{Description, Direction, LocalTrack, MediaKind, SendEncoding, TransceiverInit};
use tokio::time::timeout;

use crate::support::{PATIENCE, Pair};

const RATE: u32 = 24_000;
/// Half a second of frames.
const FRAMES: u64 = 25;

#[tokio::test]
async fn silence_is_sent_to_a_peer_that_did_not_ask_for_less() {
    let (packets, _) = say_nothing("").await;

    assert!(packets >= FRAMES, "{packets} packets");
}

#[tokio::test]
async fn silence_is_left_out_for_a_peer_that_wants_none() {
    let (packets, left_out) = say_nothing(";usedtx=1").await;

    assert_eq!(packets, 0);
    assert!(left_out >= FRAMES, "{left_out} frames");
}

/// Hands over digital silence while the peer's answer ends its wishes for Opus with `wish`; returns how many frames
/// of it were sent and how many were not.
async fn say_nothing(wish: &str) -> (u64, u64) {
    let pair = Pair::new();
    let source = AudioSource::new(AudioFormat::new(RATE, 1).unwrap(), PATIENCE);
    let init = TransceiverInit {
        direction: Direction::SendOnly,
        stream_ids: vec!["stream".to_owned()],
        encoding: SendEncoding::default(),
    };
    let track = LocalTrack::audio("voice", source.clone());
    pair.caller
        .add_transceiver(MediaKind::Audio, Some(track), init)
        .unwrap();
    let offer = pair.offer().await;
    let answer = pair.answer(offer).await;
    pair.caller
        .set_remote_description(wishing(&answer, wish))
        .await
        .unwrap();
    pair.connected().await;

    let silence = vec![0; usize::try_from(RATE / 50).unwrap()];
    let counted = async {
        loop {
            source.capture(&silence).await.unwrap();
            let stats = pair.caller.stats().await.unwrap().outbound[0].audio;
            if stats.packets + stats.frames_not_sent >= 2 * FRAMES {
                return (stats.packets, stats.frames_not_sent);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, counted).await.unwrap()
}

fn wishing(answer: &Description, wish: &str) -> Description {
    let line = |line: &str| {
        let is_opus = line.starts_with("a=fmtp:") && line.contains("useinbandfec");
        format!("{line}{}\r\n", if is_opus { wish } else { "" })
    };
    let sdp: String = answer.sdp().lines().map(line).collect();
    assert!(wish.is_empty() || sdp.contains(wish), "{sdp}");
    Description::new(answer.kind(), sdp)
}
