//! Everybody's sound, in one place.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use room_contract::{AudioFrame, AudioStream, Identity, TrackId};

/// The streams of all speakers.
#[derive(Default)]
pub(crate) struct Ears {
    open: Vec<Ear>,
    /// Where to look first, so that nobody is overheard for long.
    first: usize,
}

struct Ear {
    who: Identity,
    track: TrackId,
    stream: AudioStream,
}

impl Ears {
    pub(crate) fn open(&mut self, who: Identity, track: TrackId, stream: AudioStream) {
        self.close(&track);
        self.open.push(Ear { who, track, stream });
    }

    pub(crate) fn close(&mut self, track: &TrackId) {
        self.open.retain(|ear| ear.track != *track);
    }

    /// Waits for the next frame of anybody; for ever while there is nobody.
    pub(crate) async fn next(&mut self) -> (Identity, AudioFrame) {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(Identity, AudioFrame)> {
        let mut looked_at = 0;
        while looked_at < self.open.len() {
            let at = (self.first + looked_at) % self.open.len();
            let ear = &mut self.open[at];
            match ear.stream.poll_next(cx) {
                Poll::Ready(Some(frame)) => {
                    self.first = at + 1;
                    return Poll::Ready((ear.who.clone(), frame));
                }
                Poll::Ready(None) => {
                    self.open.remove(at);
                    // Those behind it have moved; look at all again.
                    looked_at = 0;
                }
                Poll::Pending => looked_at += 1,
            }
        }
        Poll::Pending
    }
}
