//! A voice in real time, so that delays from mouth to ear can be measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use livekit::webrtc::{
    audio_source::{AudioSourceOptions, native::NativeAudioSource},
    stats::RtcStats,
};
use room_media::{Dbfs, tone::Tone};
use tokio::time::MissedTickBehavior;

use crate::support::{Guest, LEVEL, RATE, Recording, frame, publish_source};

/// One call of a microphone's driver.
pub(super) const PIECE: Duration = Duration::from_millis(10);
/// One packet.
pub(super) const FRAME: Duration = Duration::from_millis(20);

/// Takes whole utterances at once.
const QUEUE_MS: u32 = 2_000;

/// A published microphone before which somebody may speak.
pub(super) struct Microphone {
    source: NativeAudioSource,
    tone: Tone,
}

impl Microphone {
    /// Publishes a microphone.
    pub(super) async fn publish(guest: &Guest, hertz: f32) -> Result<Self> {
        let source =
            NativeAudioSource::new(AudioSourceOptions::default(), RATE.hertz(), 1, QUEUE_MS);
        publish_source(&guest.room, &source).await?;
        let tone = Tone::new(RATE, hertz, Dbfs::new(LEVEL));
        Ok(Self { source, tone })
    }

    /// Lets the tone sound for `duration`, each piece when its last sample would be recorded.
    /// Returns when the first piece was handed over.
    pub(super) async fn sound(&mut self, duration: Duration) -> Result<Instant> {
        let mut clock = tokio::time::interval(PIECE);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        clock.tick().await;
        let begin = Instant::now();
        for piece in 0..duration.as_millis() / PIECE.as_millis() {
            if piece > 0 {
                clock.tick().await;
            }
            let samples = self.tone.take(RATE.samples_in(PIECE));
            self.source.capture_frame(&frame(samples)).await?;
        }
        Ok(begin)
    }

    /// Hands over `duration` of the tone at once.
    pub(super) async fn sound_at_once(&mut self, duration: Duration) -> Result<Instant> {
        let begin = Instant::now();
        let samples = self.tone.take(RATE.samples_in(duration));
        self.source.capture_frame(&frame(samples)).await?;
        Ok(begin)
    }
}

/// Returns how long after its last sample was handed over each packet was heard, if the sound began
/// at `begin` and nothing of it is missing.
pub(super) fn delays(recording: &Recording, begin: Instant) -> Vec<Duration> {
    let arrivals = recording.arrivals().into_iter();
    arrivals
        .enumerate()
        .map(|(packet, at)| {
            let last_piece = begin + FRAME * packet as u32 + (FRAME - PIECE);
            at.saturating_duration_since(last_piece)
        })
        .collect()
}

/// What a listener's engine has counted of one track.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) lost: u64,
    pub(super) recovered: u64,
    concealed: u64,
    total: u64,
}

impl Counts {
    /// Asks `listener` about the only track of `identity`.
    pub(super) async fn of(listener: &Guest, identity: &str) -> Result<Self> {
        let participants = listener.room.remote_participants();
        let speaker = participants.get(&identity.to_owned().into());
        let publications = speaker.context("nobody of that name")?.track_publications();
        let tracks = publications
            .values()
            .filter_map(|publication| publication.track());
        let track = tracks.last().context("no track")?;
        for stats in track.get_stats().await? {
            if let RtcStats::InboundRtp(stats) = stats {
                return Ok(Self {
                    lost: stats.audio.lost,
                    recovered: stats.audio.recovered,
                    concealed: stats.audio.concealed_samples,
                    total: stats.audio.total_samples,
                });
            }
        }
        Ok(Self::default())
    }

    /// Returns what was counted since `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            lost: self.lost - before.lost,
            recovered: self.recovered - before.recovered,
            concealed: self.concealed - before.concealed,
            total: self.total - before.total,
        }
    }

    /// Returns the share of sound that was made up, 0 to 1.
    pub(super) fn concealed_share(self) -> f64 {
        self.concealed as f64 / self.total.max(1) as f64
    }
}
