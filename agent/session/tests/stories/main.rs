//! Conversations as stories, with providers that do as they are told: in a room in memory on a paused clock, and on a
//! real LiveKit server.

mod caller;
mod cast;
mod chains;
mod circles;
mod faults;
mod knowing;
mod leaving;
mod offers;
mod people;
mod server;
mod story;
mod talking;
mod telephones;
mod voice;
mod words;
