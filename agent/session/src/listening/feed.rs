//! One person's sound on its way to their transcriber, in pieces.

use std::time::Duration;

use room_media::{Format, ResampleError, Resampler};

use super::{ear::RATE, link::Link};

/// What goes to a transcriber at once, about.
const PIECE: Duration = Duration::from_millis(20);

/// Makes pieces at the transcriber's rate of an ear's sound.
pub(super) struct Feed {
    resampler: Resampler,
    piece: usize,
    gathered: Vec<i16>,
    link: Link,
}

impl Feed {
    pub(super) fn new(link: Link) -> Result<Self, ResampleError> {
        Ok(Self {
            resampler: Resampler::new(Format::mono(RATE), link.rate)?,
            piece: link.rate.samples_in(PIECE),
            gathered: Vec::new(),
            link,
        })
    }

    pub(super) fn hear(&mut self, samples: &[i16]) {
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

    /// Asks the transcriber for what is still open.
    pub(super) fn finalize(&self) {
        self.link.finalize();
    }
}
