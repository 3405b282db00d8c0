//! Audio without a clock or a socket: frames, resampling, mixing, levels, playout.
//!
//! Everything here is a pure function or a state machine that is told the time. Nothing waits, and
//! whatever arrives from outside is answered with a value or a typed error.
//!
//! | to do this | use |
//! |---|---|
//! | name a rate, a layout, a piece of sound | [`SampleRate`], [`Format`], [`Frame`] |
//! | change the rate of a stream | [`Resampler`] |
//! | speak to the telephone network | [`ulaw`] |
//! | give everybody the others | [`Mixer`] |
//! | tell how loud it is | [`Level`], [`AudioLevel`] |
//! | play to a human what arrives irregularly | [`Player`] |
//! | let somebody wait | [`Music`] |
//! | make and recognise a test tone | [`tone`] |
//! | read and write a recording | [`wav`] |

mod frame;
mod level;
mod mixer;
mod music;
mod player;
mod rate;
mod resample;
mod sample;
pub mod tone;
pub mod ulaw;
pub mod wav;

pub use frame::{Channels, Format, Frame, FrameError};
pub use level::{AudioLevel, Dbfs, Level, is_hush};
pub use mixer::{Hearing, Mixer, Seat};
pub use music::Music;
pub use player::{Player, PlayerOptions, PlayerStats};
pub use rate::{SampleRate, UnusableRate};
pub use resample::{ResampleError, Resampler};
