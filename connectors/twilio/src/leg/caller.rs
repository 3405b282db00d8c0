//! The caller's voice: from the socket, made even, onto the leg's own track.

use std::{sync::Arc, time::Duration};

use room_contract::LocalTrack;
use room_media::{Format, Player, PlayerOptions, SampleRate, ulaw};
use tokio::time::Instant;

use super::{
    gate::Gate,
    pace::{Pace, TICK},
};
use crate::media::FRAME;

/// Twilio's way to us is even as a rule; where it is not, more is learned from what comes.
const FIRST_DELAY: Duration = Duration::from_millis(5);

/// Sound that waits for so much longer than it has to is sent earlier; less is what timers wobble.
const EXCESS: Duration = Duration::from_millis(2);

/// No more of it waits on the track instead: from there nobody could take it back.
const MOST_AHEAD: Duration = Duration::from_millis(10);

/// More than this is not worth waiting for: both would talk at once.
const LONGEST_DELAY: Duration = Duration::from_millis(300);

/// A stream that brings nothing for so long is silent until it does.
const GONE_QUIET: Duration = Duration::from_secs(1);

/// The track does not send: what comes then is dropped.
const STUCK: Duration = Duration::from_millis(200);

/// The caller's mouth.
pub(super) struct Caller {
    track: Arc<dyn LocalTrack>,
    player: Player,
    pace: Pace,
    gate: Gate,
    samples: Vec<i16>,
    came: Option<Instant>,
}

impl Caller {
    pub(super) fn new(track: Arc<dyn LocalTrack>) -> Self {
        Self {
            track,
            player: player(),
            pace: Pace::default(),
            gate: Gate::default(),
            samples: Vec::new(),
            came: None,
        }
    }

    pub(super) fn track(&self) -> &dyn LocalTrack {
        &*self.track
    }

    /// Takes what the caller said.
    pub(super) fn handle_sound(&mut self, now: Instant, codes: &[u8]) {
        if codes.is_empty() {
            return;
        }
        self.samples.clear();
        ulaw::decode_into(codes, &mut self.samples);
        self.player.handle_frame(now.into_std(), &self.samples);
        self.came = Some(now);
        self.pace.begin(now + self.player.stats().target);
    }

    /// Falls silent and forgets what has come: another stream follows, or none.
    pub(super) fn stop(&mut self) {
        self.pace.stop();
        self.player = player();
    }

    /// Forgets what was said and nobody was sent yet, and goes on.
    pub(super) fn hush(&mut self) {
        self.stop();
        self.track.clear();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pace.deadline()
    }

    /// Lets everybody hear what it is time for.
    pub(super) async fn handle_timeout(&mut self, now: Instant) {
        while let Some(due) = self.pace.take(now) {
            let mut piece = [0; FRAME];
            self.player.play(due.into_std(), &mut piece);
            let stats = self.player.stats();
            if stats.delay > stats.target + EXCESS && self.track.queued() < MOST_AHEAD {
                self.pace.hurry();
            }
            if !self.gate.lets_through(&piece) || self.track.queued() + TICK > STUCK {
                continue;
            }
            if self.track.capture(&piece).await.is_err() {
                // The room is ending, or about to tell.
                self.pace.stop();
            }
        }
        if self.came.is_some_and(|came| now - came > GONE_QUIET) {
            self.pace.stop();
        }
    }
}

fn player() -> Player {
    Player::new(PlayerOptions {
        first_delay: FIRST_DELAY,
        longest_delay: LONGEST_DELAY,
        ..PlayerOptions::new(Format::mono(SampleRate::HZ_8000))
    })
}
