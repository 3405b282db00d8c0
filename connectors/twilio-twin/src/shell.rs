//! Sockets, tasks and the clock: carries out what the calls decide.

mod announce;
mod entry;
mod hall;
mod line;
mod office;
mod post;
mod recording;
mod registry;
mod socket;
mod sound;
mod webhook;

pub(crate) use entry::Entry;
pub(crate) use hall::Hall;
pub(crate) use line::Line;
pub(crate) use office::{Office, Placing};
pub(crate) use post::Letter;
pub(crate) use recording::{Recording, Wish};
pub(crate) use registry::{OwnNumber, Registry};
