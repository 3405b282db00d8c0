//! A stand-in for Twilio on loopback: whoever talks to Twilio can talk to this instead, without an account.
//!
//! It sends signed voice webhooks, runs the TwiML it gets, paces the sound of Media Streams as a phone
//! does, and lets the test be the person who holds the phone.
//!
//! ```no_run
//! use connectors_twilio_twin::{InboundCall, Number, Route, Settings, Twin};
//!
//! # async fn story() -> Result<(), connectors_twilio_twin::TwinError> {
//! let twin = Twin::start(Settings {
//!     numbers: vec![Number::new("+15550001111").voice("https://app.test/twilio/voice")],
//!     routes: vec![Route::new("https://app.test", "http://127.0.0.1:8080")],
//!     ..Settings::default()
//! })
//! .await?;
//!
//! let call = twin.call_in(InboundCall::new("+15557654321", "+15550001111"))?;
//! call.say(&[0; 8_000]);
//! call.digits("1");
//! call.hang_up();
//! println!("{:?}", call.ended().await);
//! # Ok(())
//! # }
//! ```

mod call;
mod conference;
mod core;
mod event;
mod journal;
mod knobs;
mod message;
mod persona;
mod relay;
mod rest;
mod settings;
mod shell;
mod sid;
mod signature;
mod stream;
mod twiml;
mod twin;
mod voice;

pub use call::{Call, Listener};
pub use event::{CallStatus, Closed, Ended, Event, Reason, What};
pub use knobs::{Knobs, Stalls};
pub use message::{Answered, Fate, InboundMessage, Message};
pub use persona::Persona;
pub use settings::{Application, Number, Route, Settings};
pub use signature::sign;
pub use twin::{InboundCall, Twin, TwinError};
pub use voice::{ToneVoice, Voice};

/// Samples in a piece of sound: 20 ms at 8 kHz.
pub const FRAME: usize = 160;

/// Length of a piece of sound.
pub const TICK: std::time::Duration = std::time::Duration::from_millis(20);
