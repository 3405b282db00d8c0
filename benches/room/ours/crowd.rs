//! Many participants in one process, all speaking and listening, two to a room.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use livekit::webrtc::{
    audio_source::native::NativeAudioSource, audio_stream::native::NativeAudioStream,
};
use room_media::wav;
use tokio::{
    task::JoinSet,
    time::{interval, sleep},
};

use super::{
    participant::{Participant, frame},
    tell,
};
use crate::{
    process::{cpu_seconds, main_thread_seconds, resident_mib},
    signal::{BLOCK, RATE},
    task::{Line, Usage},
};

/// Joins going on at once.
const JOINING: usize = 4;
/// A minute of sound is enough for anybody's voice here.
const LONGEST_VOICE: usize = 60 * 24_000;

pub(super) struct Settings {
    pub(super) voice: PathBuf,
    pub(super) settle_seconds: u64,
    pub(super) seconds: u64,
}

pub(super) async fn perform(url: &str, tokens: &[String], settings: Settings) -> Result<()> {
    let pid = process::id();
    let empty_mib = resident_mib(pid)?;
    let mut crowd = Crowd::speak(url, tokens, &settings.voice).await?;
    crowd.listen().await?;
    sleep(Duration::from_secs(settings.settle_seconds)).await;

    tell(&Line::Begin)?;
    let begin = Instant::now();
    let (heard, cpu, main) = (crowd.heard(), cpu_seconds(pid)?, main_thread_seconds(pid)?);
    sleep(Duration::from_secs(settings.seconds)).await;
    let seconds = begin.elapsed().as_secs_f64();
    let due = seconds * f64::from(RATE.hertz()) * tokens.len() as f64;
    tell(&Line::End(Usage {
        cpu_seconds: cpu_seconds(pid)? - cpu,
        main_thread_seconds: main_thread_seconds(pid)? - main,
        seconds,
        empty_mib,
        full_mib: resident_mib(pid)?,
        heard_share: (crowd.heard() - heard) as f64 / due,
    }))?;
    crowd.leave().await
}

/// Participants who speak and listen until they leave.
pub(crate) struct Crowd {
    participants: Vec<Participant>,
    /// Speaking and listening; ends when dropped.
    tasks: JoinSet<Result<()>>,
    /// Samples that anybody has heard.
    heard: Arc<AtomicU64>,
}

impl Crowd {
    /// Lets everybody join and speak.
    pub(crate) async fn speak(url: &str, tokens: &[String], voice: &Path) -> Result<Self> {
        let voice: Arc<[i16]> = wav::read(&fs::read(voice)?, LONGEST_VOICE)?
            .samples()
            .into();
        let speaking: Vec<(Participant, NativeAudioSource)> = stream::iter(tokens)
            .map(|token| async move {
                let participant = Participant::join(url, token).await?;
                let source = participant.speak().await?;
                anyhow::Ok((participant, source))
            })
            .buffered(JOINING)
            .try_collect()
            .await?;
        let mut crowd = Self {
            participants: Vec::with_capacity(tokens.len()),
            tasks: JoinSet::new(),
            heard: Arc::default(),
        };
        for (index, (participant, source)) in speaking.into_iter().enumerate() {
            crowd.tasks.spawn(say(source, voice.clone(), index));
            crowd.participants.push(participant);
        }
        Ok(crowd)
    }

    /// Waits until each has a track to listen to, and listens.
    pub(crate) async fn listen(&mut self) -> Result<()> {
        for participant in &mut self.participants {
            self.tasks
                .spawn(hear(participant.listen().await?, self.heard.clone()));
        }
        Ok(())
    }

    fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    pub(crate) async fn leave(mut self) -> Result<()> {
        self.tasks.shutdown().await;
        let leaving = self
            .participants
            .into_iter()
            .map(|participant| Ok(participant.leave()));
        stream::iter(leaving)
            .try_for_each_concurrent(JOINING, |leaving| leaving)
            .await
    }
}

/// Speaks in real time, each participant from another place of the voice.
async fn say(source: NativeAudioSource, voice: Arc<[i16]>, participant: usize) -> Result<()> {
    let block = RATE.samples_in(BLOCK);
    let mut blocks = voice
        .chunks_exact(block)
        .cycle()
        .skip(participant * 37 % 1_000);
    let mut clock = interval(BLOCK);
    loop {
        clock.tick().await;
        let Some(block) = blocks.next() else {
            return Ok(());
        };
        source.capture_frame(&frame(block)).await?;
    }
}

async fn hear(mut stream: NativeAudioStream, heard: Arc<AtomicU64>) -> Result<()> {
    while let Some(frame) = stream.next().await {
        heard.fetch_add(frame.data.len() as u64, Ordering::Relaxed);
    }
    Ok(())
}
