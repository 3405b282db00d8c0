//! What a person at a terminal needs who talks: a script, a voice, a clock, a screen, a recording.

pub(super) mod client;
pub(super) mod clock;
pub(super) mod recorder;
pub(super) mod screen;
pub(super) mod script;
pub(super) mod sound;
