//! Puts music on the track, a little ahead of time and no more.

use std::{sync::Arc, time::Duration};

use room_contract::{AudioFormat, LocalTrack};
use room_media::{Music, SampleRate};
use tokio::time::Instant;

use crate::volume::{Fader, Volume};

/// Telephones and loudspeakers alike: nothing in the music is above 2 kHz.
const RATE: SampleRate = SampleRate::HZ_16000;

/// What the track is given.
pub(crate) const FORMAT: AudioFormat = AudioFormat::mono(RATE.hertz());

/// What is handed over ahead of time: enough to survive a busy moment, little that cannot be made softer any more.
const AHEAD: Duration = Duration::from_millis(100);

/// What is handed over at once: a packet.
const PIECE: Duration = Duration::from_millis(20);

/// The music and its track.
pub(crate) struct Player {
    track: Arc<dyn LocalTrack>,
    music: Music,
    fader: Fader,
    piece: Vec<i16>,
    /// There is no track any more.
    gone: bool,
}

impl Player {
    pub(crate) fn new(track: Arc<dyn LocalTrack>) -> Self {
        Self {
            track,
            music: Music::new(RATE),
            fader: Fader::new(RATE),
            piece: vec![0; RATE.samples_in(PIECE)],
            gone: false,
        }
    }

    pub(crate) fn turn_to(&mut self, volume: Volume) {
        self.fader.turn_to(volume);
    }

    /// Hands over what it is time for. While it is off nothing is sent, and the music goes on later where it was left.
    pub(crate) async fn go_on(&mut self) {
        while self.plays() && self.track.queued() + PIECE <= AHEAD {
            self.music.fill(&mut self.piece);
            self.fader.apply(&mut self.piece);
            if self.track.capture(&self.piece).await.is_err() {
                // The room tells why, if it is over.
                tracing::debug!("the music has no track any more");
                self.gone = true;
            }
        }
    }

    fn plays(&self) -> bool {
        !self.gone && !self.fader.is_off()
    }

    /// Returns when to go on.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let wait = (self.track.queued() + PIECE).saturating_sub(AHEAD);
        self.plays().then_some(now + wait)
    }
}
