//! The queue between the application and the sender.

use std::pin::pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::task::noop_waker_ref;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn mono() -> AudioFormat {
    AudioFormat::new(8_000, 1).unwrap()
}

fn take(taker: &mut SourceTaker, wanted: usize) -> Vec<i16> {
    let mut frame = Vec::new();
    taker.fill(&mut frame, wanted);
    frame
}

#[test]
fn samples_come_out_in_order_whatever_the_pieces() {
    let source = AudioSource::new(mono(), 1_000 * MS);
    let mut taker = source.clone().attach(Arc::default());
    let samples: Vec<i16> = (0..700).collect();

    source
        .capture(&samples[..500])
        .now_or_never()
        .unwrap()
        .unwrap();
    source
        .capture(&samples[500..])
        .now_or_never()
        .unwrap()
        .unwrap();

    let mut heard = Vec::new();
    for wanted in [160, 1, 300, 1_000] {
        heard.extend(take(&mut taker, wanted));
    }
    assert_eq!(heard, samples);
}

#[test]
fn capture_waits_while_the_queue_is_full_and_goes_on_when_samples_leave() {
    let source = AudioSource::new(mono(), 40 * MS);
    let mut taker = source.clone().attach(Arc::default());
    let samples = [7; 480];
    let mut capture = pin!(source.capture(&samples));
    let mut context = Context::from_waker(noop_waker_ref());

    assert!(capture.as_mut().poll(&mut context).is_pending());
    assert_eq!(take(&mut taker, 160).len(), 160);

    assert_eq!(capture.as_mut().poll(&mut context), Poll::Ready(Ok(())));
    assert_eq!(take(&mut taker, 1_000).len(), 320);
}

#[test]
fn clearing_drops_what_is_queued_and_what_waits_to_be() {
    let source = AudioSource::new(mono(), 40 * MS);
    let mut taker = source.clone().attach(Arc::default());
    let samples = [7; 480];
    let mut capture = pin!(source.capture(&samples));
    let mut context = Context::from_waker(noop_waker_ref());
    assert!(capture.as_mut().poll(&mut context).is_pending());
    let mut frame = Vec::new();
    taker.fill(&mut frame, 100);

    source.clear();

    assert_eq!(capture.as_mut().poll(&mut context), Poll::Ready(Ok(())));
    taker.fill(&mut frame, 160);
    assert!(frame.is_empty(), "{} stale samples", frame.len());
    source.capture(&[9; 80]).now_or_never().unwrap().unwrap();
    taker.fill(&mut frame, 160);
    assert_eq!(frame, [9; 80]);
}

#[test]
fn without_a_queue_the_newest_samples_win() {
    let source = AudioSource::new(mono(), Duration::ZERO);
    let mut taker = source.clone().attach(Arc::default());

    for piece in 0..10 {
        source
            .capture(&[piece; 160])
            .now_or_never()
            .unwrap()
            .unwrap();
    }

    assert_eq!(take(&mut taker, 1_000), [[8; 160], [9; 160]].concat());
}

#[test]
fn half_a_stereo_frame_is_refused() {
    let source = AudioSource::new(AudioFormat::new(48_000, 2).unwrap(), 100 * MS);

    let refused = source.capture(&[1, 2, 3]).now_or_never().unwrap();

    assert_eq!(
        refused,
        Err(CaptureError::PartialFrame {
            samples: 3,
            channels: 2
        })
    );
}

fn is_woken(wake: &Notify) -> bool {
    wake.notified().now_or_never().is_some()
}

#[test]
fn the_taker_is_woken_once_by_as_many_samples_as_it_is_hungry_for() {
    let source = AudioSource::new(mono(), 1_000 * MS);
    let wake = Arc::new(Notify::new());
    let mut taker = source.clone().attach(wake.clone());
    assert!(is_woken(&wake), "samples may have been there before");
    assert!(taker.go_hungry(160));
    assert!(!is_woken(&wake));

    for (piece, wakes) in [false, true, false].into_iter().enumerate() {
        source.capture(&[1; 80]).now_or_never().unwrap().unwrap();
        assert_eq!(is_woken(&wake), wakes, "after piece {piece}");
    }

    assert!(!taker.go_hungry(1_000), "samples are there");
    take(&mut taker, 1_000);
    assert!(taker.go_hungry(1));
    source.capture(&[1; 80]).now_or_never().unwrap().unwrap();
    assert!(is_woken(&wake), "the earlier wish is forgotten");
}

#[test]
fn a_taker_that_wants_more_than_there_is_room_for_is_woken_when_it_is_full() {
    let source = AudioSource::new(mono(), 20 * MS);
    let wake = Arc::new(Notify::new());
    let taker = source.clone().attach(wake.clone());
    assert!(is_woken(&wake));
    assert!(taker.go_hungry(161));
    source.capture(&[1; 160]).now_or_never().unwrap().unwrap();
    assert!(!is_woken(&wake));

    assert!(source.capture(&[1; 160]).now_or_never().is_none());

    assert!(is_woken(&wake));
}

#[test]
fn a_new_taker_replaces_the_old_one() {
    let source = AudioSource::new(mono(), 100 * MS);
    let mut old = source.clone().attach(Arc::default());
    let mut new = source.clone().attach(Arc::default());
    source.capture(&[5; 160]).now_or_never().unwrap().unwrap();

    assert!(take(&mut old, 160).is_empty());
    drop(old);
    assert_eq!(take(&mut new, 160), [5; 160]);
}

#[test]
fn a_source_that_nobody_sends_plays_on_unheard() {
    let source = AudioSource::new(mono(), 20 * MS);

    let spoken = std::time::Instant::now();
    let capture = source.capture(&[1; 160 * 4]);
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(capture)
        .unwrap();

    assert!(spoken.elapsed() >= 55 * MS, "{:?}", spoken.elapsed());
}

#[test]
fn very_short_pieces_find_room_for_the_whole_queue() {
    let source = AudioSource::new(mono(), 100 * MS);
    let mut taker = source.clone().attach(Arc::default());

    for _ in 0..60 {
        source.capture(&[1; 8]).now_or_never().unwrap().unwrap();
    }

    assert_eq!(take(&mut taker, 480), [1; 480]);
}
