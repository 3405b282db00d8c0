//! One person's sound on its way to their transcriber, in pieces.

use std::time::Duration;

use room_media::{Format, ResampleError, Resampler};

use super::{RATE, link::Link, silence::Content};

/// What goes to a transcriber at once, about.
const PIECE: Duration = Duration::from_millis(20);

/// Who has been still for so long says nothing that anybody waits for:
const STILL: Duration = Duration::from_secs(1);

/// it goes out in pieces of at least half of this, until there is sound again.
const PIECE_WHILE_STILL: Duration = Duration::from_millis(200);

/// Makes pieces at the transcriber's rate of an ear's sound.
pub(super) struct Feed {
    resampler: Resampler,
    gathered: Vec<i16>,
    /// How long there has been nothing but hush.
    still: Duration,
    link: Link,
}

impl Feed {
    pub(super) fn new(link: Link) -> Result<Self, ResampleError> {
        Ok(Self {
            resampler: Resampler::new(Format::mono(RATE), link.rate)?,
            gathered: Vec::new(),
            still: Duration::ZERO,
            link,
        })
    }

    pub(super) fn hear(&mut self, samples: &[i16], content: Content) {
        self.resampler.process(samples, &mut self.gathered);
        self.still = match content {
            Content::Hush => self.still + RATE.duration_of(samples.len()),
            Content::Sound => Duration::ZERO,
        };
        let piece = self.link.rate.samples_in(self.piece());
        // Whatever a frame came to goes out at once: a rest would wait for the next frame, and after the last word
        // there is none for a while.
        while self.gathered.len() * 2 >= piece {
            let rest = self.gathered.len();
            self.send(if rest < 2 * piece { rest } else { piece });
        }
    }

    /// Asks the transcriber for what is still open.
    pub(super) fn finalize(&mut self) {
        self.send(self.gathered.len());
        self.link.finalize();
    }

    fn piece(&self) -> Duration {
        if self.still < STILL {
            PIECE
        } else {
            PIECE_WHILE_STILL
        }
    }

    fn send(&mut self, count: usize) {
        if count > 0 {
            self.link.hear(self.gathered[..count].into());
            self.gathered.drain(..count);
        }
    }
}

#[cfg(test)]
mod tests {
    use agent_contract::TranscriptionInput;
    use tokio::sync::mpsc::Receiver;

    use super::*;

    const FRAME: usize = RATE.samples_in(Duration::from_millis(20));

    fn feed() -> (Feed, Receiver<TranscriptionInput>) {
        let (link, pieces) = Link::open_ended(RATE);
        (Feed::new(link).expect("the same rate"), pieces)
    }

    fn hush(feed: &mut Feed, frames: u32) {
        for _ in 0..frames {
            feed.hear(&[0; FRAME], Content::Hush);
        }
    }

    /// Returns how many milliseconds each piece holds; nothing for the question what is still open.
    fn lengths(pieces: &mut Receiver<TranscriptionInput>) -> Vec<Option<u128>> {
        let pieces = std::iter::from_fn(|| pieces.try_recv().ok());
        let lengths = pieces.map(|piece| match piece {
            TranscriptionInput::Audio(samples) => Some(RATE.duration_of(samples.len()).as_millis()),
            TranscriptionInput::Finalize => None,
        });
        lengths.collect()
    }

    #[tokio::test]
    async fn what_is_said_and_the_hush_behind_it_go_out_at_once() {
        let (mut feed, mut pieces) = feed();

        for number in 0..40 {
            let content = if number < 3 {
                Content::Sound
            } else {
                Content::Hush
            };
            feed.hear(&[1; FRAME], content);
            assert_eq!(lengths(&mut pieces), [Some(20)], "piece {number}");
        }
    }

    #[tokio::test]
    async fn hush_that_lasts_goes_out_in_long_pieces_and_with_the_next_sound() {
        let (mut feed, mut pieces) = feed();
        hush(&mut feed, 49);
        lengths(&mut pieces);

        hush(&mut feed, 13);
        assert_eq!(lengths(&mut pieces), [Some(100), Some(100)]);
        feed.hear(&[1; FRAME], Content::Sound);

        let rest: u128 = lengths(&mut pieces).into_iter().flatten().sum();
        assert_eq!(rest, 3 * 20 + 20);
    }

    #[tokio::test]
    async fn what_is_still_open_is_asked_for_behind_all_sound() {
        let (mut feed, mut pieces) = feed();
        hush(&mut feed, 52);
        lengths(&mut pieces);

        feed.finalize();

        assert_eq!(lengths(&mut pieces), [Some(60), None]);
    }
}
