//! What is heard of one participant.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use futures_util::StreamExt;
use livekit::webrtc::{audio_stream::native::NativeAudioStream, prelude::RtcAudioTrack};
use room_media::tone::{self, ToneReport};
use tokio::sync::watch;

use super::{soon, voice::RATE};

/// Collects what is heard of one participant, over all tracks that it publishes in turn.
pub(crate) struct Ear {
    pieces: Mutex<Vec<Piece>>,
    samples: watch::Sender<usize>,
}

/// Sound, and when it arrived.
#[derive(Clone)]
struct Piece {
    at: Instant,
    samples: Vec<i16>,
}

impl Ear {
    pub(crate) fn new() -> Self {
        Self {
            pieces: Mutex::default(),
            samples: watch::Sender::new(0),
        }
    }

    /// Listens until the track ends.
    pub(crate) async fn listen(&self, track: RtcAudioTrack) {
        let mut stream = NativeAudioStream::new(track, RATE.hertz() as i32, 1);
        while let Some(frame) = stream.next().await {
            let piece = Piece {
                at: Instant::now(),
                samples: frame.data.to_vec(),
            };
            let count = piece.samples.len();
            self.pieces
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(piece);
            self.samples.send_modify(|samples| *samples += count);
        }
    }

    /// Returns the sound of the next `duration`, counted in samples: silence that is not sent
    /// does not count.
    pub(crate) async fn hear(&self, duration: Duration) -> Result<Recording> {
        let begin = Instant::now();
        let mut samples = self.samples.subscribe();
        let enough = *samples.borrow() + RATE.samples_in(duration);
        let complete = samples.wait_for(|&samples| samples >= enough);
        soon(&format!("{duration:?} of sound"), complete).await??;
        Ok(self.since(begin))
    }

    /// Returns how much memory the sound takes that is kept here.
    pub(crate) fn kept(&self) -> usize {
        *self.samples.borrow() * size_of::<i16>()
    }

    /// Returns everything that arrived after `begin`.
    pub(crate) fn since(&self, begin: Instant) -> Recording {
        let pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        Recording {
            pieces: pieces
                .iter()
                .filter(|piece| piece.at > begin)
                .cloned()
                .collect(),
        }
    }
}

/// A stretch of what was heard.
pub(crate) struct Recording {
    pieces: Vec<Piece>,
}

impl Recording {
    /// Returns the sound without its times.
    pub(crate) fn samples(&self) -> Vec<i16> {
        let pieces = self.pieces.iter();
        pieces
            .flat_map(|piece| piece.samples.iter().copied())
            .collect()
    }

    /// Measures how much of it is a tone of `hertz`.
    pub(crate) fn tone(&self, hertz: f32) -> ToneReport {
        tone::measure(&self.samples(), RATE, hertz)
    }

    /// Returns the longest time between two arrivals.
    pub(crate) fn longest_wait(&self) -> Duration {
        let waits = self.pieces.windows(2).map(|two| two[1].at - two[0].at);
        waits.max().unwrap_or_default()
    }

    /// Returns when each piece arrived.
    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        self.pieces.iter().map(|piece| piece.at).collect()
    }

    /// Returns when the last piece with sound in it arrived: one sample above `loudness` counts.
    pub(crate) fn last_sound(&self, loudness: i16) -> Option<Instant> {
        let sounds = |piece: &&Piece| piece.samples.iter().any(|&sample| sample > loudness);
        self.pieces.iter().rev().find(sounds).map(|piece| piece.at)
    }
}
