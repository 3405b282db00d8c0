//! An open microphone: what is to be said, and silence in between, in real time.

use std::sync::Arc;
use std::time::Duration;

use room_contract::LocalTrack;
use room_media::Level;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;

use super::RATE;

const PIECE: Duration = Duration::from_millis(20);

/// Handed over ahead of time: enough for a busy moment.
const AHEAD: Duration = Duration::from_millis(60);

/// Utterances that wait; there is one at a time.
const WAITING: usize = 1;

/// Softer is silence.
const AUDIBLE: f32 = -50.0;

struct Utterance {
    samples: Vec<i16>,
    said: oneshot::Sender<Instant>,
}

pub(super) struct Mouth {
    utterances: mpsc::Sender<Utterance>,
    _speaking: AbortOnDropHandle<()>,
}

impl Mouth {
    pub(super) fn open(track: Arc<dyn LocalTrack>) -> Self {
        let (utterances, waiting) = mpsc::channel(WAITING);
        Self {
            utterances,
            _speaking: AbortOnDropHandle::new(tokio::spawn(speak(track, waiting))),
        }
    }

    /// Says something, and tells when its last audible sample left. `None` while something else is being said.
    pub(super) fn say(&self, samples: Vec<i16>) -> Option<oneshot::Receiver<Instant>> {
        let (said, told) = oneshot::channel();
        self.utterances.try_send(Utterance { samples, said }).ok()?;
        Some(told)
    }
}

async fn speak(track: Arc<dyn LocalTrack>, mut waiting: mpsc::Receiver<Utterance>) {
    let silence = vec![0; RATE.samples_in(PIECE)];
    while let Ok(()) = track.capture(&silence).await {
        if let Ok(Utterance { samples, said }) = waiting.try_recv() {
            let Some(end) = utter(&*track, &samples).await else {
                return;
            };
            // Whoever asked may have gone.
            let _ = said.send(end);
        }
        sleep(track.queued().saturating_sub(AHEAD)).await;
    }
}

async fn utter(track: &dyn LocalTrack, samples: &[i16]) -> Option<Instant> {
    let mut end = Instant::now();
    for piece in samples.chunks(RATE.samples_in(PIECE)) {
        let mut piece = piece.to_vec();
        piece.resize(RATE.samples_in(PIECE), 0);
        track.capture(&piece).await.ok()?;
        let queued = track.queued();
        if Level::of(&piece).rms.decibels() > AUDIBLE {
            end = Instant::now() + queued;
        }
        sleep(queued.saturating_sub(AHEAD)).await;
    }
    Some(end)
}
