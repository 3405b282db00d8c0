//! One person's sound: to the voice detector and to the transcriber.

use std::{
    task::{Context, Poll},
    time::{Duration, Instant},
};

use agent_turn::{VoiceDetector, VoiceEvent};
use room_contract::{AudioFormat, AudioStream, Identity, TrackId};
use room_media::SampleRate;

use super::feed::{Feed, PIECE};

/// What sound is asked of the room in: what the detector wants.
pub(super) const RATE: SampleRate = SampleRate::HZ_16000;
pub(super) const FORMAT: AudioFormat = AudioFormat::mono(RATE.hertz());

/// A frame that is so late does not come: its sender is silent, and silence takes its place.
const LATE: Duration = Duration::from_millis(40);

/// So much silence tells everybody that a voice has ended; more is not sent.
const ENOUGH: Duration = Duration::from_millis(2_500);

/// One person's sound.
pub(super) struct Ear {
    pub(super) who: Identity,
    pub(super) track: TrackId,
    stream: AudioStream,
    detector: VoiceDetector,
    /// None while they have a transcriber of their own.
    feed: Option<Feed>,
    silence: Silence,
}

/// Silence in place of frames that do not come.
#[derive(Debug, Default)]
struct Silence {
    due: Option<Instant>,
    filled: Duration,
}

impl Ear {
    pub(super) fn new(
        who: Identity,
        track: TrackId,
        stream: AudioStream,
        feed: Option<Feed>,
    ) -> Self {
        Self {
            who,
            track,
            stream,
            detector: VoiceDetector::new(),
            feed,
            silence: Silence::default(),
        }
    }

    /// Has the sound go here from now on, or to nobody.
    pub(super) fn set_feed(&mut self, feed: Option<Feed>) {
        self.feed = feed;
    }

    /// Takes in the next frame; `None` once there are no more.
    pub(super) fn poll_hear(&mut self, now: Instant, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let Poll::Ready(frame) = self.stream.poll_next(cx) else {
            return Poll::Pending;
        };
        let Some(frame) = frame else {
            return Poll::Ready(None);
        };
        self.silence.handle_frame(now, frame.duration());
        self.hear(&frame.samples);
        Poll::Ready(Some(()))
    }

    /// Returns when silence takes the place of a frame.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.silence.due
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let silence = RATE.samples_in(self.silence.handle_timeout(now));
        if silence > 0 {
            self.hear(&vec![0; silence]);
        }
    }

    pub(super) fn poll_voice(&mut self) -> Option<VoiceEvent> {
        self.detector.poll_event()
    }

    /// Asks the transcriber for what is still open.
    pub(super) fn finalize(&mut self) {
        if let Some(feed) = &self.feed {
            feed.finalize();
        }
    }

    fn hear(&mut self, samples: &[i16]) {
        self.detector.handle(samples);
        if let Some(feed) = &mut self.feed {
            feed.hear(samples);
        }
    }
}

impl Silence {
    fn handle_frame(&mut self, now: Instant, length: Duration) {
        self.due = Some(now + length + LATE);
        self.filled = Duration::ZERO;
    }

    /// Returns how much silence it is time for.
    fn handle_timeout(&mut self, now: Instant) -> Duration {
        let before = self.filled;
        while let Some(due) = self.due.filter(|due| *due <= now) {
            // The first one is for all frames that were waited for: who listens must not fall behind.
            let is_first = self.filled.is_zero();
            self.filled += if is_first { LATE + PIECE } else { PIECE };
            self.due = (self.filled < ENOUGH).then(|| due + PIECE);
        }
        self.filled - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(20);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn silence_does_not_fall_behind_the_frames_it_takes_the_place_of() {
        let start = Instant::now();
        let mut silence = Silence::default();
        silence.handle_frame(start, FRAME);

        let late = start + FRAME + LATE;
        let early = silence.handle_timeout(late - ms(1));
        let first = silence.handle_timeout(late);
        let second = silence.handle_timeout(late + FRAME);

        assert_eq!(early, Duration::ZERO, "it may still come");
        assert_eq!(first, FRAME + LATE, "three frames were due by then");
        assert_eq!(second, FRAME);
    }

    #[test]
    fn silence_ends_when_everybody_knows() {
        let start = Instant::now();
        let mut silence = Silence::default();
        silence.handle_frame(start, FRAME);

        let filled = silence.handle_timeout(start + ms(60_000));

        assert_eq!(filled, ENOUGH);
        assert_eq!(silence.due, None);
    }
}
