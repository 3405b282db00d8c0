//! One person's sound: to the voice detector and to the transcriber.

use std::{
    task::{Context, Poll},
    time::Instant,
};

use agent_turn::{VoiceDetector, VoiceEvent};
use room_contract::{AudioStream, Identity, TrackId};
use room_media::is_hush;

use super::{
    RATE,
    feed::Feed,
    silence::{Content, Fate, Silence},
};

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
        let content = content(&frame.samples);
        if self.silence.handle_frame(now, frame.duration(), content) == Fate::Heard {
            self.hear(&frame.samples, content);
        }
        Poll::Ready(Some(()))
    }

    /// Returns when silence takes the place of a frame.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.silence.deadline()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let silence = RATE.samples_in(self.silence.handle_timeout(now));
        if silence > 0 {
            self.hear(&vec![0; silence], Content::Hush);
        }
    }

    pub(super) fn poll_voice(&mut self) -> Option<VoiceEvent> {
        self.detector.poll_event()
    }

    /// Asks the transcriber for what is still open.
    pub(super) fn finalize(&mut self) {
        if let Some(feed) = &mut self.feed {
            feed.finalize();
        }
    }

    fn hear(&mut self, samples: &[i16], content: Content) {
        self.detector.handle(samples);
        if let Some(feed) = &mut self.feed {
            feed.hear(samples, content);
        }
    }
}

fn content(samples: &[i16]) -> Content {
    if is_hush(samples) {
        Content::Hush
    } else {
        Content::Sound
    }
}
