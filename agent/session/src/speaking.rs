//! From text to sound on the track.

mod clauses;
mod mouth;
mod score;
mod sound;

pub(crate) use clauses::{Clauses, Piece};
pub(crate) use mouth::{Mouth, Progress, RATE};
pub(crate) use score::Score;
pub(crate) use sound::Sound;
