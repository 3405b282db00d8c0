//! Hears each person separately: a voice detector and a transcriber for each.

mod ear;
mod ears;
mod feed;
mod link;
mod own;
mod silence;

pub(crate) use ears::{Ears, Noticed};
pub(crate) use link::Told;
pub(crate) use own::WORDS;
