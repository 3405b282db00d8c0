//! Hears each person separately: a voice detector and a transcriber for each.

mod ear;
mod ears;
mod feed;
mod link;
mod own;
mod silence;

use room_contract::AudioFormat;
use room_media::SampleRate;

pub(crate) use ears::{Ears, Noticed};
pub(crate) use link::Told;
pub(crate) use own::WORDS;

/// What sound is asked of the room in: what the detector wants.
const RATE: SampleRate = SampleRate::HZ_16000;
const FORMAT: AudioFormat = AudioFormat::mono(RATE.hertz());
