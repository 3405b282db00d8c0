//! The engines themselves: what one speaks, the other hears.

mod hearing;
mod limits;
mod speaking;
mod stage;
