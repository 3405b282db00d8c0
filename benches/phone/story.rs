//! What is told while it is listened for pieces that are missing.

use std::time::Duration;

use connectors_twilio_twin::{Call, What};
use room_media::{Dbfs, SampleRate, tone::Tone};

/// How long it is told.
pub(crate) const LASTS: Duration = Duration::from_secs(15);

/// About as long as that, at 60 ms a letter.
pub(crate) const WORDS: &str = "Our house was built a hundred years ago by two brothers who had come from the sea, and it \
     has seven floors, forty rooms, and a garden with old apple trees. In the summer we serve breakfast under the trees, \
     and in the winter there is a fire in every room.";

/// What lines make of silence, and nobody carries on.
pub(crate) const HUSH: Dbfs = Dbfs::new(-60.0);

/// Returns a second of somebody who does not fall in: 8 kHz, mono.
pub(crate) fn murmur(level: Dbfs) -> Vec<i16> {
    Tone::new(SampleRate::HZ_8000, 200.0, level).take(8_000)
}

/// Returns how long the pieces were that somebody on the telephone has missed since a mark.
pub(crate) fn missed((call, since): (&Call, usize)) -> Vec<Duration> {
    let events = call.events().into_iter().skip(since);
    let gaps = events.filter_map(|event| match event.what {
        What::Gap { length } => Some(length),
        _ => None,
    });
    gaps.collect()
}
