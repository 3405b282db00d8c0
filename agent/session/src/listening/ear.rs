//! One person's sound: to the voice detector and, in pieces, to the transcriber.

use std::{
    task::{Context, Poll},
    time::{Duration, Instant},
};

use agent_turn::{VoiceDetector, VoiceEvent};
use room_contract::{AudioFormat, AudioStream, Identity, TrackId};
use room_media::{Format, ResampleError, Resampler, SampleRate};

use super::link::Link;

/// What sound is asked of the room in: what the detector wants.
pub(super) const RATE: SampleRate = SampleRate::HZ_16000;
pub(super) const FORMAT: AudioFormat = AudioFormat::mono(RATE.hertz());

/// What goes to a transcriber at once, about.
const PIECE: Duration = Duration::from_millis(20);

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
    resampler: Resampler,
    piece: usize,
    gathered: Vec<i16>,
    link: Link,
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
        link: Link,
    ) -> Result<Self, ResampleError> {
        let resampler = Resampler::new(Format::mono(RATE), link.rate)?;
        Ok(Self {
            who,
            track,
            stream,
            detector: VoiceDetector::new(),
            resampler,
            piece: link.rate.samples_in(PIECE),
            gathered: Vec::new(),
            link,
            silence: Silence::default(),
        })
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
        self.link.finalize();
    }

    fn hear(&mut self, samples: &[i16]) {
        self.detector.handle(samples);
        self.resampler.process(samples, &mut self.gathered);
        // Whatever a frame came to goes out at once: a rest would wait for the next frame, and after the last word
        // there is none for a while.
        while self.gathered.len() * 2 >= self.piece {
            let rest = self.gathered.len();
            let piece = if rest < 2 * self.piece {
                rest
            } else {
                self.piece
            };
            self.link.hear(self.gathered[..piece].into());
            self.gathered.drain(..piece);
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
