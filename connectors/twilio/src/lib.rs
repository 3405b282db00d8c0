//! The phone channel on Twilio: what it sends is checked and read here, what it is told is written here.
//!
//! | to do this | use |
//! |---|---|
//! | know that a request is Twilio's | [`signature`] |
//! | read a webhook | [`form`], [`webhook`] |
//! | tell Twilio what a call does next | [`twiml`] |
//! | play to those who wait | [`hold_music`] |
//! | read and write a media socket | [`media`] |
//! | bring a call into a room | [`leg`] |
//! | place, change and end calls | [`rest`] |
//! | let a browser call | [`access_token`] |

pub mod access_token;
pub mod form;
pub mod hold_music;
pub mod leg;
pub mod media;
pub mod party;
pub mod public_url;
pub mod rest;
pub mod sid;
pub mod signature;
pub mod twiml;
pub mod webhook;
