//! The providers that need no account: PocketSphinx listens, a scripted receptionist thinks, flite and espeak-ng speak.
//!
//! The engines are Debian's packages, loaded at run time; a missing one is a
//! [`Missing`](agent_contract::ProviderError::Missing) that names its package.

mod error;
mod espeak;
mod flite;
mod grammar;
mod pocketsphinx;
mod receptionist;
mod shared_library;
mod sound;
mod speaker;
mod transcriber;

pub use grammar::Grammar;
pub use receptionist::{Choice, Intent, Offer, Receptionist, Script, Text, Texts, Use};
pub use speaker::OfflineSpeaker;
pub use transcriber::{DecoderSettings, Decoders, OfflineTranscriber};
