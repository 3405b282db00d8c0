//! Everybody else, as the caller hears them: each made even, all in one.

use std::{
    future::poll_fn,
    task::{Context, Poll},
    time::Duration,
};

use room_contract::{AudioFrame, AudioStream, Identity, TrackId};
use room_media::{Format, Mixer, Player, PlayerOptions, SampleRate, Seat};
use tokio::time::Instant;

use crate::media::FRAME;

/// Tracks that are listened to at once; later ones are not heard on the phone.
const MOST: usize = 64;

/// A track that brings nothing for so long is silent.
const GONE_QUIET: Duration = Duration::from_millis(400);

/// An agent's sound comes from a machine like this one, and is even as a rule; people are in networks of all kinds.
const FIRST_DELAY_OF_AGENT: Duration = Duration::from_millis(5);

/// All that is heard on the phone.
pub(super) struct Others {
    open: Vec<Other>,
    /// Where to look first, so that nobody is overheard for long.
    first: usize,
    mixer: Mixer,
    phone: Seat,
}

/// Who sends a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    Agent,
}

struct Other {
    who: Identity,
    kind: Kind,
    track: TrackId,
    stream: AudioStream,
    player: Player,
    seat: Seat,
    came: Option<Instant>,
}

impl Others {
    pub(super) fn new() -> Self {
        let mut mixer = Mixer::new(format(), FRAME);
        let phone = mixer.join();
        Self {
            open: Vec::new(),
            first: 0,
            mixer,
            phone,
        }
    }

    pub(super) fn open(&mut self, who: Identity, kind: Kind, track: TrackId, stream: AudioStream) {
        self.close(&track);
        if self.open.len() >= MOST {
            return;
        }
        let seat = self.mixer.join();
        self.open.push(Other {
            who,
            track,
            stream,
            player: player(kind),
            kind,
            seat,
            came: None,
        });
    }

    pub(super) fn close(&mut self, track: &TrackId) {
        for other in self.open.extract_if(.., |other| other.track == *track) {
            self.mixer.leave(other.seat);
        }
    }

    pub(super) fn close_person(&mut self, who: &Identity) {
        for other in self.open.extract_if(.., |other| other.who == *who) {
            self.mixer.leave(other.seat);
        }
    }

    /// Drops what somebody said and the caller has not been sent yet.
    pub(super) async fn hush(&mut self, who: &Identity) {
        for other in self.open.iter_mut().filter(|other| other.who == *who) {
            other.hush().await;
        }
    }

    /// Drops what anybody said and the caller has not been sent yet.
    pub(super) async fn hush_all(&mut self) {
        for other in &mut self.open {
            other.hush().await;
        }
    }

    /// Waits for the next frame of anybody, and says whose it is; for ever while there is nobody.
    pub(super) async fn next(&mut self) -> (usize, AudioFrame) {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(usize, AudioFrame)> {
        let mut looked_at = 0;
        while looked_at < self.open.len() {
            let at = (self.first + looked_at) % self.open.len();
            let other = &mut self.open[at];
            match other.stream.poll_next(cx) {
                Poll::Ready(Some(frame)) => {
                    self.first = at + 1;
                    return Poll::Ready((at, frame));
                }
                Poll::Ready(None) => {
                    let other = self.open.remove(at);
                    self.mixer.leave(other.seat);
                    // Those behind it have moved; look at all again.
                    looked_at = 0;
                }
                Poll::Pending => looked_at += 1,
            }
        }
        Poll::Pending
    }

    /// Takes a frame that [`next`](Self::next) returned; returns when it is time to play it.
    pub(super) fn handle_sound(
        &mut self,
        now: Instant,
        (at, frame): (usize, AudioFrame),
    ) -> Instant {
        let Some(other) = self.open.get_mut(at) else {
            return now;
        };
        other.player.handle_frame(now.into_std(), &frame.samples);
        other.came = Some(now);
        now + other.player.stats().target
    }

    /// Returns whether nothing has come from anybody for a while.
    pub(super) fn are_quiet(&self, now: Instant) -> bool {
        self.open.iter().all(|other| !other.spoke_lately(now))
    }

    /// Returns how long sound waits here at the most.
    pub(super) fn delay(&self, now: Instant) -> Duration {
        let speaking = self.open.iter().filter(|other| other.spoke_lately(now));
        speaking
            .map(|other| other.player.stats().delay)
            .max()
            .unwrap_or_default()
    }

    /// Fills a tick with what all of them say.
    pub(super) fn mix(&mut self, due: Instant, heard: &mut [i16; FRAME]) {
        let mut piece = [0; FRAME];
        for other in &mut self.open {
            other.player.play(due.into_std(), &mut piece);
            self.mixer.put(other.seat, &piece);
        }
        self.mixer.hear(self.phone, heard);
        self.mixer.next_tick();
    }
}

impl Other {
    async fn hush(&mut self) {
        poll_fn(|cx| {
            while let Poll::Ready(Some(_)) = self.stream.poll_next(cx) {}
            Poll::Ready(())
        })
        .await;
        self.player = player(self.kind);
        self.came = None;
    }

    fn spoke_lately(&self, now: Instant) -> bool {
        self.came.is_some_and(|came| now - came <= GONE_QUIET)
    }
}

fn format() -> Format {
    Format::mono(SampleRate::HZ_8000)
}

fn player(kind: Kind) -> Player {
    let usual = PlayerOptions::new(format());
    Player::new(match kind {
        Kind::Person => usual,
        Kind::Agent => PlayerOptions {
            first_delay: FIRST_DELAY_OF_AGENT,
            ..usual
        },
    })
}
