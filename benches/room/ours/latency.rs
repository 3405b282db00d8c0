//! From the application that speaks to the application that hears.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::StreamExt;
use livekit::webrtc::{
    audio_source::native::NativeAudioSource, audio_stream::native::NativeAudioStream,
};
use room_media::{Format, Player, PlayerOptions};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::{
    participant::{Participant, frame},
    tell,
};
use crate::{
    signal::{BLOCK, Beeper, RATE, Stopwatch},
    task::Line,
};

/// Beeps that do not count: the first ones, while delays settle.
const WARM_UP: usize = 6;

pub(super) async fn perform(url: &str, tokens: [&str; 2], beeps: u32) -> Result<()> {
    let speaker = Participant::join(url, tokens[0]).await?;
    let mut listener = Participant::join(url, tokens[1]).await?;
    let source = speaker.speak().await?;
    let (said, when_said) = watch::channel(Vec::new());
    let (arrived, played) = tokio::select! {
        spoken = say_beeps(&source, &said) => return spoken,
        heard = async {
            let stream = listener.listen().await?;
            hear_beeps(stream, &when_said, WARM_UP + beeps as usize).await
        } => heard?,
    };
    for (arrived, played) in arrived.into_iter().zip(played).skip(WARM_UP) {
        let [arrived_ms, played_ms] = [arrived, played].map(|late| late.as_secs_f64() * 1_000.0);
        tell(&Line::Beep {
            arrived_ms,
            played_ms,
        })?;
    }
    speaker.leave().await?;
    listener.leave().await
}

/// Says beeps without end, as a microphone would: a block every 10 ms.
async fn say_beeps(source: &NativeAudioSource, said: &watch::Sender<Vec<Instant>>) -> Result<()> {
    let mut beeper = Beeper::new();
    let mut clock = interval(BLOCK);
    loop {
        clock.tick().await;
        let (block, beep_begins) = beeper.next_block();
        if beep_begins {
            said.send_modify(|said| said.push(Instant::now()));
        }
        source.capture_frame(&frame(&block)).await?;
    }
}

/// Listens in both ways at once; returns how late beeps were as they arrived, and played.
async fn hear_beeps(
    mut stream: NativeAudioStream,
    said: &watch::Receiver<Vec<Instant>>,
    wanted: usize,
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let (mut as_it_arrives, mut as_played) = (Stopwatch::default(), Stopwatch::default());
    let (mut arrived, mut played) = (Vec::new(), Vec::new());
    let mut player = Player::new(PlayerOptions::new(Format::mono(RATE)));
    let mut clock = interval(BLOCK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut piece = vec![0; RATE.samples_in(BLOCK)];
    while played.len() < wanted || arrived.len() < wanted {
        tokio::select! {
            biased;
            frame = stream.next() => {
                let frame = frame.context("the stream has ended")?;
                let now = Instant::now();
                player.handle_frame(now, &frame.data);
                let late = as_it_arrives.time(now, &frame.data, &said.borrow());
                arrived.extend(late.map(|(at_hand, _)| at_hand));
            }
            _ = clock.tick() => {
                let now = Instant::now();
                player.play(now, &mut piece);
                let late = as_played.time(now, &piece, &said.borrow());
                played.extend(late.map(|(_, sounds)| sounds));
            }
        }
    }
    Ok((arrived, played))
}
