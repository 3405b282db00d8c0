//! A participant that plays music to those who wait.
//!
//! [`Musician`] enters a room, plays to whoever shares its circle, becomes softer while anybody of them speaks, and can
//! be told from outside to be soft, silent or gone. It listens to nobody and needs a room and nothing else.

mod musician;
mod player;
mod volume;

pub use musician::{EnterError, MusicHandle, Musician, Setup};
pub use volume::Volume;
